package models

import (
	"strings"
	"time"
	"unicode"

	"belfry.dev/belfry/models/text"
)

// InboxHead is the one row that every change of an inbox locks. Seq is the
// newest message's; Revision grows with every change, reading and deleting
// included.
type InboxHead struct {
	AccountID AccountID `gorm:"primaryKey"`
	Owner     string    `gorm:"primaryKey"`
	Seq       int64
	Revision  int64
	// LastAt is the newest message's CreatedAt.
	LastAt time.Time
}

// ReadState says whether anybody has read a message. It is a number because it
// stands in indexes of a table that may hold many millions of rows.
type ReadState int8

// Read states.
const (
	Unread ReadState = 0
	Read   ReadState = 1
)

// InboxFilter selects messages of one inbox; its parts are combined with "and",
// and the zero value selects all.
type InboxFilter struct {
	Category string
	Type     string
	// NotificationID is the notification that they tell of.
	NotificationID string
	// State is nil for both.
	State *ReadState
	// From is inclusive, To exclusive; zero times are open ends.
	From, To time.Time
	// Text is looked for literally in title and body, without regard to case.
	Text string
}

// Matches reports whether the filter selects the message.
func (f InboxFilter) Matches(m Message) bool {
	return (f.Category == "" || f.Category == m.Category) &&
		(f.Type == "" || f.Type == m.Type) &&
		(f.NotificationID == "" || f.NotificationID == m.NotificationID) &&
		(f.State == nil || *f.State == m.ReadState) &&
		(f.From.IsZero() || !m.CreatedAt.Before(f.From)) &&
		(f.To.IsZero() || m.CreatedAt.Before(f.To)) &&
		strings.Contains(SearchText(m.Title, m.Body), Fold(f.Text))
}

// SearchText returns what Message.SearchText holds for a title and a body.
func SearchText(title, body string) string { return Fold(title + "\n" + body) }

// Fold composes the text and replaces every rune by the smallest one that it equals
// without regard to case (Unicode simple folding): Fold(a) == Fold(b) exactly when
// strings.EqualFold of both, composed. Databases fold differently from one another, so
// they compare folded text byte by byte.
func Fold(words string) string {
	return strings.Map(func(r rune) rune {
		if r <= unicode.MaxASCII {
			return unicode.ToUpper(r)
		}
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, text.Compose(words))
}

// InboxCount counts the messages of a category.
type InboxCount struct {
	Category string
	Total    int64
	Unread   int64
}

// InboxKey names one inbox: an account's, when Owner is "", or a user's.
type InboxKey struct {
	AccountID AccountID
	Owner     string
}

// Key names the head's inbox.
func (h InboxHead) Key() InboxKey { return InboxKey{AccountID: h.AccountID, Owner: h.Owner} }
