package routing

import (
	"cmp"
	"maps"
	"slices"

	"belfry.dev/belfry/models"
)

// Whole is everything of an account that decides who hears what.
type Whole struct {
	// Types are those that can be chosen about, sorted by key.
	Types  []models.MessageType
	Matrix models.Matrix
	// Contacts are all, with their addresses, the account contact among them.
	Contacts []models.Contact
	// Groups holds the ids of the members by the group's id.
	Groups     map[string][]string
	Bots       []models.Bot
	Configured []models.Channel
	// Failing holds the bots that do not work.
	Failing map[string]bool
	// OptOuts are what addresses, in normal form, want no messages of: keys of types,
	// models.Every or models.Marketing.
	OptOuts map[string][]string
}

// Reach is who hears of one message type outside of the inbox.
type Reach struct {
	Type string
	// Targets are the contacts that were chosen, through groups too, sorted; empty when
	// nobody was.
	Targets []string
	// People are the contacts that are reached, sorted; Fallback says that only the account
	// contact is, in place of targets that are not.
	People   []string
	Fallback bool
	// Chosen are the bots that were named; Bots counts those that are reached and work.
	Chosen []string
	Bots   int
	// Reason is why nobody is reached: the first one recorded; "" when somebody is.
	Reason string
	// Unmet are the floors that reach nobody, sorted by channel.
	Unmet []Unmet
	// OptedOut are the contacts that ended such mail themselves, sorted.
	OptedOut []string
}

// Unmet is a locked channel over which nobody is reached, not even the account contact.
type Unmet struct {
	Channel models.Channel
	// Reason is what speaks against the last one who was considered: the account contact.
	Reason string
}

// Coverage is who hears what of an account: one Reach for every type, sorted by type. Types
// that the account silenced with its one switch for marketing are left out.
type Coverage []Reach

// Cover routes a notification without words, bounds and quiet hours of every type.
func Cover(w Whole) Coverage {
	byID := map[string]models.Contact{}
	var account *models.Contact
	for i, c := range w.Contacts {
		byID[c.ID] = c
		if c.Kind == models.ContactAccount {
			account = &w.Contacts[i]
		}
	}
	var cover Coverage
	for _, t := range w.Types {
		in := Input{Type: t, Severity: models.SeverityCritical}
		in.AccountContact, in.Bots, in.Configured = account, w.Bots, w.Configured
		in.Choice, in.MarketingOff = w.Matrix.Choices[t.Key], w.Matrix.MarketingOff()
		in.Unsubscribed, in.NoMarketing = w.optedOut(t.Key)
		if in.silenced() {
			continue
		}
		for _, id := range w.named(in.Choice) {
			if c, exists := byID[id]; exists {
				in.Contacts = append(in.Contacts, c)
			}
		}
		cover = append(cover, in.reach(w.Failing))
	}
	return cover
}

// optedOut are the addresses that want no messages of the type, and those that want no
// marketing.
func (w Whole) optedOut(key string) (unsubscribed, noMarketing map[string]bool) {
	unsubscribed, noMarketing = map[string]bool{}, map[string]bool{}
	for address, keys := range w.OptOuts {
		unsubscribed[address] = slices.Contains(keys, key) || slices.Contains(keys, models.Every)
		noMarketing[address] = slices.Contains(keys, models.Marketing)
	}
	return unsubscribed, noMarketing
}

// WithOptOut is the account as it would be once the address wanted no messages of the key.
func (w Whole) WithOptOut(address, key string) Whole {
	w.OptOuts = maps.Clone(w.OptOuts)
	if w.OptOuts == nil {
		w.OptOuts = map[string][]string{}
	}
	w.OptOuts[address] = append(slices.Clone(w.OptOuts[address]), key)
	return w
}

// named are the ids of the contacts that a choice names, through groups too, each once.
func (w Whole) named(c models.Choice) []string {
	ids := slices.Clone(c.Targets)
	if c.Kind == models.TargetGroups {
		ids = nil
		for _, group := range c.Targets {
			ids = append(ids, w.Groups[group]...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (in Input) reach(failing map[string]bool) Reach {
	r := Reach{Type: in.Type.Key, Chosen: in.Choice.Bots}
	if !in.Type.Strict {
		for _, c := range in.Contacts {
			r.Targets = append(r.Targets, c.ID)
		}
	}
	first, decided := "", in.decide()
	r.Unmet = in.unmet(decided)
	for _, d := range decided {
		switch {
		case d.Channel == models.ChannelInbox:
		case d.BotID != "":
			if d.delivers() && !failing[d.BotID] {
				r.Bots++
			}
		case d.delivers():
			r.People = append(r.People, d.ContactID)
		default:
			first = cmp.Or(first, d.Reason)
			if d.Reason == models.ReasonUnsubscribed {
				r.OptedOut = append(r.OptedOut, d.ContactID)
			}
		}
	}
	slices.Sort(r.People)
	r.People = slices.Compact(r.People)
	slices.Sort(r.OptedOut)
	r.OptedOut = slices.Compact(r.OptedOut)
	if len(r.People) == 0 {
		r.Reason = cmp.Or(first, models.ReasonNotTicked)
	}
	r.Fallback = len(r.Targets) > 0 && len(r.People) > 0 && !slices.ContainsFunc(r.People, func(id string) bool { return slices.Contains(r.Targets, id) })
	return r
}

// unmet are the floors of the type over which none of the decisions delivers.
func (in Input) unmet(decided []decision) []Unmet {
	var out []Unmet
	for _, channel := range sorted(in.Type.Locked) {
		reached, reason := channel == models.ChannelInbox, ""
		for _, d := range decided {
			if d.Channel == channel && d.BotID == "" {
				reached, reason = reached || d.delivers(), d.Reason
			}
		}
		if !reached {
			out = append(out, Unmet{Channel: channel, Reason: reason})
		}
	}
	return out
}

// Idle are the contacts of the account that no type names, sorted by id; the account contact
// is none of them.
func (w Whole) Idle() []models.Contact {
	named := map[string]bool{}
	for _, t := range w.Types {
		for _, id := range w.named(w.Matrix.Choices[t.Key]) {
			named[id] = true
		}
	}
	var idle []models.Contact
	for _, c := range w.Contacts {
		if c.Kind != models.ContactAccount && !named[c.ID] {
			idle = append(idle, c)
		}
	}
	slices.SortFunc(idle, func(a, b models.Contact) int { return cmp.Compare(a.ID, b.ID) })
	return idle
}

// Effects of a change on a message type, worst first.
const (
	EffectNobody  = "reaches-nobody" // no person is reached outside of the inbox any more
	EffectFalls   = "falls-back"     // in place of the targets, only the account contact is reached
	EffectSingle  = "single-person"  // everything hangs on one person from now on
	EffectTarget  = "target-removed" // one of the targets is gone
	EffectChoices = "bot-removed"    // one of the chosen bots is gone
)

// Effect is what a change does to one message type.
type Effect struct {
	Type string
	Code string
}

// Worse returns the types that fewer people hear of after a change than before, so that
// somebody must decide it: the worst effect of each, sorted by type.
func Worse(before, after Coverage) []Effect {
	return compare(before, after, func(old, now Reach) string {
		switch {
		case len(old.People) > 0 && len(now.People) == 0:
			return EffectNobody
		case !old.Fallback && now.Fallback, len(old.Targets) > 0 && len(old.People) > 0 && len(now.Targets) == 0 && !slices.Equal(old.People, now.People):
			return EffectFalls
		case len(old.People) > 1 && len(now.People) == 1:
			return EffectSingle
		}
		return ""
	})
}

// Lost is Worse for the deletion of somebody who is chosen: what loses a target or a bot
// counts, too.
func Lost(before, after Coverage) []Effect {
	worse := map[string]string{}
	for _, e := range Worse(before, after) {
		worse[e.Type] = e.Code
	}
	return compare(before, after, func(old, now Reach) string {
		switch {
		case worse[old.Type] != "":
			return worse[old.Type]
		case len(old.Targets) > 0 && len(now.Targets) == 0:
			return EffectFalls
		case len(now.Targets) < len(old.Targets):
			return EffectTarget
		case len(now.Chosen) < len(old.Chosen):
			return EffectChoices
		}
		return ""
	})
}

// compare looks at the types that both have.
func compare(before, after Coverage, judge func(old, now Reach) string) []Effect {
	later := make(map[string]Reach, len(after))
	for _, r := range after {
		later[r.Type] = r
	}
	var effects []Effect
	for _, old := range before {
		now, still := later[old.Type]
		if !still {
			continue
		}
		if code := judge(old, now); code != "" {
			effects = append(effects, Effect{Type: old.Type, Code: code})
		}
	}
	return effects
}
