package store

import (
	"cmp"
	"context"

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

// Accounts reads the accounts.
type Accounts struct{ p Platform }

// Accounts returns the accounts.
func (p Platform) Accounts() Accounts { return Accounts{p: p} }

// TxAccounts reads and changes the accounts, in a transaction.
type TxAccounts struct {
	Accounts
	tx TxPlatform
}

// Accounts returns the accounts, inside the transaction.
func (tx TxPlatform) Accounts() TxAccounts {
	return TxAccounts{Accounts: tx.Platform.Accounts(), tx: tx}
}

// ByID returns one account. Index: primary key.
func (h Accounts) ByID(ctx context.Context, id models.AccountID) (models.Account, error) {
	return one[models.Account]("read account", h.p.rows(ctx, "accounts are the tenants themselves"), string(id))
}

// ByAlias returns the account that people sign in to with the alias. Index:
// accounts_alias.
func (h Accounts) ByAlias(ctx context.Context, alias string) (models.Account, error) {
	var a models.Account
	err := h.p.rows(ctx, "sign-in knows the alias only").Where("alias = ?", alias).Take(&a).Error
	if err == nil && a.Alias != alias { // MySQL ignores trailing spaces
		return models.Account{}, models.NotFound()
	}
	return a, failed("read account by alias", err)
}

// List returns a page of the accounts, newest first; the platform itself is
// not among them. Index: accounts_newest.
func (h Accounts) List(ctx context.Context, page Page) ([]models.Account, string, error) {
	return h.Find(ctx, AccountFilter{}, page)
}

// Find is List for those that the filter selects. Indexes: see list.Accounts.
func (h Accounts) Find(ctx context.Context, f AccountFilter, page Page) ([]models.Account, string, error) {
	rows, next, err := f.List(func() *gorm.DB {
		return h.p.rows(ctx, "operators list all accounts").Where("id <> ?", models.Platform)
	}, page)
	return rows, next, failed("list accounts", err)
}

// Create inserts an account with its root user, its account contact and
// the heads of its inboxes and its operation log; it fills in ids, versions and
// times. Code conflict: the alias is taken.
func (h TxAccounts) Create(ctx context.Context, in *NewAccount) error {
	a := &in.Account
	a.ID, a.Version = models.AccountID(NewID(models.KindAccount)), 1
	a.MaxContacts = cmp.Or(a.MaxContacts, models.DefaultMaxContacts)
	a.MaxGroups = cmp.Or(a.MaxGroups, models.DefaultMaxGroups)
	a.MaxBots = cmp.Or(a.MaxBots, models.DefaultMaxBots)
	if err := h.tx.insert(ctx, &in.Account); err != nil {
		return failed("create account", err)
	}
	scope := TxScope{Scope{account: in.Account.ID, db: h.tx.db, vault: h.tx.vault, now: h.tx.now}}
	if err := scope.Account().startHeads(ctx); err != nil {
		return err
	}
	in.Root.Kind = models.UserRoot
	if err := scope.Users().Create(ctx, &in.Root); err != nil {
		return err
	}
	in.Contact.Kind = models.ContactAccount
	return scope.Contacts().Create(ctx, &in.Contact)
}

// Update changes the account. Codes: see change.
func (h TxAccounts) Update(ctx context.Context, id models.AccountID, ifVersion int64, fn func(*models.Account) error) (before, after models.Account, err error) {
	before, after, err = changeAccount(h.tx.rows(ctx, "operators change any account"), id, ifVersion, fn)
	if err != nil {
		return before, after, err
	}
	scope := TxScope{Scope{account: id, db: h.tx.db, vault: h.tx.vault, now: h.tx.now}}
	return before, after, scope.Account().moved(ctx, before, after)
}

// Account reads the account itself.
type Account struct{ sc Scope }

// Account returns the account itself.
func (sc Scope) Account() Account { return Account{sc: sc} }

// TxAccount reads and changes the account itself, in a transaction.
type TxAccount struct {
	Account
	tx TxScope
}

// Account returns the account itself, inside the transaction.
func (tx TxScope) Account() TxAccount { return TxAccount{Account: tx.Scope.Account(), tx: tx} }

// Read returns the account itself. Index: primary key.
func (h Account) Read(ctx context.Context) (models.Account, error) {
	return one[models.Account]("read own account", h.sc.db.WithContext(ctx), string(h.sc.account))
}

// Update changes the account itself. Codes: see change.
func (h TxAccount) Update(ctx context.Context, ifVersion int64, fn func(*models.Account) error) (before, after models.Account, err error) {
	before, after, err = changeAccount(h.tx.db.WithContext(ctx), h.tx.account, ifVersion, fn)
	if err != nil {
		return before, after, err
	}
	return before, after, h.moved(ctx, before, after)
}

// moved follows an account into another time zone.
func (h TxAccount) moved(ctx context.Context, before, after models.Account) error {
	if before.TimeZone == after.TimeZone {
		return nil
	}
	return h.tx.Resources().reschedule(ctx)
}

func changeAccount(q *gorm.DB, id models.AccountID, ifVersion int64, fn func(*models.Account) error) (before, after models.Account, err error) {
	return change(q, string(id), ifVersion, func(a *models.Account) *int64 { return &a.Version }, fn)
}

// startHeads inserts the rows that the account's operation log and inbox lock.
func (h TxAccount) startHeads(ctx context.Context) error {
	head := operationHead{AccountID: h.tx.account, Hash: genesis()}
	if err := h.tx.insert(ctx, &head); err != nil {
		return failed("start operation log", err)
	}
	return h.startInbox(ctx, "")
}

// startInbox inserts the row that the inbox locks; the owner is "" for the
// account's and a user's id for a personal one.
func (h TxAccount) startInbox(ctx context.Context, owner string) error {
	head := models.InboxHead{AccountID: h.tx.account, Owner: owner, LastAt: h.tx.now()}
	return failed("start inbox", h.tx.insert(ctx, &head))
}

// lock reads the account's row and holds it until the transaction ends: what
// counts against a limit happens one after the other. Index: primary key.
func (h TxAccount) lock(ctx context.Context) (models.Account, error) {
	return one[models.Account]("lock account", forUpdate(h.tx.db.WithContext(ctx)), string(h.tx.account))
}
