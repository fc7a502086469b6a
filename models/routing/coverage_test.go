package routing_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
)

// TestCoverageCountsOptOuts of types that are optional, and of no others.
func TestCoverageCountsOptOuts(t *testing.T) {
	t.Parallel()
	kind := func(key string, change func(*models.MessageType)) models.MessageType {
		m := models.MessageType{Key: key, Category: models.CategoryOf(key), Default: []models.Channel{models.ChannelInbox, models.ChannelEmail}}
		change(&m)
		return m
	}
	account := person("ctc_1", mail("adr_1", "a@example.com", models.AddressVerified))
	account.Kind = models.ContactAccount
	w := routing.Whole{
		Types: []models.MessageType{
			kind("activity.launch", func(m *models.MessageType) { m.Marketing = true }),
			kind("exception.alert", func(m *models.MessageType) { m.Severity = models.SeverityCritical }),
			kind("service.survey", func(m *models.MessageType) { m.Optional = true }),
		},
		Contacts: []models.Contact{account}, Configured: []models.Channel{models.ChannelEmail},
	}
	before := routing.Cover(w)
	for _, r := range before {
		assert.Equal(t, []string{"ctc_1"}, r.People, r.Type)
	}
	gone := w.WithOptOut("a@example.com", "exception.alert").WithOptOut("a@example.com", "service.survey").WithOptOut("a@example.com", models.Marketing)
	assert.Empty(t, w.OptOuts, "the account as it is stays")
	reached := map[string]bool{}
	for _, r := range routing.Cover(gone) {
		reached[r.Type] = len(r.People) > 0
		if len(r.People) == 0 {
			assert.Equal(t, models.ReasonUnsubscribed, r.Reason)
			assert.Equal(t, []string{"ctc_1"}, r.OptedOut)
		}
	}
	assert.Equal(t, map[string]bool{"activity.launch": false, "exception.alert": true, "service.survey": false}, reached)
	assert.Equal(t, []routing.Effect{
		{Type: "activity.launch", Code: routing.EffectNobody}, {Type: "service.survey", Code: routing.EffectNobody},
	}, routing.Worse(before, routing.Cover(gone)))
}
