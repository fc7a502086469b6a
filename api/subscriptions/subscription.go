package subscriptions

import (
	"cmp"
	"context"
	"slices"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/choice"
	"belfry.dev/belfry/models/intake"
	"belfry.dev/belfry/store"
)

func describeSubscriptions() map[string]operation.Operation {
	return map[string]operation.Operation{
		"subscription.list": {
			Summary:     "Show who hears what",
			Description: "The whole matrix as one page, sorted by message type: ticks, targets and bots. With as_of, as it was then. Its ETag is the matrix's version.",
		},
		"subscription.get": {
			Summary:     "Show who hears of a message type",
			Description: "Its cells with the reason where one cannot be changed, its recipients and its bots.",
		},
		"subscription.update": {
			Summary:     "Choose who hears of a message type",
			Description: "What is left out stays. If-Match is the matrix's ETag. Locked cells: 409 mandatory-channel; strict types: 409 strict-type.",
		},
		"subscription.update_many": {
			Summary:     "Choose who hears of many message types",
			Description: "All of it or nothing, in the order given. A change of a category leaves locked cells and strict types as they are.",
		},
		"subscription.marketing": {
			Summary:     "Switch all activity messages on or off",
			Description: "Message types of the category activity that are locked stay on.",
		},
	}
}

// subscriptionView is one row of the matrix.
type subscriptionView struct {
	Type       string            `json:"type"`
	Category   string            `json:"category"`
	Names      map[string]string `json:"names" doc:"By language."`
	Severity   models.Severity   `json:"severity" enum:"info,warning,critical"`
	Strict     bool              `json:"strict" doc:"Goes to the account contact over the locked cells; nothing can be chosen."`
	Marketing  bool              `json:"marketing" doc:"Obeys the one switch for activity messages."`
	Cells      []cellView        `json:"cells" doc:"One for every channel that writes to addresses, and the inbox."`
	TargetKind string            `json:"target_kind" enum:"account,contacts,groups" doc:"account: nobody is named, so the account contact gets it."`
	Targets    []namedView       `json:"targets"`
	EveryBot   bool              `json:"every_bot" doc:"Every bot gets it, also those that are added later."`
	Bots       []namedView       `json:"bots" doc:"The bots that were chosen; empty when every bot gets it."`
	Caps       map[string]int    `json:"caps" doc:"Deliveries a day at most, by channel; others are not bounded."`
	Chosen     bool              `json:"chosen" doc:"Somebody chose something; else all is the catalogue's."`
	FellBack   bool              `json:"fell_back" doc:"The last target was deleted: the account contact gets it since then."`
}

type cellView struct {
	Channel models.Channel `json:"channel"`
	Ticked  bool           `json:"ticked"`
	State   string         `json:"state" enum:"free,locked,unavailable"`
	Reason  string         `json:"reason,omitempty" enum:"inbox,mandatory,strict,channel_not_configured,marketing_off" doc:"Why it is not free, or why nothing goes over it in spite of the tick; left out where neither is so."`
}

type namedView struct {
	ID   string `json:"id"`
	Name string `json:"name" doc:"Empty when it does not exist any more."`
}

// matrixView shows rows of a matrix.
type matrixView struct {
	kinds  []models.MessageType // sorted by key
	matrix models.Matrix
	offer  choice.Offer
}

func (m matrixView) row(t models.MessageType) subscriptionView {
	c := m.matrix.Choices[t.Key]
	v := subscriptionView{
		Type: t.Key, Category: t.Category, Names: t.Names, Severity: t.Severity, Strict: t.Strict, Marketing: t.Marketing,
		TargetKind: string(c.Kind), Targets: []namedView{}, EveryBot: c.Bots == nil && !t.Strict, Bots: named(c.Bots, m.offer.Bots),
		Caps: map[string]int{}, Chosen: !c.IsZero(), FellBack: c.FellBack,
	}
	switch c.Kind {
	case models.TargetAccount:
		v.TargetKind = "account"
	case models.TargetContacts:
		v.Targets = named(c.Targets, m.offer.Contacts)
	case models.TargetGroups:
		v.Targets = named(c.Targets, m.offer.Groups)
	}
	for channel, limit := range c.Caps {
		v.Caps[string(channel)] = limit
	}
	for _, channel := range m.offer.Channels {
		v.Cells = append(v.Cells, m.cell(t, c, channel))
	}
	return v
}

func (m matrixView) cell(t models.MessageType, c models.Choice, channel models.Channel) cellView {
	v := cellView{Channel: channel, Ticked: c.Ticks(t, channel)}
	v.State, v.Reason = m.offer.Cell(t, channel, v.Ticked, m.matrix.MarketingOff())
	return v
}

func named(ids []string, names map[string]string) []namedView {
	list := make([]namedView, 0, len(ids))
	for _, id := range ids {
		list = append(list, namedView{ID: id, Name: names[id]})
	}
	return list
}

func (m matrixView) find(key string) (models.MessageType, bool) {
	i, found := slices.BinarySearchFunc(m.kinds, key, func(t models.MessageType, key string) int { return cmp.Compare(t.Key, key) })
	if !found {
		return models.MessageType{}, false
	}
	return m.kinds[i], true
}

// offer is what the account can choose now.
func offer(ctx context.Context, s *operation.Core, sc store.Scope) (choice.Offer, error) {
	o := choice.Offer{Channels: []models.Channel{models.ChannelInbox}}
	for _, d := range s.Channels.Descriptors() {
		switch {
		case d.WritesToBots() && !slices.Contains(o.BotChannels, d.Channel):
			o.BotChannels = append(o.BotChannels, d.Channel)
		case !d.WritesToBots() && !slices.Contains(o.Channels, d.Channel):
			o.Channels = append(o.Channels, d.Channel)
		}
	}
	slices.Sort(o.Channels[1:])
	slices.Sort(o.BotChannels)
	var err error
	if o.Configured, err = sc.Subscriptions().Configured(ctx); err != nil {
		return o, err
	}
	names, err := sc.Subscriptions().Recipients(ctx)
	o.Contacts, o.Groups, o.Bots = names.Contacts, names.Groups, names.Bots
	return o, err
}

// subscribable are the message types that accounts choose about, sorted by key.
func subscribable(ctx context.Context, s *operation.Core) ([]models.MessageType, error) {
	kinds, err := s.Store.Catalogue().Types(ctx)
	return slices.DeleteFunc(kinds, func(t models.MessageType) bool { return !t.Subscribable() }), err
}

// matrix reads the account's matrix as it stands.
func matrix(ctx context.Context, s *operation.Core, sc store.Scope) (matrixView, error) {
	var m matrixView
	var err error
	if m.kinds, err = subscribable(ctx, s); err != nil {
		return m, err
	}
	if m.matrix, err = sc.Subscriptions().Matrix(ctx); err != nil {
		return m, err
	}
	m.offer, err = offer(ctx, s, sc)
	return m, err
}

type matrixOut struct {
	ETag string `header:"ETag"`
	Body matrixBody
}

// matrixBody is the whole matrix.
type matrixBody struct {
	Version   int64              `json:"version" doc:"Counts the changes."`
	AsOf      *time.Time         `json:"as_of,omitempty" doc:"The past time that this is of."`
	Marketing bool               `json:"marketing" doc:"Activity messages are on."`
	Items     []subscriptionView `json:"items"`
}

func (m matrixView) body() matrixBody {
	b := matrixBody{Version: m.matrix.Version, Marketing: !m.matrix.MarketingOff(), Items: make([]subscriptionView, 0, len(m.kinds))}
	for _, t := range m.kinds {
		b.Items = append(b.Items, m.row(t))
	}
	return b
}

type listSubscriptionsIn struct {
	AsOf time.Time `query:"as_of" doc:"A past time; now when left out."`
}

func listSubscriptions(ctx context.Context, c *operation.Call, in *listSubscriptionsIn) (*matrixOut, error) {
	if in.AsOf.IsZero() {
		m, err := matrix(ctx, c.Core, c.Store.In(c.Account()))
		if err != nil {
			return nil, err
		}
		return &matrixOut{ETag: operation.ETag(m.matrix.Version), Body: m.body()}, nil
	}
	if err := intake.Past("query/as_of", in.AsOf, c.Store.Now()); err != nil {
		return nil, err
	}
	m, err := matrixAt(ctx, c.Core, c.Store.In(c.Account()), in.AsOf)
	if err != nil {
		return nil, err
	}
	out := &matrixOut{ETag: operation.ETag(m.matrix.Version), Body: m.body()}
	out.Body.AsOf = &in.AsOf
	return out, nil
}

// SubscriptionPath is embedded by the In types of one row.
type SubscriptionPath struct {
	Type string `path:"type" pattern:"^[a-z][a-z0-9_]{0,23}\\.[a-z][a-z0-9_]{0,38}$"`
}

type subscriptionOut struct {
	ETag string `header:"ETag"`
	Body subscriptionView
}

func getSubscription(ctx context.Context, c *operation.Call, in *SubscriptionPath) (*subscriptionOut, error) {
	m, err := matrix(ctx, c.Core, c.Store.In(c.Account()))
	if err != nil {
		return nil, err
	}
	t, found := m.find(in.Type)
	if !found {
		return nil, models.NotFound()
	}
	return &subscriptionOut{ETag: operation.ETag(m.matrix.Version), Body: m.row(t)}, nil
}
