package text_test

import (
	"testing"
	"time"

	"belfry.dev/belfry/models/schedule"
	"belfry.dev/belfry/models/text"
)

func TestInstantsNameTheirZone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 7, 1, 1, 30, 0, 0, time.UTC)
	for zone, want := range map[string]string{
		"Asia/Shanghai":   "2026-07-01 09:30 UTC+08:00 (Asia/Shanghai)",
		"America/Chicago": "2026-06-30 20:30 UTC-05:00 (America/Chicago)",
		"Asia/Kolkata":    "2026-07-01 07:00 UTC+05:30 (Asia/Kolkata)",
		"UTC":             "2026-07-01 01:30 UTC",
		"nowhere":         "2026-07-01 01:30 UTC",
	} {
		if got := text.Instant(at, schedule.Zone(zone)); got != want {
			t.Errorf("Instant() in %s = %q, want %q", zone, got, want)
		}
	}
	winter := time.Date(2026, 1, 1, 1, 30, 0, 0, time.UTC)
	if got, want := text.Instant(winter, schedule.Zone("America/Chicago")), "2025-12-31 19:30 UTC-06:00 (America/Chicago)"; got != want {
		t.Errorf("Instant() in winter = %q, want %q", got, want)
	}
}
