package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/ledger"
)

// chain is an operation log in memory: rows, the head, and a seal over the row
// that sealedAt names.
type chain struct {
	rows []models.Operation
	head operationHead
	seal models.Seal
}

func newChain(vault *Vault, length, sealedAt int) chain {
	c := chain{head: operationHead{AccountID: "acc_1", Hash: genesis()}}
	for n := range length {
		op := models.Operation{
			AccountID: "acc_1", Seq: int64(n + 1), At: time.UnixMicro(int64(n) * 1_000_003).UTC(), ActorKind: models.ActorUser, ActorID: "usr_1",
			ActorName: "ab", Credential: "c", Roles: []string{"a", "b"}, IP: "::1", UserAgent: "x", RequestID: fmt.Sprint(n), Action: "bot.create",
			ObjectKind: "bot", ObjectID: "1", ObjectName: "n", Result: models.ResultSucceeded, After: json.RawMessage(`{}`), PrevHash: c.head.Hash,
		}
		op.Hash = ledger.HashOperation(op)
		c.rows = append(c.rows, op)
		c.head.Seq, c.head.Hash = op.Seq, op.Hash
	}
	sealedRow := c.rows[sealedAt-1]
	c.seal = models.Seal{AccountID: "acc_1", Seq: sealedRow.Seq, Hash: sealedRow.Hash, At: time.UnixMicro(7).UTC(), KeyID: vault.KeyID()}
	c.seal.Signature = vault.Sign(sealed(c.seal))
	return c
}

// broken returns the first bad row, 0 when all are good.
func (c chain) broken(t *testing.T, vault *Vault) int64 {
	v := &verifier{vault: vault, hash: genesis(), seals: []models.Seal{c.seal}}
	for _, row := range c.rows {
		if v.result.Bad == nil {
			v.step(row)
		}
	}
	if v.result.Bad == nil {
		v.compare(c.head)
	}
	if v.result.Bad == nil {
		if err := v.checkUnreached(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if v.result.Bad == nil {
		return 0
	}
	return v.result.Bad.Seq
}

// texts lists the row's fields that an editor could change, as pointers.
func texts(op *models.Operation) []*string {
	return []*string{
		(*string)(&op.AccountID), (*string)(&op.ActorKind), &op.ActorID, &op.ActorName, &op.Credential, &op.IP, &op.UserAgent,
		&op.RequestID, &op.Action, &op.ObjectKind, &op.ObjectID, &op.ObjectName, (*string)(&op.Result), (*string)(&op.Code),
	}
}

// mutate changes the row's field; it reports whether the row differs now.
func mutate(op *models.Operation, field uint8, value string) bool {
	fields := texts(op)
	switch n := int(field) % (len(fields) + 6); n {
	case len(fields):
		old := op.At
		op.At = op.At.Add(time.Duration(len(value)) * time.Microsecond)
		return !op.At.Equal(old)
	case len(fields) + 1:
		old := op.Roles
		op.Roles = append(slices.Clone(old), value)
		return true
	case len(fields) + 2:
		old := op.Roles
		op.Roles = []string{"ab", value}
		return !slices.Equal(old, op.Roles)
	case len(fields) + 3:
		old := op.Before
		op.Before = json.RawMessage(value)
		return old != nil || op.Before != nil
	case len(fields) + 4:
		old := op.After
		op.After = json.RawMessage(value)
		return !bytes.Equal(old, op.After)
	case len(fields) + 5:
		op.Seq += int64(len(value))
		return value != ""
	default:
		old := *fields[n]
		*fields[n] = value
		return old != value
	}
}

// FuzzAuditChain applies one mutation, deletion, swap or truncation that reaches
// back to before the last seal, and wants it found; with the attacker's best
// effort: later hashes and the head are computed anew.
func FuzzAuditChain(f *testing.F) {
	for kind := range uint8(6) {
		for field := range uint8(20) {
			f.Add(kind, uint8(3), field, "x", false)
			f.Add(kind, uint8(0), field, "", true)
			f.Add(kind, uint8(5), field, "a\x00b", true)
		}
	}
	vault, err := NewVault(make([]byte, SecretSize))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, kind, at, field uint8, value string, rehash bool) {
		const length, sealedAt = 8, 6
		c := newChain(vault, length, sealedAt)
		if bad := c.broken(t, vault); bad != 0 {
			t.Fatalf("row %d of an untouched chain is bad", bad)
		}
		i := int(at) % sealedAt // rows up to the sealed one
		if !c.tamper(kind, i, field, value) {
			t.Skip("nothing changed")
		}
		if rehash {
			c.rehash()
		}
		if whole := newChain(vault, length, sealedAt); reflect.DeepEqual(c, whole) {
			t.Skip("the attacker repaired it")
		}
		if c.broken(t, vault) == 0 {
			t.Fatalf("kind %d at row %d, field %d, %q: not found", kind%6, i+1, field, value)
		}
	})
}

func (c *chain) tamper(kind uint8, i int, field uint8, value string) bool {
	switch kind % 6 {
	case 0:
		return mutate(&c.rows[i], field, value)
	case 1:
		c.rows = slices.Delete(c.rows, i, i+1)
	case 2:
		j := (i + 1 + int(field)%(len(c.rows)-1)) % len(c.rows)
		c.rows[i], c.rows[j] = c.rows[j], c.rows[i]
	case 3:
		c.rows = c.rows[:i]
	case 4:
		i %= 5 // only before the sealed row: one added after it looks like any new row
		c.rows = slices.Insert(c.rows, i, c.rows[i])
	default:
		c.rows = slices.Delete(c.rows, 0, i+1)
	}
	return true
}

// rehash numbers and chains the rows anew, as an attacker who knows the code would.
func (c *chain) rehash() {
	c.head = operationHead{AccountID: "acc_1", Hash: genesis()}
	for i := range c.rows {
		row := &c.rows[i]
		row.Seq, row.PrevHash = int64(i+1), c.head.Hash
		row.Hash = ledger.HashOperation(*row)
		c.head.Seq, c.head.Hash = row.Seq, row.Hash
	}
}
