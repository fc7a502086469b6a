package store

import (
	"cmp"
	"context"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// NewAccount is all that an account starts with.
type NewAccount struct {
	Account models.Account
	// Root becomes the account's root user.
	Root models.User
	// Contact becomes the account contact, with its addresses.
	Contact models.Contact
}

// Account returns one account. Index: primary key.
func (p Platform) Account(ctx context.Context, id models.AccountID) (models.Account, error) {
	return one[models.Account]("read account", p.rows(ctx, "accounts are the tenants themselves"), string(id))
}

// AccountByAlias returns the account that people sign in to with the alias. Index:
// accounts_alias.
func (p Platform) AccountByAlias(ctx context.Context, alias string) (models.Account, error) {
	var a models.Account
	err := p.rows(ctx, "sign-in knows the alias only").Where("alias = ?", alias).Take(&a).Error
	if err == nil && a.Alias != alias { // MySQL ignores trailing spaces
		return models.Account{}, models.NotFound()
	}
	return a, failed("read account by alias", err)
}

// Accounts returns a page of the accounts, newest first; the platform itself is
// not among them. Index: accounts_newest.
func (p Platform) Accounts(ctx context.Context, page Page) ([]models.Account, string, error) {
	q := p.rows(ctx, "operators list all accounts").Where("id <> ?", models.Platform)
	return newest(q, page, func(a models.Account) (time.Time, string) { return a.CreatedAt, string(a.ID) })
}

// CreateAccount inserts an account with its root user, its account contact and
// the heads of its inboxes and its operation log; it fills in ids, versions and
// times. Code conflict: the alias is taken.
func (tx TxPlatform) CreateAccount(ctx context.Context, in *NewAccount) error {
	a := &in.Account
	a.ID, a.Version = models.AccountID(NewID(models.KindAccount)), 1
	a.MaxContacts = cmp.Or(a.MaxContacts, models.DefaultMaxContacts)
	a.MaxGroups = cmp.Or(a.MaxGroups, models.DefaultMaxGroups)
	a.MaxBots = cmp.Or(a.MaxBots, models.DefaultMaxBots)
	if err := tx.insert(ctx, &in.Account); err != nil {
		return failed("create account", err)
	}
	scope := TxScope{Scope{account: in.Account.ID, db: tx.db, vault: tx.vault, now: tx.now}}
	if err := scope.startHeads(ctx); err != nil {
		return err
	}
	in.Root.Kind = models.UserRoot
	if err := scope.CreateUser(ctx, &in.Root); err != nil {
		return err
	}
	in.Contact.Kind = models.ContactAccount
	return scope.CreateContact(ctx, &in.Contact)
}

// UpdateAccount changes the account. Codes: see change.
func (tx TxPlatform) UpdateAccount(ctx context.Context, id models.AccountID, ifVersion int64, fn func(*models.Account) error) (before, after models.Account, err error) {
	before, after, err = changeAccount(tx.rows(ctx, "operators change any account"), id, ifVersion, fn)
	if err != nil {
		return before, after, err
	}
	scope := TxScope{Scope{account: id, db: tx.db, vault: tx.vault, now: tx.now}}
	return before, after, scope.moved(ctx, before, after)
}

// Account returns the account itself. Index: primary key.
func (sc Scope) Account(ctx context.Context) (models.Account, error) {
	return one[models.Account]("read own account", sc.db.WithContext(ctx), string(sc.account))
}

// UpdateAccount changes the account itself. Codes: see change.
func (tx TxScope) UpdateAccount(ctx context.Context, ifVersion int64, fn func(*models.Account) error) (before, after models.Account, err error) {
	before, after, err = changeAccount(tx.db.WithContext(ctx), tx.account, ifVersion, fn)
	if err != nil {
		return before, after, err
	}
	return before, after, tx.moved(ctx, before, after)
}

// moved follows an account into another time zone.
func (tx TxScope) moved(ctx context.Context, before, after models.Account) error {
	if before.TimeZone == after.TimeZone {
		return nil
	}
	return tx.rescheduleResources(ctx)
}

func changeAccount(q *gorm.DB, id models.AccountID, ifVersion int64, fn func(*models.Account) error) (before, after models.Account, err error) {
	return change(q, string(id), ifVersion, func(a *models.Account) *int64 { return &a.Version }, fn)
}

// startHeads inserts the rows that the account's operation log and inbox lock.
func (tx TxScope) startHeads(ctx context.Context) error {
	head := operationHead{AccountID: tx.account, Hash: genesis()}
	if err := tx.insert(ctx, &head); err != nil {
		return failed("start operation log", err)
	}
	return tx.startInbox(ctx, "")
}

// startInbox inserts the row that the inbox locks; the owner is "" for the
// account's and a user's id for a personal one.
func (tx TxScope) startInbox(ctx context.Context, owner string) error {
	head := models.InboxHead{AccountID: tx.account, Owner: owner, LastAt: tx.now()}
	return failed("start inbox", tx.insert(ctx, &head))
}

// lockAccount reads the account's row and holds it until the transaction ends: what
// counts against a limit happens one after the other. Index: primary key.
func (tx TxScope) lockAccount(ctx context.Context) (models.Account, error) {
	return one[models.Account]("lock account", forUpdate(tx.db.WithContext(ctx)), string(tx.account))
}
