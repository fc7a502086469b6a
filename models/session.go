package models

import "time"

// Session is a person's sign-in. The token is opaque; only its SHA-256 is stored.
type Session struct {
	ID         string `gorm:"primaryKey"`
	AccountID  AccountID
	UserID     string
	Hash       []byte `json:"-"`
	IP         string
	UserAgent  string
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time
	RevokedAt  *time.Time
}

// Live reports whether the session still signs its user in at now.
func (s Session) Live(now time.Time) bool {
	return s.RevokedAt == nil && now.Before(s.ExpiresAt)
}
