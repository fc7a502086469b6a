package destinations

import (
	"context"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

type updateBotIn struct {
	ID string `path:"id" pattern:"^bot_[0-9a-f]{32}$"`
	operation.Editing
	Body struct {
		Name    *string `json:"name,omitempty" minLength:"1" maxLength:"64"`
		Enabled *bool   `json:"enabled,omitempty"`
		SettingsBody
	}
}

func updateBot(ctx context.Context, c *operation.Call, in *updateBotIn) (*botOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	return changeBot(ctx, c, in.ID, version, func(tx *store.Tx, b *models.Bot, secrets map[string]string) (repaired bool, made map[string]string, err error) {
		enabled := b.Enabled
		operation.Set(&b.Name, in.Body.Name)
		operation.Set(&b.Enabled, in.Body.Enabled)
		merged, changed, err := in.Body.applied(channels.Settings{Values: b.Settings, Secrets: secrets})
		if err != nil || !changed {
			return b.Enabled && !enabled, nil, err
		}
		if err := configure(ctx, c.Core, tx, b, merged); err != nil {
			return false, nil, err
		}
		replace(secrets, merged.Secrets)
		return true, nil, nil
	})
}

// configure checks new settings of a bot and puts them into its row.
func configure(ctx context.Context, s *operation.Core, tx *store.Tx, b *models.Bot, settings channels.Settings) error {
	sender, target, err := routeOf(ctx, s, tx.Platform().Platform, *b)
	if err != nil {
		return err
	}
	target.Bot = channels.Config{Settings: settings}
	if err := channels.Check(sender, target); err != nil {
		return err
	}
	b.Settings, b.Hint = settings.Values, hintOf(sender.Descriptor(), settings)
	return nil
}

// routeOf is route for a bot that exists. Code conflict: the channel is offered
// no more.
func routeOf(ctx context.Context, s *operation.Core, p store.Platform, b models.Bot) (channels.Sender, channels.Target, error) {
	sender, target, err := readRoute(ctx, s, p, b.Channel)
	if models.CodeOf(err) == models.CodeInvalid {
		err = models.Errorf(models.CodeConflict, "The operator offers this channel no more.")
	}
	return sender, target, err
}

// changeBot edits a bot, ends its suspension when the edit may have repaired it,
// and answers with it and with secrets that were made.
func changeBot(ctx context.Context, c *operation.Call, id string, version int64,
	edit func(*store.Tx, *models.Bot, map[string]string) (repaired bool, made map[string]string, err error),
) (*botOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[botOut], error) {
		scope := tx.In(c.Account())
		before, err := scope.Bots().ByID(ctx, id)
		if err != nil {
			return nil, err
		}
		old, err := outBot(ctx, c.Core, scope.Scope, before)
		if err != nil {
			return nil, err
		}
		var repaired bool
		var made map[string]string
		_, after, err := scope.Bots().Update(ctx, id, version, func(b *models.Bot, secrets map[string]string) error {
			repaired, made, err = edit(tx, b, secrets)
			return err
		})
		if err != nil {
			return nil, err
		}
		if repaired {
			if err := scope.Bots().Resume(ctx, id); err != nil {
				return nil, err
			}
		}
		out, err := outBot(ctx, c.Core, scope.Scope, after)
		if err != nil {
			return nil, err
		}
		out.Body.Generated = made
		return operation.Did(out, operation.Of("bot", after.ID, after.Name), old.Body.BotView, out.Body.BotView), nil
	})
}

type rotateBotSecretIn struct {
	ID string `path:"id" pattern:"^bot_[0-9a-f]{32}$"`
	operation.Editing
	Body *struct {
		Secret         string `json:"secret,omitempty" format:"secret" maxLength:"200" doc:"The new secret; Belfry makes one when it is left out."`
		OverlapSeconds *int64 `json:"overlap_seconds,omitempty" minimum:"0" maximum:"604800" doc:"For how long the old secret signs, too; default 86,400. 0 revokes it at once."`
	}
}

func rotateBotSecret(ctx context.Context, c *operation.Call, in *rotateBotSecretIn) (*botOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	overlap, given := 24*time.Hour, ""
	if in.Body != nil {
		given = in.Body.Secret
		if in.Body.OverlapSeconds != nil {
			overlap = time.Duration(*in.Body.OverlapSeconds) * time.Second
		}
	}
	return changeBot(ctx, c, in.ID, version, func(tx *store.Tx, b *models.Bot, secrets map[string]string) (repaired bool, made map[string]string, err error) {
		sender, _, err := routeOf(ctx, c.Core, tx.Platform().Platform, *b)
		if err != nil {
			return false, nil, err
		}
		field, ok := rotating(sender.Descriptor())
		if !ok {
			return false, nil, models.Errorf(models.CodeConflict, "Bots of this channel have no secret to replace.")
		}
		secret := given
		if secret == "" {
			if secret, err = field.Generate(); err != nil {
				return false, nil, err
			}
			made = map[string]string{field.Name: secret}
		}
		old := channels.Settings{Values: b.Settings, Secrets: secrets}
		rotated := old.Rotate(field.Name, secret, tx.Now(), tx.Now().Add(overlap))
		if err := configure(ctx, c.Core, tx, b, rotated); err != nil {
			return false, nil, err
		}
		replace(secrets, rotated.Secrets)
		return false, made, nil
	})
}

// rotating is the field of a bot that can be replaced with an overlap.
func rotating(d channels.Descriptor) (channels.Field, bool) {
	for _, f := range d.BotFields {
		if f.Generate != nil {
			return f, true
		}
	}
	return channels.Field{}, false
}

func testBot(ctx context.Context, c *operation.Call, in *botIn) (*trialOut, error) {
	if out, err := operation.Replayed[trialOut](ctx, c); out != nil || err != nil {
		return out, err
	}
	scope := c.Store.In(c.Account())
	row, err := scope.Bots().ByID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	secrets, err := scope.Bots().Secrets(row)
	if err != nil {
		return nil, err
	}
	sender, target, err := routeOf(ctx, c.Core, c.Store.Platform(), row)
	if err != nil {
		return nil, err
	}
	if err := limitTrial(ctx, c.Core, models.BotDestination(row.ID)); err != nil {
		return nil, err
	}
	target.Bot = channels.Config{ID: row.ID, Version: row.Version, Settings: channels.Settings{Values: row.Settings, Secrets: secrets}}
	m, err := testMessage(ctx, c.Core, c.Account())
	if err != nil {
		return nil, err
	}
	return concludeTrial(ctx, c, operation.Of("bot", row.ID, row.Name), try(ctx, sender, target, m))
}

func resumeBot(ctx context.Context, c *operation.Call, in *botIn) (*botOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[botOut], error) {
		scope := tx.In(c.Account())
		row, err := scope.Bots().ByID(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		old, err := outBot(ctx, c.Core, scope.Scope, row)
		if err != nil {
			return nil, err
		}
		if err := scope.Bots().Resume(ctx, in.ID); err != nil {
			return nil, err
		}
		out, err := outBot(ctx, c.Core, scope.Scope, row)
		if err != nil {
			return nil, err
		}
		return operation.Did(out, operation.Of("bot", row.ID, row.Name), old.Body.Health, out.Body.Health), nil
	})
}
