package models_test

import (
	"testing"
	"time"

	"belfry.dev/belfry/models"
)

func TestARuleKeepsUntilItsDay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	rule := models.RetentionRule{Days: 30, Categories: map[string]int{"activity": 7, "security": 0}}
	for _, c := range []struct {
		category string
		age      time.Duration
		over     bool
	}{
		{"account", 30*24*time.Hour - 1, false},
		{"account", 30 * 24 * time.Hour, true},
		{"activity", 7*24*time.Hour - 1, false},
		{"activity", 7 * 24 * time.Hour, true},
		{"security", 10_000 * 24 * time.Hour, false},
	} {
		if got := rule.Over(c.category, now.Add(-c.age), now); got != c.over {
			t.Errorf("Over(%s, %s) = %v, want %v", c.category, c.age, got, c.over)
		}
	}
	for name, c := range map[string]struct {
		rule models.RetentionRule
		days int
	}{
		"the shortest":             {rule, 7},
		"only all others":          {models.RetentionRule{Days: 30}, 30},
		"all others for ever":      {models.RetentionRule{Categories: map[string]int{"activity": 9}}, 9},
		"everything for ever":      {models.RetentionRule{}, 0},
		"each of them for ever":    {models.RetentionRule{Categories: map[string]int{"activity": 0}}, 0},
		"one of them for ever yet": {models.RetentionRule{Days: 8, Categories: map[string]int{"activity": 0}}, 8},
	} {
		at, some := c.rule.Cutoff(now)
		if some != (c.days > 0) || some && !at.Equal(now.AddDate(0, 0, -c.days)) {
			t.Errorf("%s: Cutoff() = %v, %v, want %d days", name, at, some, c.days)
		}
	}
}
