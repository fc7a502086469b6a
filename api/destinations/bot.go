package destinations

import (
	"context"
	"net/url"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/subscriptions"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/store"
)

func describeBots() map[string]operation.Operation {
	return map[string]operation.Operation{
		"bot.create": {
			Summary:     "Add a bot",
			Description: "Secrets that Belfry made are shown in this answer only. An account has at most 20 bots, unless an operator allows more.",
		},
		"bot.list": {
			Summary:     "List the bots",
			Description: "Newest first, disabled ones too, each with its health.",
		},
		"bot.get": {
			Summary:     "Show a bot",
			Description: "With its health: when it last delivered, and why it failed.",
		},
		"bot.update": {
			Summary:     "Change a bot",
			Description: "Secrets that are not sent stay. Changed settings, or enabling it, end a suspension.",
		},
		"bot.delete": {
			Summary:     "Delete a bot",
			Description: "What is still on its way to it ends. When it is chosen for message types: 409 confirmation-required, unless confirm=true.",
		},
		"bot.test": {
			Summary:     "Send a test message to a bot",
			Description: "At once, the way that messages go, within 10 s; the answer is the receiver's. At most 6 a minute.",
		},
		"bot.rotate_secret": {
			Summary:     "Replace a bot's signing secret",
			Description: "For the overlap, a day by default, messages are signed with both.",
		},
		"bot.resume": {
			Summary:     "End a bot's suspension",
			Description: "What waited for it and is still in time is sent.",
		},
	}
}

// BotView is a bot as it is shown; bodies embed it.
type BotView struct {
	ID       string                 `json:"id"`
	Channel  models.Channel         `json:"channel"`
	Name     string                 `json:"name"`
	Hint     string                 `json:"hint" doc:"What may be shown of its URL."`
	Enabled  bool                   `json:"enabled"`
	Settings map[string]wire.Scalar `json:"settings" doc:"By name; each of the type that GET /v1/channels gives its field."`
	Secrets  []string               `json:"secrets_set" doc:"Names of the secrets that are set."`
	Health   healthView             `json:"health"`
	Version  int64                  `json:"version"`
	Created  time.Time              `json:"created_at"`
	Updated  time.Time              `json:"updated_at"`
}

type botOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     struct {
		BotView
		Generated map[string]string `json:"generated,omitempty" doc:"Secrets that Belfry made just now, by name. They are not shown again."`
	}
}

// botViews are the views of rows with their health, in one query more.
func botViews(ctx context.Context, s *operation.Core, sc store.Scope, rows ...models.Bot) ([]BotView, error) {
	names := make([]string, 0, len(rows))
	for _, row := range rows {
		names = append(names, models.BotDestination(row.ID))
	}
	states, err := sc.Destinations().States(ctx, names...)
	if err != nil {
		return nil, err
	}
	views := make([]BotView, 0, len(rows))
	for i, row := range rows {
		secrets, err := sc.Bots().Secrets(row)
		if err != nil {
			return nil, err
		}
		views = append(views, BotView{
			ID: row.ID, Channel: row.Channel, Name: row.Name, Hint: row.Hint, Enabled: row.Enabled, Settings: typed(botFields(s, row.Channel), row.Settings),
			Secrets: secretNames(secrets), Health: viewHealth(states[names[i]], s.Now()),
			Version: row.Version, Created: row.CreatedAt, Updated: row.UpdatedAt,
		})
	}
	return views, nil
}

// botFields are the settings of bots on the channel.
func botFields(s *operation.Core, channel models.Channel) []channels.Field {
	for _, d := range s.Channels.Descriptors() {
		if d.Channel == channel && d.WritesToBots() {
			return d.BotFields
		}
	}
	return nil
}

func outBot(ctx context.Context, s *operation.Core, sc store.Scope, row models.Bot) (*botOut, error) {
	views, err := botViews(ctx, s, sc, row)
	if err != nil {
		return nil, err
	}
	out := &botOut{ETag: operation.ETag(row.Version)}
	out.Body.BotView = views[0]
	return out, nil
}

// route finds the adapter of a channel that writes to bots, with the settings of
// the provider that is tried first. Code validation-failed: no operator
// configured the channel, or it writes to no bots.
func readRoute(ctx context.Context, s *operation.Core, p store.Platform, channel models.Channel) (channels.Sender, channels.Target, error) {
	rows, err := p.Providers().List(ctx, channel)
	if err != nil {
		return nil, channels.Target{}, err
	}
	for _, row := range rows {
		if !row.Enabled {
			continue
		}
		secrets, err := p.Providers().Secrets(row)
		if err != nil {
			return nil, channels.Target{}, err
		}
		sender, target, err := s.Channels.Route(row, secrets, nil, nil)
		if err == nil && sender.Descriptor().WritesToBots() {
			return sender, target, nil
		}
	}
	return nil, channels.Target{}, models.Invalid("#/channel", "unavailable-channel", "No bots can be made for this channel.")
}

// hintOf is what may be shown of the URL that a bot's settings lead to: scheme,
// host and an ellipsis; "" when there is none.
func hintOf(d channels.Descriptor, settings channels.Settings) string {
	for _, f := range d.BotFields {
		if f.Type != "url" {
			continue
		}
		if u, err := url.Parse(settings.Get(f.Name)); err == nil && u.Host != "" {
			return u.Scheme + "://" + u.Host + "/…"
		}
	}
	return ""
}

// generate fills in the secrets that nobody gave and returns those that it made.
func generate(fields []channels.Field, settings channels.Settings) (filled channels.Settings, made map[string]string, err error) {
	made = map[string]string{}
	for _, f := range fields {
		if f.Generate == nil || settings.Get(f.Name) != "" {
			continue
		}
		if made[f.Name], err = f.Generate(); err != nil {
			return settings, nil, err
		}
	}
	return settings.With(channels.Settings{Secrets: made}), made, nil
}

type createBotIn struct {
	Body struct {
		Channel models.Channel `json:"channel" maxLength:"32" doc:"A channel that writes to bots; see GET /v1/channels."`
		Name    string         `json:"name" minLength:"1" maxLength:"64"`
		Enabled *bool          `json:"enabled,omitempty" doc:"Default: true."`
		SettingsBody
	}
}

func createBot(ctx context.Context, c *operation.Call, in *createBotIn) (*botOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[botOut], error) {
		sender, target, err := readRoute(ctx, c.Core, tx.Platform().Platform, in.Body.Channel)
		if err != nil {
			return nil, err
		}
		given, _, err := in.Body.applied(channels.Settings{})
		if err != nil {
			return nil, err
		}
		settings, made, err := generate(sender.Descriptor().BotFields, given)
		if err != nil {
			return nil, err
		}
		target.Bot = channels.Config{Settings: settings}
		if err := channels.Check(sender, target); err != nil {
			return nil, err
		}
		row := models.Bot{
			Channel: in.Body.Channel, Name: in.Body.Name, Enabled: true, Settings: settings.Values, Hint: hintOf(sender.Descriptor(), settings),
			CreatedBy: c.Actor.ID,
		}
		operation.Set(&row.Enabled, in.Body.Enabled)
		if err := tx.In(c.Account()).Bots().Create(ctx, &row, settings.Secrets); err != nil {
			return nil, err
		}
		out, err := outBot(ctx, c.Core, tx.In(c.Account()).Scope, row)
		if err != nil {
			return nil, err
		}
		out.Location, out.Body.Generated = "/v1/bots/"+row.ID, made
		return operation.Did(out, operation.Of("bot", row.ID, row.Name), nil, out.Body.BotView), nil
	})
}

type listBotsIn struct {
	operation.Listing
	Q       string         `query:"q" maxLength:"64" doc:"A part of the name, whatever its case."`
	Channel models.Channel `query:"channel" maxLength:"32" doc:"Only those of this channel."`
	Enabled string         `query:"enabled" enum:"true,false" doc:"Only those that are, or are not."`
}

func listBots(ctx context.Context, c *operation.Call, in *listBotsIn) (*operation.ListOut[BotView], error) {
	p, err := c.Paging(in.Listing, in.Q, string(in.Channel), in.Enabled)
	if err != nil {
		return nil, err
	}
	scope := c.Store.In(c.Account())
	filter := store.NamedFilter{Search: in.Q, Channel: in.Channel}
	if in.Enabled != "" {
		enabled := in.Enabled == "true"
		filter.Enabled = &enabled
	}
	rows, next, err := scope.Bots().Find(ctx, filter, p.Page)
	if err != nil {
		return nil, err
	}
	views, err := botViews(ctx, c.Core, scope, rows...)
	return operation.Listed(p, views, next, func(v BotView) BotView { return v }), err
}

type botIn struct {
	ID string `path:"id" pattern:"^bot_[0-9a-f]{32}$"`
}

func getBot(ctx context.Context, c *operation.Call, in *botIn) (*botOut, error) {
	row, err := c.Store.In(c.Account()).Bots().ByID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return outBot(ctx, c.Core, c.Store.In(c.Account()), row)
}

type deleteBotIn struct {
	ID string `path:"id" pattern:"^bot_[0-9a-f]{32}$"`
	subscriptions.Confirming
}

func deleteBot(ctx context.Context, c *operation.Call, in *deleteBotIn) (*operation.Nothing, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operation.Nothing], error) {
		scope := tx.In(c.Account())
		row, err := scope.Bots().ByID(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		old, err := outBot(ctx, c.Core, scope.Scope, row)
		if err != nil {
			return nil, err
		}
		return subscriptions.UnlessWorse(ctx, subscriptions.Judged{Core: c.Core, Rows: scope.Scope, Confirming: in.Confirming, Effects: routing.Lost}, func() (*operation.Done[operation.Nothing], error) {
			if err := subscriptions.Leave(ctx, c, tx, in.ID); err != nil {
				return nil, err
			}
			if _, err := scope.Bots().Delete(ctx, in.ID); err != nil {
				return nil, err
			}
			return operation.Did(&operation.Nothing{}, operation.Of("bot", row.ID, row.Name), old.Body.BotView, nil), nil
		})
	})
}
