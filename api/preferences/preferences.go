// Package preferences is what contacts and bots want for themselves: quiet hours, words,
// digests, and a bound for the hour.
package preferences

import (
	"context"
	"fmt"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/choice"
	"belfry.dev/belfry/models/intake"
	"belfry.dev/belfry/models/quiethours"
	"belfry.dev/belfry/store"
)

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("GET /v1/contacts/{id}/preferences", "contact.preferences", 200, getContactPreferences),
		operation.Serve("PATCH /v1/contacts/{id}/preferences", "contact.set_preferences", 200, setContactPreferences),
		operation.Serve("GET /v1/bots/{id}/preferences", "bot.preferences", 200, getBotPreferences),
		operation.Serve("PATCH /v1/bots/{id}/preferences", "bot.set_preferences", 200, setBotPreferences),
	}, describePreferences())
}

// preferencesText is said of all of them.
const preferencesText = "Words that let texts pass or stop them, quiet hours that hold messages, digests that gather them into one, and a bound for the hour. Locked cells know none of it; critical messages and those about security know the words only."

func describePreferences() map[string]operation.Operation {
	return map[string]operation.Operation{
		"contact.preferences": {
			Summary:     "Show what a contact wants for itself",
			Description: "Quiet hours, words that a message must or must not have, digests, and how many messages an hour it may get.",
		},
		"contact.set_preferences": {
			Summary:     "Set what a contact wants for itself",
			Description: preferencesText,
		},
		"bot.preferences": {
			Summary:     "Show what a bot gets",
			Description: "Words that a message must or must not have, digests, and how many messages an hour it may get.",
		},
		"bot.set_preferences": {
			Summary:     "Set what a bot gets",
			Description: preferencesText + " Bots have no quiet hours.",
		},
	}
}

type preferencesOut struct {
	ETag string `header:"ETag"`
	Body preferencesView
}

// preferencesView is what a recipient wants for itself.
type preferencesView struct {
	AllowWords []string     `json:"allow_words" doc:"When there are any, only texts that hold one of them pass."`
	DenyWords  []string     `json:"deny_words" doc:"Texts that hold one of them are stopped."`
	QuietHours *quietView   `json:"quiet_hours" doc:"Null for none."`
	MaxPerHour int          `json:"max_per_hour" doc:"0 for no bound."`
	Digests    []digestView `json:"digests" doc:"What is gathered into one message; empty for nothing."`
	Version    int64        `json:"version"`
}

// digestView is one rule; its fields are those of models.Digest.
type digestView struct {
	Type          string `json:"type,omitempty" maxLength:"64" doc:"A message type's key; goes before a rule of its category. Give a type or a category."`
	Category      string `json:"category,omitempty" maxLength:"64"`
	WindowMinutes int    `json:"window_minutes,omitempty" doc:"5 to 1440: how long after the first that is gathered the message leaves. Give a window or an hour."`
	DailyAt       string `json:"daily_at,omitempty" maxLength:"5" doc:"09:00: a time of day of the contact's zone, of bots of the account's."`
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
	v.Digests = make([]digestView, len(p.Digests))
	for i, d := range p.Digests {
		v.Digests[i] = digestView(d)
	}
	if p.QuietFrom != "" {
		v.QuietHours = &quietView{From: p.QuietFrom, To: p.QuietTo, Zone: p.QuietZone}
	}
	return &preferencesOut{ETag: operation.ETag(version), Body: v}
}

// PreferencesBody are the changes for contacts and bots; bodies embed it.
type PreferencesBody struct {
	AllowWords *[]string     `json:"allow_words,omitempty" maxItems:"50"`
	DenyWords  *[]string     `json:"deny_words,omitempty" maxItems:"50"`
	MaxPerHour *int          `json:"max_per_hour,omitempty" minimum:"0" maximum:"10000" doc:"Deliveries in an hour of the clock; 0 for no bound."`
	Digests    *[]digestView `json:"digests,omitempty" maxItems:"20" doc:"All rules anew: what is gathered into one message. An empty list ends them; what is gathered already leaves at its time."`
}

// digests are the rules of the body; nil leaves those that there are. Codes: validation-failed.
func (b PreferencesBody) digests(ctx context.Context, c *operation.Call) ([]models.Digest, error) {
	if b.Digests == nil {
		return nil, nil
	}
	rules := make([]models.Digest, len(*b.Digests))
	for i, d := range *b.Digests {
		rules[i] = models.Digest(d)
	}
	types, err := c.Store.Catalogue().Types(ctx)
	if err != nil {
		return nil, err
	}
	isClock := func(text string) bool { _, _, ok := quiethours.ParseClock(text); return ok }
	if fields := choice.CheckDigests(rules, types, isClock); len(fields) > 0 {
		return nil, models.InvalidFields(fields)
	}
	return rules, nil
}

// change is what the body changes.
func (b PreferencesBody) change(ctx context.Context, c *operation.Call) (func(*models.Preferences) error, error) {
	digests, err := b.digests(ctx, c)
	return func(p *models.Preferences) error {
		if digests != nil {
			p.Digests = digests
		}
		return b.apply(p)
	}, err
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
	return preferencesOf(ctx, c, contactOf(in.ID))
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
	apply, err := in.Body.change(ctx, c)
	if err != nil {
		return nil, err
	}
	return setPreferences(ctx, c, in.Editing, contactOf(in.ID), func(p *models.Preferences) error {
		switch quiet := in.Body.QuietHours; {
		case in.Body.NoQuietHours:
			p.QuietFrom, p.QuietTo, p.QuietZone = "", "", ""
		case quiet != nil:
			if err := quiet.check(); err != nil {
				return err
			}
			p.QuietFrom, p.QuietTo, p.QuietZone = quiet.From, quiet.To, quiet.Zone
		}
		return apply(p)
	})
}

// check refuses quiet hours that hold nothing.
func (q quietView) check() error {
	if _, _, ok := quiethours.ParseClock(q.From); !ok || q.From == q.To {
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
	return preferencesOf(ctx, c, botOf(in.ID))
}

type setBotPreferencesIn struct {
	ID string `path:"id" pattern:"^bot_[0-9a-f]{32}$"`
	operation.Editing
	Body PreferencesBody
}

func setBotPreferences(ctx context.Context, c *operation.Call, in *setBotPreferencesIn) (*preferencesOut, error) {
	apply, err := in.Body.change(ctx, c)
	if err != nil {
		return nil, err
	}
	return setPreferences(ctx, c, in.Editing, botOf(in.ID), apply)
}

// recipientOf is a contact or bot whose preferences are changed.
type recipientOf struct {
	kind, id string
	// name reads its name; not-found when there is no such recipient.
	name func(context.Context, store.Scope) (string, error)
}

func contactOf(id string) recipientOf {
	return recipientOf{kind: "contact", id: id, name: func(ctx context.Context, sc store.Scope) (string, error) {
		contact, err := sc.Contacts().ByID(ctx, id)
		return contact.Name, err
	}}
}

func botOf(id string) recipientOf {
	return recipientOf{kind: "bot", id: id, name: func(ctx context.Context, sc store.Scope) (string, error) {
		bot, err := sc.Bots().ByID(ctx, id)
		return bot.Name, err
	}}
}

func preferencesOf(ctx context.Context, c *operation.Call, of recipientOf) (*preferencesOut, error) {
	sc := c.Store.In(c.Account())
	if _, err := of.name(ctx, sc); err != nil {
		return nil, err
	}
	known, err := sc.Preferences().Of(ctx, of.id)
	return outPreferences(known[of.id]), err
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
