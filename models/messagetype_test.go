package models_test

import (
	"testing"

	"belfry.dev/belfry/models"
)

// TestOnePressEndsOptionalMailOnly: a type is optional when it says so, or is marketing,
// and nothing about it is essential.
func TestOnePressEndsOptionalMailOnly(t *testing.T) {
	t.Parallel()
	info := models.SeverityInfo
	for name, c := range map[string]struct {
		change   func(*models.MessageType)
		severity models.Severity
		want     bool
	}{
		"marketing":              {func(m *models.MessageType) { m.Marketing = true }, info, true},
		"optional":               {func(m *models.MessageType) { m.Optional = true }, info, true},
		"warning":                {func(m *models.MessageType) { m.Optional, m.Severity = true, models.SeverityWarning }, models.SeverityWarning, true},
		"only the inbox locked":  {func(m *models.MessageType) { m.Optional, m.Locked = true, []models.Channel{models.ChannelInbox} }, info, true},
		"neither":                {func(*models.MessageType) {}, info, false},
		"a critical one of many": {func(m *models.MessageType) { m.Optional = true }, models.SeverityCritical, false},
		"critical":               {func(m *models.MessageType) { m.Optional, m.Severity = true, models.SeverityCritical }, info, false},
		"security":               {func(m *models.MessageType) { m.Optional, m.Category = true, models.CategorySecurity }, info, false},
		"security marketing":     {func(m *models.MessageType) { m.Marketing, m.Category = true, models.CategorySecurity }, info, false},
		"locked":                 {func(m *models.MessageType) { m.Optional, m.Locked = true, []models.Channel{models.ChannelEmail} }, info, false},
		"locked for SMS":         {func(m *models.MessageType) { m.Optional, m.Locked = true, []models.Channel{models.ChannelSMS} }, info, false},
		"strict":                 {func(m *models.MessageType) { m.Optional, m.Strict = true, true }, info, false},
		"internal":               {func(m *models.MessageType) { m.Optional, m.Internal = true, true }, info, false},
	} {
		kind := models.MessageType{Key: "service.x", Category: "service", Severity: info}
		c.change(&kind)
		if got := kind.OffersOptOut(c.severity); got != c.want {
			t.Errorf("%s: OffersOptOut() = %v, want %v", name, got, c.want)
		}
		if got := kind.MayOptOut(); got != (c.want || c.severity == models.SeverityCritical) {
			t.Errorf("%s: MayOptOut() = %v", name, got)
		}
	}
}
