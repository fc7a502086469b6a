package queue

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/text"
)

// Item is one of those that waited.
type Item struct {
	// Alone is the message that it would be.
	Alone    models.Rendered
	Severity models.Severity
	// At is when it was submitted, in the zone of its reader.
	At time.Time
}

// shortLine bounds a line of one item, in bytes.
const shortLine = 140

// Message makes one message of the items, in their order: of all that is said where that fits,
// else of a line for each, else of each title once with what tells its items apart. It returns
// how many it tells of, at least one; the others must wait. It never writes that there are
// more. base has what stands around.
func Message(base models.Rendered, items []Item, fits func(models.Rendered) bool) (models.Rendered, int) {
	for _, density := range []func([]Item) []document.Block{full, short} {
		if m := around(base, items, density(items)); fits(Repeated(m)) {
			return m, len(items)
		}
	}
	of := func(n int) models.Rendered { return densest(base, items[:n], fits) }
	n := max(1, sort.Search(len(items), func(n int) bool { return !fits(Repeated(of(n + 1))) }))
	return of(n), n
}

// densest is the shorter of a line each and of groups.
func densest(base models.Rendered, items []Item, fits func(models.Rendered) bool) models.Rendered {
	if m := around(base, items, short(items)); fits(Repeated(m)) {
		return m
	}
	return around(base, items, grouped(items))
}

// around puts title and texts around the blocks.
func around(base models.Rendered, items []Item, blocks []document.Block) models.Rendered {
	base.Title = heading(base.Locale, items)
	base.Document.Title, base.Document.Blocks = base.Title, blocks
	base.Subject, base.Body = base.Title, document.Plain(blocks)
	base.Text = base.Body
	return base
}

// words are those of the frame, in one language.
type words struct{ all, critical, warning, and, colon, repeated string }

func wordsOf(l models.Locale) words {
	if l == models.LocaleZH {
		return words{"%d 条消息", "%d 条紧急", "%d 条警告", "、", "：", "可能已发送过"}
	}
	return words{"%d messages", "%d critical", "%d warnings", ", ", ": ", "Possibly sent before"}
}

// heading counts the items: "12 messages: 2 critical, 3 warnings".
func heading(locale models.Locale, items []Item) string {
	w, by := wordsOf(locale), map[models.Severity]int{}
	for _, i := range items {
		by[i.Severity]++
	}
	var some []string
	for _, each := range []struct {
		severity models.Severity
		word     string
	}{{models.SeverityCritical, w.critical}, {models.SeverityWarning, w.warning}} {
		if n := by[each.severity]; n > 0 {
			some = append(some, fmt.Sprintf(each.word, n))
		}
	}
	title := fmt.Sprintf(w.all, len(items))
	if len(some) > 0 {
		title += w.colon + strings.Join(some, w.and)
	}
	return title
}

// full tells everything.
func full(items []Item) []document.Block {
	var out []document.Block
	for _, i := range items {
		title := document.Run{Text: clock(i) + i.Alone.Title, Theirs: true}
		out = append(out, document.Block{Kind: document.Heading, Runs: []document.Run{title}, Apart: true})
		out = append(out, i.Alone.Document.Blocks...)
	}
	return out
}

// short tells title and first fact of each.
func short(items []Item) []document.Block {
	out := make([]document.Block, len(items))
	for n, i := range items {
		line := i.Alone.Title
		if facts := factsOf(i); len(facts) > 0 {
			line += " · " + text.Line(facts[0].String())
		}
		out[n] = document.Block{Kind: document.Paragraph, Runs: []document.Run{{Text: clock(i) + text.CutBytes(line, shortLine), Theirs: true}}}
	}
	return out
}

// grouped tells each title once, with what tells those apart that have it.
func grouped(items []Item) []document.Block {
	var titles []string
	by := map[string][]Item{}
	for _, i := range items {
		if by[i.Alone.Title] == nil {
			titles = append(titles, i.Alone.Title)
		}
		by[i.Alone.Title] = append(by[i.Alone.Title], i)
	}
	var out []document.Block
	for _, title := range titles {
		line := text.CutBytes(title, shortLine)
		if alike := by[title]; len(alike) > 1 {
			line = fmt.Sprintf("%s (%d)", line, len(alike))
			if differences := apart(alike); differences != "" {
				line += ": " + differences
			}
		}
		out = append(out, document.Block{Kind: document.Paragraph, Runs: []document.Run{{Text: line, Theirs: true}}})
	}
	return out
}

// apart lists the values of the first fact that is not the same in all; "" when there is none.
func apart(items []Item) string {
	for n, fact := range factsOf(items[0]) {
		var values []string
		for _, i := range items {
			if facts := factsOf(i); n < len(facts) && facts[n].Label == fact.Label {
				values = append(values, text.CutBytes(text.Line(valueOf(facts[n])), shortLine/2))
			}
		}
		if len(values) == len(items) && len(slices.Compact(slices.Sorted(slices.Values(values)))) > 1 {
			return strings.Join(values, "; ")
		}
	}
	return ""
}

func factsOf(i Item) []document.Block {
	return slices.DeleteFunc(slices.Clone(i.Alone.Document.Blocks), func(b document.Block) bool { return b.Kind != document.Fact })
}

func valueOf(b document.Block) string {
	b.Label, b.Mark = "", ""
	return b.String()
}

func clock(i Item) string { return i.At.Format("15:04 ") }
