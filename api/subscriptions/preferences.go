package subscriptions

import (
	"context"
	"fmt"
	"net/http"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/intake"
	"belfry.dev/belfry/models/schedule"
	"belfry.dev/belfry/store"
)

func registerPreferences(s *operation.Core) {
	const describe = "Words that let texts pass or stop them, quiet hours that hold messages, and a bound for the hour. Locked cells know none of it; critical messages and those about security know the words only."
	operation.Register(s, operation.Operation{
		Action: "contact.preferences", Method: http.MethodGet, Path: "/v1/contacts/{id}/preferences", Summary: "Show what a contact wants for itself",
		Description: "Quiet hours, words that a message must or must not have, and how many messages an hour it may get.",
	}, getContactPreferences)
	operation.Register(s, operation.Operation{
		Action: "contact.set_preferences", Method: http.MethodPatch, Path: "/v1/contacts/{id}/preferences", Summary: "Set what a contact wants for itself",
		Description: describe,
	}, setContactPreferences)
	operation.Register(s, operation.Operation{
		Action: "bot.preferences", Method: http.MethodGet, Path: "/v1/bots/{id}/preferences", Summary: "Show what a bot gets",
		Description: "Words that a message must or must not have, and how many messages an hour it may get.",
	}, getBotPreferences)
	operation.Register(s, operation.Operation{
		Action: "bot.set_preferences", Method: http.MethodPatch, Path: "/v1/bots/{id}/preferences", Summary: "Set what a bot gets",
		Description: describe + " Bots have no quiet hours.",
	}, setBotPreferences)
}

type preferencesOut struct {
	ETag string `header:"ETag"`
	Body preferencesView
}

// preferencesView is what a recipient wants for itself.
type preferencesView struct {
	AllowWords []string   `json:"allow_words" doc:"When there are any, only texts that hold one of them pass."`
	DenyWords  []string   `json:"deny_words" doc:"Texts that hold one of them are stopped."`
	QuietHours *quietView `json:"quiet_hours" doc:"Null for none."`
	MaxPerHour int        `json:"max_per_hour" doc:"0 for no bound."`
	Version    int64      `json:"version"`
}

type quietView struct {
	From string `json:"from" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" doc:"A local time of day."`
	To   string `json:"to" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" doc:"A local time of day; earlier than from means the next day's."`
	Zone string `json:"time_zone,omitempty" maxLength:"64" doc:"An IANA name; the contact's, else the account's, when left out."`
}

func outPreferences(p models.Preferences) *preferencesOut {
	version := max(p.Version, 1)
	v := preferencesView{
		AllowWords: append([]string{}, p.AllowWords...), DenyWords: append([]string{}, p.DenyWords...), MaxPerHour: p.MaxPerHour, Version: version,
	}
	if p.QuietFrom != "" {
		v.QuietHours = &quietView{From: p.QuietFrom, To: p.QuietTo, Zone: p.QuietZone}
	}
	return &preferencesOut{ETag: operation.ETag(version), Body: v}
}

// PreferencesBody are the changes for contacts and bots; bodies embed it.
type PreferencesBody struct {
	AllowWords *[]string `json:"allow_words,omitempty" maxItems:"50"`
	DenyWords  *[]string `json:"deny_words,omitempty" maxItems:"50"`
	MaxPerHour *int      `json:"max_per_hour,omitempty" minimum:"0" maximum:"10000" doc:"Deliveries in an hour of the clock; 0 for no bound."`
}

func (b PreferencesBody) apply(p *models.Preferences) error {
	for _, list := range []struct {
		name  string
		words *[]string
		to    *[]string
	}{{"allow_words", b.AllowWords, &p.AllowWords}, {"deny_words", b.DenyWords, &p.DenyWords}} {
		if list.words == nil {
			continue
		}
		for i, word := range *list.words {
			if word == "" || len([]rune(word)) > maxWord {
				return models.Invalid(fmt.Sprintf("#/%s/%d", list.name, i), "out-of-range", fmt.Sprintf("A word has 1 to %d characters.", maxWord))
			}
		}
		*list.to = *list.words
	}
	operation.Set(&p.MaxPerHour, b.MaxPerHour)
	return nil
}

// maxWord bounds a word of a filter, in characters.
const maxWord = 64

type contactPreferencesIn struct {
	ID string `path:"id" pattern:"^ctc_[0-9a-f]{32}$"`
}

func getContactPreferences(ctx context.Context, c *operation.Call, in *contactPreferencesIn) (*preferencesOut, error) {
	sc := c.Store.In(c.Account())
	if _, err := sc.Contacts().ByID(ctx, in.ID); err != nil {
		return nil, err
	}
	known, err := sc.Preferences().Of(ctx, in.ID)
	return outPreferences(known[in.ID]), err
}

type setContactPreferencesIn struct {
	ID string `path:"id" pattern:"^ctc_[0-9a-f]{32}$"`
	operation.Editing
	Body struct {
		PreferencesBody
		QuietHours   *quietView `json:"quiet_hours,omitempty"`
		NoQuietHours bool       `json:"no_quiet_hours,omitempty" doc:"Ends the quiet hours."`
	}
}

func setContactPreferences(ctx context.Context, c *operation.Call, in *setContactPreferencesIn) (*preferencesOut, error) {
	return setPreferences(ctx, c, in.Editing, recipientOf{
		kind: "contact", id: in.ID,
		name: func(ctx context.Context, sc store.Scope) (string, error) {
			contact, err := sc.Contacts().ByID(ctx, in.ID)
			return contact.Name, err
		},
	}, func(p *models.Preferences) error {
		switch quiet := in.Body.QuietHours; {
		case in.Body.NoQuietHours:
			p.QuietFrom, p.QuietTo, p.QuietZone = "", "", ""
		case quiet != nil:
			if err := quiet.check(); err != nil {
				return err
			}
			p.QuietFrom, p.QuietTo, p.QuietZone = quiet.From, quiet.To, quiet.Zone
		}
		return in.Body.apply(p)
	})
}

// check refuses quiet hours that hold nothing.
func (q quietView) check() error {
	if _, _, ok := schedule.ParseClock(q.From); !ok || q.From == q.To {
		return models.Invalid("#/quiet_hours/to", "invalid-value", "Quiet hours begin and end at different times.")
	}
	if q.Zone == "" {
		return nil
	}
	if intake.CheckZone(q.Zone) != nil {
		return models.Invalid("#/quiet_hours/time_zone", "unknown-value", "must be an IANA time zone, such as Asia/Shanghai")
	}
	return nil
}

type botPreferencesIn struct {
	ID string `path:"id" pattern:"^bot_[0-9a-f]{32}$"`
}

func getBotPreferences(ctx context.Context, c *operation.Call, in *botPreferencesIn) (*preferencesOut, error) {
	sc := c.Store.In(c.Account())
	if _, err := sc.Bots().ByID(ctx, in.ID); err != nil {
		return nil, err
	}
	known, err := sc.Preferences().Of(ctx, in.ID)
	return outPreferences(known[in.ID]), err
}

type setBotPreferencesIn struct {
	ID string `path:"id" pattern:"^bot_[0-9a-f]{32}$"`
	operation.Editing
	Body PreferencesBody
}

func setBotPreferences(ctx context.Context, c *operation.Call, in *setBotPreferencesIn) (*preferencesOut, error) {
	return setPreferences(ctx, c, in.Editing, recipientOf{
		kind: "bot", id: in.ID,
		name: func(ctx context.Context, sc store.Scope) (string, error) {
			bot, err := sc.Bots().ByID(ctx, in.ID)
			return bot.Name, err
		},
	}, in.Body.apply)
}

// recipientOf is a contact or bot whose preferences are changed.
type recipientOf struct {
	kind, id string
	// name reads its name; not-found when there is no such recipient.
	name func(context.Context, store.Scope) (string, error)
}

func setPreferences(ctx context.Context, c *operation.Call, editing operation.Editing, of recipientOf, fn func(*models.Preferences) error) (*preferencesOut, error) {
	version, err := editing.Version()
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[preferencesOut], error) {
		scope := tx.In(c.Account())
		name, err := of.name(ctx, scope.Scope)
		if err != nil {
			return nil, err
		}
		before, after, err := scope.Preferences().Update(ctx, of.id, version, fn)
		if err != nil {
			return nil, err
		}
		out := outPreferences(after)
		return operation.Did(out, operation.Of(of.kind, of.id, name), outPreferences(before).Body, out.Body), nil
	})
}
