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

	w *World
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
	return Invitee{Contact: c, Address: c.Addresses[0], w: w}
}

// Newest returns the address and its newest invitation.
func (v Invitee) Newest() (models.Address, models.Invitation) {
	v.w.t.Helper()
	a, i, err := v.w.Store.In(v.w.Account).Invitations().InvitedAddress(context.WithoutCancel(v.w.t.Context()), v.Contact.ID, v.Address.ID)
	if err != nil {
		v.w.t.Fatalf("read invitation: %v", err)
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
		progress, err := a.Plan(ctx, activities.NotificationRef{AccountID: w.Account, NotificationID: n.ID})
		if err != nil {
			w.t.Fatalf("plan %s: %v", n.ID, err)
		}
		for _, d := range progress.Open {
			if _, err := a.Attempt(ctx, activities.AttemptInput{AccountID: w.Account, DeliveryID: d.ID}); err != nil {
				w.t.Fatalf("attempt %s: %v", d.ID, err)
			}
		}
	}
	return len(rows)
}

// Resend orders another round.
func (v Invitee) Resend() error {
	ctx := context.WithoutCancel(v.w.t.Context())
	return v.w.Store.Write(ctx, func(tx *store.Tx) error {
		_, _, err := tx.Inviting().Resend(ctx, v.w.Account, v.Contact.ID, v.Address.ID, models.InvitationRules{}.WithDefaults())
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
func (v Invitee) Guess(code string) error {
	ctx := context.WithoutCancel(v.w.t.Context())
	_, i := v.Newest()
	i, err := v.w.Store.Proofs().CountGuess(ctx, v.w.Account, i.ID, 5)
	if err != nil {
		return err
	}
	if !v.w.Store.Proofs().GuessFits(i, code) {
		return models.Invalid("#/code", "wrong-code", "is wrong")
	}
	return v.w.confirm(i)
}

func (w *World) confirm(proof models.Invitation) error {
	ctx := context.WithoutCancel(w.t.Context())
	return w.Store.Write(ctx, func(tx *store.Tx) error {
		_, _, err := tx.In(w.Account).Invitations().Confirm(ctx, proof)
		return err
	})
}
