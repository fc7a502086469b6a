package recipients

import (
	"context"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/subscriptions"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/store"
)

func describeContacts() map[string]operation.Operation {
	return map[string]operation.Operation{
		"contact.create": {
			Summary:     "Add a contact",
			Description: "Each address is pending until its owner proves it. An account has at most 20 contacts, unless an operator allows more.",
		},
		"contact.list": {
			Summary:     "List the contacts",
			Description: "The account contact is among them.",
		},
		"contact.get": {
			Summary:     "Show a contact",
			Description: "With its addresses, how far the proof of each is, its groups and the message types that name it.",
		},
		"contact.update": {
			Summary:     "Change a contact, enable or disable it",
			Description: "Given addresses replace all; one that is there already stays as it is, and every other one is pending. A disabled contact gets nothing, and after it is enabled only what comes later.",
		},
		"contact.delete": {
			Summary:     "Delete a contact",
			Description: "It gets nothing more, not even what waits to be tried again. What was sent keeps its name.",
		},
		"contact.batch": {
			Summary:     "Enable, disable or delete several contacts",
			Description: "Each has a result of its own.",
		},
	}
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
	Addresses []AddressView `json:"addresses"`
}

// AddressView is an address as it is by itself.
type AddressView struct {
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

// ViewContact shows a contact as it is by itself.
func ViewContact(c models.Contact) ContactView {
	view := ContactView{ContactFacts: viewFacts(c), Addresses: []AddressView{}}
	for _, a := range c.Addresses {
		view.Addresses = append(view.Addresses, ViewAddress(a))
	}
	return view
}

// ViewAddress shows an address.
func ViewAddress(a models.Address) AddressView {
	return AddressView{
		ID: a.ID, Channel: a.Channel, Value: a.Value, State: a.State, Reason: a.Reason, StateAt: a.StateAt, Leaving: a.Leaving, CreatedAt: a.CreatedAt,
	}
}

// ContactDetail is a contact with its groups, and how far the proof of its addresses is;
// bodies embed it.
type ContactDetail struct {
	ContactFacts
	Addresses    []invitedView `json:"addresses"`
	Groups       []groupName   `json:"groups" doc:"The contact groups that it is in."`
	Unsubscribed []string      `json:"unsubscribed" doc:"Message types that it ended mail of, by a link in it or among its own details; marketing stands for all activity messages. Nobody else can take that back."`
}

type groupName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// contactDetails are the details of rows, in four queries more, however many rows.
func contactDetails(ctx context.Context, s *operation.Core, sc store.Scope, rows ...models.Contact) ([]ContactDetail, error) {
	var ids, addresses []string
	for _, row := range rows {
		ids = append(ids, row.ID)
		for _, a := range row.Addresses {
			addresses = append(addresses, a.ID)
		}
	}
	groups, err := sc.ContactGroups().Of(ctx, ids...)
	if err != nil {
		return nil, err
	}
	newest, err := sc.Invitations().ByAddress(ctx, addresses...)
	if err != nil {
		return nil, err
	}
	optOuts, err := subscriptions.OptOuts(ctx, s, sc)
	if err != nil {
		return nil, err
	}
	details := make([]ContactDetail, 0, len(rows))
	for _, row := range rows {
		detail := ContactDetail{
			ContactFacts: viewFacts(row), Addresses: viewInvited(s, row, newest), Groups: []groupName{},
			Unsubscribed: subscriptions.OptOutsOf(optOuts, row.AddressKeys()...),
		}
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

func outContact(ctx context.Context, s *operation.Core, sc store.Scope, row models.Contact) (*contactOut, error) {
	details, err := contactDetails(ctx, s, sc, row)
	if err != nil {
		return nil, err
	}
	return &contactOut{ETag: operation.ETag(row.Version), Body: details[0]}, nil
}

type createContactIn struct {
	Body struct {
		Name      string      `json:"name" maxLength:"200" doc:"1–20 characters of any script, without white space. Names may repeat."`
		Position  string      `json:"position,omitempty" maxLength:"64" doc:"A key of GET /v1/positions."`
		UserID    string      `json:"user_id,omitempty" maxLength:"64" doc:"A user of the account, who has no other contact."`
		Language  string      `json:"language,omitempty" enum:",zh-CN,en-US" doc:"The account's when left out."`
		TimeZone  string      `json:"time_zone,omitempty" maxLength:"64" doc:"An IANA name; empty means the account's."`
		Enabled   *bool       `json:"enabled,omitempty" doc:"Default: true."`
		Addresses []AddressIn `json:"addresses" maxItems:"20"`
	}
}

func createContact(ctx context.Context, c *operation.Call, in *createContactIn) (*contactOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[contactOut], error) {
		b := &in.Body
		contact := models.Contact{AccountID: c.Account(), Kind: models.ContactPerson, Enabled: true}
		operation.Set(&contact.Enabled, b.Enabled)
		edit := contactEdit{
			Name: &b.Name, Position: &b.Position, UserID: &b.UserID, Language: &b.Language, TimeZone: &b.TimeZone, Addresses: &b.Addresses,
			State: models.AddressPending,
		}
		if err := editContact(ctx, c.Core, tx, edit, &contact); err != nil {
			return nil, err
		}
		scope := tx.In(c.Account())
		if err := scope.Contacts().Create(ctx, &contact); err != nil {
			return nil, err
		}
		done, err := answerContact(ctx, c, scope, models.Contact{}, contact)
		if err != nil {
			return nil, err
		}
		done.Out().Location = "/v1/contacts/" + contact.ID
		return done, nil
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
	operation.Listing
	ContactFilter
}

func listContacts(ctx context.Context, c *operation.Call, in *listContactsIn) (*operation.ListOut[ContactDetail], error) {
	filter, parts := in.filter()
	return ContactsOf(ctx, c, in.Listing, filter, parts...)
}

// ContactsOf lists the contacts that the filter selects; parts bind the cursor to it.
func ContactsOf(ctx context.Context, c *operation.Call, l operation.Listing, filter store.ContactFilter, parts ...string) (*operation.ListOut[ContactDetail], error) {
	p, err := c.Paging(l, parts...)
	if err != nil {
		return nil, err
	}
	scope := c.Store.In(c.Account())
	rows, next, err := scope.Contacts().List(ctx, filter, p.Page)
	if err != nil {
		return nil, err
	}
	details, err := contactDetails(ctx, c.Core, scope, rows...)
	return operation.Listed(p, details, next, func(d ContactDetail) ContactDetail { return d }), err
}

type contactIn struct {
	ID string `path:"id" pattern:"^ctc_[0-9a-f]{32}$"`
}

func getContact(ctx context.Context, c *operation.Call, in *contactIn) (*contactOut, error) {
	row, err := c.Store.In(c.Account()).Contacts().ByID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return outContact(ctx, c.Core, c.Store.In(c.Account()), row)
}

type deleteContactIn struct {
	ID string `path:"id" pattern:"^ctc_[0-9a-f]{32}$"`
	subscriptions.Confirming
}

func deleteContact(ctx context.Context, c *operation.Call, in *deleteContactIn) (*operation.Nothing, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operation.Nothing], error) {
		scope := tx.In(c.Account())
		return subscriptions.UnlessWorse(ctx, subscriptions.Judged{Core: c.Core, Rows: scope.Scope, Confirming: in.Confirming, Effects: routing.Lost}, func() (*operation.Done[operation.Nothing], error) {
			if err := subscriptions.Leave(ctx, c, tx, in.ID); err != nil {
				return nil, err
			}
			row, err := scope.Contacts().Delete(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return operation.Did(&operation.Nothing{}, contactObject(row), ViewContact(row), nil), nil
		})
	})
}
