package models

import (
	"fmt"
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

// BrokenLogError says that an operation log is not as it was written.
type BrokenLogError struct {
	Account AccountID
	// Seq is the first row that is wrong, and Reason a sentence for the auditor.
	Seq    int64
	Reason string
}

func (e *BrokenLogError) Error() string {
	return fmt.Sprintf("seal operation log of %s: row %d: %s", e.Account, e.Seq, e.Reason)
}
