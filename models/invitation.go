package models

import (
	"strconv"
	"strings"
	"time"
)

// Invitation is the request to verify one address, with its reminders and its
// expiry. An address has at most one that is pending.
type Invitation struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	ContactID string
	AddressID string
	Channel   Channel
	// AddressKey is the normalised address that it proves, and no other.
	AddressKey string `json:"-"`
	State      InvitationState
	// Reason says why a pending one was not sent: ReasonRateLimited when a budget
	// was used up; "" otherwise.
	Reason string
	// Round counts the links that were made: the first is 1, a resend makes the next
	// and replaces the one before, with its code.
	Round int
	// Granted counts the rounds that the budgets allowed: while it is more than
	// Round, one has to be sent.
	Granted int
	// TokenHash is the SHA-256 of the link's token. It stays when the invitation
	// ends, so that its page can say how; nil while the round has to be sent.
	TokenHash []byte `json:"-"`
	// CodeHash is a keyed hash of the code, bound to the invitation; nil once it
	// ended, and while the round has to be sent.
	CodeHash []byte `json:"-"`
	// Sealed is the link's token and the code, encrypted, for the messages that
	// carry them; nil once it ended.
	Sealed []byte `json:"-"`
	// CodeTries counts the guesses at the code of this round.
	CodeTries int
	// CodeExpiresAt ends the code, LinkExpiresAt the link and the invitation; nothing
	// is valid before the first round.
	CodeExpiresAt time.Time
	LinkExpiresAt time.Time
	// SentAt is when the newest round was ordered, and then when it was sent: the
	// cool-down of a resend and the reminders count from it.
	SentAt time.Time
	// Resends counts those in a row, invitations of the address that ended included:
	// each makes the next one wait for longer.
	Resends int
	// Reminders counts those of this round. Each has a code of its own.
	Reminders int
	// NextAt is when its workflow must act; nil once it ended.
	NextAt    *time.Time
	CreatedAt time.Time
	EndedAt   *time.Time
}

// InvitationState is how far an invitation is.
type InvitationState string

// States of an invitation. All but pending are final.
const (
	InvitationPending   InvitationState = "pending"
	InvitationConfirmed InvitationState = "confirmed"
	InvitationExpired   InvitationState = "expired"
	InvitationCancelled InvitationState = "cancelled" // the address is gone, changed, waived or bounced
)

// InvitationLife is the life of an invitation. models/schedule says what is due.
func InvitationLife() Life[InvitationState] {
	return Life[InvitationState]{
		{"", EventAccept, InvitationPending, AtOnce, "the address became pending"},
		{InvitationPending, EventAwait, InvitationPending, WhenAllowed, "its mailbox was asked just before, for another contact"},
		{InvitationPending, EventSend, InvitationPending, AtReminder, "the first message of a round, with link and code"},
		{InvitationPending, EventRemind, InvitationPending, AtReminder, "the same link, another code"},
		{InvitationPending, EventSkip, InvitationPending, AtReminder, "no message: a limit was used up"},
		{InvitationPending, EventResend, InvitationPending, AtOnce, "another round was ordered; the link before counts no more"},
		{InvitationPending, EventConfirm, InvitationConfirmed, Never, "the link's button, or the code"},
		{InvitationPending, EventExpire, InvitationExpired, Never, "the link's life is over; the account is told"},
		{InvitationPending, EventCancel, InvitationCancelled, Never, "the address is gone, changed, waived or bounced"},
	}
}

// Waits reports whether a round has to be sent: the next one that was granted, or
// the first, which nobody has asked the budgets for yet.
func (i Invitation) Waits() bool {
	return i.State == InvitationPending && (i.Granted > i.Round || i.Round == 0 && i.Reason == "")
}

// Over reports whether its time is over at now, so that it expires.
func (i Invitation) Over(now time.Time) bool {
	return i.State == InvitationPending && !i.Waits() && !now.Before(i.LinkExpiresAt)
}

// Asks reports whether the notification is the newest message of the invitation, which is
// pending.
func (i Invitation) Asks(n Notification) bool {
	return i.State == InvitationPending && n.ExternalID == i.MessageID() && !i.Waits()
}

// MessageID names its newest message among all notifications: "<id>/<round>/<n>".
// Earlier ones are not sent any more.
func (i Invitation) MessageID() string {
	return i.ID + "/" + strconv.Itoa(i.Round) + "/" + strconv.Itoa(i.Reminders)
}

// Letter is an invitation with what its messages carry.
type Letter struct {
	Invitation
	Token string
	Code  string
}

// Proof is a link's token as somebody brought it, and what it is of.
type Proof struct {
	Invitation Invitation
	// Replaced says that a later round has another link.
	Replaced bool
	// Address is zero when it is gone or another one now.
	Address Address
	// Language is the contact's, else the account's.
	Language Locale
}

// Unproven is an address that nobody confirmed in time.
type Unproven struct {
	Contact string // its name
	Channel Channel
	Value   string
}

// InvitationMessage is the next message of an invitation: the first of a round, or
// a reminder.
type InvitationMessage struct {
	InvitationID string
	// Reminders counts those of the round once this one is sent: 0 begins the round.
	Reminders     int
	CodeExpiresAt time.Time
	LinkExpiresAt time.Time
	// NextAt is when the workflow must act after it.
	NextAt time.Time
	// Notification carries it; the store gives it what names the invitation.
	Notification Notification
	// Budgets are asked unless the round was granted before; so is the mailbox's pace,
	// by Rules, when a round begins.
	Budgets []Budget
	Rules   InvitationRules
	// Cap is the budget that operators hear of when it is used up; Alarm tells
	// them. Without a key there is none.
	Cap   Budget
	Alarm Acceptance
}

// Budget bounds how often something happens in a window, whoever it is that asks.
type Budget struct {
	Key    string
	Limit  int64
	Window time.Duration
}

// InvitationRules are the durations and limits of invitations. Zero values mean the
// defaults named at each field. Source: product rules, contacts; OWASP ASVS 6.6.
type InvitationRules struct {
	// LinkLife is how long a link confirms: 72 h.
	LinkLife time.Duration
	// CodeLife is how long a code confirms: 10 min; SMSCodeLife that of a
	// message that is metered: 5 min.
	CodeLife    time.Duration
	SMSCodeLife time.Duration
	// CoolDown is the least time between the first two rounds: 2 min. Each resend
	// multiplies it by CoolDownFactor, 2, up to MaxCoolDown, 32 min; a day without one
	// begins anew.
	CoolDown       time.Duration
	CoolDownFactor int
	MaxCoolDown    time.Duration
	// Reminders are when people are reminded, counted from the round's message:
	// 24 h and 48 h. Nil means the default, empty none.
	Reminders []time.Duration
	// Tries are the guesses that end a code: 5.
	Tries int
	// Rounds a day: of one address over all accounts: 5; of one account: 200; of one
	// country's phone numbers: 1,000; metered messages in all, reminders too: 5,000.
	PerAddress, PerAccount, PerCountry, SMSPerDay int64
	// Guesses at codes a day: for one address: 25; in one account: 200; in all: 10,000.
	GuessesPerAddress, GuessesPerAccount, GuessesPerDay int64
	// Kinds are what the addresses of each channel are, as the adapters say.
	Kinds AddressKinds
}

// WithDefaults fills in what is zero.
func (r InvitationRules) WithDefaults() InvitationRules {
	for field, value := range map[*time.Duration]time.Duration{
		&r.LinkLife: 72 * time.Hour, &r.CodeLife: 10 * time.Minute, &r.SMSCodeLife: 5 * time.Minute, &r.CoolDown: 2 * time.Minute, &r.MaxCoolDown: 32 * time.Minute,
	} {
		if *field <= 0 {
			*field = value
		}
	}
	for field, value := range map[*int64]int64{
		&r.PerAddress: 5, &r.PerAccount: 200, &r.PerCountry: 1000, &r.SMSPerDay: 5000,
		&r.GuessesPerAddress: 25, &r.GuessesPerAccount: 200, &r.GuessesPerDay: 10_000,
	} {
		if *field <= 0 {
			*field = value
		}
	}
	if r.Reminders == nil {
		r.Reminders = []time.Duration{24 * time.Hour, 48 * time.Hour}
	}
	if r.Tries <= 0 {
		r.Tries = 5
	}
	if r.CoolDownFactor <= 0 {
		r.CoolDownFactor = 2
	}
	return r
}

// ResendAt is when the next round may be had after the newest one.
func (r InvitationRules) ResendAt(i Invitation) time.Time { return r.After(i.Pace()) }

// Pace is the invitation's own part of its mailbox's; zero for the zero value.
func (i Invitation) Pace() Pace { return Pace{SentAt: i.SentAt, Resends: i.Resends} }

// LifeOfCode is how long a code over the channel confirms.
func (r InvitationRules) LifeOfCode(c Channel) time.Duration {
	if r.Kinds[c].Metered {
		return r.SMSCodeLife
	}
	return r.CodeLife
}

const day = 24 * time.Hour

// RoundBudgets are what a round to the address uses up.
func (r InvitationRules) RoundBudgets(account AccountID, c Channel, key string) []Budget {
	return append([]Budget{
		{"invitation to " + string(c) + " " + mailbox(key), r.PerAddress, day},
		{"invitation of " + string(account), r.PerAccount, day},
	}, r.ReminderBudgets(c, key)...)
}

// ReminderBudgets are what a reminder to the address uses up.
func (r InvitationRules) ReminderBudgets(c Channel, key string) []Budget {
	if !r.Kinds[c].Metered {
		return nil
	}
	return []Budget{{"invitation to country " + CallingCode(key), r.PerCountry, day}, r.SMSBudget()}
}

// SMSBudget bounds the metered messages of all invitations.
func (r InvitationRules) SMSBudget() Budget { return Budget{"invitation by sms", r.SMSPerDay, day} }

// GuessBudgets are what a guess at a code for the address uses up.
func (r InvitationRules) GuessBudgets(account AccountID, c Channel, key string) []Budget {
	return []Budget{
		{"guess for " + string(account) + " " + string(c) + " " + mailbox(key), r.GuessesPerAddress, day},
		{"guess of " + string(account), r.GuessesPerAccount, day},
		{"guess", r.GuessesPerDay, day},
	}
}

// mailbox is the normalised address as budgets count it: of e-mail addresses,
// spellings that many providers deliver to one mailbox are one.
func mailbox(key string) string {
	local, domain, mail := strings.Cut(key, "@")
	if !mail {
		return key
	}
	local, _, _ = strings.Cut(local, "+")
	return strings.ReplaceAll(local, ".", "") + "@" + domain
}

// CallingCode returns the country's part of a number in E.164 form, without the
// plus sign. Source: ITU-T E.164, list of assigned country codes.
func CallingCode(number string) string {
	const two = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "
	digits := strings.TrimPrefix(number, "+")
	switch {
	case strings.HasPrefix(digits, "1"), strings.HasPrefix(digits, "7"):
		return digits[:1]
	case len(digits) >= 2 && strings.Contains(two, " "+digits[:2]+" "):
		return digits[:2]
	}
	return digits[:min(3, len(digits))]
}
