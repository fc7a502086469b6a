package recipients

import (
	"context"
	"net/http"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/subscriptions"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/store"
)

func describeMyContact() map[string]operation.Operation {
	return map[string]operation.Operation{
		"my_contact.get": {
			Fails: []int{http.StatusNotFound}, Summary: "Show my contact details",
			Description: "The contact of the account that is me; not found when there is none yet.",
		},
		"my_contact.update": {
			Summary:     "Write my contact details down",
			Description: "Makes the contact where there is none. New addresses are pending until I prove them. What leaves a message type without anybody who is reached must be confirmed.",
		},
	}
}

func getMyContact(ctx context.Context, c *operation.Call, _ *struct{}) (*contactOut, error) {
	row, err := c.Store.In(c.Account()).Contacts().OfUser(ctx, c.Actor.ID)
	if err != nil {
		return nil, err
	}
	return outContact(ctx, c.Core, c.Store.In(c.Account()), row)
}

type updateMyContactIn struct {
	operation.Editing
	subscriptions.Confirming
	Body contactBody
}

func updateMyContact(ctx context.Context, c *operation.Call, in *updateMyContactIn) (*contactOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[contactOut], error) {
		return putUserContact(ctx, c, tx.In(c.Account()), userContact{
			user: c.Actor.ID, version: version, edit: in.Body.edit(models.AddressPending), tx: tx, confirm: in.Confirming,
		})
	})
}

// userContact is what a user's contact shall become.
type userContact struct {
	tx      *store.Tx
	user    string
	version int64
	edit    contactEdit
	confirm subscriptions.Confirming
}

// putUserContact changes the contact of a user, or makes it. Codes: not-found: the
// account has no such user; stale-version: the version is not the contact's;
// confirmation-required.
func putUserContact(ctx context.Context, c *operation.Call, scope store.TxScope, u userContact) (*operation.Done[contactOut], error) {
	user, err := scope.Users().Lock(ctx, u.user)
	if err != nil {
		return nil, err
	}
	known, err := scope.Contacts().OfUser(ctx, user.ID)
	if models.CodeOf(err) == models.CodeNotFound {
		return makeUserContact(ctx, c, scope, u)
	}
	if err != nil {
		return nil, err
	}
	return subscriptions.UnlessWorse(ctx, subscriptions.Judged{Core: c.Core, Rows: scope.Scope, Confirming: u.confirm, Effects: routing.Worse}, func() (*operation.Done[contactOut], error) {
		before, after, err := scope.Contacts().Update(ctx, known.ID, u.version, func(contact *models.Contact) error {
			return editContact(ctx, c.Core, u.tx, u.edit, contact)
		})
		if err != nil {
			return nil, err
		}
		return answerContact(ctx, c, scope, before, after)
	})
}

func makeUserContact(ctx context.Context, c *operation.Call, scope store.TxScope, u userContact) (*operation.Done[contactOut], error) {
	if u.version != 0 {
		return nil, models.Errorf(models.CodeStale, "There is no contact yet.")
	}
	contact := models.Contact{AccountID: scope.AccountID(), Kind: models.ContactPerson, UserID: u.user, Enabled: true}
	if err := editContact(ctx, c.Core, u.tx, u.edit, &contact); err != nil {
		return nil, err
	}
	if err := scope.Contacts().Create(ctx, &contact); err != nil {
		return nil, err
	}
	return answerContact(ctx, c, scope, models.Contact{}, contact)
}
