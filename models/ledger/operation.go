package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"

	"belfry.dev/belfry/models"
)

// HashOperation returns the SHA-256 over all fields of the row and the previous row's hash.
// Every field stands after its length, so that no two rows have the same encoding.
func HashOperation(op models.Operation) []byte {
	e := Encoder{}
	e.Text("belfry operation 1")
	e.Text(string(op.AccountID))
	e.Number(op.Seq)
	e.Number(op.At.UnixMicro())
	for _, text := range []string{string(op.ActorKind), op.ActorID, op.ActorName, op.Credential} {
		e.Text(text)
	}
	e.Number(int64(len(op.Roles)))
	for _, role := range op.Roles {
		e.Text(role)
	}
	for _, text := range []string{
		op.IP, op.UserAgent, op.RequestID, op.Action, op.ObjectKind, op.ObjectID, op.ObjectName, string(op.Result), string(op.Code),
	} {
		e.Text(text)
	}
	e.document(op.Before)
	e.document(op.After)
	e.Text(string(op.PrevHash))
	sum := sha256.Sum256(e.bytes)
	return sum[:]
}

// Encoder writes fields so that each can be told from its neighbours. The zero value is empty.
type Encoder struct{ bytes []byte }

// Bytes is what was written.
func (e *Encoder) Bytes() []byte { return e.bytes }

// Number writes the number in 8 bytes, the highest first.
func (e *Encoder) Number(n int64) {
	e.bytes = binary.BigEndian.AppendUint64(e.bytes, uint64(n)) //nolint:gosec // the bits are what is hashed
}

// Text writes the text after its length.
func (e *Encoder) Text(s string) {
	e.Number(int64(len(s)))
	e.bytes = append(e.bytes, s...)
}

// document tells a missing document from an empty one.
func (e *Encoder) document(d json.RawMessage) {
	if d == nil {
		e.Number(-1)
		return
	}
	e.Text(string(d))
}
