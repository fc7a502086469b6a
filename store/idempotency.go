package store

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/engine"
	"gorm.io/gorm"
)

// IdempotencyLife is how long an answer is kept. Source: docs/problems.md#idempotency-mismatch.
const IdempotencyLife = 7 * 24 * time.Hour

// Claim identifies a mutating request that carries an idempotency key.
type Claim struct {
	// Scope is the SHA-256 over account, credential, method, path and key.
	Scope [32]byte
	// Action is the operation's constant.
	Action string
	// Fingerprint is the SHA-256 of the request's body in canonical form.
	Fingerprint [32]byte
}

// Answer is what the first request with the key was answered.
type Answer struct {
	Status int
	Header map[string]string
	Body   []byte
}

// idempotencyKey is the row of a claim; a status of zero means that the claiming
// transaction has not stored its answer yet.
type idempotencyKey struct {
	ScopeHash   []byte `gorm:"primaryKey"`
	AccountID   models.AccountID
	Action      string
	Fingerprint []byte
	Status      int
	Answer      []byte
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

// Answers reads the answers that were given to requests with an idempotency key.
type Answers struct{ sc Scope }

// Answers returns the answers that were given to requests with an idempotency key.
func (sc Scope) Answers() Answers { return Answers{sc: sc} }

// TxAnswers reads and changes the answers that were given to requests with an idempotency key, in a transaction.
type TxAnswers struct {
	Answers
	tx TxScope
}

// Answers returns the answers that were given to requests with an idempotency key, inside the transaction.
func (tx TxScope) Answers() TxAnswers { return TxAnswers{Answers: tx.Scope.Answers(), tx: tx} }

// Replay returns the stored answer to the claim, or nil when there is none: then
// the request claims the key in its transaction. Code idempotency-mismatch: the
// key was used with another body.
func (h Answers) Replay(ctx context.Context, claim Claim) (*Answer, error) {
	var row idempotencyKey
	err := h.sc.rows(ctx).Where("scope_hash = ?", claim.Scope[:]).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("read idempotency key", err)
	}
	if !h.sc.now().Before(row.ExpiresAt) {
		return nil, nil
	}
	return h.answer(row, claim)
}

func (h Answers) answer(row idempotencyKey, claim Claim) (*Answer, error) {
	if subtle.ConstantTimeCompare(row.Fingerprint, claim.Fingerprint[:]) != 1 {
		return nil, models.Errorf(models.CodeMismatch, "This idempotency key was used with another request.")
	}
	plain, err := h.sc.vault.Open(row.Answer, "idempotency", hex.EncodeToString(claim.Scope[:]))
	if err != nil {
		return nil, fmt.Errorf("read stored answer: %w", err)
	}
	var a Answer
	if err := json.Unmarshal(plain, &a); err != nil {
		return nil, fmt.Errorf("read stored answer: %w", err)
	}
	return &a, nil
}

// Claim claims the key for this transaction: nil means that it is claimed and
// that StoreAnswer must follow. While another transaction holds the key, it waits
// for that one's end; an answer means that the other committed. Codes:
// idempotency-mismatch as in Replay; idempotency-in-progress when the other does
// not end in time.
func (h TxAnswers) Claim(ctx context.Context, claim Claim) (*Answer, error) {
	row := idempotencyKey{
		ScopeHash: claim.Scope[:], AccountID: h.tx.account, Action: claim.Action,
		Fingerprint: claim.Fingerprint[:], ExpiresAt: h.tx.now().Add(IdempotencyLife),
	}
	err := h.tx.insert(ctx, &row)
	if err == nil {
		return nil, nil
	}
	if engine.LockWait(err) {
		running := models.Errorf(models.CodeInProgress, "A request with this idempotency key is still running.")
		running.RetryAfter = time.Second
		return nil, running
	}
	if !errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil, failed("claim idempotency key", err)
	}
	return h.claimAgain(ctx, claim, row)
}

// claimAgain returns the answer of the one that holds the key, or takes an expired key
// over. It reads first: everybody whose insert failed shares a lock on the row, and
// would have to wait for all others to change it.
func (h TxAnswers) claimAgain(ctx context.Context, claim Claim, row idempotencyKey) (*Answer, error) {
	stored, err := h.claimed(ctx, claim)
	if err != nil {
		return nil, err
	}
	if h.tx.now().Before(stored.ExpiresAt) {
		return h.answer(stored, claim)
	}
	result := h.tx.rows(ctx).Model(&idempotencyKey{}).
		Where("scope_hash = ?", claim.Scope[:]).Where("expires_at <= ?", h.tx.now()).
		Updates(map[string]any{
			"action": row.Action, "fingerprint": row.Fingerprint, "status": 0, "answer": nil,
			"created_at": h.tx.now(), "expires_at": row.ExpiresAt,
		})
	if result.Error != nil || result.RowsAffected == 1 {
		return nil, failed("take over idempotency key", result.Error)
	}
	if stored, err = h.claimed(ctx, claim); err != nil { // somebody was faster
		return nil, err
	}
	return h.answer(stored, claim)
}

// claimed reads the row of a key that is taken. Index: primary key.
func (h TxAnswers) claimed(ctx context.Context, claim Claim) (idempotencyKey, error) {
	var row idempotencyKey
	err := h.tx.rows(ctx).Where("scope_hash = ?", claim.Scope[:]).Take(&row).Error
	return row, failed("read idempotency key", err)
}

// Store keeps the answer, encrypted, for those who repeat the request that
// claimed the key in this transaction.
func (h TxAnswers) Store(ctx context.Context, claim Claim, a Answer) error {
	plain, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("store answer: %w", err)
	}
	sealed := h.tx.vault.Seal(plain, "idempotency", hex.EncodeToString(claim.Scope[:]))
	result := h.tx.rows(ctx).Model(&idempotencyKey{}).Where("scope_hash = ?", claim.Scope[:]).
		Updates(map[string]any{"status": a.Status, "answer": sealed})
	if result.Error == nil && result.RowsAffected != 1 {
		return errors.New("store answer: the key was not claimed")
	}
	return failed("store answer", result.Error)
}
