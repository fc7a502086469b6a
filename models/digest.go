package models

import (
	"cmp"
	"slices"
	"time"
)

// Digest is a rule of a contact or bot: what it wants gathered into one message, and until
// when. It is of one message type or one category, and has a window or an hour.
type Digest struct {
	Type     string `json:"type,omitempty"`
	Category string `json:"category,omitempty"`
	// WindowMinutes begins with the first that is gathered.
	WindowMinutes int `json:"window_minutes,omitempty"`
	// DailyAt is a local time "09:00" of the contact, of bots of the account.
	DailyAt string `json:"daily_at,omitempty"`
}

// Gathers names what the rule is about.
func (d Digest) Gathers() string {
	if d.Type != "" {
		return "type:" + d.Type
	}
	return "category:" + d.Category
}

// DigestOf is the rule for the message type: its own before that of its category.
func (p Preferences) DigestOf(t MessageType) (Digest, bool) {
	for _, own := range []bool{true, false} {
		for _, d := range p.Digests {
			if own && d.Type == t.Key || !own && d.Type == "" && d.Category == t.Category {
				return d, true
			}
		}
	}
	return Digest{}, false
}

// Gathering is a delivery on its way into an open envelope.
type Gathering struct {
	// Gathers names the envelope: the recipient's address or bot, the language, and the rule.
	Gathers  string
	Category string
	ClosesAt time.Time
}

// Gathered names the envelope that the delivery joins by the rule.
func (d Delivery) Gathered(rule Digest) string {
	return string(d.Channel) + "/" + d.AddressID + d.BotID + "/" + d.Language + "/" + rule.Gathers()
}

// Gathers reports whether somebody has digests.
func (t Targets) Gathers() bool {
	for _, p := range t.Preferences {
		if len(p.Digests) > 0 {
			return true
		}
	}
	return false
}

// Joining are the deliveries that join one envelope.
type Joining struct {
	Gathering  Gathering
	Deliveries []*Delivery
}

// Joinings are what joins envelopes of the deliveries of plans, sorted by the envelopes' names.
func Joinings(plans []*Plan) []Joining {
	var out []Joining
	for _, plan := range plans {
		for i := range plan.Deliveries {
			d := &plan.Deliveries[i]
			g, gathers := plan.Digests[d.Slot]
			if !gathers {
				continue
			}
			at, known := slices.BinarySearchFunc(out, g.Gathers, func(j Joining, name string) int { return cmp.Compare(j.Gathering.Gathers, name) })
			if !known {
				out = slices.Insert(out, at, Joining{Gathering: g})
			}
			out[at].Deliveries = append(out[at].Deliveries, d)
		}
	}
	return out
}
