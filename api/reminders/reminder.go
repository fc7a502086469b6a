package reminders

import (
	"context"
	"slices"
	"sort"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/models/schedule"
	"belfry.dev/belfry/store"
)

// Bounds of a forecast.
const (
	// maxForecast bounds the resources that one forecast looks at: those with the next
	// reminders.
	maxForecast = 10000
	// fewForecast are looked at first for a page: those with the next reminders are
	// mostly all that it tells of.
	fewForecast = 200
	// MaxNamed bounds the resources that one message of a forecast names.
	MaxNamed = 50
)

func describeReminders() map[string]operation.Operation {
	return map[string]operation.Operation{
		"reminder.list": {
			Summary:     "Forecast the account's reminders",
			Description: "Every message to come, the next one first: when, of which message type, of which resources, and to whom over what as subscriptions stand now. What is due at one moment is one message to each recipient; merged_into says which one carries it.",
		},
		"resource.reminders": {
			Summary:     "Forecast a resource's reminders",
			Description: "The same for one resource; a message may tell of others, too.",
		},
	}
}

// reminderView is one message to come.
type reminderView struct {
	At        time.Time       `json:"at"`
	Type      string          `json:"type"`
	Count     int             `json:"count" doc:"How many resources it will tell of."`
	Resources []remindedView  `json:"resources" doc:"The first 50 of them; what ends first comes first."`
	To        []recipientView `json:"to" doc:"Whom it will go to, and why not, as subscriptions stand now."`
}

type remindedView struct {
	ID         string    `json:"id"`
	ProductID  string    `json:"product_id"`
	ExternalID string    `json:"external_id"`
	Name       string    `json:"name"`
	Rung       string    `json:"rung" doc:"\"expiry-30d\", \"expired\", \"release-3d\", \"released\" and the like."`
	Deadline   time.Time `json:"deadline" doc:"The expiry or release that it counts to."`
}

// recipientView is a decision of routing.
type recipientView struct {
	Channel   models.Channel `json:"channel"`
	Recipient string         `json:"recipient" doc:"The contact's or bot's name; empty for the account's inbox."`
	ContactID string         `json:"contact_id"`
	BotID     string         `json:"bot_id"`
	Address   string         `json:"address" doc:"Masked."`
	Locked    bool           `json:"locked" doc:"A floor that nobody can switch off."`
	Reason    string         `json:"reason" doc:"Why nothing will be sent; empty for what will."`
	HeldUntil *time.Time     `json:"held_until" doc:"When the recipient's quiet hours end, or the digest leaves; null when it is sent at once."`
	// MergedInto is the message type of another message to come.
	MergedInto string `json:"merged_into" doc:"What is due at one moment reaches a recipient as one message: the message type of the one that tells of this, too; empty when this is a message of its own."`
}

// forecastPage is a page of messages to come.
type forecastPage struct {
	Items      []reminderView `json:"items" doc:"The next one first."`
	NextCursor string         `json:"next_cursor" doc:"For the next page; empty on the last one."`
	// CompleteUntil is where the resources end that were looked at.
	CompleteUntil *time.Time `json:"complete_until" doc:"An account with more than 10,000 resources: what comes later is not shown. Null: this is all."`
}

type forecastOut struct {
	Body forecastPage
}

type listRemindersIn struct {
	operation.Listing
	Until time.Time `query:"until" doc:"Exclusive; everything when left out."`
}

func listReminders(ctx context.Context, c *operation.Call, in *listRemindersIn) (*forecastOut, error) {
	p, err := c.Paging(in.Listing, wire.Stamp(in.Until))
	if err != nil {
		return nil, err
	}
	f, coming, next, err := readForecastPage(ctx, c.Core, c.Account(), p.Page, in.Until)
	if err != nil {
		return nil, err
	}
	out := &forecastOut{Body: forecastPage{CompleteUntil: f.completeUntil}}
	out.Body.NextCursor = p.Next(next)
	out.Body.Items, err = viewReminders(ctx, c.Core, f, coming)
	return out, err
}

// forecastPage is a forecast that goes as far as the page's messages and is complete
// until there, with these and the key of the next page.
func readForecastPage(ctx context.Context, s *operation.Core, id models.AccountID, p store.Page, until time.Time) (forecast, []schedule.Coming, string, error) {
	f, err := readForecast(ctx, s, id, fewForecast)
	if err != nil {
		return f, nil, "", err
	}
	coming, next := page(f.coming, p, until)
	ends := !until.IsZero() && f.completeUntil != nil && !until.After(*f.completeUntil)
	switch {
	case f.completeUntil == nil:
		return f, coming, next, nil
	case next != "" || ends:
		f.completeUntil, err = s.Store.In(id).Resources().NextBehind(ctx, maxForecast)
		return f, coming, next, err
	}
	f, err = readForecast(ctx, s, id, maxForecast)
	coming, next = page(f.coming, p, until)
	return f, coming, next, err
}

func listResourceReminders(ctx context.Context, c *operation.Call, in *resourceIn) (*forecastOut, error) {
	r, err := c.Store.In(c.Account()).Resources().ByID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	f, err := readForecast(ctx, c.Core, c.Account(), maxForecast)
	if err != nil {
		return nil, err
	}
	out := &forecastOut{Body: forecastPage{CompleteUntil: f.completeUntil}}
	out.Body.Items, err = viewReminders(ctx, c.Core, f, about(f.coming, r.ID))
	return out, err
}

// page are the messages after the key, up to the limit, and the key of the next page.
func page(all []schedule.Coming, p store.Page, until time.Time) (part []schedule.Coming, next string) {
	from := sort.Search(len(all), func(i int) bool { return all[i].Key() > p.After })
	to := len(all)
	if !until.IsZero() {
		to = sort.Search(len(all), func(i int) bool { return !all[i].At.Before(until) })
	}
	part = all[from:max(from, to)]
	if len(part) > p.Limit {
		part = part[:p.Limit]
		next = part[p.Limit-1].Key()
	}
	return part, next
}

// about are the messages that tell of the resource.
func about(all []schedule.Coming, id string) []schedule.Coming {
	var part []schedule.Coming
	for _, each := range all {
		for _, r := range each.Resources {
			if r.ID == id {
				part = append(part, each)
				break
			}
		}
	}
	return part
}

// forecast is what will happen to the account's resources.
type forecast struct {
	account models.Account
	coming  []schedule.Coming
	// completeUntil is where it ends early; nil when it does not.
	completeUntil *time.Time
}

// ToCome returns the account with its reminders to come, those of the resources with the next
// ones.
func ToCome(ctx context.Context, s *operation.Core, id models.AccountID) (models.Account, []schedule.Coming, error) {
	f, err := readForecast(ctx, s, id, maxForecast)
	return f.account, f.coming, err
}

// readForecast looks at up to so many resources, those with the next reminders.
func readForecast(ctx context.Context, s *operation.Core, id models.AccountID, most int) (forecast, error) {
	var f forecast
	var err error
	scope := s.Store.In(id)
	if f.account, err = scope.Account().Read(ctx); err != nil {
		return f, err
	}
	rows, err := scope.Resources().Open(ctx, most+1)
	if err != nil {
		return f, err
	}
	if len(rows) > most { // of the others nothing comes before this
		f.completeUntil = rows[most].NextAt
		rows = rows[:most]
	}
	for _, each := range schedule.Forecast(rows, schedule.Zone(f.account.TimeZone), s.Store.Now()) {
		if f.completeUntil == nil || each.At.Before(*f.completeUntil) {
			f.coming = append(f.coming, each)
		}
	}
	return f, dropDisabled(ctx, s, &f)
}

// dropDisabled drops what no message will tell of: its message type is disabled.
func dropDisabled(ctx context.Context, s *operation.Core, f *forecast) error {
	enabled := map[string]bool{}
	for _, each := range f.coming {
		if _, known := enabled[each.Type]; known {
			continue
		}
		kind, err := s.Store.Catalogue().CurrentMessageType(ctx, each.Type)
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return err
		}
		enabled[each.Type] = err == nil && kind.Enabled
	}
	f.coming = slices.DeleteFunc(f.coming, func(c schedule.Coming) bool { return !enabled[c.Type] })
	return nil
}

// viewReminders shows a part of the forecast. To whom goes what follows from all that is due at
// the same moments, whatever part of it is shown.
func viewReminders(ctx context.Context, s *operation.Core, f forecast, part []schedule.Coming) ([]reminderView, error) {
	views := make([]reminderView, 0, len(part))
	h := &recipientForecast{s: s, f: f, inputs: map[string]routing.Input{}, moments: map[time.Time]map[string][]recipientView{}}
	for _, each := range part {
		to, err := h.recipients(ctx, each)
		if err != nil {
			return nil, err
		}
		v := reminderView{At: each.At, Type: each.Type, Count: len(each.Resources), Resources: []remindedView{}, To: to}
		for i, r := range each.Resources[:min(len(each.Resources), MaxNamed)] {
			v.Resources = append(v.Resources, remindedView{
				ID: r.ID, ProductID: r.ProductID, ExternalID: r.ExternalID, Name: r.Name,
				Rung: each.Rungs[i].Name, Deadline: each.Rungs[i].Deadline,
			})
		}
		views = append(views, v)
	}
	return views, nil
}
