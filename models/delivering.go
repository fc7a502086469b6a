package models

import "time"

// The types of this file carry the trip "submit → deliver" between the database
// and the work: each is read or written in one go.

// Acceptance is a notification on its way into the database.
type Acceptance struct {
	Notification Notification
	// Inbox is the message of the account's inbox. A scheduled notification
	// gets its message when it is due; the value is then not used.
	Inbox Rendered
	// DedupWindow is how long equal events count on the notification, if it has a key.
	DedupWindow time.Duration
	// Instead stand in the account's inbox in place of Inbox, made by MessageOf: nil for the
	// usual one message, empty where its text stands in the message of the notification that
	// it is merged with. A scheduled notification has none.
	Instead []Message
}

// Messages are those of the account's inbox, for the notification as it is stored.
func (a Acceptance) Messages(n Notification) []Message {
	if a.Instead == nil {
		return []Message{MessageOf(n, "", a.Inbox)}
	}
	messages := make([]Message, len(a.Instead))
	for i, m := range a.Instead {
		m.NotificationID = n.ID
		messages[i] = m
	}
	return messages
}

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

// Progress is where a notification stands.
type Progress struct {
	Status NotificationStatus
	// Pending are the deliveries that are not final and in no other's envelope, oldest first.
	Pending []Delivery
	// Ended are those that ended now, with the envelope that they were in.
	Ended []Delivery
}

// Dispatch is what one attempt of a delivery needs.
type Dispatch struct {
	Notification Notification
	Delivery     Delivery
	// Attempts are those so far, by number.
	Attempts []Attempt
	Recipient
	BotSecrets map[string]string
	// Unreadable says that the bot's secrets cannot be decrypted with the key of
	// this process.
	Unreadable bool
	// Routes are the channel's enabled providers in the order they are tried,
	// without those whose secrets cannot be decrypted.
	Routes []Route
	// BotState is what is known about the bot as a destination.
	BotState DestinationState
	// Letter is what the messages of an invitation carry; nil for other sources, and
	// when the invitation is gone.
	Letter *Letter
	// With are the other open deliveries of its envelope, the most urgent first.
	With []Part
	// Envelope is set where an envelope that has a row is tried: Delivery stands for it, and
	// all that is in it is in With.
	Envelope *Envelope
}

// Part is a delivery in an envelope, with its notification.
type Part struct {
	Delivery     Delivery
	Notification Notification
	Recipient    Recipient
}

// Recipient is whom a delivery goes to, as things stand when it is tried, and what its
// account wants.
type Recipient struct {
	// Address is zero for bots, and when the address is gone.
	Address Address
	// Bot is nil for addresses, and when the bot is gone.
	Bot *Bot
	// Disabled says that the contact or bot is switched off.
	Disabled bool
	// Preferences are its words, quiet hours and bound, and nothing else of them; TimeZone is
	// the contact's, else the account's. Of the account there are name, alias and time zone.
	Preferences Preferences
	TimeZone    string
	Account     Account
	ContactKind ContactKind
	// Unsubscribed says that the address opted out of the type; NoMarketing, that its
	// contact wants no marketing.
	Unsubscribed bool
	NoMarketing  bool
	// Choice is what the account chose for the type; MarketingOff, for all of them.
	Choice       Choice
	MarketingOff bool
}

// Route is one provider with its decrypted secrets.
type Route struct {
	Provider Provider
	Secrets  map[string]string
	State    DestinationState
}

// AttemptEnd is the result of an attempt and what follows from it.
type AttemptEnd struct {
	// Attempt names its row by delivery and number, and carries what the
	// provider said: FinishedAt and the fields after it.
	Attempt Attempt
	// Delivery is the delivery's new state, reason and next attempt.
	Delivery Delivery
	// Destination is what the attempt taught about the destination; "" for nothing.
	Destination DestinationEffect
	// Provider notes that the provider of a bot's channel is used; "" for nothing new.
	Provider DestinationEffect
	// Bounced marks the address as one that does not exist, and accepts Notice
	// about it, if there is one, the first time.
	Bounced bool
	Notice  *Acceptance
	// Heirs may take its place if this ends it; see TakeOver.
	Heirs Heirs
	// Moved are settings of the bot that its platform replaced; nil for none.
	Moved map[string]string
}

// DestinationEffect is a change that an attempt makes to a destination.
type DestinationEffect struct {
	// Destination is "bot:<id>" or "provider:<id>"; "" changes nothing.
	Destination string
	// AccountID is the bot's account; Platform for providers.
	AccountID AccountID
	Succeeded bool
	// Used says that an attempt was made whose failure is not the destination's.
	Used        bool
	PausedUntil *time.Time
	// SuspendFor is the reason to suspend it; "" does not.
	SuspendFor string
	// Alarm is accepted when this attempt is the one that suspended the
	// destination; nil for none.
	Alarm *Acceptance
	// Warning is accepted, at most once a day for each destination, when this does
	// not suspend it; nil for none.
	Warning *Acceptance
}

// SlotAccountInbox is the slot of the delivery that stands for the account's inbox.
const SlotAccountInbox = "inbox:account"

// BotDestination names a bot as what pauses and suspensions apply to.
func BotDestination(id string) string { return "bot:" + id }

// ProviderDestination names a provider as what pauses and suspensions apply to.
func ProviderDestination(id string) string { return "provider:" + id }

// MessageOf returns the notification's message for the owner's inbox, without
// what the database gives it: id, number and time.
func MessageOf(n Notification, owner string, text Rendered) Message {
	return Message{
		AccountID: n.AccountID, Owner: owner, NotificationID: n.ID, Type: n.Type, Category: n.Category,
		Severity: n.Severity, Language: text.Locale, Title: text.Title, Body: text.Body, Link: n.Link,
	}
}
