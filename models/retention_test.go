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
		category string
		days     int
		over     bool
	}{
		"one that is open":             {"account", -1, false},
		"of a category":                {"activity", 7, true},
		"of a category, too early":     {"activity", 6, false},
		"of a category kept for ever":  {"security", 10_000, false},
		"of any, one kept for ever":    {"", 10_000, false},
		"of others, as all others are": {"account", 30, true},
	} {
		e := models.Envelope{Category: c.category}
		if at := now.AddDate(0, 0, -c.days); c.days >= 0 {
			e.FinishedAt = &at
		}
		if got := rule.OverOf(e, now); got != c.over {
			t.Errorf("an envelope %s is over: %v, want %v", name, got, c.over)
		}
	}
	at := now.AddDate(0, 0, -30)
	longest := models.RetentionRule{Days: 7, Categories: map[string]int{"activity": 30, "account": 9}}
	if queue := (models.Envelope{FinishedAt: &at}); !longest.OverOf(queue, now) || longest.OverOf(queue, now.Add(-1)) {
		t.Error("one of any category is kept for as long as the longest, and no longer")
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
