package models

import (
	"time"
)

// Seal is a signature over the newest row of an account's operation log.
type Seal struct {
	AccountID AccountID `gorm:"primaryKey"`
	Seq       int64     `gorm:"primaryKey;autoIncrement:false"`
	Hash      []byte
	At        time.Time
	KeyID     string
	Signature []byte
}
