package destinations

import (
	"context"
	"maps"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func describeProviders() map[string]operation.Operation {
	return map[string]operation.Operation{
		"provider.create": {
			Summary:     "Add a provider",
			Description: "Several providers of a channel are tried by position, lowest first.",
		},
		"provider.list": {
			Summary:     "List the providers",
			Description: "By channel, then in the order in which they are tried; all on one page.",
		},
		"provider.get": {
			Summary:     "Show a provider",
			Description: "With its settings and its health. Secrets are named and never shown.",
		},
		"provider.update": {
			Summary:     "Change a provider",
			Description: "It takes effect on all processes with the next attempt. Secrets that are not sent stay. Changed settings end a suspension.",
		},
		"provider.delete": {
			Summary:     "Delete a provider",
			Description: "What waits for it goes over the channel's next provider, if there is one.",
		},
		"provider.test": {
			Summary:     "Send a test message over a provider",
			Description: "At once, the way that messages go, within 10 s; the answer is the provider's. At most 6 a minute.",
		},
		"provider.resume": {
			Summary:     "End a provider's suspension",
			Description: "What waited for it and is still in time is sent.",
		},
	}
}

type providerView struct {
	ID       string                 `json:"id"`
	Channel  models.Channel         `json:"channel"`
	Kind     string                 `json:"kind"`
	Name     string                 `json:"name"`
	Position int                    `json:"position"`
	Enabled  bool                   `json:"enabled"`
	Settings map[string]wire.Scalar `json:"settings" doc:"By name; each of the type that GET /v1/channels gives its field."`
	Secrets  []string               `json:"secrets_set" doc:"Names of the secrets that are set."`
	Health   healthView             `json:"health"`
	Version  int64                  `json:"version"`
	Created  time.Time              `json:"created_at"`
	Updated  time.Time              `json:"updated_at"`
}

type providerOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     providerView
}

// viewProvider decrypts only to name what is set.
func viewProvider(s *operation.Core, p store.Platform, row models.Provider, state models.DestinationState) (providerView, error) {
	secrets, err := p.Providers().Secrets(row)
	var fields []channels.Field
	if sender, ok := s.Channels.Sender(row.Kind); ok {
		fields = sender.Descriptor().Fields
	}
	return providerView{
		ID: row.ID, Channel: row.Channel, Kind: row.Kind, Name: row.Name, Position: row.Position, Enabled: row.Enabled,
		Settings: typed(fields, row.Settings), Secrets: secretNames(secrets), Health: viewHealth(state, s.Now()),
		Version: row.Version, Created: row.CreatedAt, Updated: row.UpdatedAt,
	}, err
}

// providerViews are the views of rows with their health, in one query more.
func providerViews(ctx context.Context, s *operation.Core, p store.Platform, sc store.Scope, rows ...models.Provider) ([]providerView, error) {
	names := make([]string, 0, len(rows))
	for _, row := range rows {
		names = append(names, models.ProviderDestination(row.ID))
	}
	states, err := sc.Destinations().States(ctx, names...)
	if err != nil {
		return nil, err
	}
	views := make([]providerView, 0, len(rows))
	for i, row := range rows {
		view, err := viewProvider(s, p, row, states[names[i]])
		if err != nil {
			return nil, err
		}
		views = append(views, view)
	}
	return views, nil
}

func outProvider(ctx context.Context, s *operation.Core, tx *store.Tx, row models.Provider) (*providerOut, error) {
	views, err := providerViews(ctx, s, tx.Platform().Platform, tx.In(models.Platform).Scope, row)
	if err != nil {
		return nil, err
	}
	return &providerOut{ETag: operation.ETag(row.Version), Body: views[0]}, nil
}

type createProviderIn struct {
	Body struct {
		Kind     string `json:"kind" maxLength:"32" doc:"One of GET /v1/channels."`
		Name     string `json:"name" minLength:"1" maxLength:"64"`
		Position *int   `json:"position,omitempty" minimum:"0" maximum:"1000000" doc:"Default: after the channel's others."`
		Enabled  *bool  `json:"enabled,omitempty" doc:"Default: true."`
		SettingsBody
	}
}

func createProvider(ctx context.Context, c *operation.Call, in *createProviderIn) (*providerOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[providerOut], error) {
		sender, ok := c.Channels.Sender(in.Body.Kind)
		if !ok {
			return nil, models.Invalid("#/kind", "unknown-value", "There is no such kind of provider.")
		}
		settings, _, err := in.Body.applied(channels.Settings{})
		if err != nil {
			return nil, err
		}
		settings, _, err = generate(sender.Descriptor().Fields, settings)
		if err != nil {
			return nil, err
		}
		if err := channels.Check(sender, channels.Target{Provider: channels.Config{Settings: settings}}); err != nil {
			return nil, err
		}
		row := models.Provider{Channel: sender.Descriptor().Channel, Kind: in.Body.Kind, Name: in.Body.Name, Enabled: true, Settings: settings.Values}
		operation.Set(&row.Enabled, in.Body.Enabled)
		if row.Position, err = nextPosition(ctx, tx, row.Channel); err != nil {
			return nil, err
		}
		operation.Set(&row.Position, in.Body.Position)
		if err := tx.Platform().Providers().Create(ctx, &row, settings.Secrets); err != nil {
			return nil, err
		}
		if err := refuseUnsendable(ctx, c.Core, tx, nil, row); err != nil {
			return nil, err
		}
		out, err := outProvider(ctx, c.Core, tx, row)
		if err != nil {
			return nil, err
		}
		out.Location = "/v1/providers/" + row.ID
		return operation.Did(out, operation.Of("provider", row.ID, row.Name), nil, out.Body), nil
	})
}

// nextPosition is after all providers of the channel.
func nextPosition(ctx context.Context, tx *store.Tx, channel models.Channel) (int, error) {
	rows, err := tx.Platform().Providers().List(ctx, channel)
	if err != nil || len(rows) == 0 {
		return 1, err
	}
	return rows[len(rows)-1].Position + 1, nil
}

type listProvidersIn struct {
	Channel string `query:"channel" maxLength:"32" doc:"Only those of the channel."`
	operation.Listing
}

func listProviders(ctx context.Context, c *operation.Call, in *listProvidersIn) (*operation.ListOut[providerView], error) {
	if _, err := c.Paging(in.Listing, in.Channel); err != nil {
		return nil, err
	}
	rows, err := c.Store.Platform().Providers().List(ctx, models.Channel(in.Channel))
	if err != nil {
		return nil, err
	}
	views, err := providerViews(ctx, c.Core, c.Store.Platform(), c.Store.In(models.Platform), rows...)
	return &operation.ListOut[providerView]{Body: operation.PageOf[providerView]{Items: views}}, err
}

type providerIn struct {
	ID string `path:"id" pattern:"^pvd_[0-9a-f]{32}$"`
}

func getProvider(ctx context.Context, c *operation.Call, in *providerIn) (*providerOut, error) {
	row, err := c.Store.Platform().Providers().ByID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	views, err := providerViews(ctx, c.Core, c.Store.Platform(), c.Store.In(models.Platform), row)
	if err != nil {
		return nil, err
	}
	return &providerOut{ETag: operation.ETag(row.Version), Body: views[0]}, nil
}

type updateProviderIn struct {
	ID string `path:"id" pattern:"^pvd_[0-9a-f]{32}$"`
	operation.Editing
	Body struct {
		Name     *string `json:"name,omitempty" minLength:"1" maxLength:"64"`
		Position *int    `json:"position,omitempty" minimum:"0" maximum:"1000000"`
		Enabled  *bool   `json:"enabled,omitempty"`
		SettingsBody
	}
}

func updateProvider(ctx context.Context, c *operation.Call, in *updateProviderIn) (*providerOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[providerOut], error) {
		before, err := tx.Platform().Providers().ByID(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		old, err := outProvider(ctx, c.Core, tx, before)
		if err != nil {
			return nil, err
		}
		repaired := false
		_, after, err := tx.Platform().Providers().Update(ctx, in.ID, version, func(p *models.Provider, secrets map[string]string) error {
			repaired, err = editProvider(c.Core, in, p, secrets)
			return err
		})
		if err != nil {
			return nil, err
		}
		if repaired {
			if err := refuseUnsendable(ctx, c.Core, tx, &before, after); err != nil {
				return nil, err
			}
			if err := tx.Platform().Providers().Resume(ctx, after); err != nil {
				return nil, err
			}
		}
		out, err := outProvider(ctx, c.Core, tx, after)
		if err != nil {
			return nil, err
		}
		return operation.Did(out, operation.Of("provider", after.ID, after.Name), old.Body, out.Body), nil
	})
}

// editProvider changes the row and its secrets, and reports whether that may have
// repaired it.
func editProvider(s *operation.Core, in *updateProviderIn, p *models.Provider, secrets map[string]string) (bool, error) {
	enabled := p.Enabled
	operation.Set(&p.Name, in.Body.Name)
	operation.Set(&p.Position, in.Body.Position)
	operation.Set(&p.Enabled, in.Body.Enabled)
	merged, changed, err := in.Body.applied(channels.Settings{Values: p.Settings, Secrets: secrets})
	if err != nil || !changed {
		return p.Enabled && !enabled, err
	}
	sender, ok := s.Channels.Sender(p.Kind)
	if !ok {
		return false, models.Errorf(models.CodeConflict, "This release does not know the kind of this provider.")
	}
	if err := channels.Check(sender, channels.Target{Provider: channels.Config{Settings: merged}}); err != nil {
		return false, err
	}
	p.Settings = merged.Values
	replace(secrets, merged.Secrets)
	return true, nil
}

// replace makes into equal to from.
func replace(into, from map[string]string) {
	clear(into)
	maps.Copy(into, from)
}

func deleteProvider(ctx context.Context, c *operation.Call, in *providerIn) (*operation.Nothing, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operation.Nothing], error) {
		row, err := tx.Platform().Providers().ByID(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		old, err := outProvider(ctx, c.Core, tx, row)
		if err != nil {
			return nil, err
		}
		if _, err := tx.Platform().Providers().Delete(ctx, in.ID); err != nil {
			return nil, err
		}
		return operation.Did(&operation.Nothing{}, operation.Of("provider", row.ID, row.Name), old.Body, nil), nil
	})
}
