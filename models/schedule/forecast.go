package schedule

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"belfry.dev/belfry/models"
)

// Coming is one message to come: what one reminder will tell of, if nothing changes.
type Coming struct {
	// At is when; now for what is due and not sent yet.
	At time.Time
	// Type is the message type's key.
	Type string
	// Resources are those that it will tell of, those that end first before others,
	// with the rung of each.
	Resources []models.Resource
	Rungs     []Rung
}

// Key orders messages, and tells them apart.
func (c Coming) Key() string { return c.At.UTC().Format(comingKey) + " " + c.Type }

// ByUrgency orders what is due at one moment as reminders do: the most urgent first.
func (c Coming) ByUrgency(other Coming) int {
	return ByUrgency(c.Type, other.Type, c.urgency(), other.urgency())
}

func (c Coming) urgency() int64 {
	rank := int64(Unreached)
	for _, r := range c.Rungs {
		rank = max(rank, r.Rank)
	}
	return rank
}

// comingKey sorts as time does.
const comingKey = "2006-01-02T15:04:05.000000"

// Forecast are the messages to come of an account's resources, in the order of their
// keys. It is what happens: whoever looks at the resources at the instant of a
// message finds its rungs due.
func Forecast(resources []models.Resource, zone *time.Location, now time.Time) []Coming {
	byKey := map[string]*Coming{}
	var keys []string
	for _, r := range resources {
		for _, rung := range ahead(EndingOf(r, zone).Rungs(), r.Reached, now) {
			c := Coming{At: rung.At, Type: rung.Type}
			if c.At.Before(now) {
				c.At = now
			}
			key := c.Key()
			if byKey[key] == nil {
				byKey[key] = &c
				keys = append(keys, key)
			}
			byKey[key].Resources = append(byKey[key].Resources, r)
			byKey[key].Rungs = append(byKey[key].Rungs, rung)
		}
	}
	slices.Sort(keys)
	all := make([]Coming, 0, len(keys))
	for _, key := range keys {
		all = append(all, byKey[key].sorted())
	}
	return all
}

// ahead are the rungs that are still to come: the one that is due, and later ones.
func ahead(rungs []Rung, reached int64, now time.Time) []Rung {
	t := TurnAt(rungs, reached, now)
	for i := range rungs {
		if t.Due != nil && rungs[i].Rank == t.Due.Rank || t.Due == nil && t.Next != nil && rungs[i].Rank == t.Next.Rank {
			return rungs[i:]
		}
	}
	return nil
}

// sorted is the message with what ends first at the front.
func (c Coming) sorted() Coming {
	order := make([]int, len(c.Resources))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := c.Resources[i], c.Resources[j]
		return cmp.Or(c.Rungs[i].Deadline.Compare(c.Rungs[j].Deadline), strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	resources, rungs := make([]models.Resource, len(order)), make([]Rung, len(order))
	for to, from := range order {
		resources[to], rungs[to] = c.Resources[from], c.Rungs[from]
	}
	c.Resources, c.Rungs = resources, rungs
	return c
}
