package store

import (
	"context"

	"belfry.dev/belfry/models"
)

// OfBell returns whom the token of a bell is for, with the session that it was asked for in,
// which is zero when an access key asked. Code not-found: that credential has ended or may not
// ask for this user any more, or the user or account is disabled or gone. Indexes: primary
// keys.
func (h Credentials) OfBell(ctx context.Context, actor models.Actor) (SignedIn, error) {
	var in SignedIn
	var err error
	if actor.SessionID != "" {
		in.Session, err = one[models.Session]("read session", h.p.rows(ctx, "the token says whose it is"), actor.SessionID)
		if err == nil && (in.Session.UserID != actor.ID || !in.Session.Live(h.p.now())) {
			err = models.NotFound()
		}
	} else {
		err = h.mayAskFor(ctx, actor)
	}
	if err == nil {
		in.User, in.Account, err = h.person(ctx, actor.Account, actor.ID)
	}
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

// mayAskFor returns not-found unless the key that the token was asked for with still may.
func (h Credentials) mayAskFor(ctx context.Context, actor models.Actor) error {
	holder, err := h.OfKey(ctx, actor.KeyID)
	if err != nil {
		return err
	}
	if !holder.MayAskFor(actor) {
		return models.NotFound()
	}
	return nil
}

// MayAskFor reports whether the key may ask for what is the actor's: it is the actor's own, or
// one of a product that may address the actor's account.
func (k KeyHolder) MayAskFor(actor models.Actor) bool {
	return k.User.ID == actor.ID || (k.Product.ID != "" && k.Product.MayAddress(actor.Account))
}
