package recipients

import (
	"context"
	"maps"
	"slices"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/subscriptions"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func describeUserContacts() map[string]operation.Operation {
	return map[string]operation.Operation{
		"user_contact.list": {
			Summary:     "List the contacts of all accounts",
			Description: "Newest first, with the account and the user of each.",
		},
		"user_contact.get": {
			Summary:     "Show the contact of a user of an account",
			Description: "The record that the user sees as their own contact. 404 while there is none.",
		},
		"user_contact.update": {
			Summary:     "Make a user of an account a contact, or change it",
			Description: "It is the same contact that the user keeps under /v1/me/contact. Its addresses are waived: the operator vouches for them. The account's operation log tells of it.",
		},
		"user_contact.waive": {
			Summary:     "Vouch for addresses of a contact",
			Description: "Nobody is asked to prove them any more. The account's operation log tells of it.",
		},
	}
}

// UserContactView is a contact with its account and its user; bodies embed it.
type UserContactView struct {
	ContactFacts
	Addresses []invitedView `json:"addresses"`
	Account   AccountName   `json:"account"`
	User      *userName     `json:"user" doc:"Null for a contact that is no user's."`
}

type userName struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
}

func viewUserContact(s *operation.Core, row store.UserContactRow) UserContactView {
	view := UserContactView{
		ContactFacts: viewFacts(row.Contact), Addresses: viewInvited(s, row.Contact, row.Invitations),
		Account: AccountName{row.Account.ID, row.Account.Alias, row.Account.Name},
	}
	if row.User != nil {
		view.User = &userName{row.User.ID, row.User.Name, row.User.DisplayName}
	}
	return view
}

type listUserContactsIn struct {
	operation.Listing
	ContactFilter
	AccountID models.AccountID `query:"account_id" maxLength:"64" doc:"Those of one account; the other filters but user_id and address need it."`
	Address   string           `query:"address" maxLength:"254" doc:"Those with this address, whatever their account."`
}

func listUserContacts(ctx context.Context, c *operation.Call, in *listUserContactsIn) (*operation.ListOut[UserContactView], error) {
	filter, err := overAccounts(c.Core, in)
	if err != nil {
		return nil, err
	}
	_, parts := in.filter()
	p, err := c.Paging(in.Listing, append(parts, string(in.AccountID), in.Address)...)
	if err != nil {
		return nil, err
	}
	rows, next, err := c.Store.Platform().UserContacts().List(ctx, filter, p.Page)
	return operation.Listed(p, rows, next, func(row store.UserContactRow) UserContactView { return viewUserContact(c.Core, row) }), err
}

// overAccounts is the store's form. Code validation-failed: a filter would have to
// read the contacts of all accounts, or is no address.
func overAccounts(s *operation.Core, in *listUserContactsIn) (store.UserContactFilter, error) {
	within, _ := in.filter()
	out := store.UserContactFilter{AccountID: in.AccountID, UserID: in.UserID}
	within.UserID = ""
	if in.AccountID == "" && within != (store.ContactFilter{}) {
		return out, models.Invalid("query/account_id", "required", "is needed with this filter")
	}
	out.Within = within
	if in.Address == "" {
		return out, nil
	}
	kinds := s.Channels.AddressKinds()
	for _, channel := range slices.Sorted(maps.Keys(kinds)) {
		if key, code := kinds.Normalise(channel, in.Address); code == "" {
			out.Addresses = append(out.Addresses, models.Address{Channel: channel, ValueKey: key})
		}
	}
	if len(out.Addresses) == 0 {
		return out, models.Invalid("query/address", "invalid-address", "is no address of any channel")
	}
	return out, nil
}

type userContactIn struct {
	ID     models.AccountID `path:"id" pattern:"^acc_[0-9a-f]{32}$"`
	UserID string           `path:"user_id" pattern:"^usr_[0-9a-f]{32}$"`
}

func getUserContact(ctx context.Context, c *operation.Call, in *userContactIn) (*contactOut, error) {
	scope := c.Store.In(in.ID)
	row, err := scope.Contacts().OfUser(ctx, in.UserID)
	if err != nil {
		return nil, err
	}
	return outContact(ctx, c.Core, scope, row)
}

type updateUserContactIn struct {
	ID     models.AccountID `path:"id" pattern:"^acc_[0-9a-f]{32}$"`
	UserID string           `path:"user_id" pattern:"^usr_[0-9a-f]{32}$"`
	operation.Editing
	subscriptions.Confirming
	Body contactBody
}

func updateUserContact(ctx context.Context, c *operation.Call, in *updateUserContactIn) (*contactOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[contactOut], error) {
		done, err := putUserContact(ctx, c, tx.In(in.ID), userContact{
			user: in.UserID, version: version, edit: in.Body.edit(models.AddressWaived), tx: tx, confirm: in.Confirming,
		})
		return done.AlsoIn(in.ID), err
	})
}

type waiveAddressesIn struct {
	ID        models.AccountID `path:"id" pattern:"^acc_[0-9a-f]{32}$"`
	ContactID string           `path:"contact_id" pattern:"^ctc_[0-9a-f]{32}$"`
	Body      struct {
		AddressIDs []string `json:"address_ids" minItems:"1" maxItems:"20" uniqueItems:"true" maxLength:"64" doc:"Of the contact. One that is not there refuses all."`
	}
}

func waiveAddresses(ctx context.Context, c *operation.Call, in *waiveAddressesIn) (*contactOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[contactOut], error) {
		scope := tx.In(in.ID)
		var first, after models.Contact
		for i, id := range in.Body.AddressIDs {
			before, now, err := scope.Contacts().WaiveAddress(ctx, in.ContactID, id)
			if err != nil {
				return nil, err
			}
			if i == 0 {
				first = before
			}
			after = now
		}
		done, err := answerContact(ctx, c, scope, first, after)
		return done.AlsoIn(in.ID), err
	})
}

// AccountName is enough to show where somebody is.
type AccountName struct {
	ID    models.AccountID `json:"id"`
	Alias string           `json:"alias"`
	Name  string           `json:"name"`
}
