// Package choice holds the rules of changing what an account chose for a message type: what
// may be ticked, named and bounded, and what is locked. It is pure.
package choice

import (
	"fmt"
	"slices"
	"strings"

	"belfry.dev/belfry/models"
)

// Edit is what somebody wants to change of a choice; what is nil stays.
type Edit struct {
	// Reset forgets what was chosen before the rest is applied.
	Reset bool
	// Channels are all ticks anew; Tick and Untick change single ones.
	Channels *[]models.Channel
	Tick     []models.Channel
	Untick   []models.Channel
	// Contacts and Groups are the targets; an empty list means the account contact. At
	// most one of them is given.
	Contacts *[]string
	Groups   *[]string
	// Bots are the bots; Every alone means every bot.
	Bots *[]string
	// Caps are all bounds anew: deliveries per channel and day.
	Caps map[models.Channel]int
	// Lenient is for many types at once: what a type locks stays as it is, and a strict
	// type wholly, without an error.
	Lenient bool
}

// Offer is what can be chosen in an account now.
type Offer struct {
	// Channels are those that write to addresses, BotChannels those that write to bots;
	// Configured are the ones that operators offer.
	Channels    []models.Channel
	BotChannels []models.Channel
	Configured  []models.Channel
	// Contacts, Groups and Bots exist: their names by id.
	Contacts map[string]string
	Groups   map[string]string
	Bots     map[string]string
}

// Keep returns the choices without the contacts, groups and bots that are gone.
func (o Offer) Keep(choices map[string]models.Choice) map[string]models.Choice {
	kept := make(map[string]models.Choice, len(choices))
	for key, c := range choices {
		for _, id := range slices.Concat(c.Targets, c.Bots) {
			if !o.has(id) {
				c = c.Without(id)
			}
		}
		kept[key] = c
	}
	return kept
}

func (o Offer) has(id string) bool {
	for _, names := range []map[string]string{o.Contacts, o.Groups, o.Bots} {
		if _, exists := names[id]; exists {
			return true
		}
	}
	return false
}

// MaxCap bounds a cap.
const MaxCap = 100_000

// Edited returns the choice for the type after the edit. at is where the edit stands in the
// body: "#" or "#/changes/3". Codes: mandatory-channel for a cell that the type locks,
// strict-type for a type that cannot be changed at all, validation-failed for the rest:
// both-target-kinds, unknown-value, unavailable-channel, duplicate, out-of-range.
func Edited(c models.Choice, t models.MessageType, e Edit, offer Offer, at string) (models.Choice, error) {
	if t.Strict {
		if e.Lenient || e.onlyResets() {
			return c, nil
		}
		return c, &models.Error{Code: models.CodeStrict, Detail: "This message type always goes to the account contact over fixed channels.", Fields: []models.Field{
			{Pointer: at, Code: string(models.CodeStrict), Detail: "Nothing can be chosen for " + t.Key + "."},
		}}
	}
	if e.Reset {
		c = models.Choice{MarketingOff: c.MarketingOff}
	}
	x := &choosing{choice: c, kind: t, edit: e, offer: offer, at: at}
	x.channels()
	x.targets()
	x.bots()
	x.caps()
	if len(x.locked) > 0 {
		return c, &models.Error{Code: models.CodeMandatory, Detail: "Some channels of this message type cannot be switched off.", Fields: x.locked}
	}
	if len(x.fields) > 0 {
		return c, models.InvalidFields(x.fields)
	}
	return x.choice, nil
}

func (e Edit) onlyResets() bool {
	return e.Channels == nil && e.Tick == nil && e.Untick == nil && e.Contacts == nil && e.Groups == nil && e.Bots == nil && e.Caps == nil
}

// choosing is one edit under way.
type choosing struct {
	choice models.Choice
	kind   models.MessageType
	edit   Edit
	offer  Offer
	at     string
	fields []models.Field
	locked []models.Field
}

func (x *choosing) refuse(pointer, code, detail string) {
	x.fields = append(x.fields, models.Field{Pointer: x.at + pointer, Code: code, Detail: detail})
}

func (x *choosing) mandatory(pointer string, channel models.Channel) {
	if !x.edit.Lenient {
		x.locked = append(x.locked, models.Field{
			Pointer: x.at + pointer, Code: string(models.CodeMandatory), Detail: fmt.Sprintf("%s is mandatory for %s.", channel, x.kind.Key),
		})
	}
}

func (x *choosing) fixed(channel models.Channel) bool {
	return channel == models.ChannelInbox || x.kind.IsLocked(channel)
}

func (x *choosing) channels() {
	ticked := x.ticked()
	if x.edit.Channels != nil {
		x.check("/channels", *x.edit.Channels)
		for _, channel := range ticked {
			if x.kind.IsLocked(channel) && !slices.Contains(*x.edit.Channels, channel) {
				x.mandatory("/channels", channel)
			}
		}
		ticked = slices.Clone(*x.edit.Channels)
	}
	x.check("/tick", x.edit.Tick)
	ticked = append(ticked, x.edit.Tick...)
	for i, channel := range x.edit.Untick {
		x.known(fmt.Sprintf("/untick/%d", i), channel)
		if x.fixed(channel) {
			x.mandatory(fmt.Sprintf("/untick/%d", i), channel)
		}
	}
	if x.edit.Channels == nil && len(x.edit.Tick)+len(x.edit.Untick) == 0 {
		return
	}
	ticked = slices.DeleteFunc(ticked, func(channel models.Channel) bool {
		return channel == models.ChannelInbox || slices.Contains(x.edit.Untick, channel)
	})
	slices.Sort(ticked)
	x.choice.Channels = append([]models.Channel{}, slices.Compact(ticked)...) // empty, not nil: nothing is not the catalogue's
}

// ticked are the outward channels that are ticked before the edit.
func (x *choosing) ticked() []models.Channel {
	var ticked []models.Channel
	for _, channel := range x.offer.Channels {
		if channel != models.ChannelInbox && x.choice.Ticks(x.kind, channel) {
			ticked = append(ticked, channel)
		}
	}
	return ticked
}

// check checks channels that are to be ticked: what is ticked already may stay although
// nobody offers it any more.
func (x *choosing) check(pointer string, channels []models.Channel) {
	for i, channel := range channels {
		at := fmt.Sprintf("%s/%d", pointer, i)
		if x.known(at, channel) && !x.fixed(channel) && !slices.Contains(x.offer.Configured, channel) && !x.choice.Ticks(x.kind, channel) {
			x.refuse(at, "unavailable-channel", "The operator does not offer this channel.")
		}
	}
}

func (x *choosing) known(pointer string, channel models.Channel) bool {
	if channel == models.ChannelInbox || slices.Contains(x.offer.Channels, channel) {
		return true
	}
	x.refuse(pointer, "unknown-value", "There is no such channel for addresses; bots are a list of their own.")
	return false
}

func (x *choosing) targets() {
	switch e := x.edit; {
	case e.Contacts != nil && e.Groups != nil:
		x.refuse("/groups", "both-target-kinds", "Choose contacts or groups, not both.")
	case e.Contacts != nil:
		x.choose(models.TargetContacts, x.ids("/contacts", *e.Contacts, x.offer.Contacts))
	case e.Groups != nil:
		x.choose(models.TargetGroups, x.ids("/groups", *e.Groups, x.offer.Groups))
	}
}

func (x *choosing) choose(kind models.TargetKind, ids []string) {
	x.choice.Kind, x.choice.Targets, x.choice.FellBack = kind, ids, false
	if len(ids) == 0 {
		x.choice.Kind, x.choice.Targets = models.TargetAccount, nil
	}
}

func (x *choosing) bots() {
	if x.edit.Bots == nil {
		return
	}
	if slices.Equal(*x.edit.Bots, []string{models.Every}) {
		x.choice.Bots = nil
		return
	}
	x.choice.Bots = x.ids("/bots", *x.edit.Bots, x.offer.Bots)
}

// ids returns the ids sorted, each once; never nil.
func (x *choosing) ids(pointer string, ids []string, known map[string]string) []string {
	for i, id := range ids {
		if _, ok := known[id]; !ok {
			x.refuse(fmt.Sprintf("%s/%d", pointer, i), "unknown-value", "There is nothing under this id in the account.")
		}
	}
	out := append([]string{}, ids...)
	slices.Sort(out)
	return slices.Compact(out)
}

func (x *choosing) caps() {
	if x.edit.Caps == nil {
		return
	}
	caps := map[models.Channel]int{}
	for channel, limit := range x.edit.Caps {
		at := "/caps/" + string(channel)
		switch {
		case !slices.Contains(x.offer.Channels, channel) && !slices.Contains(x.offer.BotChannels, channel) || channel == models.ChannelInbox:
			x.refuse("/caps", "unknown-value", "There is no such channel to bound.")
		case limit < 1 || limit > MaxCap:
			x.refuse(at, "out-of-range", fmt.Sprintf("A cap is 1 to %d deliveries a day.", MaxCap))
		case x.kind.IsLocked(channel):
			x.mandatory(at, channel)
		default:
			caps[channel] = limit
		}
	}
	slices.SortFunc(x.fields, func(a, b models.Field) int { return strings.Compare(a.Pointer, b.Pointer) })
	x.choice.Caps = caps
	if len(caps) == 0 {
		x.choice.Caps = nil
	}
}
