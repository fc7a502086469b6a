// Package models holds Belfry's nouns, the rules of one noun, error codes and
// enumerations. It imports the standard library only.
//
// Times are UTC with microseconds. Ids are opaque strings with a prefix that names their
// kind ("ntf_…"); the rest is a UUIDv7 in 32 hexadecimal digits. A field tagged
// `json:"-"` never leaves the process.
package models

import "time"

// AccountID names the tenant that a row belongs to. The empty value is never
// valid: store refuses it.
type AccountID string

// Platform is the pseudo account of the operators: their users, their inbox and
// the operation log of what they do live under it.
const Platform AccountID = "platform"

// Kind is the prefix of an id.
type Kind string

// Kinds of ids.
const (
	KindAccount      Kind = "acc"
	KindUser         Kind = "usr"
	KindProduct      Kind = "prd"
	KindAccessKey    Kind = "key"
	KindSession      Kind = "ses"
	KindGrant        Kind = "grt"
	KindContact      Kind = "ctc"
	KindAddress      Kind = "adr"
	KindContactGroup Kind = "grp"
	KindInvitation   Kind = "inv"
	KindBot          Kind = "bot"
	KindProvider     Kind = "pvd"
	KindNotification Kind = "ntf"
	KindDelivery     Kind = "dlv"
	KindEnvelope     Kind = "env"
	KindMessage      Kind = "msg"
	KindAnnouncement Kind = "ann"
	KindResource     Kind = "rsc"
	KindCalendarFeed Kind = "cal"
)

// Timestamps are the two times that every editable row carries.
type Timestamps struct {
	CreatedAt time.Time
	UpdatedAt time.Time
}
