package store

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/ledger"
	"belfry.dev/belfry/store/list"
)

// verifyBatch is how many rows of a log are read at once.
const verifyBatch = 500

// Verification is what Verify found out about one account's operation log.
type Verification struct {
	Account models.AccountID
	// Rows and Seals were found good, from the first on.
	Rows  int64
	Seals int64
	// SealedTo is the seq of the newest good seal: a truncation before it shows.
	SealedTo int64
	// Bad is the first row that is not as it was written; nil when all are.
	Bad *BadRow
}

// BadRow is where an operation log was tampered with.
type BadRow struct {
	Seq int64
	// Reason is a sentence for the auditor.
	Reason string
}

// Seals is the seals of all accounts' operation logs.
type Seals struct{ s *Store }

// Seals returns the seals of all accounts' operation logs.
func (s *Store) Seals() Seals { return Seals{s: s} }

// Verify checks the account's operation log: that rows follow one another without
// a gap, that each has the hash of its fields and of its predecessor, that the
// newest one is the head's, and that every seal is genuine and matches its row.
func (h Seals) Verify(ctx context.Context, account models.AccountID) (Verification, error) {
	v := &verifier{scope: h.s.In(account), vault: h.s.vault, result: Verification{Account: account}, hash: genesis()}
	steps := []func(context.Context) error{v.readSeals, v.walk, v.compareHead, v.checkUnreached}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return v.result, fmt.Errorf("verify operation log of %s: %w", account, err)
		}
		if v.result.Bad != nil {
			break
		}
	}
	return v.result, nil
}

// VerifyAll verifies the operation logs of all accounts that have, or should
// have, one and hands each result to report, whose error ends it.
func (h Seals) VerifyAll(ctx context.Context, report func(Verification) error) error {
	const why = "auditors verify all accounts"
	var accounts []models.AccountID
	err := h.s.Platform().rows(ctx, why).Raw(`SELECT account_id FROM operation_heads UNION SELECT account_id FROM seals
		UNION SELECT account_id FROM operation_logs UNION SELECT id FROM accounts ORDER BY 1`).Scan(&accounts).Error
	if err != nil {
		return failed("list operation logs", err)
	}
	for _, account := range accounts {
		v, err := h.Verify(ctx, account)
		if err != nil {
			return err
		}
		if err := report(v); err != nil {
			return err
		}
	}
	return nil
}

// Seals returns a page of the account's seals, newest first. Index: primary key.
func (h OperationLog) Seals(ctx context.Context, page Page) ([]models.Seal, string, error) {
	return list.BySeq(h.sc.rows(ctx), page, func(seal models.Seal) int64 { return seal.Seq })
}

// SealOperations signs the newest row of every operation log that moved since its
// last seal and returns how many it signed. It signs nothing that it could not
// verify back to the last seal: those accounts are in the error, each as a
// *models.BrokenLogError, the others are sealed all the same.
func (h Seals) SealOperations(ctx context.Context) (int, error) {
	const why = "the platform seals all accounts"
	var moved []models.AccountID
	err := h.s.Platform().rows(ctx, why).Raw(`SELECT h.account_id FROM operation_heads h
		LEFT JOIN (SELECT account_id, MAX(seq) AS seq FROM seals GROUP BY account_id) s ON s.account_id = h.account_id
		WHERE h.seq > COALESCE(s.seq, 0) ORDER BY h.account_id`).Scan(&moved).Error
	if err != nil {
		return 0, failed("find unsealed operation logs", err)
	}
	sealed := 0
	var errs []error
	for _, account := range moved {
		if err := h.seal(ctx, account); err != nil {
			errs = append(errs, err)
			continue
		}
		sealed++
	}
	return sealed, errors.Join(errs...)
}

// seal verifies what was added since the last seal and signs the newest row.
func (h Seals) seal(ctx context.Context, account models.AccountID) error {
	v := &verifier{scope: h.s.In(account), vault: h.s.vault, result: Verification{Account: account}, hash: genesis()}
	seals, _, err := v.scope.OperationLog().Seals(ctx, Page{Limit: 1})
	if err != nil {
		return err
	}
	if len(seals) == 1 {
		v.hash, v.seq, v.seals = seals[0].Hash, seals[0].Seq, seals
		v.checkSeals()
	}
	for _, step := range []func(context.Context) error{v.walk, v.compareHead} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("seal operation log of %s: %w", account, err)
		}
	}
	if v.result.Bad != nil {
		return &models.BrokenLogError{Account: account, Seq: v.result.Bad.Seq, Reason: v.result.Bad.Reason}
	}
	return h.sign(ctx, account, v.seq, v.hash)
}

func (h Seals) sign(ctx context.Context, account models.AccountID, seq int64, hash []byte) error {
	err := h.s.Write(ctx, func(tx *Tx) error {
		seal := models.Seal{AccountID: account, Seq: seq, Hash: hash, At: tx.now, KeyID: h.s.vault.KeyID()}
		seal.Signature = h.s.vault.Sign(sealed(seal))
		return failed("insert seal", tx.In(account).insert(ctx, &seal))
	})
	if models.CodeOf(err) == models.CodeConflict {
		return nil // another process sealed the same row
	}
	return err
}

// sealed is what a seal's signature covers.
func sealed(seal models.Seal) []byte {
	e := ledger.Encoder{}
	e.Text("belfry seal 1")
	e.Text(string(seal.AccountID))
	e.Number(seal.Seq)
	e.Text(string(seal.Hash))
	e.Number(seal.At.UnixMicro())
	e.Text(seal.KeyID)
	return e.Bytes()
}

// verifier walks one operation log.
type verifier struct {
	scope  Scope
	vault  *Vault
	result Verification
	// seq and hash are those of the last row that was good.
	seq  int64
	hash []byte
	// seals are still to be met, oldest first.
	seals []models.Seal
	// grown is set when rows were added while the log was read: then it may be
	// longer than the head said.
	grown bool
}

func (v *verifier) bad(seq int64, reason string) {
	if v.result.Bad == nil {
		v.result.Bad = &BadRow{Seq: seq, Reason: reason}
	}
}

func (v *verifier) readSeals(ctx context.Context) error {
	err := v.scope.rows(ctx).Order("seq").Find(&v.seals).Error
	return failed("read seals", err)
}

// walk reads all rows after v.seq in order.
func (v *verifier) walk(ctx context.Context) error {
	for v.result.Bad == nil {
		var rows []models.Operation
		err := v.scope.rows(ctx).Where("seq > ?", v.seq).Order("seq").Limit(verifyBatch).Find(&rows).Error
		if err != nil {
			return failed("read operations", err)
		}
		for _, row := range rows {
			if v.step(row); v.result.Bad != nil {
				return nil
			}
		}
		if len(rows) < verifyBatch {
			return nil
		}
	}
	return nil
}

func (v *verifier) step(row models.Operation) {
	switch {
	case row.Seq != v.seq+1:
		v.bad(v.seq+1, fmt.Sprintf("the row is missing; the next one is %d", row.Seq))
	case !bytes.Equal(row.Hash, ledger.HashOperation(row)):
		v.bad(row.Seq, "its fields are not what they were when it was written")
	case !bytes.Equal(row.PrevHash, v.hash):
		v.bad(row.Seq, "it does not follow the row before it")
	default:
		v.seq, v.hash = row.Seq, row.Hash
		v.result.Rows++
		v.checkSeals()
	}
}

// checkSeals checks the seals of the row that was just reached.
func (v *verifier) checkSeals() {
	for len(v.seals) > 0 && v.seals[0].Seq <= v.seq && v.result.Bad == nil {
		seal := v.seals[0]
		v.seals = v.seals[1:]
		switch {
		case seal.KeyID != v.vault.KeyID() || !ed25519.Verify(v.vault.PublicKey(), sealed(seal), seal.Signature):
			v.bad(seal.Seq, "its seal is not genuine")
		case seal.Seq != v.seq || !bytes.Equal(seal.Hash, v.hash):
			v.bad(seal.Seq, "it is not the row that was sealed on "+seal.At.Format(time.RFC3339))
		default:
			v.result.Seals++
			v.result.SealedTo = seal.Seq
		}
	}
}

func (v *verifier) compareHead(ctx context.Context) error {
	if v.result.Bad != nil {
		return nil
	}
	var heads []operationHead
	if err := v.scope.rows(ctx).Limit(1).Find(&heads).Error; err != nil {
		return failed("read head of operation log", err)
	}
	if len(heads) == 0 {
		v.bad(v.seq+1, "the head of the log is missing")
		return nil
	}
	if v.grown = heads[0].Seq > v.seq; v.grown {
		if err := v.walk(ctx); err != nil || v.result.Bad != nil {
			return err
		}
	}
	v.compare(heads[0])
	return nil
}

// compare checks that the log ends where the head, read earlier, says.
func (v *verifier) compare(head operationHead) {
	switch {
	case head.Seq > v.seq:
		v.bad(v.seq+1, fmt.Sprintf("the row and all after it are missing; the log goes to %d", head.Seq))
	case head.Seq < v.seq && !v.grown:
		v.bad(head.Seq+1, "the head of the log was set back before this row")
	case head.Seq == v.seq && !bytes.Equal(head.Hash, v.hash):
		v.bad(max(v.seq, 1), "the head of the log has another hash than this row")
	}
}

// checkUnreached finds seals of rows that do not exist any more.
func (v *verifier) checkUnreached(context.Context) error {
	if len(v.seals) > 0 {
		v.bad(v.seq+1, fmt.Sprintf("the row is missing; row %d was sealed on %s", v.seals[0].Seq, v.seals[0].At.Format(time.RFC3339)))
	}
	return nil
}
