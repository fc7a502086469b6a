// Package report holds the figures that the benchmarks measured: ours beside the
// bare limit of the same run, the budget, and what became of it. It writes them as
// text, as JSON, and into docs/performance.md.
package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Sample is what the repetitions of one measurement gave.
type Sample struct {
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
	// Runs is how many there were.
	Runs int `json:"runs"`
}

// Of sums up what the repetitions gave; there must be one at least.
func Of(values []float64) Sample {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return Sample{Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Least: sorted[0], Most: sorted[n-1], Runs: n}
}

// Bound says how ours is compared with the budget.
type Bound string

// Bounds.
const (
	Open    Bound = ""               // nothing is promised
	AtLeast Bound = "ratio at least" // ours ÷ limit, of rates
	AtMost  Bound = "ratio at most"  // ours ÷ limit, of times and costs
	Within  Bound = "at most"        // ours by itself, in its unit
)

// Costs is what one notification costs; zero where it was not measured.
type Costs struct {
	CPUMillis     float64 `json:"cpu_ms,omitzero"`
	Transactions  float64 `json:"transactions,omitzero"`
	Statements    float64 `json:"statements,omitzero"`
	Flushes       float64 `json:"flushes,omitzero"`
	HistoryEvents float64 `json:"history_events,omitzero"`
}

// Figure is one line of the table.
type Figure struct {
	// ID groups figures: "P1"; Name says what was measured, Database on what:
	// "sqlite", "mariadb", "mysql" or "".
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Database string  `json:"database,omitempty"`
	Unit     string  `json:"unit"`
	Ours     Sample  `json:"ours"`
	Limit    *Sample `json:"limit,omitempty"`
	Bound    Bound   `json:"bound"`
	Budget   float64 `json:"budget"`
	Costs    Costs   `json:"costs,omitzero"`
	// LimitCosts are the bare program's.
	LimitCosts Costs `json:"limit_costs,omitzero"`
	// Note is for what the numbers do not say.
	Note string `json:"note,omitempty"`
	// At and Commit say of which run it is; Short runs do a tenth of the work.
	At     string `json:"at"`
	Commit string `json:"commit"`
	Short  bool   `json:"short,omitempty"`
}

// Ratio is ours ÷ limit, by the medians; 0 without a limit.
func (f Figure) Ratio() float64 {
	if f.Limit == nil || f.Limit.Median == 0 {
		return 0
	}
	return f.Ours.Median / f.Limit.Median
}

// Met reports whether the budget is kept; so is one that is not there.
func (f Figure) Met() bool {
	switch f.Bound {
	case AtLeast:
		return f.Limit != nil && f.Ratio() >= f.Budget
	case AtMost:
		return f.Limit != nil && f.Ratio() <= f.Budget
	case Within:
		return f.Ours.Median <= f.Budget
	case Open:
		return true
	}
	return false
}

// Machine is where the figures were measured.
type Machine struct {
	CPU        string `json:"cpu"`
	Cores      int    `json:"cores"`
	MemoryGiB  int    `json:"memory_gib"`
	System     string `json:"system"`
	Go         string `json:"go"`
	Databases  string `json:"databases"`
	LoadBefore string `json:"load_before"`
}

// Report is what one run of the benchmarks measured, or several.
type Report struct {
	Machine Machine  `json:"machine"`
	Figures []Figure `json:"figures"`
}

// Renew returns the report with the figures of a newer run in place of those that it
// measured again; the others stay.
func (r Report) Renew(newer Report) Report {
	type key struct{ id, name, database string }
	again := map[key]bool{}
	for _, f := range newer.Figures {
		again[key{f.ID, f.family(), f.Database}] = true
	}
	kept := slices.DeleteFunc(slices.Clone(r.Figures), func(f Figure) bool { return again[key{f.ID, f.family(), f.Database}] })
	newer.Figures = append(kept, newer.Figures...)
	slices.SortStableFunc(newer.Figures, func(a, b Figure) int { return a.order() - b.order() })
	return newer
}

// family is the name without numbers: those differ between short and full runs.
func (f Figure) family() string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == ',' {
			return -1
		}
		return r
	}, f.Name)
}

// order is the number in "P12".
func (f Figure) order() int {
	n, _ := strconv.Atoi(strings.TrimPrefix(f.ID, "P")) // ids are ours
	return n
}

// Read reads a report.
func Read(path string) (Report, error) {
	var r Report
	text, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(text, &r)
}

// Write writes the report as JSON.
func (r Report) Write(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644) //nolint:gosec // a document
}

// number writes three digits that count.
func number(v float64) string {
	switch size := math.Abs(v); {
	case size == 0:
		return "0"
	case size >= 1000:
		return fmt.Sprintf("%.0f", math.Round(v/10)*10)
	case size >= 100:
		return fmt.Sprintf("%.0f", v)
	case size >= 10:
		return fmt.Sprintf("%.1f", v)
	case size >= 1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

func (s Sample) text() string {
	if s.Runs < 2 {
		return number(s.Median)
	}
	return fmt.Sprintf("%s (%s–%s)", number(s.Median), number(s.Least), number(s.Most))
}

// cells are a figure's columns, as they are in both tables.
func (f Figure) cells() []string {
	limit, ratio := "–", "–"
	if f.Limit != nil {
		limit, ratio = f.Limit.text(), fmt.Sprintf("%.2f", f.Ratio())
	}
	budget, verdict := f.judged()
	name := f.Name
	if f.Database != "" {
		name += ", " + f.Database
	}
	work := "full"
	if f.Short {
		work = "tenth"
	}
	return []string{f.ID, name, f.Unit, f.Ours.text(), limit, ratio, budget, verdict, work}
}

// judged are the columns of the budget and of what became of it.
func (f Figure) judged() (budget, verdict string) {
	switch f.Bound {
	case Open:
		return "–", "–"
	case AtLeast:
		budget = "≥ " + number(f.Budget) + " ×"
	case AtMost:
		budget = "≤ " + number(f.Budget) + " ×"
	case Within:
		budget = "≤ " + number(f.Budget) + " " + f.Unit
	}
	if f.Met() {
		return budget, "met"
	}
	return budget, "missed"
}

// header names the columns of cells.
func header() []string {
	return []string{"", "figure", "unit", "ours", "limit", "ratio", "budget", "verdict", "work"}
}

// Table is the report for a terminal.
func (r Report) Table() string {
	rows := [][]string{header()}
	for _, f := range r.Figures {
		rows = append(rows, f.cells())
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	var out strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			out.WriteString(cell + strings.Repeat(" ", widths[i]-len([]rune(cell))+2))
		}
		out.WriteString("\n")
	}
	return out.String()
}

// Markdown is the part of docs/performance.md that is generated.
func (r Report) Markdown() string {
	var out bytes.Buffer
	m := r.Machine
	fmt.Fprintf(&out, "Measured on %s, %d cores, %d GiB, %s, %s; %s. Load of the machine before the last run: %s.\n",
		m.CPU, m.Cores, m.MemoryGiB, m.System, m.Go, m.Databases, m.LoadBefore)
	fmt.Fprintf(&out, "The column \"work\" tells full runs from those of a tenth of the work. Runs: %s.\n\n", strings.Join(r.runs(), "; "))
	row := func(cells []string) { fmt.Fprintf(&out, "| %s |\n", strings.Join(cells, " | ")) }
	row(header())
	row(slices.Repeat([]string{"---"}, len(header())))
	for _, f := range r.Figures {
		row(f.cells())
	}
	out.WriteString("\nWhat one piece costs, usually a notification; in brackets what the bare program costs.\n\n")
	row([]string{"", "figure", "CPU ms", "transactions", "statements", "flushes", "history events"})
	row(slices.Repeat([]string{"---"}, 7))
	for _, f := range r.Figures {
		if f.Costs != (Costs{}) {
			row(f.costs())
		}
	}
	if notes := r.notes(); notes != "" {
		out.WriteString("\n" + notes)
	}
	return out.String()
}

// runs names the runs that the figures are of, with what each measured.
func (r Report) runs() []string {
	var order []string
	ids := map[string][]string{}
	for _, f := range r.Figures {
		name := f.At + " at commit " + f.Commit
		if ids[name] == nil {
			order = append(order, name)
		}
		if !slices.Contains(ids[name], f.ID) {
			ids[name] = append(ids[name], f.ID)
		}
	}
	slices.Sort(order)
	for i, name := range order {
		order[i] = name + " (" + strings.Join(ids[name], ", ") + ")"
	}
	return order
}

func (f Figure) costs() []string {
	pair := func(ours, limit float64) string {
		switch {
		case ours == 0:
			return "–"
		case limit == 0:
			return number(ours)
		}
		return fmt.Sprintf("%s (%s)", number(ours), number(limit))
	}
	o, l := f.Costs, f.LimitCosts
	return []string{
		f.ID, f.cells()[1], pair(o.CPUMillis, l.CPUMillis), pair(o.Transactions, l.Transactions),
		pair(o.Statements, l.Statements), pair(o.Flushes, l.Flushes), pair(o.HistoryEvents, l.HistoryEvents),
	}
}

func (r Report) notes() string {
	var out strings.Builder
	for _, f := range r.Figures {
		if f.Note != "" {
			out.WriteString("- " + f.cells()[0] + ", " + f.cells()[1] + ": " + f.Note + "\n")
		}
	}
	return out.String()
}

// Marks between which a document holds the generated part.
const (
	Begin = "<!-- figures: written by make bench, do not edit -->\n"
	End   = "<!-- end of figures -->\n"
)

// Document returns the document with the report between the marks.
func (r Report) Document(document string) (string, error) {
	before, rest, begun := strings.Cut(document, Begin)
	_, after, ended := strings.Cut(rest, End)
	if !begun || !ended {
		return "", fmt.Errorf("the document lacks the marks %q and %q", Begin, End)
	}
	return before + Begin + "\n" + r.Markdown() + "\n" + End + after, nil
}
