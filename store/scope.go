package store

import (
	"context"
	"encoding/hex"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/list"
	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Scope reads the rows of one account.
type Scope struct {
	account models.AccountID
	viewer  Viewer
	db      *gorm.DB
	vault   *Vault
	now     func() time.Time
}

// TxScope reads and writes the rows of one account in a transaction.
type TxScope struct{ Scope }

// Platform reads rows that belong to no account, and answers the few questions
// that cross accounts.
type Platform struct {
	db    *gorm.DB
	vault *Vault
	now   func() time.Time
}

// TxPlatform reads and writes rows that belong to no account in a transaction.
type TxPlatform struct{ Platform }

// In returns the account's rows for reading outside a transaction, all that there are.
// With an empty account every method fails.
func (s *Store) In(account models.AccountID) Scope { return s.For(Viewer{Account: account}) }

// For returns what the viewer sees of its account's rows, for reading outside a
// transaction.
func (s *Store) For(v Viewer) Scope {
	return Scope{account: v.Account, viewer: v, db: s.engine.Reader, vault: s.vault, now: s.Now}
}

// AccountID is whose rows the scope has.
func (sc Scope) AccountID() models.AccountID { return sc.account }

// In returns all of the account's rows inside the transaction.
func (tx *Tx) In(account models.AccountID) TxScope { return tx.For(Viewer{Account: account}) }

// For returns what the viewer sees of its account's rows inside the transaction.
func (tx *Tx) For(v Viewer) TxScope {
	return TxScope{Scope{account: v.Account, viewer: v, db: tx.db, vault: tx.vault, now: tx.Now}}
}

// Platform returns the rows without an account for reading outside a transaction.
func (s *Store) Platform() Platform {
	return Platform{db: s.engine.Reader, vault: s.vault, now: s.Now}
}

// Platform returns the rows without an account inside the transaction.
func (tx *Tx) Platform() TxPlatform {
	return TxPlatform{Platform{db: tx.db, vault: tx.vault, now: tx.Now}}
}

// rows starts a statement on the account's rows of one table; those of categories that the
// viewer does not see are left out (viewer.go).
func (sc Scope) rows(ctx context.Context) *gorm.DB {
	return sc.bound(ctx).Where("account_id = ?", sc.account)
}

// bound starts a statement that says for whom it runs. Code forbidden: the viewer sees
// nothing any more.
func (sc Scope) bound(ctx context.Context) *gorm.DB {
	db := sc.db.WithContext(ctx).Set(guardAccount, sc.account).Set(guardViewer, sc.viewer)
	if sc.viewer.over(sc.now) {
		_ = db.AddError(models.Errorf(models.CodeForbidden, "What allowed to see this has ended.")) // keeps it in db.Error
	}
	return db
}

// insert adds a row, or a slice of rows, of the account; associations are left out.
func (tx TxScope) insert(ctx context.Context, row any) error {
	return tx.db.WithContext(ctx).Set(guardAccount, tx.account).Omit(clause.Associations).Create(row).Error
}

// rows starts a statement that no account bounds; reason says why that is right.
func (p Platform) rows(ctx context.Context, reason string) *gorm.DB {
	return p.db.WithContext(ctx).Set(guardUnscoped, reason)
}

// insert adds a row, or a slice of rows, to a table without accounts.
func (tx TxPlatform) insert(ctx context.Context, row any) error {
	return tx.db.WithContext(ctx).Omit(clause.Associations).Create(row).Error
}

// forUpdate locks the rows that the query finds until the transaction ends.
func forUpdate(q *gorm.DB) *gorm.DB {
	return q.Clauses(clause.Locking{Strength: "UPDATE"})
}

// byID returns the account's row with the id; another account's is not found.
func byID[T any](ctx context.Context, sc Scope, id string) (T, error) {
	return one[T]("read by id", sc.rows(ctx), id)
}

// one returns the row of q with the id.
func one[T any](what string, q *gorm.DB, id string) (T, error) {
	var row T
	if !list.ValidID(id) {
		return row, models.NotFound()
	}
	err := q.Where("id = ?", id).Take(&row).Error
	return row, failed(what, err)
}

// change locks q's row with the id, lets fn edit it, and stores all its columns
// with the next version. It returns the row before and after. Codes: not-found;
// stale-version when ifVersion is neither zero nor the row's; conflict when a
// unique value is taken; whatever fn returns. Id, account and creation time stay.
func change[T any](q *gorm.DB, id string, ifVersion int64, version func(*T) *int64, fn func(*T) error) (before, after T, err error) {
	q = q.Session(&gorm.Session{}) // both statements start from here
	before, err = one[T]("lock for change", forUpdate(q), id)
	if err != nil {
		return before, after, err
	}
	was := *version(&before)
	if ifVersion != 0 && ifVersion != was {
		return before, after, models.Errorf(models.CodeStale, "It was changed meanwhile; its version is %d now.", was)
	}
	after, err = one[T]("read for change", q, id) // a copy that shares no map or slice with before
	if err != nil {
		return before, after, err
	}
	if err := fn(&after); err != nil {
		return before, after, err
	}
	*version(&after) = was + 1
	result := q.Model(&after).Where("version = ?", was).Select("*").
		Omit("id", "account_id", "created_at", clause.Associations).Updates(&after)
	if result.Error == nil && result.RowsAffected != 1 {
		return before, after, models.Errorf(models.CodeStale, "It was changed meanwhile.")
	}
	return before, after, failed("change", result.Error)
}

func newID(kind models.Kind) string {
	id := uuid.Must(uuid.NewV7()) // fails only without a source of randomness
	return string(kind) + "_" + hex.EncodeToString(id[:])
}
