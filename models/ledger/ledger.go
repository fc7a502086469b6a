// Package ledger says how the ledger is made: what each record is hashed and keyed as, how
// records chain within their account, and the tree over all of them, whose signed checkpoints
// vouch for every record before them. It is pure: who keeps records, tiles and checkpoints is
// its caller.
//
// The tree is RFC 6962's, in tiles of 256 hashes, and checkpoints are signed notes, both as
// C2SP describes them (tlog-tiles, tlog-checkpoint, signed-note): others can check them with
// their own programs.
package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"belfry.dev/belfry/models"
)

// Kind is what a record tells of.
type Kind string

// Kinds of records.
const (
	// KindOperation is a row of an account's operation log; Ref is its seq, and BodyHash its hash.
	KindOperation Kind = "operation"
	// KindAdopted is an operation log as it was found when the ledger began; see Adopted.
	KindAdopted Kind = "adopted"
	// KindWindow opens or closes the time in which operations without a key are no
	// tampering; see Window.
	KindWindow Kind = "window"
)

// Record is a fact that can be proved.
type Record struct {
	// ID grows with time: 16 bytes.
	ID        []byte `gorm:"primaryKey"`
	AccountID models.AccountID
	Kind      Kind
	// Ref is what the fact is about; an account has one record of a kind and a ref.
	Ref string
	At  time.Time
	// Salt and Body are nil where the body is kept elsewhere.
	Salt     []byte
	Body     []byte
	BodyHash []byte
	// Mac is over all of the above; empty when who wrote it had no key.
	Mac []byte
	// Position counts all records from 0, Number those of the account from 1, and Previous is
	// what the account's chain was before: the sequencer's. A nil position is not placed yet,
	// SetAside never was.
	Position *int64
	Number   *int64
	Previous []byte
}

// SetAside is the position of a record that the sequencer refused.
const SetAside int64 = -1

// TableName names the table of the records.
func (Record) TableName() string { return "ledger_records" }

// MACPurpose is what the key of records is derived for.
const MACPurpose = "ledger record"

// Keyed are the parts that the record's MAC is over.
func (r Record) Keyed() []string {
	at := binary.BigEndian.AppendUint64(nil, uint64(r.At.UnixMicro()))
	return []string{"belfry record 1", string(r.ID), string(r.AccountID), string(r.Kind), r.Ref, string(at), string(r.BodyHash)}
}

// Chained is the account's chain with the placed record at its end.
func (r Record) Chained() []byte {
	return Chain(r.AccountID, *r.Number, r.Previous, r.Kind, r.BodyHash)
}

// BodyHash is the hash of a body that the record has.
func BodyHash(salt, body []byte) []byte {
	sum := sha256.Sum256(append(append([]byte(nil), salt...), body...))
	return sum[:]
}

// Genesis is what an account's chain is before its first record.
func Genesis() []byte { return make([]byte, sha256.Size) }

// Chain is the account's chain after its n-th record, which has the kind and the hash;
// previous is what it was before.
func Chain(account models.AccountID, n int64, previous []byte, kind Kind, bodyHash []byte) []byte {
	e := Encoder{bytes: []byte("belfry ledger 1")}
	e.Text(string(account))
	e.Number(n)
	e.Text(string(previous))
	e.Text(string(kind))
	e.Text(string(bodyHash))
	sum := sha256.Sum256(e.bytes)
	return sum[:]
}

// Leaf is the tree's leaf of an account's chain.
func Leaf(chain []byte) tlog.Hash { return tlog.RecordHash(chain) }

// Adopted is the body of a record of KindAdopted, whose ref is always the same.
type Adopted struct {
	// Hash and Seq are those of the log's newest row then.
	Hash []byte `json:"hash"`
	Seq  int64  `json:"seq"`
	// Verdict is AdoptedGood, or says what was wrong then.
	Verdict string `json:"verdict"`
}

// AdoptedGood is the verdict on a log that was as it was written.
const AdoptedGood = "good"

// RefAdopted is the ref of the one record of KindAdopted of an account.
const RefAdopted = "operations"

// Window is the body of a record of KindWindow, which belongs to the platform.
type Window struct {
	// Open says whether operations without a key are counted instead of taken for tampering
	// from here on.
	Open   bool   `json:"open"`
	Reason string `json:"reason"`
}
