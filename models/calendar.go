package models

// CalendarFeed is a secret address under which calendars read the account's
// reminders to come.
type CalendarFeed struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	// Name says whose calendar it is for.
	Name string
	// TokenHash is the SHA-256 of the secret in the address.
	TokenHash []byte `json:"-"`
	// CreatedBy is the user's id.
	CreatedBy string
	Version   int64
	Timestamps
}

// MaxCalendarFeeds limits the feeds of an account.
const MaxCalendarFeeds = 20
