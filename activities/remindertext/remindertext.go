// Package remindertext says what reminders tell of: names, dates and the list of resources that
// expire. It is pure.
package remindertext

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
)

// Variables of reminders that name the resource.
const (
	ResourceName = "resource_name"
	ResourceID   = "resource_id"
)

// Bounds of the list in a message that tells of several resources.
const (
	maxLines = 50
	maxList  = catalog.MaxValue
)

// Item is one resource with the rung that is due, and the number of its step.
type Item struct {
	Resource models.Resource
	Rung     schedule.Rung
	Step     int
}

// Text is what the texts of one account's reminders depend on.
type Text struct {
	// Products are the names of products by id.
	Products map[string]string
	// Zone is the account's.
	Zone *time.Location
	Now  time.Time
}

// Soonest orders what a message tells of: what ends first comes first.
func Soonest(a, b Item) int {
	return cmp.Or(a.Rung.Deadline.Compare(b.Rung.Deadline), strings.Compare(a.Resource.Name, b.Resource.Name),
		strings.Compare(a.Resource.ID, b.Resource.ID))
}

// layout is an instant for people: date, time and zone, which abbreviations do not tell
// ("CST" is three zones).
const layout = "2006-01-02 15:04 (UTC-07:00)"

// Variables are what the message types of the ladder declare. With several resources, which
// are in their order and of one message type, they are the first one's, the instants of all,
// and the list.
func (r Text) Variables(items []Item) map[string]string {
	first := items[0].Resource
	v := map[string]string{
		ResourceName: first.Name, ResourceID: first.ExternalID, "product_name": r.Products[first.ProductID],
	}
	r.instants(v, items)
	if len(items) > 1 {
		v["others"] = strconv.Itoa(len(items) - 1)
		list, listed := r.list(items)
		v["resource_list"] = list
		if listed < len(items) {
			v["unlisted"] = strconv.Itoa(len(items) - listed)
		}
	}
	return v
}

func (r Text) instants(v map[string]string, items []Item) {
	expiry, release := []time.Time{}, []time.Time{}
	for _, each := range items {
		expiry = append(expiry, each.Resource.ExpiresAt)
		if each.Resource.ReleaseAt != nil {
			release = append(release, *each.Resource.ReleaseAt)
		}
	}
	released := len(release) == len(items) // of some only is of no use
	switch rung := items[0].Rung; {
	case rung.Name == schedule.RungReleased:
		v["released_on"] = r.span(release)
	case rung.Rank > 0:
		v["expired_on"], v["release_on"] = r.span(expiry), r.span(release)
		r.left(v, release)
	case released:
		v["release_on"] = r.span(release)
		fallthrough
	default:
		v["expires_on"] = r.span(expiry)
		if rung.Name != schedule.RungExpired {
			r.left(v, expiry)
		} else if released {
			r.left(v, release)
		}
	}
}

// span shows the first and the last of the instants; one when they look alike.
func (r Text) span(all []time.Time) string {
	first, last := r.at(slices.MinFunc(all, time.Time.Compare)), r.at(slices.MaxFunc(all, time.Time.Compare))
	if first == last {
		return first
	}
	if start, zone, _ := strings.Cut(first, " ("); strings.HasSuffix(last, zone) {
		return start + " - " + last
	}
	return first + " - " + last
}

func (r Text) at(t time.Time) string { return t.In(r.Zone).Format(layout) }

// left adds how many days there are until the instants; nothing where the first is less
// than a day away: the instant itself says it better.
func (r Text) left(v map[string]string, all []time.Time) {
	first, last := slices.MinFunc(all, time.Time.Compare), slices.MaxFunc(all, time.Time.Compare)
	if first.Sub(r.Now) < 24*time.Hour {
		return
	}
	v["days_left"] = strconv.Itoa(r.days(first))
	if from, to := r.days(first), r.days(last); from != to {
		v["days_left"] += " - " + strconv.Itoa(to)
	}
}

// days counts the midnights of the account's calendar until then; at least none.
func (r Text) days(at time.Time) int {
	day := func(t time.Time) time.Time {
		y, m, d := t.In(r.Zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return max(int(day(at).Sub(day(r.Now))/(24*time.Hour)), 0)
}

// list is one line for each resource, as many as have room, and how many those are.
func (r Text) list(items []Item) (string, int) {
	var text strings.Builder
	room := maxList
	for i, each := range items {
		line := "• " + each.Resource.Name + " (" + each.Resource.ExternalID + ") · " + r.Products[each.Resource.ProductID] +
			" · " + r.at(each.Rung.Deadline)
		if room -= utf8.RuneCountInString(line) + 1; i == maxLines || room < 0 {
			return text.String(), i
		}
		if i > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(line)
	}
	return text.String(), len(items)
}
