package remindertext_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/activities/remindertext"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
)

// TestRemindersGiveDateTimeAndZone: and days only where there is one: what ends in minutes is
// not "0 days" away, nor is it one where midnight lies between.
func TestRemindersGiveDateTimeAndZone(t *testing.T) {
	t.Parallel()
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	now := time.Date(2026, 3, 1, 23, 50, 0, 0, shanghai)
	for name, c := range map[string]struct {
		wait       time.Duration
		days, text string
	}{
		"in minutes":                    {5 * time.Minute, "", "2026-03-01 23:55 (UTC+08:00)"},
		"in minutes, on the next day":   {20 * time.Minute, "", "2026-03-02 00:10 (UTC+08:00)"},
		"a second before a day is over": {24*time.Hour - time.Second, "", "2026-03-02 23:49 (UTC+08:00)"},
		"in a day":                      {24 * time.Hour, "1", "2026-03-02 23:50 (UTC+08:00)"},
		"in a week":                     {7 * 24 * time.Hour, "7", "2026-03-08 23:50 (UTC+08:00)"},
		"over already":                  {-time.Minute, "", "2026-03-01 23:49 (UTC+08:00)"},
	} {
		v := remindertext.Text{Now: now, Zone: shanghai}.Variables([]remindertext.Item{ending(now.Add(c.wait))})
		assert.Equal(t, c.text, v["expires_on"], name)
		assert.Equal(t, c.days, v["days_left"], name)
	}
}

func TestRemindersOfSeveralGiveTheFirstAndTheLast(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	now := time.Date(2026, 3, 27, 12, 0, 0, 0, berlin)
	words := remindertext.Text{Now: now, Zone: berlin}
	v := words.Variables([]remindertext.Item{ending(now.Add(24 * time.Hour)), ending(now.Add(26 * time.Hour))})
	assert.Equal(t, "2026-03-28 12:00 - 2026-03-28 14:00 (UTC+01:00)", v["expires_on"])
	assert.Equal(t, "1", v["days_left"])
	assert.Contains(t, v["resource_list"], "2026-03-28 14:00 (UTC+01:00)")
	v = words.Variables([]remindertext.Item{ending(now.Add(24 * time.Hour)), ending(now.Add(72 * time.Hour))})
	assert.Equal(t, "2026-03-28 12:00 (UTC+01:00) - 2026-03-30 13:00 (UTC+02:00)", v["expires_on"], "summer begins between them")
	assert.Equal(t, "1 - 3", v["days_left"])
}

func ending(at time.Time) remindertext.Item {
	return remindertext.Item{
		Resource: models.Resource{ID: "res_1", Name: "db", ExternalID: "db-1", ExpiresAt: at},
		Rung:     schedule.Rung{Name: "expiry_1", Rank: -1, Deadline: at},
	}
}
