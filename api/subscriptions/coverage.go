package subscriptions

import (
	"context"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/store"
)

func describeCoverage() map[string]operation.Operation {
	return map[string]operation.Operation{
		"coverage.get": {
			Summary:     "Show what would reach nobody",
			Description: "Message types that no verified person hears of outside of the inbox, mandatory channels over which nobody is reached, types that hang on one person, contacts that no type names, and bots that fail.",
		},
	}
}

type coverageOut struct {
	Body coverageView
}

type coverageView struct {
	Types     int             `json:"types" doc:"How many message types were looked at."`
	Unreached []unreachedView `json:"unreached" doc:"Nobody verified is reached outside of the inbox."`
	Floors    []floorView     `json:"floors" doc:"Mandatory channels over which nobody is reached, not even the account contact."`
	Single    []singleView    `json:"single" doc:"Everything hangs on one person."`
	OptedOut  []optedOutView  `json:"opted_out" doc:"Contacts that ended mail of a type themselves, by a link in it or among their own details."`
	Idle      []namedView     `json:"idle" doc:"Contacts that no message type names: they receive nothing."`
	Failing   []failingView   `json:"failing" doc:"Bots whose messages do not arrive."`
}

type unreachedView struct {
	Type   string `json:"type"`
	Reason string `json:"reason" doc:"The first reason against; see docs/reasons.md."`
	Bots   int    `json:"bots" doc:"How many bots get it all the same."`
}

type floorView struct {
	Type    string         `json:"type"`
	Channel models.Channel `json:"channel"`
	Reason  string         `json:"reason" doc:"What speaks against the account contact; see docs/reasons.md."`
}

type singleView struct {
	Type    string    `json:"type"`
	Contact namedView `json:"contact"`
	Bots    int       `json:"bots" doc:"How many bots get it, too."`
}

type optedOutView struct {
	Type    string    `json:"type"`
	Contact namedView `json:"contact"`
}

type failingView struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Reason      string     `json:"reason" doc:"Why it is suspended; empty when it is not yet."`
	Failed      int        `json:"failures" doc:"Since its last success."`
	Since       *time.Time `json:"failing_since" doc:"When these failures began."`
	SuspendedAt *time.Time `json:"suspended_at"`
}

// whole reads everything that decides who hears what in the account.
func whole(ctx context.Context, s *operation.Core, sc store.Scope) (routing.Whole, []failingView, error) {
	kinds, err := subscribable(ctx, s)
	if err != nil {
		return routing.Whole{}, nil, err
	}
	a, err := sc.Routing().Assembly(ctx)
	w := routing.Whole{
		Types: kinds, Matrix: a.Matrix, Contacts: a.Contacts, Groups: a.Groups, Bots: a.Bots, Configured: a.Configured,
		Failing: map[string]bool{}, OptOuts: a.OptOuts,
	}
	failing := []failingView{}
	for _, b := range a.Bots {
		state := a.States[models.BotDestination(b.ID)]
		if state.SuspendedAt == nil && state.Failures == 0 {
			continue
		}
		w.Failing[b.ID] = true
		failing = append(failing, failingView{ID: b.ID, Name: b.Name, Reason: state.Reason, Failed: state.Failures, Since: state.FailingSince, SuspendedAt: state.SuspendedAt})
	}
	return w, failing, err
}

func getCoverage(ctx context.Context, c *operation.Call, _ *struct{}) (*coverageOut, error) {
	w, failing, err := whole(ctx, c.Core, c.Store.In(c.Account()))
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, contact := range w.Contacts {
		names[contact.ID] = contact.Name
	}
	cover := routing.Cover(w)
	v := coverageView{
		Types: len(cover), Unreached: []unreachedView{}, Floors: []floorView{}, Single: []singleView{}, OptedOut: []optedOutView{}, Idle: []namedView{},
		Failing: failing,
	}
	for _, r := range cover {
		for _, id := range r.OptedOut {
			v.OptedOut = append(v.OptedOut, optedOutView{Type: r.Type, Contact: namedView{ID: id, Name: names[id]}})
		}
		for _, floor := range r.Unmet {
			v.Floors = append(v.Floors, floorView{Type: r.Type, Channel: floor.Channel, Reason: floor.Reason})
		}
		switch len(r.People) {
		case 0:
			v.Unreached = append(v.Unreached, unreachedView{Type: r.Type, Reason: r.Reason, Bots: r.Bots})
		case 1:
			v.Single = append(v.Single, singleView{Type: r.Type, Contact: namedView{ID: r.People[0], Name: names[r.People[0]]}, Bots: r.Bots})
		}
	}
	for _, contact := range w.Idle() {
		v.Idle = append(v.Idle, namedView{ID: contact.ID, Name: contact.Name})
	}
	return &coverageOut{Body: v}, nil
}

// Confirming is embedded by the In types of changes that may leave somebody uninformed.
type Confirming struct {
	Confirm bool `query:"confirm" doc:"Do it although it leaves somebody uninformed; without it such a change is refused and says what it affects."`
}

// Judged is a change of an account's rows that may leave somebody uninformed.
type Judged struct {
	Core *operation.Core
	// Rows are those that it changes, in its transaction.
	Rows       store.Scope
	Confirming Confirming
	// Effects compares who hears what before and after it.
	Effects func(before, after routing.Coverage) []routing.Effect
}

// UnlessWorse runs the change, and refuses it with all that it affects unless it is
// confirmed. Code confirmation-required: nothing is changed.
func UnlessWorse[Out any](ctx context.Context, j Judged, change func() (*operation.Done[Out], error)) (*operation.Done[Out], error) {
	if j.Confirming.Confirm {
		return change()
	}
	before, _, err := whole(ctx, j.Core, j.Rows)
	if err != nil {
		return nil, err
	}
	done, err := change()
	if err != nil {
		return nil, err
	}
	after, _, err := whole(ctx, j.Core, j.Rows)
	if err != nil {
		return nil, err
	}
	if found := j.Effects(routing.Cover(before), routing.Cover(after)); len(found) > 0 {
		return nil, done.Refused(unconfirmed(found))
	}
	return done, nil
}

// unconfirmed says what a change affects.
func unconfirmed(effects []routing.Effect) error {
	details := map[string]string{
		routing.EffectNobody:  "Nobody would hear of it outside of the inbox any more.",
		routing.EffectFalls:   "Only the account contact would hear of it, in place of those who were chosen.",
		routing.EffectSingle:  "It would hang on one person.",
		routing.EffectTarget:  "It would lose one of those who were chosen.",
		routing.EffectChoices: "It would lose one of the bots that were chosen.",
	}
	e := models.Errorf(models.CodeConfirm, "This affects who hears of some message types; see errors. Send it again with confirm=true to do it all the same.")
	for _, each := range effects {
		e.Fields = append(e.Fields, models.Field{Pointer: "types/" + each.Type, Code: each.Code, Detail: details[each.Code]})
	}
	return e
}
