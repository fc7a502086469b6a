package subscriptions

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/intake"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/store"
)

func describeSubscriptionHistory() map[string]operation.Operation {
	return map[string]operation.Operation{
		"subscription.history": {
			Summary:     "List the changes of who hears what",
			Description: "Newest first: when, who, before and after. Kept for ever.",
		},
		"subscription.diff": {
			Summary:     "Compare who heard what at two times",
			Description: "The rows that differ, what the catalogue changed included.",
		},
		"subscription.revert": {
			Summary:     "Choose again what was chosen at a past time",
			Description: "Contacts, groups and bots that are gone stay out. The history gets longer: a revert can be reverted.",
		},
	}
}

// changeView is one row of the history.
type changeView struct {
	Version   int64      `json:"version" doc:"The matrix's after it."`
	Type      string     `json:"type" doc:"* for what is chosen for all types: the switch for activity messages."`
	At        time.Time  `json:"at"`
	ActorKind string     `json:"actor_kind"`
	ActorID   string     `json:"actor_id"`
	Actor     string     `json:"actor" doc:"The name then."`
	Action    string     `json:"action" doc:"The operation that made it."`
	Before    choiceView `json:"before" doc:"With chosen false where nothing was chosen: the catalogue's defaults applied, and are shown."`
	After     choiceView `json:"after" doc:"With chosen false where nothing is chosen any more."`
}

// choiceView is a choice as the history keeps it.
type choiceView struct {
	Chosen     bool             `json:"chosen" doc:"False: nothing was chosen, and what applied then is shown."`
	Channels   []models.Channel `json:"channels" doc:"The catalogue's of that time where they were left to it."`
	TargetKind string           `json:"target_kind" enum:"account,contacts,groups"`
	Targets    []string         `json:"targets"`
	Bots       []string         `json:"bots" nullable:"true" doc:"Null is every bot."`
	Caps       map[string]int   `json:"caps"`
	FellBack   bool             `json:"fell_back"`
	Marketing  bool             `json:"marketing" doc:"Only of *: activity messages are on."`
}

// viewChoice shows a choice for the type as it was then; nil chose nothing.
func viewChoice(t models.MessageType, chosen *models.Choice) choiceView {
	var c models.Choice
	if chosen != nil {
		c = *chosen
	}
	v := choiceView{
		Chosen: chosen != nil, Channels: c.ChannelsOf(t), TargetKind: string(c.Kind), Targets: append([]string{}, c.Targets...), Bots: c.Bots,
		Caps: map[string]int{}, FellBack: c.FellBack, Marketing: !c.MarketingOff,
	}
	if c.Kind == models.TargetAccount {
		v.TargetKind = "account"
	}
	for channel, limit := range c.Caps {
		v.Caps[string(channel)] = limit
	}
	return v
}

type listSubscriptionChangesIn struct {
	operation.Listing
	Type string `query:"type" maxLength:"64" doc:"One message type; * for what is chosen for all."`
}

func listSubscriptionChanges(ctx context.Context, c *operation.Call, in *listSubscriptionChangesIn) (*operation.ListOut[changeView], error) {
	p, err := c.Paging(in.Listing, in.Type)
	if err != nil {
		return nil, err
	}
	rows, next, err := c.Store.In(c.Account()).Subscriptions().Changes(ctx, in.Type, p.Page)
	if err != nil {
		return nil, err
	}
	types, err := c.Store.Catalogue().TypesOfChanges(ctx, rows)
	if err != nil {
		return nil, err
	}
	views := make([]changeView, len(rows))
	for i, r := range rows {
		views[i] = changeView{
			Version: r.Version, Type: r.TypeKey, At: r.At, ActorKind: string(r.ActorKind), ActorID: r.ActorID, Actor: r.ActorName,
			Action: r.Action, Before: viewChoice(types[i], r.Before), After: viewChoice(types[i], r.After),
		}
	}
	return operation.Listed(p, views, next, func(v changeView) changeView { return v }), nil
}

// matrixAt reads the matrix as it was at the instant, with the catalogue of then. What can
// be chosen is of now.
func matrixAt(ctx context.Context, s *operation.Core, sc store.Scope, at time.Time) (matrixView, error) {
	var m matrixView
	kinds, err := s.Store.Catalogue().TypesAt(ctx, at)
	if err != nil {
		return m, err
	}
	m.kinds = slices.DeleteFunc(kinds, func(t models.MessageType) bool { return !t.Subscribable() })
	if m.matrix, err = sc.Subscriptions().MatrixAt(ctx, at); err != nil {
		return m, err
	}
	m.offer, err = offer(ctx, s, sc)
	return m, err
}

type diffSubscriptionsIn struct {
	From time.Time `query:"from" doc:"A week before to when left out."`
	To   time.Time `query:"to" doc:"Now when left out."`
}

type diffOut struct {
	Body struct {
		From  time.Time  `json:"from"`
		To    time.Time  `json:"to"`
		Items []diffView `json:"items" doc:"Sorted by type."`
	}
}

// diffView is a row that differs.
type diffView struct {
	Type   string            `json:"type"`
	Before *subscriptionView `json:"before" doc:"Null when there was no such row."`
	After  *subscriptionView `json:"after" doc:"Null when there is no such row any more."`
}

func diffSubscriptions(ctx context.Context, c *operation.Call, in *diffSubscriptionsIn) (*diffOut, error) {
	if in.To.IsZero() {
		in.To = c.Store.Now()
	}
	if in.From.IsZero() {
		in.From = in.To.AddDate(0, 0, -7)
	}
	if err := intake.Past("query/from", in.From, c.Store.Now()); err != nil {
		return nil, err
	}
	if err := intake.Past("query/to", in.To, c.Store.Now()); err != nil {
		return nil, err
	}
	before, err := matrixAt(ctx, c.Core, c.Store.In(c.Account()), in.From)
	if err != nil {
		return nil, err
	}
	after, err := matrixAt(ctx, c.Core, c.Store.In(c.Account()), in.To)
	if err != nil {
		return nil, err
	}
	out := &diffOut{}
	out.Body.From, out.Body.To = in.From, in.To
	out.Body.Items, err = differing(before, after)
	return out, err
}

// differing are the rows that are shown differently.
func differing(before, after matrixView) ([]diffView, error) {
	rows := map[string]*diffView{}
	at := func(key string) *diffView {
		if rows[key] == nil {
			rows[key] = &diffView{Type: key}
		}
		return rows[key]
	}
	for _, t := range before.kinds {
		row := before.row(t)
		at(t.Key).Before = &row
	}
	for _, t := range after.kinds {
		row := after.row(t)
		at(t.Key).After = &row
	}
	items := []diffView{}
	for _, row := range rows {
		old, err := json.Marshal(row.Before)
		if err != nil {
			return nil, fmt.Errorf("encode a row: %w", err)
		}
		now, err := json.Marshal(row.After)
		if err != nil {
			return nil, fmt.Errorf("encode a row: %w", err)
		}
		if !bytes.Equal(old, now) {
			items = append(items, *row)
		}
	}
	slices.SortFunc(items, func(a, b diffView) int { return bytes.Compare([]byte(a.Type), []byte(b.Type)) })
	return items, nil
}

type revertSubscriptionsIn struct {
	operation.Editing
	Confirming
	Body struct {
		AsOf    *time.Time `json:"as_of,omitempty" doc:"The past time; or else version."`
		Version int64      `json:"version,omitempty" minimum:"1" doc:"The matrix's version."`
	}
}

func revertSubscriptions(ctx context.Context, c *operation.Call, in *revertSubscriptionsIn) (*changedMatrixOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	if (in.Body.AsOf == nil) == (in.Body.Version == 0) {
		return nil, models.Invalid("#/as_of", "conflict", "Say either as_of or version.")
	}
	if in.Body.AsOf != nil {
		if err := intake.Past("#/as_of", *in.Body.AsOf, c.Store.Now()); err != nil {
			return nil, err
		}
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[changedMatrixOut], error) {
		sc := tx.In(c.Account()).Scope
		m, err := matrix(ctx, c.Core, sc)
		if err != nil {
			return nil, err
		}
		var then models.Matrix
		if in.Body.AsOf != nil {
			then, err = sc.Subscriptions().MatrixAt(ctx, in.Body.AsOf.UTC())
		} else {
			then, err = sc.Subscriptions().MatrixOfVersion(ctx, in.Body.Version)
		}
		if err != nil {
			return nil, err
		}
		back := func(matrix *models.Matrix) error { //nolint:unparam // matrixEdit asks for the error: other edits refuse
			matrix.Choices = m.offer.Keep(then.Choices)
			return nil
		}
		return UnlessWorse(ctx, Judged{Core: c.Core, Rows: sc, Confirming: in.Confirming, Effects: routing.Worse}, func() (*operation.Done[changedMatrixOut], error) {
			return matrixEdit{c, tx, version, m}.rows(ctx, back)
		})
	})
}
