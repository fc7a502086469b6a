package store

import (
	"context"

	"belfry.dev/belfry/models"
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
}

// UserContacts returns a page of the contacts of all accounts, newest first, with
// their addresses. Indexes: contacts_latest, contacts_newest for one account, primary
// keys, addresses_contact.
func (p Platform) UserContacts(ctx context.Context, f ContactFilter, page Page) ([]UserContactRow, string, error) {
	all := func() *gorm.DB { return p.rows(ctx, everyContact) }
	contacts, next, err := newest(f.narrow(all(), all), page, contactKey)
	if err != nil {
		return nil, "", err
	}
	accounts, users := map[string]bool{}, map[string]bool{}
	for _, c := range contacts {
		accounts[string(c.AccountID)] = true
		if c.UserID != "" {
			users[c.UserID] = true
		}
	}
	if err := attach(all(), contacts); err != nil {
		return nil, "", err
	}
	byAccount, err := named(all(), accounts, func(a models.Account) string { return string(a.ID) })
	if err != nil {
		return nil, "", err
	}
	byUser, err := named(all().Omit("password_hash"), users, func(u models.User) string { return u.ID })
	if err != nil {
		return nil, "", err
	}
	rows := make([]UserContactRow, 0, len(contacts))
	for _, c := range contacts {
		row := UserContactRow{Contact: c, Account: byAccount[string(c.AccountID)]}
		if user, ok := byUser[c.UserID]; ok && user.AccountID == c.AccountID {
			row.User = &user
		}
		rows = append(rows, row)
	}
	return rows, next, nil
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
