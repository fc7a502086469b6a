package models

import "time"

// Pace is how an account asks one mailbox for proof, whichever of its contacts has the
// address: zero when it has not for a day.
type Pace struct {
	// SentAt is of the newest round.
	SentAt time.Time
	// Resends counts those in a row: each makes the next one wait for longer.
	Resends int
}

// PaceEnding is the pace that ends at the instant.
func PaceEnding(at time.Time, resends int) Pace { return Pace{SentAt: at.Add(-day), Resends: resends} }

// EndsAt is when it begins anew if nothing is sent until then.
func (p Pace) EndsAt() time.Time { return p.SentAt.Add(day) }

// Next counts the resends in a row once there is another round at now.
func (p Pace) Next(now time.Time) int {
	if p.SentAt.IsZero() || !p.EndsAt().After(now) {
		return 0
	}
	return p.Resends + 1
}

// PaceKey names the pace of the account and the address, in all spellings that one
// mailbox may have.
func PaceKey(account AccountID, c Channel, key string) string {
	return "pace of " + string(account) + " to " + string(c) + " " + mailbox(key)
}

// After is when the next round may be had at the earliest.
func (r InvitationRules) After(p Pace) time.Time {
	wait, most, factor := int64(r.CoolDown), int64(max(r.CoolDown, r.MaxCoolDown)), int64(r.CoolDownFactor)
	for n := 0; n < p.Resends && wait < most; n++ {
		wait = min(wait, most/factor+1) * factor // no overflow
	}
	return p.SentAt.Add(time.Duration(min(wait, most)))
}
