package access

import (
	"context"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// Calendar feeds, sessions, access keys and event streams end with the right of who made
// them. Bots and contacts are the account's, announcements the platform's: they go on, so
// they are named before.

// Outlasting is embedded by the In types of changes that end somebody's rights.
type Outlasting struct {
	Confirm bool `query:"confirm" doc:"Do it although what the user made goes on; without it such a change is refused and names what does."`
}

// settled refuses to end the user's rights while bots or announcements that the user made,
// or the contact that is the user, go on; pass confirmed to let them. Code
// confirmation-required.
func (o Outlasting) settled(ctx context.Context, tx *store.Tx, account models.AccountID, user string, contact contactOf) error {
	if o.Confirm {
		return nil
	}
	sc := tx.In(account).Scope
	bots, err := sc.Bots().BotsBy(ctx, user)
	if err != nil {
		return err
	}
	announcements, err := tx.Platform().Announcements().OpenBy(ctx, user)
	if err != nil {
		return err
	}
	e := models.Errorf(models.CodeConfirm, "What the user made goes on; see errors. Delete, disable or cancel it first, or send this again with confirm=true.")
	for _, b := range bots {
		e.Fields = append(e.Fields, models.Field{Pointer: "bots/" + b.ID, Code: "outlasts", Detail: "The user made this bot; it goes on getting messages."})
	}
	for _, a := range announcements {
		e.Fields = append(e.Fields, models.Field{Pointer: "announcements/" + a.ID, Code: "outlasts", Detail: "The user made this announcement of " + a.Type + "; it goes on reaching accounts."})
	}
	if contact == endsToo {
		c, err := sc.Contacts().OfUser(ctx, user)
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return err
		}
		if err == nil && c.Enabled {
			e.Fields = append(e.Fields, models.Field{Pointer: "contacts/" + c.ID, Code: "outlasts", Detail: "This contact is the user; it goes on getting messages."})
		}
	}
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// contactOf says whether a change ends the user, or some rights only: contact details are
// kept by every user, whatever the rights.
type contactOf int

const (
	stays contactOf = iota
	endsToo
)
