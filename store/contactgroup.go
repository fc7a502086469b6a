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

// ContactGroups reads the account's contact groups.
type ContactGroups struct{ sc Scope }

// ContactGroups returns the account's contact groups.
func (sc Scope) ContactGroups() ContactGroups { return ContactGroups{sc: sc} }

// TxContactGroups reads and changes the account's contact groups, in a transaction.
type TxContactGroups struct {
	ContactGroups
	tx TxScope
}

// ContactGroups returns the account's contact groups, inside the transaction.
func (tx TxScope) ContactGroups() TxContactGroups {
	return TxContactGroups{ContactGroups: tx.Scope.ContactGroups(), tx: tx}
}

// ByID returns one group. Index: primary key.
func (h ContactGroups) ByID(ctx context.Context, id string) (models.ContactGroup, error) {
	return byID[models.ContactGroup](ctx, h.sc, id)
}

// List returns a page of the account's groups, newest first. Index:
// contact_groups_newest.
func (h ContactGroups) List(ctx context.Context, page Page) ([]models.ContactGroup, string, error) {
	return newest(h.sc.rows(ctx), page, func(g models.ContactGroup) (time.Time, string) { return g.CreatedAt, g.ID })
}

// Sizes counts the members of the groups, by id; empty groups are missing.
// Index: primary key.
func (h ContactGroups) Sizes(ctx context.Context, groups ...string) (map[string]int, error) {
	sizes := make(map[string]int, len(groups))
	if len(groups) == 0 {
		return sizes, nil
	}
	var rows []struct {
		GroupID string
		N       int
	}
	err := h.sc.rows(ctx).Model(&models.ContactGroupMember{}).Where("group_id IN ?", groups).
		Select("group_id, COUNT(*) AS n").Group("group_id").Scan(&rows).Error
	for _, row := range rows {
		sizes[row.GroupID] = row.N
	}
	return sizes, failed("count members", err)
}

// Of returns the groups that the contacts are in, by the contact's id, each
// list oldest first. Indexes: contact_group_members_contact, primary key.
func (h ContactGroups) Of(ctx context.Context, contacts ...string) (map[string][]models.ContactGroup, error) {
	found := make(map[string][]models.ContactGroup, len(contacts))
	if len(contacts) == 0 {
		return found, nil
	}
	var members []models.ContactGroupMember
	if err := h.sc.rows(ctx).Where("contact_id IN ?", contacts).Find(&members).Error; err != nil || len(members) == 0 {
		return found, failed("read memberships", err)
	}
	ids := map[string]bool{}
	for _, m := range members {
		ids[m.GroupID] = true
	}
	var groups []models.ContactGroup
	if err := h.sc.rows(ctx).Where("id IN ?", sortedKeys(ids)).Find(&groups).Error; err != nil {
		return nil, failed("read groups", err)
	}
	slices.SortFunc(groups, func(a, b models.ContactGroup) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	for _, g := range groups {
		for _, m := range members {
			if m.GroupID == g.ID {
				found[m.ContactID] = append(found[m.ContactID], g)
			}
		}
	}
	return found, nil
}

func sortedKeys(set map[string]bool) []string {
	keys := make([]string, 0, len(set))
	for key := range set {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Create inserts an empty group; it fills in id, account, version and
// times. Code limit-reached: see CreateContact.
func (h TxContactGroups) Create(ctx context.Context, g *models.ContactGroup) error {
	account, err := h.tx.Account().lock(ctx)
	if err != nil {
		return err
	}
	var n int64
	if err := h.tx.rows(ctx).Model(&models.ContactGroup{}).Count(&n).Error; err != nil {
		return failed("count contact groups", err)
	}
	if n >= int64(account.MaxGroups) {
		return models.Errorf(models.CodeLimit, "The account has %d contact groups already; the limit is %d.", n, account.MaxGroups)
	}
	g.ID, g.AccountID, g.Version = NewID(models.KindContactGroup), h.tx.account, 1
	return failed("create contact group", h.tx.insert(ctx, g))
}

// Update changes the group. Codes: see change.
func (h TxContactGroups) Update(ctx context.Context, id string, ifVersion int64, fn func(*models.ContactGroup) error) (before, after models.ContactGroup, err error) {
	return change(h.tx.rows(ctx), id, ifVersion, func(g *models.ContactGroup) *int64 { return &g.Version }, fn)
}

// Delete deletes the group, and not its members; it returns the group.
// Code not-found.
func (h TxContactGroups) Delete(ctx context.Context, id string) (models.ContactGroup, error) {
	g, err := one[models.ContactGroup]("lock contact group", forUpdate(h.tx.rows(ctx)), id)
	if err != nil {
		return g, err
	}
	if _, _, err := h.tx.Subscriptions().Leave(ctx, id, byBelfry("contact_group.delete")); err != nil {
		return g, err
	}
	if err := h.members(ctx, id).Delete(&models.ContactGroupMember{}).Error; err != nil {
		return g, failed("empty contact group", err)
	}
	return g, failed("delete contact group", h.tx.rows(ctx).Where("id = ?", id).Delete(&models.ContactGroup{}).Error)
}

// Membership is a change of who is in a group.
type Membership struct {
	// Add joins, Remove leaves; ids may repeat.
	Add, Remove []string
	// Only makes those that Add names the only members.
	Only bool
}

// MembershipChange is what came of a Membership.
type MembershipChange struct {
	Group models.ContactGroup
	// Before and After are the ids of the members, sorted; never nil.
	Before, After []string
	// Unknown are the ids of Add that are no contacts of the account.
	Unknown []string
}

// ChangeMembers changes who is in the group and makes its version the next one. Who
// is in it already, or was not, changes nothing; unknown contacts stay out. Codes: see
// change.
func (h TxContactGroups) ChangeMembers(ctx context.Context, id string, ifVersion int64, m Membership) (MembershipChange, error) {
	var out MembershipChange
	_, group, err := h.Update(ctx, id, ifVersion, func(*models.ContactGroup) (err error) {
		out, err = h.changeMembers(ctx, id, m)
		return err
	})
	out.Group = group
	return out, err
}

func (h TxContactGroups) changeMembers(ctx context.Context, group string, m Membership) (MembershipChange, error) {
	known, err := h.lockContacts(ctx, m.Add)
	if err != nil {
		return MembershipChange{}, err
	}
	out := MembershipChange{Before: []string{}, After: []string{}}
	if err := h.members(ctx, group).Order("contact_id").Pluck("contact_id", &out.Before).Error; err != nil {
		return out, failed("read members", err)
	}
	wanted := map[string]bool{}
	for _, contact := range out.Before {
		wanted[contact] = !m.Only && !slices.Contains(m.Remove, contact)
	}
	for _, contact := range m.Add {
		if !known[contact] {
			out.Unknown = append(out.Unknown, contact)
			continue
		}
		wanted[contact] = true
	}
	for _, contact := range sortedKeys(wanted) {
		if wanted[contact] {
			out.After = append(out.After, contact)
		}
	}
	return out, h.storeMembers(ctx, group, out)
}

// lockContacts reports which of the ids are contacts of the account, and keeps them
// from being deleted until the transaction ends.
func (h TxContactGroups) lockContacts(ctx context.Context, ids []string) (map[string]bool, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !list.ValidID(id) })
	known := make(map[string]bool, len(ids))
	if len(ids) == 0 {
		return known, nil
	}
	var rows []models.Contact
	if err := forUpdate(h.tx.rows(ctx)).Select("id").Where("id IN ?", ids).Order("id").Find(&rows).Error; err != nil {
		return nil, failed("lock contacts", err)
	}
	for _, row := range rows {
		known[row.ID] = true
	}
	return known, nil
}

func (h TxContactGroups) storeMembers(ctx context.Context, group string, c MembershipChange) error {
	gone := slices.DeleteFunc(slices.Clone(c.Before), func(id string) bool { return slices.Contains(c.After, id) })
	if len(gone) > 0 {
		if err := h.members(ctx, group).Where("contact_id IN ?", gone).Delete(&models.ContactGroupMember{}).Error; err != nil {
			return failed("remove members", err)
		}
	}
	rows := []models.ContactGroupMember{}
	for _, contact := range c.After {
		if !slices.Contains(c.Before, contact) {
			rows = append(rows, models.ContactGroupMember{AccountID: h.tx.account, GroupID: group, ContactID: contact})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return failed("add members", h.tx.insert(ctx, &rows))
}

func (h TxContactGroups) members(ctx context.Context, group string) *gorm.DB {
	return h.tx.rows(ctx).Model(&models.ContactGroupMember{}).Where("group_id = ?", group)
}
