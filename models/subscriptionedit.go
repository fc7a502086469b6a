package models

import (
	"fmt"
	"slices"
	"strings"
)

// ChoiceEdit is what somebody wants to change of a choice; what is nil stays.
type ChoiceEdit struct {
	// Reset forgets what was chosen before the rest is applied.
	Reset bool
	// Channels are all ticks anew; Tick and Untick change single ones.
	Channels *[]Channel
	Tick     []Channel
	Untick   []Channel
	// Contacts and Groups are the targets; an empty list means the account contact. At
	// most one of them is given.
	Contacts *[]string
	Groups   *[]string
	// Bots are the bots; Every alone means every bot.
	Bots *[]string
	// Caps are all bounds anew: deliveries per channel and day.
	Caps map[Channel]int
	// Lenient is for many types at once: what a type locks stays as it is, and a strict
	// type wholly, without an error.
	Lenient bool
}

// Offer is what can be chosen in an account now.
type Offer struct {
	// Channels are those that write to addresses, BotChannels those that write to bots;
	// Configured are the ones that operators offer.
	Channels    []Channel
	BotChannels []Channel
	Configured  []Channel
	// Contacts, Groups and Bots exist: their names by id.
	Contacts map[string]string
	Groups   map[string]string
	Bots     map[string]string
}

// Keep returns the choices without the contacts, groups and bots that are gone.
func (o Offer) Keep(choices map[string]Choice) map[string]Choice {
	kept := make(map[string]Choice, len(choices))
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
func (c Choice) Edited(t MessageType, e ChoiceEdit, offer Offer, at string) (Choice, error) {
	if t.Strict {
		if e.Lenient || e.onlyResets() {
			return c, nil
		}
		return c, &Error{Code: CodeStrict, Detail: "This message type always goes to the account contact over fixed channels.", Fields: []Field{
			{Pointer: at, Code: string(CodeStrict), Detail: "Nothing can be chosen for " + t.Key + "."},
		}}
	}
	if e.Reset {
		c = Choice{MarketingOff: c.MarketingOff}
	}
	x := &choosing{choice: c, kind: t, edit: e, offer: offer, at: at}
	x.channels()
	x.targets()
	x.bots()
	x.caps()
	if len(x.locked) > 0 {
		return c, &Error{Code: CodeMandatory, Detail: "Some channels of this message type cannot be switched off.", Fields: x.locked}
	}
	if len(x.fields) > 0 {
		return c, InvalidFields(x.fields)
	}
	return x.choice, nil
}

func (e ChoiceEdit) onlyResets() bool {
	return e.Channels == nil && e.Tick == nil && e.Untick == nil && e.Contacts == nil && e.Groups == nil && e.Bots == nil && e.Caps == nil
}

// choosing is one edit under way.
type choosing struct {
	choice Choice
	kind   MessageType
	edit   ChoiceEdit
	offer  Offer
	at     string
	fields []Field
	locked []Field
}

func (x *choosing) refuse(pointer, code, detail string) {
	x.fields = append(x.fields, Field{Pointer: x.at + pointer, Code: code, Detail: detail})
}

func (x *choosing) mandatory(pointer string, channel Channel) {
	if !x.edit.Lenient {
		x.locked = append(x.locked, Field{
			Pointer: x.at + pointer, Code: string(CodeMandatory), Detail: fmt.Sprintf("%s is mandatory for %s.", channel, x.kind.Key),
		})
	}
}

func (x *choosing) fixed(channel Channel) bool {
	return channel == ChannelInbox || x.kind.IsLocked(channel)
}

func (x *choosing) channels() {
	ticked := x.ticked()
	if x.edit.Channels != nil {
		x.check("/channels", *x.edit.Channels)
		for _, channel := range ticked {
			if x.kind.IsLocked(channel) && !contains(*x.edit.Channels, channel) {
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
	ticked = slices.DeleteFunc(ticked, func(channel Channel) bool {
		return channel == ChannelInbox || contains(x.edit.Untick, channel)
	})
	slices.Sort(ticked)
	x.choice.Channels = append([]Channel{}, slices.Compact(ticked)...) // empty, not nil: nothing is not the catalogue's
}

// ticked are the outward channels that are ticked before the edit.
func (x *choosing) ticked() []Channel {
	var ticked []Channel
	for _, channel := range x.offer.Channels {
		if channel != ChannelInbox && x.choice.Ticks(x.kind, channel) {
			ticked = append(ticked, channel)
		}
	}
	return ticked
}

// check checks channels that are to be ticked: what is ticked already may stay although
// nobody offers it any more.
func (x *choosing) check(pointer string, channels []Channel) {
	for i, channel := range channels {
		at := fmt.Sprintf("%s/%d", pointer, i)
		if x.known(at, channel) && !x.fixed(channel) && !contains(x.offer.Configured, channel) && !x.choice.Ticks(x.kind, channel) {
			x.refuse(at, "unavailable-channel", "The operator does not offer this channel.")
		}
	}
}

func (x *choosing) known(pointer string, channel Channel) bool {
	if channel == ChannelInbox || contains(x.offer.Channels, channel) {
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
		x.choose(TargetContacts, x.ids("/contacts", *e.Contacts, x.offer.Contacts))
	case e.Groups != nil:
		x.choose(TargetGroups, x.ids("/groups", *e.Groups, x.offer.Groups))
	}
}

func (x *choosing) choose(kind TargetKind, ids []string) {
	x.choice.Kind, x.choice.Targets, x.choice.FellBack = kind, ids, false
	if len(ids) == 0 {
		x.choice.Kind, x.choice.Targets = TargetAccount, nil
	}
}

func (x *choosing) bots() {
	if x.edit.Bots == nil {
		return
	}
	if slices.Equal(*x.edit.Bots, []string{Every}) {
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
	caps := map[Channel]int{}
	for channel, limit := range x.edit.Caps {
		at := "/caps/" + string(channel)
		switch {
		case !contains(x.offer.Channels, channel) && !contains(x.offer.BotChannels, channel) || channel == ChannelInbox:
			x.refuse("/caps", "unknown-value", "There is no such channel to bound.")
		case limit < 1 || limit > MaxCap:
			x.refuse(at, "out-of-range", fmt.Sprintf("A cap is 1 to %d deliveries a day.", MaxCap))
		case x.kind.IsLocked(channel):
			x.mandatory(at, channel)
		default:
			caps[channel] = limit
		}
	}
	slices.SortFunc(x.fields, func(a, b Field) int { return strings.Compare(a.Pointer, b.Pointer) })
	x.choice.Caps = caps
	if len(caps) == 0 {
		x.choice.Caps = nil
	}
}
