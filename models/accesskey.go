package models

import "time"

// AccessKey is a machine's credential, of a product or of a user. The secret is
// shown once; only its SHA-256 is stored.
type AccessKey struct {
	ID string `gorm:"primaryKey"`
	// AccountID is the owner's account; Platform for products.
	AccountID AccountID
	OwnerKind ActorKind
	OwnerID   string
	Name      string
	// Hash is the SHA-256 of the secret: 32 bytes.
	Hash      []byte `json:"-"`
	CreatedAt time.Time
	// ExpiresAt is nil for a key without an end.
	ExpiresAt *time.Time
	// RotatedAt is when another key took its place: it ends with the overlap.
	RotatedAt  *time.Time
	RevokedAt  *time.Time
	LastUsedAt *time.Time
}

// Usable reports whether the key may sign in at now.
func (k AccessKey) Usable(now time.Time) bool {
	return k.RevokedAt == nil && (k.ExpiresAt == nil || now.Before(*k.ExpiresAt))
}
