package markup

import (
	"fmt"
	"strings"

	"belfry.dev/belfry/models/text"
)

type nodeKind uint8

const (
	literal nodeKind = iota
	placeholder
	condition
)

// node is one part of a parsed template. Which fields are set depends on kind.
type node struct {
	kind nodeKind
	// text is the literal.
	text string
	// name is the variable of a placeholder or a condition.
	name string
	// place is where in HTML the placeholder stands.
	place place
	// yes and no are the two sides of a condition.
	yes, no []node
}

type parser struct {
	source string
	at     int
	tags   int
	depth  int
}

// parse reads a template. Names are not looked up; see checkNames.
func parse(source string) ([]node, *Fault) {
	p := &parser{source: source}
	nodes, end, f := p.sequence()
	if f != nil {
		return nil, f
	}
	if end != "" {
		return nil, p.faultf("{{%s}} closes nothing", end)
	}
	return nodes, nil
}

// sequence reads nodes up to the end or to an {{else}} or {{/if}}, which it
// returns as end.
func (p *parser) sequence() (nodes []node, end string, f *Fault) {
	for {
		tag, found, f := p.literalThenTag(&nodes)
		if f != nil || !found {
			return nodes, "", f
		}
		if tag == "else" || tag == "/if" {
			return nodes, tag, nil
		}
		n, f := p.tag(tag)
		if f != nil {
			return nil, "", f
		}
		nodes = append(nodes, n)
	}
}

// literalThenTag appends the text before the next tag and returns what stands
// between the tag's braces. A tag of a condition that has a line for itself
// takes the whole line with it.
func (p *parser) literalThenTag(nodes *[]node) (tag string, found bool, f *Fault) {
	open := strings.Index(p.source[p.at:], "{{")
	if open < 0 {
		appendLiteral(nodes, p.source[p.at:])
		p.at = len(p.source)
		return "", false, nil
	}
	start := p.at + open
	length := strings.Index(p.source[start:], "}}")
	if length < 0 {
		p.at = start
		return "", false, p.faultf("{{ without }}")
	}
	end := start + length + len("}}")
	tag = strings.Trim(p.source[start+len("{{"):end-len("}}")], " ")
	from, to := start, end
	if !IsName(tag) {
		from, to = p.wholeLine(start, end)
	}
	appendLiteral(nodes, p.source[p.at:max(from, p.at)])
	p.at = to
	p.tags++
	if p.tags > maxTags {
		return "", false, p.faultf("more than %d placeholders and conditions", maxTags)
	}
	return tag, true, nil
}

// wholeLine widens a tag's bounds to its line when nothing else is on it.
func (p *parser) wholeLine(start, end int) (int, int) {
	from := start
	for from > 0 && (p.source[from-1] == ' ' || p.source[from-1] == '\t') {
		from--
	}
	to := end
	for to < len(p.source) && (p.source[to] == ' ' || p.source[to] == '\t') {
		to++
	}
	first := from == 0 || p.source[from-1] == '\n'
	if !first || (to < len(p.source) && p.source[to] != '\n') {
		return start, end
	}
	return from, min(to+1, len(p.source))
}

func (p *parser) tag(tag string) (node, *Fault) {
	if name, ok := strings.CutPrefix(tag, "#if "); ok {
		return p.condition(strings.Trim(name, " "))
	}
	if !IsName(tag) {
		return node{}, p.faultf("{{%s}} is no placeholder; write {{name}} or {{#if name}}…{{else}}…{{/if}}", brief(tag))
	}
	return node{kind: placeholder, name: tag}, nil
}

func (p *parser) condition(name string) (node, *Fault) {
	if !IsName(name) {
		return node{}, p.faultf("{{#if %s}} names no variable", brief(name))
	}
	if p.depth == maxDepth {
		return node{}, p.faultf("more than %d conditions inside each other", maxDepth)
	}
	p.depth++
	defer func() { p.depth-- }()
	n := node{kind: condition, name: name}
	yes, end, f := p.sequence()
	if f != nil {
		return node{}, f
	}
	n.yes = yes
	if end == "else" {
		if n.no, end, f = p.sequence(); f != nil {
			return node{}, f
		}
	}
	if end != "/if" {
		return node{}, p.faultf("{{#if %s}} has no {{/if}}", name)
	}
	return n, nil
}

func (p *parser) faultf(format string, args ...any) *Fault {
	line := 1 + strings.Count(p.source[:p.at], "\n")
	return &Fault{CodeSyntax, fmt.Sprintf("Line %d: ", line) + fmt.Sprintf(format, args...) + "."}
}

// checkNames returns a fault for the first name that is not known.
func checkNames(nodes []node, known map[string]bool) *Fault {
	for _, n := range nodes {
		if n.kind == literal {
			continue
		}
		if !known[n.name] {
			return &Fault{CodeUnknown, fmt.Sprintf("{{%s}} is not declared as a variable.", n.name)}
		}
		if f := checkNames(n.yes, known); f != nil {
			return f
		}
		if f := checkNames(n.no, known); f != nil {
			return f
		}
	}
	return nil
}

func appendLiteral(nodes *[]node, text string) {
	if text != "" {
		*nodes = append(*nodes, node{kind: literal, text: text})
	}
}

// brief cuts text that is quoted in a fault to 40 runes on one line.
func brief(quoted string) string { return text.Cut(text.Line(quoted), 40) }
