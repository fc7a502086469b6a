package intake_test

import (
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/intake"
)

func TestSubmissionsEndInTimeAndNotBeforeTheyBegin(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	in := func(d time.Duration) *time.Time {
		at := now.Add(d)
		return &at
	}
	const year, deadline = 365 * 24 * time.Hour, 2 * time.Hour
	for name, c := range map[string]struct {
		life  intake.Life
		end   time.Duration // after now
		wrong string
	}{
		"nothing said":                 {intake.Life{}, deadline, ""},
		"ends before the deadline":     {intake.Life{ExpiresAt: in(time.Hour)}, time.Hour, ""},
		"ends at the deadline":         {intake.Life{ExpiresAt: in(3 * time.Hour)}, deadline, ""},
		"a life":                       {intake.Life{TTL: time.Minute}, time.Minute, ""},
		"a life after it is due":       {intake.Life{ScheduleAt: in(time.Hour), TTL: time.Minute}, time.Hour + time.Minute, ""},
		"the deadline after it is due": {intake.Life{ScheduleAt: in(time.Hour)}, time.Hour + deadline, ""},
		"both ends":                    {intake.Life{ExpiresAt: in(time.Hour), TTL: time.Minute}, deadline, "#/ttl_seconds conflict"},
		"due just now":                 {intake.Life{ScheduleAt: in(-models.ScheduleSlack)}, deadline, ""},
		"due before":                   {intake.Life{ScheduleAt: in(-models.ScheduleSlack - 1)}, deadline, "#/schedule_at in-the-past"},
		"due in a year":                {intake.Life{ScheduleAt: in(year)}, year + deadline, ""},
		"due later":                    {intake.Life{ScheduleAt: in(year + 1)}, year + 1 + deadline, "#/schedule_at too-far"},
		"over now":                     {intake.Life{ExpiresAt: in(0)}, 0, "#/expires_at in-the-past"},
		"over before it is due":        {intake.Life{ScheduleAt: in(time.Hour), ExpiresAt: in(time.Hour)}, time.Hour, "#/expires_at in-the-past"},
		"over in a year":               {intake.Life{ExpiresAt: in(year)}, deadline, ""},
		"over later":                   {intake.Life{ExpiresAt: in(year + 1)}, deadline, "#/expires_at too-far"},
	} {
		end, fields := c.life.End(deadline, now)
		wrong := ""
		for _, f := range fields {
			wrong += f.Pointer + " " + f.Code
		}
		if wrong != c.wrong || !end.Equal(now.Add(c.end)) {
			t.Errorf("%s: End() = %v and %q, want %v and %q", name, end.Sub(now), wrong, c.end, c.wrong)
		}
	}
}

func TestOnlyWhatIsOverIsPast(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	if err := intake.Past("query/to", now, now); err != nil {
		t.Errorf("Past(now) = %v: what is shown now is refused", err)
	}
	if err := intake.Past("query/to", now.Add(1), now); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("Past(later) = %v, want it to be refused", err)
	}
}
