// Package markup is the placeholder language, the only one that templates have,
// shipped and edited alike:
//
//	{{name}}                         the value of a variable
//	{{#if name}}…{{else}}…{{/if}}    the first part when the value is not empty
//
// There are no loops, calls, pipelines or comments, so the time to render is
// bounded by the template's size. A value is never read as a template, and is
// inert wherever it stands: in one line, in running text, in HTML.
package markup

import (
	"fmt"
	"regexp"
	"strings"

	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/text"
)

// Limits that keep parsing and rendering cheap.
const (
	// MaxValue is the longest value, in runes.
	MaxValue = 4096
	// MaxLink is the longest address, in bytes.
	MaxLink = 2048
	// MaxHTML is the longest rendered HTML, in bytes. At most half of it may be
	// the template's own, inline styles included.
	MaxHTML = 256 << 10

	maxTags  = 200 // placeholders and conditions of one template
	maxDepth = 4   // conditions inside conditions
	maxOpen  = 40  // elements inside elements
)

// Fault is what is wrong with a template.
type Fault struct {
	// Code is one of the constants below.
	Code string
	// Detail is a sentence for whoever wrote the template.
	Detail string
}

func (f *Fault) Error() string { return f.Detail }

// Codes of faults.
const (
	CodeSyntax  = "invalid-template"
	CodeUnknown = "unknown-variable"
	CodeHTML    = "invalid-html"
	CodeURL     = "unsafe-url"
	CodeSize    = "too-long"
)

// Template is a parsed and checked template. The zero value is empty.
type Template struct{ nodes []node }

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// IsName reports whether the text can name a variable.
func IsName(text string) bool { return text != "else" && namePattern.MatchString(text) }

// Parse reads a template of plain text. Every name it uses must be known.
func Parse(source string, known map[string]bool) (Template, *Fault) {
	nodes, f := parse(source)
	if f == nil {
		f = checkNames(nodes, known)
	}
	if f != nil {
		return Template{}, f
	}
	return Template{nodes: nodes}, nil
}

// ParseHTML reads a template of HTML and refuses everything but the small part of
// HTML that is described at elementNamed. Elements get the look's inline styles.
func ParseHTML(source string, known map[string]bool, look Look) (Template, *Fault) {
	t, f := Parse(source, known)
	if f != nil {
		return Template{}, f
	}
	nodes, f := checkPart(t.nodes, look, nil)
	if f != nil {
		return Template{}, f
	}
	if literalSize(nodes) > MaxHTML/2 {
		return Template{}, &Fault{CodeSize, fmt.Sprintf("The HTML has more than %d bytes with its styles.", MaxHTML/2)}
	}
	return Template{nodes: nodes}, nil
}

// Values gives the value of a variable, "" for none.
type Values func(name string) string

// Line renders to one line: values lose line breaks and invisible characters.
// The result has at most limit runes.
func (t Template) Line(values Values, limit int) string {
	return text.Cut(text.Line(t.fit(values, 8*limit, func(_ node, value string) string { return text.Line(value) })), limit)
}

// Text renders to running text of at most limit bytes, without empty lines at
// either end and with at most one between two paragraphs.
func (t Template) Text(values Values, limit int) string {
	return Tidy(text.CutBytes(t.fit(values, limit, func(_ node, value string) string { return block(value) }), limit))
}

// Runs renders to runs of at most limit bytes, the template's own apart from the values,
// which keep their line breaks.
func (t Template) Runs(values Values, limit int) []document.Run {
	var runs []document.Run
	t.fitted(values, limit, func(_ node, value string) string { return block(value) }, func(e *executor) {
		out, from := e.out.String(), 0
		for _, s := range e.spans {
			runs = append(runs, document.Run{Text: out[from:s.end], Theirs: s.theirs})
			from = s.end
		}
	})
	return runs
}

// HTML renders what ParseHTML read; the result has at most MaxHTML bytes.
func (t Template) HTML(values Values) string {
	return t.fit(values, MaxHTML, func(n node, value string) string {
		switch n.place {
		case inAttributePlace:
			return inAttribute(value)
		case inHrefPlace:
			return inHref(value)
		case inHrefPartPlace:
			return inHrefPart(value)
		default:
			return inHTML(value)
		}
	})
}

// Frame renders a template of our own around what is rendered already: values
// are written as escape returns them.
func (t Template) Frame(values Values, escape func(name, value string) string) string {
	e := &executor{
		limit: 2 * MaxHTML,
		given: func(name string) bool { return values(name) != "" },
		write: func(n node) string { return escape(n.name, values(n.name)) },
	}
	e.run(t.nodes)
	return e.out.String()
}

// fit renders and, when the result is longer than limit bytes, renders again with
// ever shorter values: long values are cut rather than a message lost.
func (t Template) fit(values Values, limit int, write func(node, string) string) (out string) {
	t.fitted(values, limit, write, func(e *executor) { out = e.out.String() })
	return out
}

// fitted is fit that hands over what was walked.
func (t Template) fitted(values Values, limit int, write func(node, string) string, done func(*executor)) {
	for longest := MaxValue; ; longest /= 4 {
		e := &executor{
			limit: limit,
			given: func(name string) bool { return strings.TrimSpace(values(name)) != "" },
			write: func(n node) string {
				return write(n, text.Cut(strings.ToValidUTF8(values(n.name), ""), max(longest, 1)))
			},
		}
		if e.run(t.nodes) || longest == 0 {
			done(e)
			return
		}
	}
}

// executor walks parsed templates.
type executor struct {
	out strings.Builder
	// spans are what out consists of.
	spans []span
	// limit ends the work once the output is longer, in bytes.
	limit int
	// given reports whether a variable has a value.
	given func(name string) bool
	// write makes the value of a placeholder inert for where it stands.
	write func(n node) string
}

// span is a part of the output, up to end: the template's own, or a value.
type span struct {
	end    int
	theirs bool
}

func (e *executor) add(text string, theirs bool) {
	e.out.WriteString(text)
	e.spans = append(e.spans, span{e.out.Len(), theirs})
}

// run renders nodes and reports whether the output stayed within the limit.
func (e *executor) run(nodes []node) bool {
	for _, n := range nodes {
		switch {
		case n.kind == literal:
			e.add(n.text, false)
		case n.kind == placeholder:
			e.add(e.write(n), true)
		case e.given(n.name):
			e.run(n.yes)
		default:
			e.run(n.no)
		}
		if e.out.Len() > e.limit {
			return false
		}
	}
	return true
}

// literalSize counts the bytes that do not depend on values, both sides of every
// condition included.
func literalSize(nodes []node) int {
	size := 0
	for _, n := range nodes {
		size += len(n.text) + literalSize(n.yes) + literalSize(n.no)
	}
	return size
}

// Tidy trims empty lines at both ends and leaves one where parts left several.
func Tidy(text string) string {
	text = strings.Trim(text, "\n")
	for strings.Contains(text, "\n\n\n") {
		text = strings.ReplaceAll(text, "\n\n\n", "\n\n")
	}
	return text
}
