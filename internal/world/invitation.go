package world

import (
	"context"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// Invitee is a contact with one address that waits for its proof.
type Invitee struct {
	Contact models.Contact
	Address models.Address
}

// Invite gives the account a contact with the one address, which is pending.
func (w *World) Invite(channel models.Channel, key string) Invitee {
	w.t.Helper()
	var c models.Contact
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		c = models.Contact{
			Kind: models.ContactPerson, Name: "Ada", Enabled: true,
			Addresses: []models.Address{{Channel: channel, Value: key, ValueKey: key, State: models.AddressPending}},
		}
		return tx.In(w.Account).Contacts().Create(ctx, &c)
	})
	return Invitee{Contact: c, Address: c.Addresses[0]}
}

// Invited returns the address and its newest invitation as they stand.
func (w *World) Invited(v Invitee) (models.Address, models.Invitation) {
	w.t.Helper()
	a, i, err := w.Store.In(w.Account).Invitations().InvitedAddress(context.WithoutCancel(w.t.Context()), v.Contact.ID, v.Address.ID)
	if err != nil {
		w.t.Fatalf("read invitation: %v", err)
	}
	return a, i
}

// Deliver brings the invitations' messages as far as one attempt each does; it plays
// their workflows. It returns how many were open.
func (w *World) Deliver(a *activities.Activities) int {
	w.t.Helper()
	ctx := context.WithoutCancel(w.t.Context())
	rows, _, err := w.Store.In(w.Account).Notifications().List(ctx, store.NotificationFilter{Status: models.StatusPending}, store.Page{Limit: 100})
	if err != nil {
		w.t.Fatalf("list notifications: %v", err)
	}
	for _, n := range rows {
		if n.Source != models.SourceInvitation {
			continue
		}
		standing, err := a.Plan(ctx, activities.NotificationRef{AccountID: w.Account, NotificationID: n.ID})
		if err != nil {
			w.t.Fatalf("plan %s: %v", n.ID, err)
		}
		for _, d := range standing.Open {
			if _, err := a.Attempt(ctx, activities.AttemptInput{AccountID: w.Account, DeliveryID: d.ID}); err != nil {
				w.t.Fatalf("attempt %s: %v", d.ID, err)
			}
		}
	}
	return len(rows)
}

// Resend orders another round.
func (w *World) Resend(v Invitee) error {
	ctx := context.WithoutCancel(w.t.Context())
	return w.Store.Write(ctx, func(tx *store.Tx) error {
		_, _, err := tx.Inviting().Resend(ctx, w.Account, v.Contact.ID, v.Address.ID, models.InvitationRules{}.WithDefaults())
		return err
	})
}

// Prove shows the token of a link.
func (w *World) Prove(token string) error {
	ctx := context.WithoutCancel(w.t.Context())
	p, err := w.Store.Proofs().LinkedInvitation(ctx, token)
	if err != nil {
		return err
	}
	if p.Replaced {
		return models.Errorf(models.CodeExpired, "replaced")
	}
	return w.confirm(p.Invitation)
}

// Guess shows a code.
func (w *World) Guess(v Invitee, code string) error {
	ctx := context.WithoutCancel(w.t.Context())
	_, i := w.Invited(v)
	i, err := w.Store.Proofs().CountGuess(ctx, w.Account, i.ID, 5)
	if err != nil {
		return err
	}
	if !w.Store.Proofs().GuessFits(i, code) {
		return models.Invalid("#/code", "wrong-code", "is wrong")
	}
	return w.confirm(i)
}

func (w *World) confirm(proof models.Invitation) error {
	ctx := context.WithoutCancel(w.t.Context())
	return w.Store.Write(ctx, func(tx *store.Tx) error {
		_, _, err := tx.In(w.Account).Invitations().Confirm(ctx, proof)
		return err
	})
}
