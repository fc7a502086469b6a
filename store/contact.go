package store

import (
	"cmp"
	"context"
	"slices"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// AccountContact returns the account contact with its addresses, oldest first.
// Indexes: contacts_account, addresses_contact.
func (sc Scope) AccountContact(ctx context.Context) (models.Contact, error) {
	return sc.accountContact(ctx, sc.rows(ctx))
}

func (sc Scope) accountContact(ctx context.Context, q *gorm.DB) (models.Contact, error) {
	var c models.Contact
	if err := q.Where("account_contact = ?", 1).Take(&c).Error; err != nil {
		return c, failed("read account contact", err)
	}
	c.Addresses = []models.Address{}
	err := sc.rows(ctx).Where("contact_id = ?", c.ID).Find(&c.Addresses).Error
	slices.SortFunc(c.Addresses, func(a, b models.Address) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return c, failed("read addresses", err)
}

// CreateContact inserts the contact with its addresses; it fills in ids, account,
// version and times. Code conflict: a second account contact, or an address twice.
func (tx TxScope) CreateContact(ctx context.Context, c *models.Contact) error {
	c.ID, c.AccountID, c.Version = NewID(models.KindContact), tx.account, 1
	if err := tx.insert(ctx, c); err != nil {
		return failed("create contact", err)
	}
	for i := range c.Addresses {
		if err := tx.createAddress(ctx, c.ID, &c.Addresses[i]); err != nil {
			return err
		}
	}
	return nil
}

// UpdateAccountContact changes the account contact. fn may edit, append and
// remove addresses: one is known by its channel and normal form, so that a changed
// value is a new address. It returns the contact before and after. Codes: see
// change.
func (tx TxScope) UpdateAccountContact(ctx context.Context, ifVersion int64, fn func(*models.Contact) error) (before, after models.Contact, err error) {
	before, err = tx.accountContact(ctx, forUpdate(tx.rows(ctx)))
	if err != nil {
		return before, after, err
	}
	edit := func(c *models.Contact) error {
		c.Addresses = slices.Clone(before.Addresses)
		return fn(c)
	}
	_, after, err = change(tx.rows(ctx), before.ID, ifVersion, func(c *models.Contact) *int64 { return &c.Version }, edit)
	if err != nil {
		return before, after, err
	}
	return before, after, tx.replaceAddresses(ctx, before, &after)
}

// replaceAddresses makes the stored addresses those of after.
func (tx TxScope) replaceAddresses(ctx context.Context, before models.Contact, after *models.Contact) error {
	for _, old := range before.Addresses {
		if _, kept := findAddress(after.Addresses, old); kept {
			continue
		}
		if err := tx.rows(ctx).Where("id = ?", old.ID).Delete(&models.Address{}).Error; err != nil {
			return failed("delete address", err)
		}
	}
	for i := range after.Addresses {
		a := &after.Addresses[i]
		old, known := findAddress(before.Addresses, *a)
		if !known {
			if err := tx.createAddress(ctx, after.ID, a); err != nil {
				return err
			}
			continue
		}
		if err := tx.updateAddress(ctx, old, a); err != nil {
			return err
		}
	}
	return nil
}

func findAddress(list []models.Address, a models.Address) (models.Address, bool) {
	i := slices.IndexFunc(list, func(each models.Address) bool {
		return each.Channel == a.Channel && each.ValueKey == a.ValueKey
	})
	if i < 0 {
		return models.Address{}, false
	}
	return list[i], true
}

func (tx TxScope) createAddress(ctx context.Context, contact string, a *models.Address) error {
	a.ID, a.AccountID, a.ContactID, a.StateAt = NewID(models.KindAddress), tx.account, contact, tx.now()
	return failed("create address", tx.insert(ctx, a))
}

func (tx TxScope) updateAddress(ctx context.Context, old models.Address, a *models.Address) error {
	a.ID, a.AccountID, a.ContactID, a.Timestamps, a.StateAt = old.ID, old.AccountID, old.ContactID, old.Timestamps, old.StateAt
	if *a == old {
		return nil
	}
	if a.State != old.State {
		a.StateAt = tx.now()
	}
	err := tx.rows(ctx).Model(a).Select("value", "state", "reason", "state_at", "updated_at").Updates(a).Error
	return failed("update address", err)
}
