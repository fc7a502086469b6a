package activities

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models/schedule"
)

// Variables of reminders that name the resource.
const (
	variableResourceName = "resource_name"
	variableResourceID   = "resource_id"
)

// Bounds of the list in a message that tells of several resources.
const (
	maxLines = 50
	maxList  = catalog.MaxValue
)

// soonest orders what a message tells of: what ends first comes first.
func soonest(a, b item) int {
	return cmp.Or(a.rung.Deadline.Compare(b.rung.Deadline), strings.Compare(a.resource.Name, b.resource.Name),
		strings.Compare(a.resource.ID, b.resource.ID))
}

// variables are what the message types of the ladder declare. With several resources
// they are the first one's, the dates of all, and the list.
func (r *reminding) variables(items []item) map[string]string {
	first := items[0].resource
	v := map[string]string{
		variableResourceName: first.Name, variableResourceID: first.ExternalID, "product_name": r.due.Products[first.ProductID],
	}
	r.dates(v, items)
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

// dates are days of the account's calendar: from the first to the last where they
// differ. All items are of one message type.
func (r *reminding) dates(v map[string]string, items []item) {
	expiry, release := []time.Time{}, []time.Time{}
	for _, each := range items {
		expiry = append(expiry, each.resource.ExpiresAt)
		if each.resource.ReleaseAt != nil {
			release = append(release, *each.resource.ReleaseAt)
		}
	}
	released := len(release) == len(items) // of some only is of no use
	switch rung := items[0].rung; {
	case rung.Name == schedule.RungReleased:
		v["released_on"] = r.span(release, r.date)
	case rung.Rank > 0:
		v["expired_on"], v["release_on"], v["days_left"] = r.span(expiry, r.date), r.span(release, r.date), r.span(release, r.daysLeft)
	case released:
		v["release_on"] = r.span(release, r.date)
		fallthrough
	default:
		v["expires_on"] = r.span(expiry, r.date)
		if rung.Name != schedule.RungExpired {
			v["days_left"] = r.span(expiry, r.daysLeft)
		} else if released {
			v["days_left"] = r.span(release, r.daysLeft)
		}
	}
}

// span shows the first and the last of the instants; one when they look alike.
func (r *reminding) span(all []time.Time, show func(time.Time) string) string {
	first, last := show(slices.MinFunc(all, time.Time.Compare)), show(slices.MaxFunc(all, time.Time.Compare))
	if first == last {
		return first
	}
	return first + " - " + last
}

func (r *reminding) date(at time.Time) string { return at.In(r.zone).Format(time.DateOnly) }

// daysLeft counts the midnights of the account's calendar until then.
func (r *reminding) daysLeft(at time.Time) string {
	return strconv.Itoa(daysBetween(r.now.In(r.zone), at.In(r.zone)))
}

// daysBetween counts midnights; nothing is less than none.
func daysBetween(from, to time.Time) int {
	day := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return max(int(day(to).Sub(day(from))/(24*time.Hour)), 0)
}

// list is one line for each resource, as many as have room, and how many those are.
func (r *reminding) list(items []item) (string, int) {
	var text strings.Builder
	room := maxList
	for i, each := range items {
		line := "• " + each.resource.Name + " (" + each.resource.ExternalID + ") · " + r.due.Products[each.resource.ProductID] +
			" · " + r.date(each.rung.Deadline)
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
