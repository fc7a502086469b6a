package api

import (
	"context"
	"net/http"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/store"
)

func registerContacts(s *server) {
	register(s, operation{
		Action: "contact.create", Method: http.MethodPost, Path: "/v1/contacts", Status: http.StatusCreated, Summary: "Add a contact",
		Description: "Each address is pending until its owner proves it. An account has at most 20 contacts, unless an operator allows more.",
	}, createContact)
	register(s, operation{
		Action: "contact.list", Method: http.MethodGet, Path: "/v1/contacts", Summary: "List the contacts",
		Description: "The account contact is among them.",
	}, listContacts)
	register(s, operation{
		Action: "contact.get", Method: http.MethodGet, Path: "/v1/contacts/{id}", Summary: "Show a contact",
	}, getContact)
	register(s, operation{
		Action: "contact.update", Method: http.MethodPatch, Path: "/v1/contacts/{id}", Summary: "Change a contact, enable or disable it",
		Description: "Given addresses replace all; one that is there already stays as it is, and every other one is pending. A disabled contact gets nothing, and after it is enabled only what comes later.",
	}, updateContact)
	register(s, operation{
		Action: "contact.delete", Method: http.MethodDelete, Path: "/v1/contacts/{id}", Summary: "Delete a contact",
		Description: "It gets nothing more, not even what waits to be tried again. What was sent keeps its name.",
	}, deleteContact)
	register(s, operation{
		Action: "contact.batch", Method: http.MethodPost, Path: "/v1/contacts/batch", Summary: "Enable, disable or delete several contacts",
		Description: "Each has a result of its own.",
	}, batchContacts)
}

// ContactFacts are what is shown of a contact beside its addresses; bodies embed them.
type ContactFacts struct {
	ID        string             `json:"id"`
	Kind      models.ContactKind `json:"kind" enum:"account,person" doc:"account: the account contact, which is the account itself."`
	Name      string             `json:"name"`
	Position  string             `json:"position" doc:"A key of GET /v1/positions; empty for none."`
	UserID    string             `json:"user_id" doc:"The user whose contact it is; empty for none."`
	Language  string             `json:"language" doc:"Empty means the account's."`
	TimeZone  string             `json:"time_zone" doc:"Empty means the account's."`
	Enabled   bool               `json:"enabled"`
	Version   int64              `json:"version"`
	CreatedAt time.Time          `json:"created_at"`
	UpdatedAt time.Time          `json:"updated_at"`
}

// ContactView is a contact as it is by itself: in the operation log, and beside its
// account.
type ContactView struct {
	ContactFacts
	Addresses []addressView `json:"addresses"`
}

type addressView struct {
	ID        string              `json:"id"`
	Channel   models.Channel      `json:"channel"`
	Value     string              `json:"value"`
	State     models.AddressState `json:"state" enum:"pending,verified,failed,expired,waived" doc:"Only verified and waived ones get notifications."`
	Reason    string              `json:"reason" doc:"Why the state is failed."`
	StateAt   time.Time           `json:"state_at" doc:"When it came into its state."`
	Leaving   bool                `json:"leaving" doc:"It was replaced, and stays in use until another address of its channel is proven."`
	CreatedAt time.Time           `json:"created_at"`
}

func viewFacts(c models.Contact) ContactFacts {
	return ContactFacts{
		ID: c.ID, Kind: c.Kind, Name: c.Name, Position: c.Position, UserID: c.UserID, Language: c.Language, TimeZone: c.TimeZone,
		Enabled: c.Enabled, Version: c.Version, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
}

func viewContact(c models.Contact) ContactView {
	view := ContactView{ContactFacts: viewFacts(c), Addresses: []addressView{}}
	for _, a := range c.Addresses {
		view.Addresses = append(view.Addresses, viewAddress(a))
	}
	return view
}

func viewAddress(a models.Address) addressView {
	return addressView{
		ID: a.ID, Channel: a.Channel, Value: a.Value, State: a.State, Reason: a.Reason, StateAt: a.StateAt, Leaving: a.Leaving, CreatedAt: a.CreatedAt,
	}
}

// ContactDetail is a contact with its groups, and how far the proof of its addresses is;
// bodies embed it.
type ContactDetail struct {
	ContactFacts
	Addresses []invitedView `json:"addresses"`
	Groups    []groupName   `json:"groups" doc:"The contact groups that it is in."`
}

type groupName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// contactDetails are the details of rows, in three queries more, however many rows.
func contactDetails(ctx context.Context, s *server, sc store.Scope, rows ...models.Contact) ([]ContactDetail, error) {
	var ids, addresses []string
	for _, row := range rows {
		ids = append(ids, row.ID)
		for _, a := range row.Addresses {
			addresses = append(addresses, a.ID)
		}
	}
	groups, err := sc.GroupsOf(ctx, ids...)
	if err != nil {
		return nil, err
	}
	newest, err := sc.Invitations(ctx, addresses...)
	if err != nil {
		return nil, err
	}
	details := make([]ContactDetail, 0, len(rows))
	for _, row := range rows {
		detail := ContactDetail{ContactFacts: viewFacts(row), Addresses: viewInvited(s, row, newest), Groups: []groupName{}}
		for _, g := range groups[row.ID] {
			detail.Groups = append(detail.Groups, groupName{g.ID, g.Name})
		}
		details = append(details, detail)
	}
	return details, nil
}

type contactOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     ContactDetail
}

func outContact(ctx context.Context, s *server, sc store.Scope, row models.Contact) (*contactOut, error) {
	details, err := contactDetails(ctx, s, sc, row)
	if err != nil {
		return nil, err
	}
	return &contactOut{ETag: etag(row.Version), Body: details[0]}, nil
}

type createContactIn struct {
	Body struct {
		Name      string      `json:"name" maxLength:"200" doc:"1–20 characters of any script, without white space. Names may repeat."`
		Position  string      `json:"position,omitempty" maxLength:"64" doc:"A key of GET /v1/positions."`
		UserID    string      `json:"user_id,omitempty" maxLength:"64" doc:"A user of the account, who has no other contact."`
		Language  string      `json:"language,omitempty" enum:",zh-CN,en-US" doc:"Empty means the account's."`
		TimeZone  string      `json:"time_zone,omitempty" maxLength:"64" doc:"An IANA name; empty means the account's."`
		Enabled   *bool       `json:"enabled,omitempty" doc:"Default: true."`
		Addresses []addressIn `json:"addresses" maxItems:"20"`
	}
}

func createContact(ctx context.Context, c *Call, in *createContactIn) (*contactOut, error) {
	return commit(ctx, c, func(tx *store.Tx) (*contactOut, error) {
		b := &in.Body
		contact := models.Contact{AccountID: c.Account(), Kind: models.ContactPerson, Enabled: true}
		set(&contact.Enabled, b.Enabled)
		edit := contactEdit{
			Name: &b.Name, Position: &b.Position, UserID: &b.UserID, Language: &b.Language, TimeZone: &b.TimeZone, Addresses: &b.Addresses,
			State: models.AddressPending,
		}
		if err := editContact(ctx, c.server, tx, edit, &contact); err != nil {
			return nil, err
		}
		scope := tx.In(c.Account())
		if err := scope.CreateContact(ctx, &contact); err != nil {
			return nil, err
		}
		out, err := answerContact(ctx, c, scope, models.Contact{}, contact)
		if err != nil {
			return nil, err
		}
		out.Location = "/v1/contacts/" + contact.ID
		return out, nil
	})
}

// ContactFilter is embedded by the In types of lists of contacts.
type ContactFilter struct {
	Q       string `query:"q" maxLength:"100" doc:"A part of the name or of an address, in any case."`
	Enabled string `query:"enabled" enum:"true,false"`
	Channel string `query:"channel" maxLength:"32" doc:"Those with an address of the channel."`
	State   string `query:"state" enum:"pending,verified,failed,expired,waived" doc:"Those with an address in the state; with channel, one of that channel."`
	UserID  string `query:"user_id" maxLength:"64" doc:"The contact of a user."`
	Linked  string `query:"linked" enum:"true,false" doc:"Those that are a user's, or no user's."`
	GroupID string `query:"group_id" maxLength:"64" doc:"The members of a contact group."`
}

// filter is the store's form; the strings bind a cursor to it.
func (f ContactFilter) filter() (store.ContactFilter, []string) {
	out := store.ContactFilter{
		Search: f.Q, Channel: models.Channel(f.Channel), State: models.AddressState(f.State), UserID: f.UserID, GroupID: f.GroupID,
	}
	if f.Enabled != "" {
		enabled := f.Enabled == "true"
		out.Enabled = &enabled
	}
	if f.Linked != "" {
		linked := f.Linked == "true"
		out.Linked = &linked
	}
	return out, []string{f.Q, f.Enabled, f.Channel, f.State, f.UserID, f.Linked, f.GroupID}
}

type listContactsIn struct {
	Listing
	ContactFilter
}

func listContacts(ctx context.Context, c *Call, in *listContactsIn) (*listOut[ContactDetail], error) {
	filter, parts := in.filter()
	return contactsOf(ctx, c, in.Listing, filter, parts...)
}

func contactsOf(ctx context.Context, c *Call, l Listing, filter store.ContactFilter, parts ...string) (*listOut[ContactDetail], error) {
	p, err := c.paging(l, parts...)
	if err != nil {
		return nil, err
	}
	scope := c.store.In(c.Account())
	rows, next, err := scope.Contacts(ctx, filter, p.page)
	if err != nil {
		return nil, err
	}
	details, err := contactDetails(ctx, c.server, scope, rows...)
	return listed(p, details, next, func(d ContactDetail) ContactDetail { return d }), err
}

type contactIn struct {
	ID string `path:"id" pattern:"^ctc_[0-9a-f]{32}$"`
}

func getContact(ctx context.Context, c *Call, in *contactIn) (*contactOut, error) {
	row, err := c.store.In(c.Account()).Contact(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return outContact(ctx, c.server, c.store.In(c.Account()), row)
}

type deleteContactIn struct {
	ID string `path:"id" pattern:"^ctc_[0-9a-f]{32}$"`
	Confirming
}

func deleteContact(ctx context.Context, c *Call, in *deleteContactIn) (*changed, error) {
	return commit(ctx, c, func(tx *store.Tx) (*changed, error) {
		scope := tx.In(c.Account())
		return unlessWorse(ctx, judged{c.server, scope.Scope, in.Confirming, routing.Lost}, func() (*changed, error) {
			if err := leave(ctx, c, tx, in.ID); err != nil {
				return nil, err
			}
			row, err := scope.DeleteContact(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			c.Object("contact", row.ID, row.Name)
			c.Change(viewContact(row), nil)
			return &changed{}, nil
		})
	})
}
