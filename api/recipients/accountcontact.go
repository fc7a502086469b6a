package recipients

import (
	"context"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func describeAccountContact() map[string]operation.Operation {
	return map[string]operation.Operation{
		"account.contact": {
			Summary:     "Show the account contact",
			Description: "The account itself as somebody who can be reached: mandatory messages go there.",
		},
		"account.contact_update": {
			Summary:     "Change the account contact",
			Description: "New addresses are pending. A proven one that is left out stays in use, leaving, until another of its channel is proven: mandatory messages arrive meanwhile.",
		},
	}
}

func getAccountContact(ctx context.Context, c *operation.Call, _ *struct{}) (*contactOut, error) {
	row, err := c.Store.In(c.Account()).Contacts().OfAccount(ctx)
	if err != nil {
		return nil, err
	}
	return outContact(ctx, c.Core, c.Store.In(c.Account()), row)
}

type accountContactIn struct {
	operation.Editing
	Body contactBody
}

// contactBody is a contact as its owner writes it down.
type contactBody struct {
	Name      string      `json:"name" maxLength:"200" doc:"1–20 characters of any script, without white space."`
	Language  string      `json:"language,omitempty" enum:",zh-CN,en-US" doc:"The account's when left out."`
	TimeZone  string      `json:"time_zone,omitempty" maxLength:"64" doc:"An IANA name; empty means the account's."`
	Addresses []AddressIn `json:"addresses" maxItems:"20" doc:"All of them. One that is there already stays as it is."`
}

func (b *contactBody) edit(state models.AddressState) contactEdit {
	return contactEdit{Name: &b.Name, Language: &b.Language, TimeZone: &b.TimeZone, Addresses: &b.Addresses, State: state}
}

// updateAccountContact needs no confirmation: a channel that reaches the account contact
// goes on reaching it, over the address that is leaving, or the change is refused.
func updateAccountContact(ctx context.Context, c *operation.Call, in *accountContactIn) (*contactOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[contactOut], error) {
		scope := tx.In(c.Account())
		before, after, err := scope.Contacts().UpdateOfAccount(ctx, version, func(contact *models.Contact) error {
			return editContact(ctx, c.Core, tx, in.Body.edit(models.AddressPending), contact)
		})
		if err != nil {
			return nil, err
		}
		return answerContact(ctx, c, scope, before, after)
	})
}
