package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/list"
	"gorm.io/gorm"
)

// ContactFilter selects contacts; empty parts select all.
type ContactFilter struct {
	// Search is a part of the name or of an address, in any case.
	Search  string
	Enabled *bool
	// Channel selects contacts with an address of it, State those with an address in
	// it; both together, with one address that has both.
	Channel models.Channel
	State   models.AddressState
	UserID  string
	// GroupID selects the members of a group.
	GroupID string
	// Linked selects those that are a user's contact, or no user's.
	Linked *bool
}

// Contacts reads the account's contacts and their addresses.
type Contacts struct{ sc Scope }

// Contacts returns the account's contacts and their addresses.
func (sc Scope) Contacts() Contacts { return Contacts{sc: sc} }

// TxContacts reads and changes the account's contacts and their addresses, in a transaction.
type TxContacts struct {
	Contacts
	tx TxScope
}

// Contacts returns the account's contacts and their addresses, inside the transaction.
func (tx TxScope) Contacts() TxContacts { return TxContacts{Contacts: tx.Scope.Contacts(), tx: tx} }

// ByID returns one contact with its addresses. Indexes: primary key,
// addresses_contact.
func (h Contacts) ByID(ctx context.Context, id string) (models.Contact, error) {
	c, err := byID[models.Contact](ctx, h.sc, id)
	if err != nil {
		return c, err
	}
	return h.withAddresses(ctx, c)
}

// OfAccount returns the account contact with its addresses, oldest first.
// Indexes: contacts_account, addresses_contact.
func (h Contacts) OfAccount(ctx context.Context) (models.Contact, error) {
	return h.ofAccount(ctx, h.sc.rows(ctx))
}

func (h Contacts) ofAccount(ctx context.Context, q *gorm.DB) (models.Contact, error) {
	var c models.Contact
	if err := q.Where("account_contact = ?", 1).Take(&c).Error; err != nil {
		return c, failed("read account contact", err)
	}
	return h.withAddresses(ctx, c)
}

// OfUser returns the contact that is linked to the user. Code not-found.
// Indexes: contacts_user, addresses_contact.
func (h Contacts) OfUser(ctx context.Context, user string) (models.Contact, error) {
	var c models.Contact
	if !list.ValidID(user) {
		return c, models.NotFound()
	}
	if err := h.sc.rows(ctx).Where("linked_user = ?", user).Take(&c).Error; err != nil {
		return c, failed("read contact of user", err)
	}
	return h.withAddresses(ctx, c)
}

// List returns a page of the account's contacts with their addresses, newest
// first; the account contact is among them. Indexes: contacts_newest or
// contacts_user, addresses_contact.
func (h Contacts) List(ctx context.Context, f ContactFilter, page Page) ([]models.Contact, string, error) {
	rows, next, err := newest(f.narrow(h.sc.rows(ctx), func() *gorm.DB { return h.sc.rows(ctx) }), page, contactKey)
	if err != nil {
		return nil, "", err
	}
	return rows, next, attach(h.sc.rows(ctx), rows)
}

// ByIDs returns those of the account's contacts that the ids name, with
// their addresses, in the order of the ids. Indexes: primary key,
// addresses_contact.
func (h Contacts) ByIDs(ctx context.Context, ids []string) ([]models.Contact, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !list.ValidID(id) })
	rows := []models.Contact{}
	if len(ids) == 0 {
		return rows, nil
	}
	if err := h.sc.rows(ctx).Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, failed("read contacts", err)
	}
	slices.SortFunc(rows, func(a, b models.Contact) int {
		return cmp.Compare(slices.Index(ids, a.ID), slices.Index(ids, b.ID))
	})
	return rows, attach(h.sc.rows(ctx), rows)
}

func contactKey(c models.Contact) (time.Time, string) { return c.CreatedAt, c.ID }

// narrow adds the filter's conditions to a query of contacts; rows starts another of
// the same accounts. Indexes: addresses_contact, contact_group_members' primary key.
func (f ContactFilter) narrow(q *gorm.DB, rows func() *gorm.DB) *gorm.DB {
	addresses := func() *gorm.DB { return rows().Model(&models.Address{}).Select("contact_id") }
	if f.Enabled != nil {
		q = q.Where("enabled = ?", *f.Enabled)
	}
	switch {
	case f.Linked == nil:
	case *f.Linked:
		q = q.Where("linked_user IS NOT NULL")
	default:
		q = q.Where("linked_user IS NULL")
	}
	if f.UserID != "" {
		q = q.Where("linked_user = ?", list.Exactly(f.UserID))
	}
	if f.Channel != "" || f.State != "" {
		with := addresses()
		if f.Channel != "" {
			with = with.Where("channel = ?", list.Exactly(string(f.Channel)))
		}
		if f.State != "" {
			with = with.Where("state = ?", f.State)
		}
		q = q.Where("id IN (?)", with)
	}
	if f.GroupID != "" {
		members := rows().Model(&models.ContactGroupMember{}).Select("contact_id")
		q = q.Where("id IN (?)", members.Where("group_id = ?", list.Exactly(f.GroupID)))
	}
	if f.Search != "" {
		key := models.SearchKey(f.Search)
		q = q.Where("INSTR(name_key, ?) > 0 OR id IN (?)", key, addresses().Where("INSTR(value_key, ?) > 0", key))
	}
	return q
}

// withAddresses adds the contact's addresses.
func (h Contacts) withAddresses(ctx context.Context, c models.Contact) (models.Contact, error) {
	one := []models.Contact{c}
	err := attach(h.sc.rows(ctx), one)
	return one[0], err
}

// attach fills in the addresses of the contacts from q's rows, oldest first, in one
// query. Index: addresses_contact.
func attach(q *gorm.DB, contacts []models.Contact) error {
	if len(contacts) == 0 {
		return nil
	}
	place := make(map[string]int, len(contacts))
	ids := make([]string, len(contacts))
	for i := range contacts {
		contacts[i].Addresses = []models.Address{}
		place[contacts[i].ID], ids[i] = i, contacts[i].ID
	}
	var rows []models.Address
	if err := q.Where("contact_id IN ?", ids).Find(&rows).Error; err != nil {
		return failed("read addresses", err)
	}
	slices.SortFunc(rows, func(a, b models.Address) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	for _, row := range rows {
		c := &contacts[place[row.ContactID]]
		c.Addresses = append(c.Addresses, row)
	}
	return nil
}

// Create inserts the contact with its addresses; it fills in ids, account,
// version and times. Codes: limit-reached when the account has as many as it may
// (its row is locked, so that parallel calls cannot pass the limit together; the
// account contact does not count); conflict for a second account contact, a second
// contact of a user, or an address twice.
func (h TxContacts) Create(ctx context.Context, c *models.Contact) error {
	if c.Kind != models.ContactAccount {
		if err := h.room(ctx); err != nil {
			return err
		}
	}
	return h.insert(ctx, c)
}

func (h TxContacts) room(ctx context.Context) error {
	account, err := h.tx.Account().lock(ctx)
	if err != nil {
		return err
	}
	var n int64
	if err := h.tx.rows(ctx).Model(&models.Contact{}).Where("account_contact IS NULL").Count(&n).Error; err != nil {
		return failed("count contacts", err)
	}
	if n >= int64(account.MaxContacts) {
		return models.Errorf(models.CodeLimit, "The account has %d contacts already; the limit is %d.", n, account.MaxContacts)
	}
	return nil
}

func (h TxContacts) insert(ctx context.Context, c *models.Contact) error {
	c.ID, c.AccountID, c.Version, c.NameKey = NewID(models.KindContact), h.tx.account, 1, models.SearchKey(c.Name)
	if err := h.tx.insert(ctx, c); err != nil {
		return failed("create contact", err)
	}
	for i := range c.Addresses {
		if err := h.createAddress(ctx, c.ID, &c.Addresses[i]); err != nil {
			return err
		}
	}
	return nil
}

// Update changes a contact. fn may edit, append and remove addresses: one is
// known by its channel and normal form, so that a changed value is a new address. It
// returns the contact before and after. A contact that is disabled, and addresses
// that are gone, get nothing more: what waits for them hears of it. Codes: see
// change; account-contact for the account contact.
func (h TxContacts) Update(ctx context.Context, id string, ifVersion int64, fn func(*models.Contact) error) (before, after models.Contact, err error) {
	before, err = h.lock(ctx, id)
	if err != nil {
		return before, after, err
	}
	return h.edit(ctx, before, ifVersion, fn)
}

// lock returns a contact that is not the account contact, with its
// addresses, and keeps others from changing it until the transaction ends.
func (h TxContacts) lock(ctx context.Context, id string) (models.Contact, error) {
	c, err := one[models.Contact]("lock contact", forUpdate(h.tx.rows(ctx)), id)
	if err != nil {
		return c, err
	}
	if c.Kind == models.ContactAccount {
		return c, models.Errorf(models.CodeAccountContact, "The account contact has an operation of its own, for the root user: PUT /v1/account/contact.")
	}
	return h.withAddresses(ctx, c)
}

// UpdateOfAccount is UpdateContact for the account contact.
func (h TxContacts) UpdateOfAccount(ctx context.Context, ifVersion int64, fn func(*models.Contact) error) (before, after models.Contact, err error) {
	before, err = h.ofAccount(ctx, forUpdate(h.tx.rows(ctx)))
	if err != nil {
		return before, after, err
	}
	return h.edit(ctx, before, ifVersion, fn)
}

// edit changes a contact that is locked.
func (h TxContacts) edit(ctx context.Context, before models.Contact, ifVersion int64, fn func(*models.Contact) error) (_, after models.Contact, err error) {
	edit := func(c *models.Contact) error {
		c.Addresses = slices.Clone(before.Addresses)
		err := fn(c)
		c.NameKey = models.SearchKey(c.Name)
		return err
	}
	_, after, err = change(h.tx.rows(ctx), before.ID, ifVersion, func(c *models.Contact) *int64 { return &c.Version }, edit)
	if err != nil {
		return before, after, err
	}
	lost, err := h.replaceAddresses(ctx, before, &after)
	if err != nil {
		return before, after, err
	}
	if lost || before.Enabled && !after.Enabled {
		err = h.wake(ctx, before.ID)
	}
	return before, after, err
}

// Delete deletes the contact with its addresses, takes it out of its groups and of
// the account's choices,
// wakes the notifications that wait for it, and returns it. What was sent keeps its
// name. Codes: not-found; account-contact for the account contact.
func (h TxContacts) Delete(ctx context.Context, id string) (models.Contact, error) {
	c, err := h.lock(ctx, id)
	if err != nil {
		return c, err
	}
	if _, _, err := h.tx.Subscriptions().Leave(ctx, id, byBelfry("contact.delete")); err != nil {
		return c, err
	}
	if err := h.wake(ctx, id); err != nil {
		return c, err
	}
	for _, a := range c.Addresses {
		if err := h.deleteAddress(ctx, a); err != nil {
			return c, err
		}
	}
	if err := h.tx.rows(ctx).Where("contact_id = ?", id).Delete(&models.ContactGroupMember{}).Error; err != nil {
		return c, failed("leave groups", err)
	}
	return c, failed("delete contact", h.tx.rows(ctx).Where("id = ?", id).Delete(&models.Contact{}).Error)
}

// wake tells the workflows with open deliveries to the contact. Index:
// deliveries_contact.
func (h TxContacts) wake(ctx context.Context, id string) error {
	return h.tx.Destinations().wakeOpen(ctx, "contact_id = ? AND state = ?", id)
}
