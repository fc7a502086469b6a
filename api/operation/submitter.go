package operation

import (
	"context"
	"strings"

	"belfry.dev/belfry/models"
)

// Submitter is who submits: a product, or an operator for the platform.
type Submitter struct {
	Source models.Source
	// Product is zero for the platform.
	Product models.Product
	Key     string
}

// Submitter returns who submits by the call.
func (s *Core) Submitter(ctx context.Context, c *Call) (Submitter, error) {
	by := Submitter{Source: models.SourcePlatform, Key: c.key}
	if c.Actor.Kind != models.ActorProduct {
		return by, nil
	}
	var err error
	by.Source = models.SourceProduct
	by.Product, err = s.callers.Product(ctx, c.Actor.ID)
	return by, err
}

// Addressee finds the account by id or alias. What the submitter may not address
// does not exist for it.
func (s *Core) Addressee(ctx context.Context, by Submitter, name string) (models.Account, error) {
	account, err := s.AccountNamed(ctx, by, name)
	if err == nil && !account.Enabled {
		return account, models.Invalid("#/account", "disabled", "The account is disabled.")
	}
	return account, err
}

// AccountNamed is addressee for accounts that may be disabled.
func (s *Core) AccountNamed(ctx context.Context, by Submitter, name string) (models.Account, error) {
	var account models.Account
	var err error
	if strings.HasPrefix(name, string(models.KindAccount)+"_") { // no alias has an underscore
		account, err = s.Store.Platform().Accounts().ByID(ctx, models.AccountID(name))
	} else {
		account, err = s.Store.Platform().Accounts().ByAlias(ctx, name)
	}
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return account, err
	}
	allowed := by.Source == models.SourcePlatform || by.Product.MayAddress(account.ID)
	if err != nil || account.ID == models.Platform || !allowed {
		e := models.NotFound()
		e.Fields = []models.Field{{Pointer: "#/account", Code: "unknown-value", Detail: "There is no such account."}}
		return account, e
	}
	return account, nil
}

// Submittable finds the message type as it stands now. Codes: forbidden for one that the
// submitter may not use, validation-failed for one that nobody may.
func (s *Core) Submittable(ctx context.Context, by Submitter, key string) (models.MessageType, error) {
	kind, err := s.Store.Catalogue().CurrentMessageType(ctx, key)
	switch {
	case models.CodeOf(err) == models.CodeNotFound:
		return kind, models.Invalid("#/type", "unknown-value", "There is no such message type.")
	case err != nil:
		return kind, err
	case by.Source == models.SourceProduct && !by.Product.MayUse(key):
		return kind, models.Errorf(models.CodeForbidden, "The product may not submit this message type.")
	case kind.Internal, by.Source == models.SourceProduct && models.SentByBelfry(key):
		return kind, models.Invalid("#/type", "internal", "The message type is Belfry's own.")
	case !kind.Enabled:
		return kind, models.Invalid("#/type", "disabled", "The message type is disabled.")
	}
	return kind, nil
}
