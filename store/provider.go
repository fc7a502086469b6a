package store

import (
	"context"

	"belfry.dev/belfry/models"
)

const whyProviders = "providers belong to no account"

// maxProviders bounds how many providers there are, so that their list is one page.
const maxProviders = 100

// Providers reads the providers of channels.
type Providers struct{ p Platform }

// Providers returns the providers of channels.
func (p Platform) Providers() Providers { return Providers{p: p} }

// TxProviders reads and changes the providers of channels, in a transaction.
type TxProviders struct {
	Providers
	tx TxPlatform
}

// Providers returns the providers of channels, inside the transaction.
func (tx TxPlatform) Providers() TxProviders {
	return TxProviders{Providers: tx.Platform.Providers(), tx: tx}
}

// ByID returns one provider. Index: primary key.
func (h Providers) ByID(ctx context.Context, id string) (models.Provider, error) {
	return one[models.Provider]("read provider", h.p.rows(ctx, whyProviders), id)
}

// List returns the channel's providers, or all of them when the channel is
// "", by channel and in the order they are tried: at most 100. Index:
// providers_channel.
func (h Providers) List(ctx context.Context, channel models.Channel) ([]models.Provider, error) {
	q := h.p.rows(ctx, whyProviders)
	if channel != "" {
		q = q.Where("channel = ?", channel)
	}
	rows := []models.Provider{}
	err := q.Order("channel, position, id").Limit(maxProviders).Find(&rows).Error
	return rows, failed("list providers", err)
}

// Secrets decrypts the provider's secrets; empty, never nil.
func (h Providers) Secrets(provider models.Provider) (map[string]string, error) {
	return h.p.vault.OpenSecrets(provider.ID, provider.Secrets)
}

// Create inserts the provider with its secrets; it fills in id, version
// and times. Code conflict: there are 100 already.
func (h TxProviders) Create(ctx context.Context, p *models.Provider, secrets map[string]string) error {
	var n int64
	if err := h.tx.rows(ctx, whyProviders).Model(&models.Provider{}).Count(&n).Error; err != nil {
		return failed("count providers", err)
	}
	if n >= maxProviders {
		return models.Errorf(models.CodeConflict, "There are %d providers already; that is the limit.", maxProviders)
	}
	p.ID, p.Version = NewID(models.KindProvider), 1
	sealed, err := h.tx.vault.SealSecrets(p.ID, secrets)
	if err != nil {
		return err
	}
	p.Secrets = sealed
	return failed("create provider", h.tx.insert(ctx, p))
}

// Update changes the provider and its secrets, which fn gets decrypted
// and may edit. Codes: see change.
func (h TxProviders) Update(ctx context.Context, id string, ifVersion int64, fn func(*models.Provider, map[string]string) error) (before, after models.Provider, err error) {
	return change(h.tx.rows(ctx, whyProviders), id, ifVersion, func(p *models.Provider) *int64 { return &p.Version },
		func(p *models.Provider) error {
			sealed, err := h.tx.vault.EditSecrets(p.ID, p.Secrets, func(s map[string]string) error { return fn(p, s) })
			p.Secrets = sealed
			return err
		})
}

// Delete deletes the provider and what is known about it as a
// destination, and returns it. Code not-found.
func (h TxProviders) Delete(ctx context.Context, id string) (models.Provider, error) {
	p, err := one[models.Provider]("lock provider", forUpdate(h.tx.rows(ctx, whyProviders)), id)
	if err != nil {
		return p, err
	}
	if err := h.tx.rows(ctx, whyProviders).Where("id = ?", id).Delete(&models.Provider{}).Error; err != nil {
		return p, failed("delete provider", err)
	}
	err = h.tx.rows(ctx, "the state of a provider").Where("destination = ?", models.ProviderDestination(id)).
		Delete(&models.DestinationState{}).Error
	return p, failed("delete provider's state", err)
}
