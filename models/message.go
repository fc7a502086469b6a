package models

import "time"

// Message is what stands in an inbox: the text as it was rendered.
type Message struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	// Owner is "" for the account's inbox and the user's id for a personal one.
	Owner string
	// Seq orders one inbox: later messages have greater numbers, without regard
	// to the clock; it is also the bound of "all that I have seen".
	Seq            int64
	NotificationID string
	Type           string
	Category       string
	Severity       Severity
	Language       string
	Title          string
	Body           string
	Link           string
	// SearchText is Fold of the title and the body: text filters look here.
	SearchText string `json:"-"`
	// ReadState leads the indexes of the unread lists and counts; the database
	// holds it to ReadAt.
	ReadState ReadState
	// ReadAt, ReadBy and ReadByName say who read it first and when: a user's id
	// and name, kept after a deletion.
	ReadAt     *time.Time
	ReadBy     string
	ReadByName string
	// Repeats and RepeatedAt are the notification's.
	Repeats    int64
	RepeatedAt *time.Time
	// CreatedAt never runs backwards along Seq in one inbox, whatever the clocks
	// of the processes say; so a range of time is a range of Seq.
	CreatedAt time.Time
}

// MessageOf returns the notification's message for the owner's inbox, without
// what the database gives it: id, number and time.
func MessageOf(n Notification, owner string, text Rendered) Message {
	return Message{
		AccountID: n.AccountID, Owner: owner, NotificationID: n.ID, Type: n.Type, Category: n.Category,
		Severity: n.Severity, Language: text.Locale, Title: text.Title, Body: text.Body, Link: n.Link,
	}
}
