package text

import "time"

// Instant is an instant as people in the zone read it, with what tells the zone from all
// others: "2026-04-01 09:00 UTC+08:00 (Asia/Shanghai)". Abbreviations do not: CST is the
// time of China, of Cuba and of Chicago.
func Instant(at time.Time, zone *time.Location) string {
	at = at.In(zone)
	out := at.Format("2006-01-02 15:04") + " UTC"
	if zone == time.UTC {
		return out
	}
	return out + at.Format("-07:00") + " (" + zone.String() + ")"
}
