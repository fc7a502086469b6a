package ledger

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Glance looks into books that have no reports yet: what was accepted, what receivers
// got by channel, and whether a key was answered with several notifications. It is no
// verdict: without reports no promise can be seen to hold.
func Glance(b Books) Ledger {
	c := &closing{sum: Ledger{Channels: map[string]*Count{}}}
	keyOf := map[string]string{}
	for _, s := range b.Submissions {
		if len(s.IDs) == 0 {
			c.sum.Unanswered++
			continue
		}
		c.sum.Accepted++
		c.answered(s, keyOf)
	}
	seen := map[string]bool{}
	for _, each := range b.Copies {
		count, at := c.channel(each.Channel), each.Channel+" "+each.Key
		count.Copies++
		if seen[at] {
			count.Repeats++
		}
		seen[at] = true
	}
	return c.sum
}

// PrintGlance writes what Glance saw for people.
func (l Ledger) PrintGlance(w io.Writer) error {
	var out strings.Builder
	fmt.Fprintf(&out, "accepted %d notifications", l.Accepted)
	if l.Unanswered > 0 {
		fmt.Fprintf(&out, "; %d submissions were not answered", l.Unanswered)
	}
	out.WriteString("\n")
	for _, name := range slices.Sorted(maps.Keys(l.Channels)) {
		c := l.Channels[name]
		fmt.Fprintf(&out, "%s: %d copies, %d beyond the first of their delivery\n", name, c.Copies, c.Repeats)
	}
	const oneKey = "P5"
	for _, promise := range Promises {
		if promise[0] == oneKey && !l.Sound() {
			l.promise(&out, promise[0], promise[1])
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}
