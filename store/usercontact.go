package store

import (
	"context"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/list"
	"gorm.io/gorm"
)

const everyContact = "operators look after the contacts of all accounts"

// UserContactRow is a contact with its account and its user, for those who see all
// accounts.
type UserContactRow struct {
	Contact models.Contact
	Account models.Account
	// User is nil for a contact that is no user's.
	User *models.User
	// Invitations are the newest of its addresses, by address.
	Invitations map[string]models.Invitation
}

// UserContactFilter selects contacts of all accounts; empty parts select all.
type UserContactFilter struct {
	AccountID models.AccountID
	// Within selects among the contacts of AccountID, which must be named then: over
	// all accounts it would read them all.
	Within ContactFilter
	UserID string
	// Addresses select those who have one of them, by channel and normal form.
	Addresses []models.Address
}

// sharers bounds how many contacts with one address are found.
const sharers = 1000

// UserContacts reads the contacts of all accounts, for operators.
type UserContacts struct{ p Platform }

// UserContacts returns the contacts of all accounts, for operators.
func (p Platform) UserContacts() UserContacts { return UserContacts{p: p} }

// List returns a page of the contacts of all accounts, newest first, with
// their addresses. Indexes: contacts_latest, contacts_newest for one account,
// addresses_value, primary keys, addresses_contact, invitations_address.
func (h UserContacts) List(ctx context.Context, f UserContactFilter, page Page) ([]UserContactRow, string, error) {
	q, err := h.selectContacts(ctx, f)
	if err != nil {
		return nil, "", err
	}
	contacts, next, err := newest(q, page, contactKey)
	if err != nil {
		return nil, "", err
	}
	rows, err := h.withOwners(ctx, contacts)
	return rows, next, err
}

// selectContacts turns the filter into conditions that an index has.
func (h UserContacts) selectContacts(ctx context.Context, f UserContactFilter) (*gorm.DB, error) {
	q := h.p.rows(ctx, everyContact)
	if f.UserID != "" {
		var owner models.User
		err := h.p.rows(ctx, everyContact).Select("id", "account_id").Where("id = ?", list.Exactly(f.UserID)).Limit(1).Find(&owner).Error
		if err != nil {
			return nil, failed("read user", err)
		}
		q = q.Where("account_id = ? AND linked_user = ?", owner.AccountID, list.Exactly(f.UserID))
	}
	if len(f.Addresses) > 0 {
		ids, err := h.sharing(ctx, f.Addresses)
		if err != nil {
			return nil, err
		}
		q = q.Where("id IN ?", ids)
	}
	if f.AccountID != "" {
		q = q.Where("account_id = ?", list.Exactly(string(f.AccountID)))
		return f.Within.narrow(q, func() *gorm.DB { return h.p.rows(ctx, everyContact).Where("account_id = ?", f.AccountID) }), nil
	}
	return q, nil
}

// sharing returns the ids of contacts that have one of the addresses. Index:
// addresses_value.
func (h UserContacts) sharing(ctx context.Context, addresses []models.Address) ([]string, error) {
	found := map[string]bool{}
	for _, a := range addresses {
		var ids []string
		err := h.p.rows(ctx, everyContact).Model(&models.Address{}).Where("channel = ? AND value_key = ?", a.Channel, list.Exactly(a.ValueKey)).
			Limit(sharers).Pluck("contact_id", &ids).Error
		if err != nil {
			return nil, failed("find address", err)
		}
		for _, id := range ids {
			found[id] = true
		}
	}
	return sortedKeys(found), nil
}

// withOwners adds addresses, invitations, accounts and users, in four queries.
func (h UserContacts) withOwners(ctx context.Context, contacts []models.Contact) ([]UserContactRow, error) {
	all := func() *gorm.DB { return h.p.rows(ctx, everyContact) }
	accounts, users := map[string]bool{}, map[string]bool{}
	for _, c := range contacts {
		accounts[string(c.AccountID)] = true
		if c.UserID != "" {
			users[c.UserID] = true
		}
	}
	if err := attach(all().Where("account_id IN ?", sortedKeys(accounts)), contacts); err != nil {
		return nil, err
	}
	invitations, err := newestInvitations(all().Where("account_id IN ?", sortedKeys(accounts)), addressIDs(contacts))
	if err != nil {
		return nil, err
	}
	byAccount, err := named(all(), accounts, func(a models.Account) string { return string(a.ID) })
	if err != nil {
		return nil, err
	}
	byUser, err := named(all().Omit("password_hash"), users, func(u models.User) string { return u.ID })
	if err != nil {
		return nil, err
	}
	rows := make([]UserContactRow, 0, len(contacts))
	for _, c := range contacts {
		row := UserContactRow{Contact: c, Account: byAccount[string(c.AccountID)], Invitations: invitations}
		if user, ok := byUser[c.UserID]; ok && user.AccountID == c.AccountID {
			row.User = &user
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// addressIDs are the ids of all addresses of the contacts.
func addressIDs(contacts []models.Contact) []string {
	var ids []string
	for _, c := range contacts {
		for _, a := range c.Addresses {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// named returns q's rows with the ids, by id. Index: primary key.
func named[T any](q *gorm.DB, ids map[string]bool, id func(T) string) (map[string]T, error) {
	found := make(map[string]T, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	var rows []T
	if err := q.Where("id IN ?", sortedKeys(ids)).Find(&rows).Error; err != nil {
		return nil, failed("read by ids", err)
	}
	for _, row := range rows {
		found[id(row)] = row
	}
	return found, nil
}
