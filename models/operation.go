package models

import (
	"encoding/json"
	"time"
)

// Operation is one row of an account's operation log: who changed, or tried to
// change, what. Rows form a hash chain by Seq.
type Operation struct {
	AccountID AccountID `gorm:"primaryKey"`
	// Seq counts from 1 without gaps in each account.
	Seq        int64 `gorm:"primaryKey;autoIncrement:false"`
	At         time.Time
	ActorKind  ActorKind
	ActorID    string
	ActorName  string
	Credential string
	Roles      []string `gorm:"serializer:json"`
	IP         string
	UserAgent  string
	RequestID  string
	// Action is the operation's constant: "bot.create".
	Action     string
	ObjectKind string
	ObjectID   string
	ObjectName string
	Result     Result
	// Code is the error's code when the result is not succeeded.
	Code Code
	// Before and After are the object's public form; null where there is none.
	Before json.RawMessage `gorm:"serializer:json"`
	After  json.RawMessage `gorm:"serializer:json"`
	// PrevHash and Hash chain the rows: 32 bytes each.
	PrevHash []byte
	Hash     []byte
}

// TableName names the table of the rows.
func (Operation) TableName() string { return "operation_logs" }

// Result is how an operation ended.
type Result string

// Results of an operation.
const (
	ResultSucceeded Result = "succeeded"
	ResultDenied    Result = "denied"  // the actor has no right
	ResultRefused   Result = "refused" // a rule or a state refused it
)
