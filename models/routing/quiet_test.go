package routing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
)

func TestALifeIsLongerByTheHoldUnlessTheSubmissionEndsIt(t *testing.T) {
	t.Parallel()
	created := night()
	n := models.Notification{CreatedAt: created, ExpiresAt: created.Add(time.Hour)}
	held := created.Add(9 * time.Hour)
	assert.Equal(t, held.Add(time.Hour), routing.Expiry(alert(), n, held))
	assert.Zero(t, routing.Expiry(alert(), n, time.Time{}))
	n.ExpiresAt = created.Add(30 * time.Minute)
	assert.Zero(t, routing.Expiry(alert(), n, held), "it is not worth sending that late")
}

func TestALifeIsNotLongerNightByNight(t *testing.T) {
	t.Parallel()
	created := night()
	n := models.Notification{CreatedAt: created, ExpiresAt: created.Add(time.Hour)}
	last := created.Add(routing.LongestHold + time.Hour)
	assert.Equal(t, last, routing.Expiry(alert(), n, created.Add(routing.LongestHold)))
	for nights := range 10 {
		held := created.Add(routing.LongestHold + time.Duration(nights)*24*time.Hour + time.Second)
		assert.Equal(t, last, routing.Expiry(alert(), n, held))
	}
}

func TestQuietHoursHoldWhatCanWait(t *testing.T) {
	t.Parallel()
	wishes := models.Preferences{QuietFrom: "22:00", QuietTo: "08:00"}
	at := time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		change func(*routing.Quiet)
		holds  bool
	}{
		"warning":         {func(*routing.Quiet) {}, true},
		"critical":        {func(q *routing.Quiet) { q.Severity = models.SeverityCritical }, false},
		"locked":          {func(q *routing.Quiet) { q.Locked = true }, false},
		"security":        {func(q *routing.Quiet) { q.Type.Category = models.CategorySecurity }, false},
		"day elsewhere":   {func(q *routing.Quiet) { q.TimeZone = "America/New_York" }, false},
		"zone of its own": {func(q *routing.Quiet) { q.TimeZone, q.Preferences.QuietZone = "America/New_York", "UTC" }, true},
		"none wanted":     {func(q *routing.Quiet) { q.Preferences = models.Preferences{} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := routing.Quiet{Type: alert(), Severity: models.SeverityWarning, Preferences: wishes, TimeZone: "UTC"}
			c.change(&q)
			until, holds := q.Until(at)
			assert.Equal(t, c.holds, holds)
			if c.holds {
				assert.Equal(t, time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), until)
			}
		})
	}
}
