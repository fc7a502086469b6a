package models

import "time"

// Targets are whom a notification of a message type could reach, and all that decides
// about it.
type Targets struct {
	// Language and TimeZone are the account's.
	Language string
	TimeZone string
	// AccountContact is the account itself, with its addresses; nil on the platform.
	AccountContact *Contact
	// Choice is what the account chose for the type; MarketingOff, for all of them.
	Choice       Choice
	MarketingOff bool
	// Contacts are whom the choice names, or the members of the groups that it names,
	// with their addresses, each once, oldest first.
	Contacts []Contact
	// Bots are all of the account's, oldest first.
	Bots []Bot
	// Preferences are by the id of the contact or bot; most have none.
	Preferences map[string]Preferences
	// Configured are the channels with an enabled provider, sorted.
	Configured []Channel
	// Unsubscribed holds the normalised addresses that opted out of the type.
	Unsubscribed map[string]bool
	// NoMarketing holds the normalised addresses whose contacts want no marketing.
	NoMarketing map[string]bool
	// Open are the envelopes that gather for somebody who has digests, by what they gather:
	// when they close.
	Open map[string]time.Time
	// Used are the counts of quotas so far, by their key.
	Used map[string]int
}

// Quota is a bound that a delivery counts against.
type Quota struct {
	// Key names the counter in its account.
	Key   string
	Limit int
	// EndsAt is when it counts anew.
	EndsAt time.Time
	// Reason is recorded when nothing is left.
	Reason string
}

// Take counts one delivery against its quotas: when each has something left, all are
// counted in used; else nothing is, and the first that has not gives the reason.
func Take(used map[string]int, quotas []Quota) (reason string) {
	for _, q := range quotas {
		if used[q.Key] >= q.Limit {
			return q.Reason
		}
	}
	for _, q := range quotas {
		used[q.Key]++
	}
	return ""
}

// Plan is what planning decided: a delivery row for every decision, and the
// messages of inboxes that the delivered ones among them stand for.
type Plan struct {
	Notification Notification
	Deliveries   []Delivery
	// Quotas are by slot: what is left of them is taken when the plan is stored, and a
	// delivery that gets nothing is suppressed.
	Quotas   map[string][]Quota
	Messages []Message
	// Digests are by slot: what joins an open envelope.
	Digests map[string]Gathering
	// ExpiresAt is when the notification's life ends now that deliveries are held; zero
	// leaves it.
	ExpiresAt time.Time
}

// SlotAccountInbox is the slot of the delivery that stands for the account's inbox.
const SlotAccountInbox = "inbox:account"
