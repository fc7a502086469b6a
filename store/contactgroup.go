package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// ContactGroup returns one group. Index: primary key.
func (sc Scope) ContactGroup(ctx context.Context, id string) (models.ContactGroup, error) {
	return byID[models.ContactGroup](ctx, sc, id)
}

// ContactGroups returns a page of the account's groups, newest first. Index:
// contact_groups_newest.
func (sc Scope) ContactGroups(ctx context.Context, page Page) ([]models.ContactGroup, string, error) {
	return newest(sc.rows(ctx), page, func(g models.ContactGroup) (time.Time, string) { return g.CreatedAt, g.ID })
}

// GroupSizes counts the members of the groups, by id; empty groups are missing.
// Index: primary key.
func (sc Scope) GroupSizes(ctx context.Context, groups ...string) (map[string]int, error) {
	sizes := make(map[string]int, len(groups))
	if len(groups) == 0 {
		return sizes, nil
	}
	var rows []struct {
		GroupID string
		N       int
	}
	err := sc.rows(ctx).Model(&models.ContactGroupMember{}).Where("group_id IN ?", groups).
		Select("group_id, COUNT(*) AS n").Group("group_id").Scan(&rows).Error
	for _, row := range rows {
		sizes[row.GroupID] = row.N
	}
	return sizes, failed("count members", err)
}

// GroupsOf returns the groups that the contacts are in, by the contact's id, each
// list oldest first. Indexes: contact_group_members_contact, primary key.
func (sc Scope) GroupsOf(ctx context.Context, contacts ...string) (map[string][]models.ContactGroup, error) {
	found := make(map[string][]models.ContactGroup, len(contacts))
	if len(contacts) == 0 {
		return found, nil
	}
	var members []models.ContactGroupMember
	if err := sc.rows(ctx).Where("contact_id IN ?", contacts).Find(&members).Error; err != nil || len(members) == 0 {
		return found, failed("read memberships", err)
	}
	ids := map[string]bool{}
	for _, m := range members {
		ids[m.GroupID] = true
	}
	var groups []models.ContactGroup
	if err := sc.rows(ctx).Where("id IN ?", sortedKeys(ids)).Find(&groups).Error; err != nil {
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

// CreateContactGroup inserts an empty group; it fills in id, account, version and
// times. Code limit-reached: see CreateContact.
func (tx TxScope) CreateContactGroup(ctx context.Context, g *models.ContactGroup) error {
	account, err := tx.lockAccount(ctx)
	if err != nil {
		return err
	}
	var n int64
	if err := tx.rows(ctx).Model(&models.ContactGroup{}).Count(&n).Error; err != nil {
		return failed("count contact groups", err)
	}
	if n >= int64(account.MaxGroups) {
		return models.Errorf(models.CodeLimit, "The account has %d contact groups already; the limit is %d.", n, account.MaxGroups)
	}
	g.ID, g.AccountID, g.Version = NewID(models.KindContactGroup), tx.account, 1
	return failed("create contact group", tx.insert(ctx, g))
}

// UpdateContactGroup changes the group. Codes: see change.
func (tx TxScope) UpdateContactGroup(ctx context.Context, id string, ifVersion int64, fn func(*models.ContactGroup) error) (before, after models.ContactGroup, err error) {
	return change(tx.rows(ctx), id, ifVersion, func(g *models.ContactGroup) *int64 { return &g.Version }, fn)
}

// DeleteContactGroup deletes the group, and not its members; it returns the group.
// Code not-found.
func (tx TxScope) DeleteContactGroup(ctx context.Context, id string) (models.ContactGroup, error) {
	g, err := one[models.ContactGroup]("lock contact group", forUpdate(tx.rows(ctx)), id)
	if err != nil {
		return g, err
	}
	if _, _, err := tx.LeaveMatrix(ctx, id, byBelfry("contact_group.delete")); err != nil {
		return g, err
	}
	if err := tx.members(ctx, id).Delete(&models.ContactGroupMember{}).Error; err != nil {
		return g, failed("empty contact group", err)
	}
	return g, failed("delete contact group", tx.rows(ctx).Where("id = ?", id).Delete(&models.ContactGroup{}).Error)
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
func (tx TxScope) ChangeMembers(ctx context.Context, id string, ifVersion int64, m Membership) (MembershipChange, error) {
	var out MembershipChange
	_, group, err := tx.UpdateContactGroup(ctx, id, ifVersion, func(*models.ContactGroup) (err error) {
		out, err = tx.changeMembers(ctx, id, m)
		return err
	})
	out.Group = group
	return out, err
}

func (tx TxScope) changeMembers(ctx context.Context, group string, m Membership) (MembershipChange, error) {
	known, err := tx.lockContacts(ctx, m.Add)
	if err != nil {
		return MembershipChange{}, err
	}
	out := MembershipChange{Before: []string{}, After: []string{}}
	if err := tx.members(ctx, group).Order("contact_id").Pluck("contact_id", &out.Before).Error; err != nil {
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
	return out, tx.storeMembers(ctx, group, out)
}

// lockContacts reports which of the ids are contacts of the account, and keeps them
// from being deleted until the transaction ends.
func (tx TxScope) lockContacts(ctx context.Context, ids []string) (map[string]bool, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !validID(id) })
	known := make(map[string]bool, len(ids))
	if len(ids) == 0 {
		return known, nil
	}
	var rows []models.Contact
	if err := forUpdate(tx.rows(ctx)).Select("id").Where("id IN ?", ids).Order("id").Find(&rows).Error; err != nil {
		return nil, failed("lock contacts", err)
	}
	for _, row := range rows {
		known[row.ID] = true
	}
	return known, nil
}

func (tx TxScope) storeMembers(ctx context.Context, group string, c MembershipChange) error {
	gone := slices.DeleteFunc(slices.Clone(c.Before), func(id string) bool { return slices.Contains(c.After, id) })
	if len(gone) > 0 {
		if err := tx.members(ctx, group).Where("contact_id IN ?", gone).Delete(&models.ContactGroupMember{}).Error; err != nil {
			return failed("remove members", err)
		}
	}
	rows := []models.ContactGroupMember{}
	for _, contact := range c.After {
		if !slices.Contains(c.Before, contact) {
			rows = append(rows, models.ContactGroupMember{AccountID: tx.account, GroupID: group, ContactID: contact})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return failed("add members", tx.insert(ctx, &rows))
}

func (tx TxScope) members(ctx context.Context, group string) *gorm.DB {
	return tx.rows(ctx).Model(&models.ContactGroupMember{}).Where("group_id = ?", group)
}
