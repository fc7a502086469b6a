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
	all := occurrences(resources, zone, now)
	// One array for all messages: each has its part of it.
	reminded, rungs := make([]models.Resource, len(all)), make([]Rung, len(all))
	var coming []Coming
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].at == all[from].at && all[to].rung.Type == all[from].rung.Type {
			reminded[to], rungs[to] = *all[to].of, all[to].rung
			to++
		}
		c := Coming{At: all[from].rung.At, Type: all[from].rung.Type, Resources: reminded[from:to:to], Rungs: rungs[from:to:to]}
		if c.At.Before(now) {
			c.At = now
		}
		coming = append(coming, c)
		from = to
	}
	return coming
}

// occurrence is one rung of one resource.
type occurrence struct {
	// at is when, in microseconds, as precisely as keys are.
	at   int64
	rung Rung
	of   *models.Resource
}

// occurrences are the rungs to come of all resources, those of one message next to each
// other, in its order.
func occurrences(resources []models.Resource, zone *time.Location, now time.Time) []*occurrence {
	const usual = 6 // rungs
	all := make([]occurrence, 0, usual*len(resources))
	least := now.UnixMicro()
	for i := range resources {
		r := &resources[i]
		for _, rung := range ahead(EndingOf(*r, zone).Rungs(), r.Reached, now) {
			all = append(all, occurrence{at: max(rung.At.UnixMicro(), least), rung: rung, of: r})
		}
	}
	sorted := make([]*occurrence, len(all))
	for i := range all {
		sorted[i] = &all[i]
	}
	slices.SortFunc(sorted, (*occurrence).compare)
	return sorted
}

// compare orders by message, and in it what ends first before others.
func (t *occurrence) compare(other *occurrence) int {
	if t.at != other.at {
		return cmp.Compare(t.at, other.at)
	}
	if c := strings.Compare(t.rung.Type, other.rung.Type); c != 0 {
		return c
	}
	if c := t.rung.Deadline.Compare(other.rung.Deadline); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(t.of.Name, other.of.Name), strings.Compare(t.of.ID, other.of.ID))
}

// ahead are the rungs that are still to come: the one that is due, and later ones.
func ahead(rungs []Rung, reached int64, now time.Time) []Rung {
	t := StepAt(rungs, reached, now)
	for i := range rungs {
		if t.Due != nil && rungs[i].Rank == t.Due.Rank || t.Due == nil && t.Next != nil && rungs[i].Rank == t.Next.Rank {
			return rungs[i:]
		}
	}
	return nil
}
