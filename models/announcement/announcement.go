// Package announcement is what many accounts are told at once: whom it selects, how fast it
// goes through them, and what can happen to it on the way. Pure.
package announcement

import (
	"time"

	"belfry.dev/belfry/models"
)

// Announcement is one submission to many or all accounts. It becomes one
// notification for each; its workflow goes through them in the order of their ids.
type Announcement struct {
	ID string `gorm:"primaryKey"`
	// AccountID is always Platform: an announcement belongs to no tenant.
	AccountID models.AccountID
	// ProductID is the announcing product; "" for an operator.
	ProductID string
	// Type, TypeVersion, Category, Severity, Variables and Link are those of every
	// notification that it makes.
	Type           string
	TypeVersion    int64
	Category       string
	Severity       models.Severity
	Variables      map[string]string `gorm:"serializer:json"`
	Link           string
	ExternalID     string
	IdempotencyKey string
	// Fingerprint is the SHA-256 of the submission in canonical form.
	Fingerprint []byte   `json:"-"`
	Audience    Audience `gorm:"serializer:json"`
	// PerMinute bounds the accounts that are told in a minute; 0 does not.
	PerMinute int
	State     State
	// Reason says why the platform paused it; "" otherwise.
	Reason string
	// ScheduleAt is when it begins; nil means at once. ExpiresAt ends it, and every
	// notification that it made; nil leaves that to the message type's deadline.
	ScheduleAt *time.Time
	ExpiresAt  *time.Time
	// NextAt is when its workflow must act; nil while it is paused and at the end.
	NextAt *time.Time
	// Reached is the last account that was gone through; "" before the first.
	Reached models.AccountID
	// Total is how many accounts there are to go through, counted when it was
	// submitted and again when it began. Accepted have their notification; Disabled
	// were skipped because nobody can sign in to them, Refused because the product
	// may not address them any more.
	Total    int64
	Accepted int64
	Disabled int64
	Refused  int64
	// StartedAt is when it began: accounts that are made later are not among its.
	StartedAt *time.Time
	// PacedAt is when it began or was resumed, with PacedFrom accounts gone through;
	// PagedAt is when it last went on. They tell its speed.
	PacedAt    *time.Time
	PacedFrom  int64
	PagedAt    *time.Time
	FinishedAt *time.Time
	Version    int64
	models.Timestamps
}

// Audience selects the accounts of an announcement. Its parts are combined with
// "and"; zero values select all.
type Audience struct {
	// Listed says that only accounts of its list are meant; Accounts is how many
	// that list has.
	Listed   bool `json:"listed,omitempty"`
	Accounts int  `json:"accounts,omitempty"`
	// Language and TimeZone are exact, AliasPrefix is what the alias begins with.
	Language    string `json:"language,omitempty"`
	TimeZone    string `json:"time_zone,omitempty"`
	AliasPrefix string `json:"alias_prefix,omitempty"`
	// CreatedFrom is inclusive, CreatedTo exclusive: when the account was made.
	CreatedFrom *time.Time `json:"created_from,omitempty"`
	CreatedTo   *time.Time `json:"created_to,omitempty"`
}

// State is where an announcement stands.
type State string

// States of an announcement. The last three are final.
const (
	Scheduled State = "scheduled" // waits for its time
	Running   State = "running"   // goes through the accounts
	Paused    State = "paused"    // by somebody, or by the platform for a reason
	Done      State = "done"      // every account was gone through
	Cancelled State = "cancelled" // somebody ended it on the way
	Expired   State = "expired"   // its time ended on the way
)

// Life is the life of an announcement.
func Life() models.Life[State] {
	return models.Life[State]{
		{On: models.EventAccept, To: Scheduled, Next: models.AtSchedule},
		{In: Scheduled, On: models.EventBegin, To: Running, Next: models.AtOnce, Note: "due; the audience is counted"},
		{In: Running, On: models.EventPage, To: Running, Next: models.AfterPage},
		{In: Running, On: models.EventFinish, To: Done, Next: models.Never, Note: "every account was gone through"},
		{In: Scheduled, On: models.EventPause, To: Paused, Next: models.Never, Note: "by somebody, or by the platform (`reason`)"},
		{In: Running, On: models.EventPause, To: Paused, Next: models.Never, Note: "by somebody, or by the platform (`reason`)"},
		{In: Paused, On: models.EventAwait, To: Scheduled, Next: models.AtSchedule, Note: "resumed before it began"},
		{In: Paused, On: models.EventResume, To: Running, Next: models.AtOnce},
		{In: Scheduled, On: models.EventCancel, To: Cancelled, Next: models.Never},
		{In: Running, On: models.EventCancel, To: Cancelled, Next: models.Never},
		{In: Paused, On: models.EventCancel, To: Cancelled, Next: models.Never},
		{In: Scheduled, On: models.EventExpire, To: Expired, Next: models.Never, Note: "`expires_at`"},
		{In: Running, On: models.EventExpire, To: Expired, Next: models.Never, Note: "`expires_at`"},
	}
}

// on is the announcement after the event, and false when that does not happen to it.
func (a Announcement) on(e models.Event, now time.Time) (Announcement, bool) {
	t, ok := Life().At(a.State, e)
	if !ok {
		return a, false
	}
	a.State, a.NextAt = t.To, a.instant(t.Next, now)
	if a.State.Final() {
		a.FinishedAt = &now
	}
	return a, true
}

// instant is when its workflow must act next.
func (a Announcement) instant(next models.Instant, now time.Time) *time.Time {
	switch next {
	case models.Never:
		return nil
	case models.AtSchedule:
		if a.ScheduleAt != nil && a.ScheduleAt.After(now) {
			return a.ScheduleAt
		}
	case models.AfterPage:
		if _, every := a.Pace(); a.NextAt != nil && a.NextAt.Add(every).After(now) {
			at := a.NextAt.Add(every)
			return &at
		}
	}
	return &now
}

// Final reports whether nothing happens to it any more.
func (s State) Final() bool {
	return s == Done || s == Cancelled || s == Expired
}

// Reasons why the platform paused an announcement.
const (
	ReasonTypeDisabled   = "type_disabled"
	ReasonProductRefused = "product_refused"
)

// Bounds of an announcement.
const (
	// MaxListed bounds the accounts of a list.
	MaxListed = 10_000
	// MaxPage bounds the accounts that one transaction tells: it locks their inboxes.
	MaxPage = 200
	// MaxPerMinute bounds the throttle.
	MaxPerMinute = 600_000
)

// Pace is how many accounts a page has, and how long after it began the next one is
// due: about a second for what is throttled, zero for what is not.
func (a Announcement) Pace() (accounts int, every time.Duration) {
	if a.PerMinute <= 0 {
		return MaxPage, 0
	}
	accounts = min(max(a.PerMinute/60, 1), MaxPage)
	return accounts, time.Duration(accounts) * time.Minute / time.Duration(a.PerMinute)
}

// Done is how many accounts were gone through.
func (a Announcement) Done() int64 { return a.Accepted + a.Disabled + a.Refused }

// PagedTo is the announcement after a page that began at now: further, and at its end
// when the page was the last. Pages that are late do not make up for it.
func (a Announcement) PagedTo(p Page, accepted int, now time.Time) Announcement {
	a.Reached, a.PagedAt = p.Reached, &now
	a.Accepted += int64(accepted)
	a.Disabled += int64(p.Disabled)
	a.Refused += int64(p.Refused + len(p.Acceptances) - accepted)
	a.Total = max(a.Total, a.Done()) // more accounts fit its filters than when it began
	if p.Last {
		a.Total = a.Done() // accounts that appeared or vanished on the way
		a, _ = a.on(models.EventFinish, now)
		return a
	}
	a, _ = a.on(models.EventPage, now)
	return a
}

// Submitted is the announcement at its beginning.
func (a Announcement) Submitted(now time.Time) Announcement {
	a, _ = a.on(models.EventAccept, now)
	return a
}

// Begun is the announcement when its time has come; one that does not wait for it stays as
// it is.
func (a Announcement) Begun(total int64, now time.Time) Announcement {
	begun, ok := a.on(models.EventBegin, now)
	if !ok {
		return a
	}
	begun.StartedAt, begun.Total = &now, total
	return begun.measured(now)
}

// measured begins to measure its speed.
func (a Announcement) measured(now time.Time) Announcement {
	a.PacedAt, a.PacedFrom = &now, a.Done()
	return a
}

// Expired is the announcement when its time is over; one that has ended, or is paused, stays
// as it is.
func (a Announcement) Expired(now time.Time) Announcement {
	a, _ = a.on(models.EventExpire, now)
	return a
}

// Cancelled ends it. Code conflict: it has ended.
func (a Announcement) Cancelled(now time.Time) (Announcement, error) {
	cancelled, ok := a.on(models.EventCancel, now)
	if !ok {
		return a, models.Errorf(models.CodeConflict, "It cannot be cancelled any more: it is %s.", a.State)
	}
	return cancelled, nil
}

// Paused stops it on the way; reason is "" when a person does. Code conflict: it is
// paused, or has ended.
func (a Announcement) Paused(reason string) (Announcement, error) {
	paused, ok := a.on(models.EventPause, time.Time{})
	if !ok {
		return a, models.Errorf(models.CodeConflict, "It cannot be paused: it is %s.", a.State)
	}
	paused.Reason = reason
	return paused, nil
}

// Resumed lets it go on where it stopped, or wait for its time again. Code conflict:
// it is not paused.
func (a Announcement) Resumed(now time.Time) (Announcement, error) {
	event := models.EventResume
	if a.StartedAt == nil {
		event = models.EventAwait
	}
	resumed, ok := a.on(event, now)
	if !ok {
		return a, models.Errorf(models.CodeConflict, "It cannot be resumed: it is %s.", a.State)
	}
	resumed.Reason = ""
	if event == models.EventResume {
		resumed = resumed.measured(now)
	}
	return resumed, nil
}

// Speed is how many accounts a minute it went through since it began or was resumed,
// and when it will be through at that speed; 0 and nil while nobody can tell.
func (a Announcement) Speed(now time.Time) (perMinute float64, doneAt *time.Time) {
	if a.PacedAt == nil || a.PagedAt == nil {
		return 0, nil
	}
	until := *a.PagedAt
	passed, took := a.Done()-a.PacedFrom, until.Sub(*a.PacedAt)
	if passed <= 0 || took <= 0 {
		return 0, nil
	}
	perMinute = float64(passed) / took.Minutes()
	if a.PerMinute > 0 { // the first page comes at once, and seems to have taken no time
		perMinute = min(perMinute, float64(a.PerMinute))
	}
	if a.State != Running {
		return perMinute, nil
	}
	left := max(0, a.Total-a.Done())
	at := now.Add(time.Duration(float64(left) / perMinute * float64(time.Minute))).Truncate(time.Second)
	return perMinute, &at
}

// Page is the next accounts of an announcement.
type Page struct {
	// From is where the announcement must stand for the page to count.
	From models.AccountID
	// Reached is the last account of the page; From when it has none.
	Reached models.AccountID
	// Acceptances are the notifications, in the order of accounts.
	Acceptances []models.Acceptance
	// Disabled and Refused are how many accounts were skipped.
	Disabled int
	Refused  int
	// Last says that no account follows.
	Last bool
}
