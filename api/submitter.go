package api

import (
	"context"
	"strings"

	"belfry.dev/belfry/models"
)

// submitter is who submits: a product, or an operator for the platform.
type submitter struct {
	source models.Source
	// product is zero for the platform.
	product models.Product
	key     string
}

func (s *server) submitter(ctx context.Context, c *Call) (submitter, error) {
	by := submitter{source: models.SourcePlatform, key: c.key}
	if c.Actor.Kind != models.ActorProduct {
		return by, nil
	}
	var err error
	by.source = models.SourceProduct
	by.product, err = s.credentials.products.Get(c.Actor.ID, func() (models.Product, error) {
		return s.store.Platform().Product(ctx, c.Actor.ID)
	})
	return by, err
}

// addressee finds the account by id or alias. What the submitter may not address
// does not exist for it.
func (s *server) addressee(ctx context.Context, by submitter, name string) (models.Account, error) {
	account, err := s.accountNamed(ctx, by, name)
	if err == nil && !account.Enabled {
		return account, models.Invalid("#/account", "disabled", "The account is disabled.")
	}
	return account, err
}

// accountNamed is addressee for accounts that may be disabled.
func (s *server) accountNamed(ctx context.Context, by submitter, name string) (models.Account, error) {
	var account models.Account
	var err error
	if strings.HasPrefix(name, string(models.KindAccount)+"_") { // no alias has an underscore
		account, err = s.store.Platform().Account(ctx, models.AccountID(name))
	} else {
		account, err = s.store.Platform().AccountByAlias(ctx, name)
	}
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return account, err
	}
	allowed := by.source == models.SourcePlatform || by.product.MayAddress(account.ID)
	if err != nil || account.ID == models.Platform || !allowed {
		e := models.NotFound()
		e.Fields = []models.Field{{Pointer: "#/account", Code: "unknown-value", Detail: "There is no such account."}}
		return account, e
	}
	return account, nil
}
