package subscriptions

import (
	"context"
	"fmt"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/choice"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/store"
)

// ChoiceBody is a change of one row of the matrix; bodies embed it.
type ChoiceBody struct {
	Reset    bool              `json:"reset,omitempty" doc:"Forget what was chosen: the catalogue's cells, the account contact, every bot. The rest is applied after it."`
	Channels *[]models.Channel `json:"channels,omitempty" maxItems:"32" doc:"All channels to tick; others are unticked. The inbox needs no tick."`
	Tick     []models.Channel  `json:"tick,omitempty" maxItems:"32" doc:"Channels to tick beside the others."`
	Untick   []models.Channel  `json:"untick,omitempty" maxItems:"32" doc:"Channels to untick."`
	Contacts *[]string         `json:"contacts,omitempty" maxItems:"200" doc:"Ids of the contacts that get it; empty for the account contact. Not together with groups."`
	Groups   *[]string         `json:"groups,omitempty" maxItems:"200" doc:"Ids of the contact groups whose members get it; empty for the account contact."`
	Bots     *[]string         `json:"bots,omitempty" maxItems:"200" doc:"Ids of the bots that get it; [\"*\"] for every bot."`
	Caps     map[string]int    `json:"caps,omitempty" doc:"All bounds: how many deliveries a channel makes per day of the account's time zone. {} ends them all."`
}

func (b ChoiceBody) edit() choice.Edit {
	e := choice.Edit{
		Reset: b.Reset, Channels: b.Channels, Tick: b.Tick, Untick: b.Untick, Contacts: b.Contacts, Groups: b.Groups, Bots: b.Bots,
	}
	if b.Caps != nil {
		e.Caps = map[models.Channel]int{}
		for channel, limit := range b.Caps {
			e.Caps[models.Channel(channel)] = limit
		}
	}
	return e
}

// matrixEdit is one change of the account's matrix under way.
type matrixEdit struct {
	c  *operation.Call
	tx *store.Tx
	// version is what the edit insists on; 0 for any.
	version int64
	// m is the matrix before it.
	m matrixView
}

// changeBy is the change for the history.
func changeBy(c *operation.Call, version int64) store.MatrixChange {
	return store.MatrixChange{IfVersion: version, By: c.Actor, Action: c.Action()}
}

func (e matrixEdit) update(ctx context.Context, fn func(*models.Matrix) error) (before, after models.Matrix, err error) {
	return e.tx.In(e.c.Account()).Subscriptions().Update(ctx, changeBy(e.c, e.version), fn)
}

// Leave takes a contact, group or bot that the call deletes out of the account's matrix.
func Leave(ctx context.Context, c *operation.Call, tx *store.Tx, id string) error {
	_, _, err := tx.In(c.Account()).Subscriptions().Leave(ctx, id, changeBy(c, 0))
	return err
}

type updateSubscriptionIn struct {
	SubscriptionPath
	operation.Editing
	Confirming
	Body ChoiceBody
}

func updateSubscription(ctx context.Context, c *operation.Call, in *updateSubscriptionIn) (*subscriptionOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[subscriptionOut], error) {
		m, err := matrix(ctx, c.Core, tx.In(c.Account()).Scope)
		if err != nil {
			return nil, err
		}
		t, found := m.find(in.Type)
		if !found {
			return nil, models.NotFound()
		}
		return UnlessWorse(ctx, Judged{Core: c.Core, Rows: tx.In(c.Account()).Scope, Confirming: in.Confirming, Effects: routing.Worse}, func() (*operation.Done[subscriptionOut], error) {
			return matrixEdit{c, tx, version, m}.row(ctx, t, in.Body)
		})
	})
}

// row changes one row of the matrix and answers with it.
func (e matrixEdit) row(ctx context.Context, t models.MessageType, body ChoiceBody) (*operation.Done[subscriptionOut], error) {
	old := e.m.row(t)
	_, after, err := e.update(ctx, func(matrix *models.Matrix) error {
		chosen, err := choice.Edited(matrix.Choices[t.Key], t, body.edit(), e.m.offer, "#")
		matrix.Choices[t.Key] = chosen
		return err
	})
	if err != nil {
		return nil, err
	}
	e.m.matrix = after
	out := &subscriptionOut{ETag: operation.ETag(after.Version), Body: e.m.row(t)}
	return operation.Did(out, operation.Of("subscription", t.Key, t.Names[models.LocaleEN]), old, out.Body), nil
}

type updateSubscriptionsIn struct {
	operation.Editing
	Confirming
	Body struct {
		Changes []choiceChange `json:"changes" minItems:"1" maxItems:"500"`
	}
}

// choiceChange is a change of one row, or of all rows of a category.
type choiceChange struct {
	Type     string `json:"type,omitempty" maxLength:"64" doc:"A message type; or else category."`
	Category string `json:"category,omitempty" maxLength:"24" doc:"All message types of it, but for what they lock."`
	ChoiceBody
}

type changedMatrixOut struct {
	ETag string `header:"ETag"`
	Body struct {
		Version int64              `json:"version"`
		Changed []subscriptionView `json:"changed" doc:"The rows that are different now, sorted by type."`
	}
}

func updateSubscriptions(ctx context.Context, c *operation.Call, in *updateSubscriptionsIn) (*changedMatrixOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[changedMatrixOut], error) {
		m, err := matrix(ctx, c.Core, tx.In(c.Account()).Scope)
		if err != nil {
			return nil, err
		}
		apply := func(matrix *models.Matrix) error { return m.apply(matrix, in.Body.Changes) }
		return UnlessWorse(ctx, Judged{Core: c.Core, Rows: tx.In(c.Account()).Scope, Confirming: in.Confirming, Effects: routing.Worse}, func() (*operation.Done[changedMatrixOut], error) {
			return matrixEdit{c, tx, version, m}.rows(ctx, apply)
		})
	})
}

// rows changes the matrix and answers with the rows that differ.
func (e matrixEdit) rows(ctx context.Context, fn func(*models.Matrix) error) (*operation.Done[changedMatrixOut], error) {
	before, after, err := e.update(ctx, fn)
	if err != nil {
		return nil, err
	}
	out := &changedMatrixOut{ETag: operation.ETag(after.Version)}
	out.Body.Version, out.Body.Changed = after.Version, []subscriptionView{}
	old := []subscriptionView{}
	for _, key := range before.Differences(after) {
		if t, found := e.m.find(key); found {
			e.m.matrix = before
			old = append(old, e.m.row(t))
			e.m.matrix = after
			out.Body.Changed = append(out.Body.Changed, e.m.row(t))
		}
	}
	return operation.Did(out, operation.Of("subscription", models.Every, ""), old, out.Body.Changed), nil
}

// apply makes the changes in their order.
func (m matrixView) apply(matrix *models.Matrix, changes []choiceChange) error {
	for i, change := range changes {
		at := fmt.Sprintf("#/changes/%d", i)
		kinds, err := m.meant(change, at)
		if err != nil {
			return err
		}
		edit := change.edit()
		edit.Lenient = change.Type == ""
		for _, t := range kinds {
			chosen, err := choice.Edited(matrix.Choices[t.Key], t, edit, m.offer, at)
			if err != nil {
				return err
			}
			matrix.Choices[t.Key] = chosen
		}
	}
	return nil
}

// meant are the message types that a change is about.
func (m matrixView) meant(change choiceChange, at string) ([]models.MessageType, error) {
	if (change.Type == "") == (change.Category == "") {
		return nil, models.Invalid(at+"/type", "conflict", "Name a type or a category, not both.")
	}
	if change.Type != "" {
		if t, found := m.find(change.Type); found {
			return []models.MessageType{t}, nil
		}
		return nil, models.Invalid(at+"/type", "unknown-value", "There is no such message type.")
	}
	var kinds []models.MessageType
	for _, t := range m.kinds {
		if t.Category == change.Category {
			kinds = append(kinds, t)
		}
	}
	if len(kinds) == 0 {
		return nil, models.Invalid(at+"/category", "unknown-value", "There is no such category with message types.")
	}
	return kinds, nil
}

type switchMarketingIn struct {
	operation.Editing
	Body struct {
		Enabled bool `json:"enabled"`
	}
}

type marketingOut struct {
	ETag string `header:"ETag"`
	Body marketingView
}

type marketingView struct {
	Enabled bool `json:"enabled"`
}

func switchMarketing(ctx context.Context, c *operation.Call, in *switchMarketingIn) (*marketingOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[marketingOut], error) {
		before, after, err := tx.In(c.Account()).Subscriptions().Update(ctx, changeBy(c, version), func(m *models.Matrix) error {
			chosen := m.Choices[models.Every]
			chosen.MarketingOff = !in.Body.Enabled
			m.Choices[models.Every] = chosen
			return nil
		})
		if err != nil {
			return nil, err
		}
		out := &marketingOut{ETag: operation.ETag(after.Version), Body: marketingView{Enabled: in.Body.Enabled}}
		return operation.Did(out, operation.Of("subscription", models.Marketing, ""), marketingView{Enabled: !before.MarketingOff()}, out.Body), nil
	})
}
