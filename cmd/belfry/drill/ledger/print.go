package ledger

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// examples bounds how many breaches of one promise are printed.
const examples = 5

// Sound reports whether every promise holds.
func (l Ledger) Sound() bool { return len(l.Broken) == 0 }

// All sums up the channels.
func (l Ledger) All() Count {
	var all Count
	for _, c := range l.Channels {
		all.Delivered += c.Delivered
		all.Failed += c.Failed
		all.Suppressed += c.Suppressed
		all.Cancelled += c.Cancelled
		all.Pending += c.Pending
		all.Lost += c.Lost
		all.Copies += c.Copies
		all.Repeats += c.Repeats
		all.Unknown += c.Unknown
	}
	return all
}

// Print writes the ledger for people: the counts, then each promise and whether it
// holds.
func (l Ledger) Print(w io.Writer) error {
	var out strings.Builder
	fmt.Fprintf(&out, "accepted %d notifications, lost %d", l.Accepted, l.Lost)
	if l.Unanswered > 0 {
		fmt.Fprintf(&out, "; %d submissions were never answered", l.Unanswered)
	}
	for _, status := range slices.Sorted(maps.Keys(l.Statuses)) {
		fmt.Fprintf(&out, "\n  %s %d", status, l.Statuses[status])
	}
	out.WriteString("\n\n")
	l.table(&out)
	out.WriteString("\n")
	for _, promise := range Promises {
		l.promise(&out, promise[0], promise[1])
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (l Ledger) table(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	names := slices.Sorted(maps.Keys(l.Channels))
	columns := make([]Count, 0, len(names)+1)
	for _, name := range names {
		columns = append(columns, *l.Channels[name])
	}
	columns = append(columns, l.All())
	_, _ = fmt.Fprintln(table, "deliveries\t"+strings.Join(append(names, "all"), "\t")+"\t") // to memory
	for _, row := range []struct {
		name string
		of   func(Count) int
	}{
		{"delivered", func(c Count) int { return c.Delivered }},
		{"failed", func(c Count) int { return c.Failed }},
		{"suppressed", func(c Count) int { return c.Suppressed }},
		{"cancelled", func(c Count) int { return c.Cancelled }},
		{"pending", func(c Count) int { return c.Pending }},
		{"lost", func(c Count) int { return c.Lost }},
		{"copies", func(c Count) int { return c.Copies }},
		{"beyond the first", func(c Count) int { return c.Repeats }},
		{"attempts of unknown outcome", func(c Count) int { return c.Unknown }},
	} {
		_, _ = fmt.Fprint(table, row.name+"\t")
		for _, c := range columns {
			_, _ = fmt.Fprintf(table, "%d\t", row.of(c))
		}
		_, _ = fmt.Fprintln(table)
	}
	_ = table.Flush()
}

func (l Ledger) promise(w io.Writer, name, text string) {
	var breaches []string
	for _, b := range l.Broken {
		if b.Promise == name {
			breaches = append(breaches, b.About)
		}
	}
	word := "holds"
	if len(breaches) > 0 {
		word = fmt.Sprintf("BROKEN %d times", len(breaches))
	}
	_, _ = fmt.Fprintf(w, "%-5s  %s: %s\n", name, text, word) // to memory
	for i, about := range breaches {
		if i == examples {
			_, _ = fmt.Fprintf(w, "         and %d more\n", len(breaches)-examples)
			return
		}
		_, _ = fmt.Fprintf(w, "         %s\n", about)
	}
}
