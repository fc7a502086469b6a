package contactgroups

import (
	"context"
	"slices"
	"strconv"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/recipients"
	"belfry.dev/belfry/api/subscriptions"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/store"
)

func describeContactGroups() map[string]operation.Operation {
	return map[string]operation.Operation{
		"contact_group.create": {
			Summary:     "Add a contact group",
			Description: "It is empty, and an empty group gets nothing. An account has at most 12 groups, unless an operator allows more.",
		},
		"contact_group.list": {
			Summary:     "List the contact groups",
			Description: "Newest first, each with the number of its members.",
		},
		"contact_group.get": {
			Summary:     "Show a contact group",
			Description: "With the number of its members.",
		},
		"contact_group.update": {
			Summary:     "Rename a contact group",
			Description: "Its members and the message types that name it stay.",
		},
		"contact_group.delete": {
			Summary:     "Delete a contact group",
			Description: "Its members stay.",
		},
		"contact_group.members": {
			Summary:     "List the members of a contact group",
			Description: "Contacts as the list of contacts shows them.",
		},
		"contact_group.set_members": {
			Summary:     "Replace the members of a contact group",
			Description: "A contact that the account does not have refuses all.",
		},
		"contact_group.add_members": {
			Summary:     "Add members to a contact group",
			Description: "Each has a result of its own.",
		},
		"contact_group.remove_members": {
			Summary:     "Remove members from a contact group",
			Description: "Each has a result of its own.",
		},
	}
}

type groupView struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Members   int       `json:"members" doc:"How many contacts are in it."`
	Version   int64     `json:"version" doc:"Counts changes of the members, too."`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func viewGroup(g models.ContactGroup, members int) groupView {
	return groupView{ID: g.ID, Name: g.Name, Members: members, Version: g.Version, CreatedAt: g.CreatedAt, UpdatedAt: g.UpdatedAt}
}

type groupOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     groupView
}

func outGroup(ctx context.Context, sc store.Scope, g models.ContactGroup) (*groupOut, error) {
	sizes, err := sc.ContactGroups().Sizes(ctx, g.ID)
	return &groupOut{ETag: operation.ETag(g.Version), Body: viewGroup(g, sizes[g.ID])}, err
}

type createGroupIn struct {
	Body struct {
		Name string `json:"name" maxLength:"200" doc:"1–20 characters of any script, without white space. Names may repeat."`
	}
}

func createContactGroup(ctx context.Context, c *operation.Call, in *createGroupIn) (*groupOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[groupOut], error) {
		if wrong := recipients.CheckName(in.Body.Name); wrong != nil {
			return nil, models.InvalidFields(wrong)
		}
		group := models.ContactGroup{Name: in.Body.Name}
		if err := tx.In(c.Account()).ContactGroups().Create(ctx, &group); err != nil {
			return nil, err
		}
		out := &groupOut{ETag: operation.ETag(group.Version), Location: "/v1/contact-groups/" + group.ID, Body: viewGroup(group, 0)}
		return operation.Did(out, groupObject(group), nil, out.Body), nil
	})
}

type listGroupsIn struct {
	operation.Listing
}

func listContactGroups(ctx context.Context, c *operation.Call, in *listGroupsIn) (*operation.ListOut[groupView], error) {
	p, err := c.Paging(in.Listing)
	if err != nil {
		return nil, err
	}
	scope := c.Store.In(c.Account())
	rows, next, err := scope.ContactGroups().List(ctx, p.Page)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	sizes, err := scope.ContactGroups().Sizes(ctx, ids...)
	return operation.Listed(p, rows, next, func(g models.ContactGroup) groupView { return viewGroup(g, sizes[g.ID]) }), err
}

type groupIn struct {
	ID string `path:"id" pattern:"^grp_[0-9a-f]{32}$"`
}

func getContactGroup(ctx context.Context, c *operation.Call, in *groupIn) (*groupOut, error) {
	scope := c.Store.In(c.Account())
	group, err := scope.ContactGroups().ByID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return outGroup(ctx, scope, group)
}

type updateGroupIn struct {
	ID string `path:"id" pattern:"^grp_[0-9a-f]{32}$"`
	operation.Editing
	Body struct {
		Name *string `json:"name,omitempty" maxLength:"200"`
	}
}

func updateContactGroup(ctx context.Context, c *operation.Call, in *updateGroupIn) (*groupOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[groupOut], error) {
		scope := tx.In(c.Account())
		before, after, err := scope.ContactGroups().Update(ctx, in.ID, version, func(g *models.ContactGroup) error {
			if in.Body.Name == nil {
				return nil
			}
			if wrong := recipients.CheckName(*in.Body.Name); wrong != nil {
				return models.InvalidFields(wrong)
			}
			g.Name = *in.Body.Name
			return nil
		})
		if err != nil {
			return nil, err
		}
		out, err := outGroup(ctx, scope.Scope, after)
		if err != nil {
			return nil, err
		}
		return operation.Did(out, groupObject(after), viewGroup(before, out.Body.Members), out.Body), nil
	})
}

type deleteGroupIn struct {
	ID string `path:"id" pattern:"^grp_[0-9a-f]{32}$"`
	subscriptions.Confirming
}

func deleteContactGroup(ctx context.Context, c *operation.Call, in *deleteGroupIn) (*operation.Nothing, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operation.Nothing], error) {
		scope := tx.In(c.Account())
		sizes, err := scope.ContactGroups().Sizes(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return subscriptions.UnlessWorse(ctx, subscriptions.Judged{Core: c.Core, Rows: scope.Scope, Confirming: in.Confirming, Effects: routing.Lost}, func() (*operation.Done[operation.Nothing], error) {
			if err := subscriptions.Leave(ctx, c, tx, in.ID); err != nil {
				return nil, err
			}
			group, err := scope.ContactGroups().Delete(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return operation.Did(&operation.Nothing{}, groupObject(group), viewGroup(group, sizes[group.ID]), nil), nil
		})
	})
}

type listMembersIn struct {
	ID string `path:"id" pattern:"^grp_[0-9a-f]{32}$"`
	operation.Listing
}

func listMembers(ctx context.Context, c *operation.Call, in *listMembersIn) (*operation.ListOut[recipients.ContactDetail], error) {
	if _, err := c.Store.In(c.Account()).ContactGroups().ByID(ctx, in.ID); err != nil {
		return nil, err
	}
	return recipients.ContactsOf(ctx, c, in.Listing, store.ContactFilter{GroupID: in.ID})
}

// membersView is what the operation log shows of a change of members.
type membersView struct {
	Members int      `json:"members"`
	Removed []string `json:"removed,omitempty"`
	Added   []string `json:"added,omitempty"`
}

func groupObject(g models.ContactGroup) operation.Object {
	return operation.Of("contact_group", g.ID, g.Name)
}

// didMembers is a change of members with its answer.
func didMembers[Out any](out *Out, change store.MembershipChange) *operation.Done[Out] {
	missing := func(from, in []string) []string {
		return slices.DeleteFunc(slices.Clone(from), func(id string) bool { return slices.Contains(in, id) })
	}
	return operation.Did(out, groupObject(change.Group),
		membersView{Members: len(change.Before), Removed: missing(change.Before, change.After)},
		membersView{Members: len(change.After), Added: missing(change.After, change.Before)})
}

type setMembersIn struct {
	ID string `path:"id" pattern:"^grp_[0-9a-f]{32}$"`
	operation.Editing
	subscriptions.Confirming
	Body struct {
		ContactIDs []string `json:"contact_ids" maxItems:"1000" maxLength:"64"`
	}
}

func setMembers(ctx context.Context, c *operation.Call, in *setMembersIn) (*groupOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[groupOut], error) {
		edit := memberEdit{in.ID, version, in.Confirming, store.Membership{Add: in.Body.ContactIDs, Only: true}}
		return changeMembers(ctx, c, tx, edit, func(change store.MembershipChange) (*groupOut, error) {
			out := &groupOut{ETag: operation.ETag(change.Group.Version), Body: viewGroup(change.Group, len(change.After))}
			return out, groupObject(change.Group).Refused(checkMembers(in.Body.ContactIDs, change.Unknown))
		})
	})
}

// checkMembers refuses ids that are no contacts of the account.
func checkMembers(ids, unknown []string) error {
	var wrong []models.Field
	for i, id := range ids {
		if slices.Contains(unknown, id) && len(wrong) < operation.MaxFields {
			wrong = append(wrong, models.Field{Pointer: "#/contact_ids/" + strconv.Itoa(i), Code: "not-found", Detail: "is no contact of the account"})
		}
	}
	if wrong == nil {
		return nil
	}
	return models.InvalidFields(wrong)
}

type membersIn struct {
	ID   string `path:"id" pattern:"^grp_[0-9a-f]{32}$"`
	Body struct {
		ContactIDs []string `json:"contact_ids" minItems:"1" maxItems:"1000" maxLength:"64"`
	}
}

type memberResultsOut struct {
	Body struct {
		Group groupView      `json:"group"`
		Items []memberResult `json:"items" doc:"In the order of the request."`
	}
}

type memberResult struct {
	ID     string `json:"id"`
	Result string `json:"result" enum:"added,removed,unchanged,not_found"`
}

func addMembers(ctx context.Context, c *operation.Call, in *membersIn) (*memberResultsOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[memberResultsOut], error) {
		change, err := tx.In(c.Account()).ContactGroups().ChangeMembers(ctx, in.ID, 0, store.Membership{Add: in.Body.ContactIDs})
		if err != nil {
			return nil, err
		}
		return didMembers(outMembers(change, in.Body.ContactIDs, addedTo), change), nil
	})
}

type removeMembersIn struct {
	ID string `path:"id" pattern:"^grp_[0-9a-f]{32}$"`
	subscriptions.Confirming
	Body struct {
		ContactIDs []string `json:"contact_ids" minItems:"1" maxItems:"1000" maxLength:"64"`
	}
}

func removeMembers(ctx context.Context, c *operation.Call, in *removeMembersIn) (*memberResultsOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[memberResultsOut], error) {
		edit := memberEdit{in.ID, 0, in.Confirming, store.Membership{Remove: in.Body.ContactIDs}}
		return changeMembers(ctx, c, tx, edit, func(change store.MembershipChange) (*memberResultsOut, error) {
			return outMembers(change, in.Body.ContactIDs, removedOf), nil
		})
	})
}

// memberEdit is a change of who is in a group that may leave somebody uninformed.
type memberEdit struct {
	group   string
	version int64
	confirm subscriptions.Confirming
	members store.Membership
}

func changeMembers[Out any](
	ctx context.Context, c *operation.Call, tx *store.Tx, e memberEdit, answer func(store.MembershipChange) (*Out, error),
) (*operation.Done[Out], error) {
	scope := tx.In(c.Account())
	return subscriptions.UnlessWorse(ctx, subscriptions.Judged{Core: c.Core, Rows: scope.Scope, Confirming: e.confirm, Effects: routing.Worse}, func() (*operation.Done[Out], error) {
		change, err := scope.ContactGroups().ChangeMembers(ctx, e.group, e.version, e.members)
		if err != nil {
			return nil, err
		}
		out, err := answer(change)
		if err != nil {
			return nil, err
		}
		return didMembers(out, change), nil
	})
}

func addedTo(change store.MembershipChange, id string) string {
	switch {
	case slices.Contains(change.Unknown, id):
		return "not_found"
	case slices.Contains(change.Before, id):
		return "unchanged"
	}
	return "added"
}

func removedOf(change store.MembershipChange, id string) string {
	if slices.Contains(change.Before, id) {
		return "removed"
	}
	return "not_found"
}

func outMembers(change store.MembershipChange, ids []string, result func(store.MembershipChange, string) string) *memberResultsOut {
	out := &memberResultsOut{}
	out.Body.Group = viewGroup(change.Group, len(change.After))
	for _, id := range ids {
		out.Body.Items = append(out.Body.Items, memberResult{ID: id, Result: result(change, id)})
	}
	return out
}
