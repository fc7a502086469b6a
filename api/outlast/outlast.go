// Package outlast names what goes on when somebody's right ends. Calendar feeds, sessions,
// access keys of users and event streams end with the right of who made them. Bots and
// contacts are the account's, announcements, notifications and keys of products the
// platform's: they go on, so they are named before.
package outlast

import (
	"context"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// Confirming is embedded by the In types of changes that end somebody's rights.
type Confirming struct {
	Confirm bool `query:"confirm" doc:"Do it although what the user made goes on; without it such a change is refused and names what does."`
}

// Settled refuses to end the user's rights while something that the user made goes on, or, at
// the User's end, the contact that is the user. Code confirmation-required.
func (c Confirming) Settled(ctx context.Context, tx *store.Tx, account models.AccountID, user string, ends End) error {
	if c.Confirm {
		return nil
	}
	sc := tx.In(account).Scope
	made, err := Of(ctx, sc, user)
	fields := made[user]
	if err == nil && account == models.Platform {
		fields, err = atPlatform(ctx, tx, user, fields)
	}
	if err == nil && ends == User {
		fields, err = contactOf(ctx, sc, user, fields)
	}
	if err != nil || len(fields) == 0 {
		return err
	}
	e := models.Errorf(models.CodeConfirm, "What the user made goes on; see errors. Delete, disable, revoke or cancel it first, or send this again with confirm=true.")
	e.Fields = fields
	return e
}

func named(pointer, detail string) models.Field {
	return models.Field{Pointer: pointer, Code: "outlasts", Detail: detail}
}

// Of names what each of the users made in the account and what goes on without them, by the
// user's id.
func Of(ctx context.Context, sc store.Scope, users ...string) (map[string][]models.Field, error) {
	bots, err := sc.Bots().BotsBy(ctx, users...)
	fields := map[string][]models.Field{}
	for _, b := range bots {
		fields[b.CreatedBy] = append(fields[b.CreatedBy], named("bots/"+b.ID, "The user made this bot; it goes on getting messages."))
	}
	return fields, err
}

// atPlatform adds what an operator made for others.
func atPlatform(ctx context.Context, tx *store.Tx, user string, fields []models.Field) ([]models.Field, error) {
	announcements, err := tx.Platform().Announcements().OpenBy(ctx, user)
	if err != nil {
		return nil, err
	}
	for _, a := range announcements {
		fields = append(fields, named("announcements/"+a.ID, "The user made this announcement of "+a.Type+"; it goes on reaching accounts."))
	}
	notifications, err := tx.Platform().Submissions().WaitingBy(ctx, user)
	if err != nil {
		return nil, err
	}
	for _, n := range notifications {
		fields = append(fields, named("notifications/"+n.ID, "The user scheduled this notification of "+n.Type+"; it is sent when it is due."))
	}
	keys, err := tx.In(models.Platform).AccessKeys().ProductKeysBy(ctx, user)
	for _, k := range keys {
		fields = append(fields, named("products/"+k.OwnerID+"/keys/"+k.ID, "The user made this access key of a product; it goes on signing in."))
	}
	return fields, err
}

// contactOf adds the contact that is the user.
func contactOf(ctx context.Context, sc store.Scope, user string, fields []models.Field) ([]models.Field, error) {
	c, err := sc.Contacts().OfUser(ctx, user)
	switch {
	case models.CodeOf(err) == models.CodeNotFound || err == nil && !c.Enabled:
		return fields, nil
	case err != nil:
		return nil, err
	}
	return append(fields, named("contacts/"+c.ID, "This contact is the user; it goes on getting messages.")), nil
}

// End is what a change ends: the user, or some rights only. Contact details are kept by every
// user, whatever the rights.
type End int

// Ends.
const (
	Rights End = iota
	User
)
