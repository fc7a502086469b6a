package markup

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"belfry.dev/belfry/models/text"
)

// The content of an e-mail is written in a small, strict part of HTML: the
// elements below, nested properly, attributes in double quotes, nothing else.
// Whatever passes is written anew in one canonical spelling, so that no reader
// can understand it differently from this one; there is no element in it that
// switches a parser to another language (script, style, svg, math, template …).

// place is where in HTML a placeholder stands.
type place uint8

const (
	inTextPlace place = iota
	inAttributePlace
	inHrefPlace     // the whole href
	inHrefPartPlace // path or query of an href
)

// element says what may stand where.
type element struct {
	// void elements have no content and no end tag.
	void bool
	// parents are the elements it must stand in; nil is any that takes blocks,
	// or inline content when phrase is set.
	parents []string
	// phrase elements may stand in a paragraph.
	phrase bool
	// holds is "blocks", "phrases" or "parts": parts are only what names this
	// element as parent.
	holds string
}

const (
	holdsBlocks  = "blocks"
	holdsPhrases = "phrases"
	holdsParts   = "parts"
)

// elementNamed is the list of allowed elements.
func elementNamed(name string) (element, bool) {
	sections := []string{"table", "thead", "tbody", "tfoot"}
	switch name {
	case "p", "h1", "h2", "h3", "h4":
		return element{holds: holdsPhrases}, true
	case "div", "blockquote":
		return element{holds: holdsBlocks}, true
	case "ul", "ol", "table":
		return element{holds: holdsParts}, true
	case "li":
		return element{parents: []string{"ul", "ol"}, holds: holdsBlocks}, true
	case "thead", "tbody", "tfoot":
		return element{parents: []string{"table"}, holds: holdsParts}, true
	case "tr":
		return element{parents: sections, holds: holdsParts}, true
	case "td", "th":
		return element{parents: []string{"tr"}, holds: holdsBlocks}, true
	case "a", "span", "b", "strong", "i", "em", "u", "s", "small", "sub", "sup", "code":
		return element{phrase: true, holds: holdsPhrases}, true
	case "br", "img":
		return element{phrase: true, void: true}, true
	case "hr":
		return element{void: true}, true
	}
	return element{}, false
}

// Marks stand for placeholders and conditions while the text around them is
// read; templates cannot contain them.
const (
	markPlaceholder = '\uE000'
	markCondition   = '\uE001'
	markEnd         = '\uE002'
)

var (
	markPattern      = regexp.MustCompile(`[\x{E000}\x{E001}]([0-9]+)\x{E002}`)
	tagPattern       = regexp.MustCompile(`^<(/?)([a-z][a-z0-9]{0,15})((?:[ \n\t]+[a-z-]{1,20}="[^"<>]*")*)[ \n\t]*(/?)>`)
	attributePattern = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
)

// htmlChecker reads one sequence of nodes and writes it anew.
type htmlChecker struct {
	look  Look
	nodes []node
	// open are the elements begun and not ended, outermost first; the first
	// base of them belong to the sequence around.
	open []string
	base int
	out  []node
}

// checkPart refuses what is not allowed inside the open elements and returns the
// nodes in canonical spelling, with each placeholder's place set.
func checkPart(nodes []node, look Look, open []string) ([]node, *Fault) {
	c := &htmlChecker{look: look, nodes: nodes, open: slices.Clone(open), base: len(open)}
	source, f := c.flatten()
	if f != nil {
		return nil, f
	}
	for source != "" {
		next := strings.IndexByte(source, '<')
		if next < 0 {
			next = len(source)
		}
		if f := c.text(source[:next]); f != nil {
			return nil, f
		}
		if source = source[next:]; source == "" {
			break
		}
		match := tagPattern.FindStringSubmatch(source)
		if match == nil {
			return nil, htmlFault("%q begins no tag; write &lt; for the character, and attributes in double quotes", brief(unmark(source)))
		}
		if f := c.tag(match); f != nil {
			return nil, f
		}
		source = source[len(match[0]):]
	}
	if len(c.open) > c.base {
		return nil, htmlFault("<%s> is not closed", c.open[len(c.open)-1])
	}
	return c.out, nil
}

// flatten writes the nodes as one text with marks for what is not literal.
func (c *htmlChecker) flatten() (string, *Fault) {
	var b strings.Builder
	for i, n := range c.nodes {
		switch n.kind {
		case placeholder:
			b.WriteString(string(markPlaceholder) + strconv.Itoa(i) + string(markEnd))
		case condition:
			b.WriteString(string(markCondition) + strconv.Itoa(i) + string(markEnd))
		case literal:
			if strings.ContainsFunc(n.text, unwelcome) {
				return "", htmlFault("control, private and invisible characters are not allowed")
			}
			b.WriteString(n.text)
		}
	}
	return b.String(), nil
}

// unwelcome reports whether a rune may not stand in an HTML template.
func unwelcome(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Co, r) || text.Invisible(r) ||
		r == '\u2028' || r == '\u2029')
}

// text writes text and what is marked in it.
func (c *htmlChecker) text(source string) *Fault {
	for source != "" {
		at := markPattern.FindStringSubmatchIndex(source)
		if at == nil {
			return c.literal(source)
		}
		if f := c.literal(source[:at[0]]); f != nil {
			return f
		}
		n := c.nodes[number(source[at[2]:at[3]])]
		source = source[at[1]:]
		if n.kind == placeholder {
			if f := c.placeholder(n); f != nil {
				return f
			}
			continue
		}
		if f := c.condition(n); f != nil {
			return f
		}
	}
	return nil
}

func (c *htmlChecker) literal(text string) *Fault {
	text = html.UnescapeString(text)
	if strings.ContainsFunc(text, unwelcome) {
		return htmlFault("control, private and invisible characters are not allowed")
	}
	if c.holdsParts() && strings.TrimSpace(text) != "" {
		return htmlFault("text may not stand directly in <%s>", c.inside())
	}
	c.write(html.EscapeString(text))
	return nil
}

func (c *htmlChecker) placeholder(n node) *Fault {
	if c.holdsParts() {
		return htmlFault("{{%s}} may not stand directly in <%s>", n.name, c.inside())
	}
	n.place = inTextPlace
	c.out = append(c.out, n)
	return nil
}

// condition checks both sides: each closes what it opens.
func (c *htmlChecker) condition(n node) *Fault {
	var f *Fault
	if n.yes, f = checkPart(n.yes, c.look, c.open); f != nil {
		return f
	}
	if n.no, f = checkPart(n.no, c.look, c.open); f != nil {
		return f
	}
	c.out = append(c.out, n)
	return nil
}

// tag writes one tag: match is what tagPattern found.
func (c *htmlChecker) tag(match []string) *Fault {
	closing, name, attributes, selfClosed := match[1] != "", match[2], match[3], match[4] != ""
	e, ok := elementNamed(name)
	switch {
	case !ok:
		return htmlFault("<%s> is not allowed", name)
	case closing:
		return c.close(name, attributes+match[4])
	case selfClosed && !e.void:
		return htmlFault("<%s/> must have an end tag", name)
	}
	if f := c.fits(name, e); f != nil {
		return f
	}
	c.write("<" + name)
	if f := c.attributes(name, attributes); f != nil {
		return f
	}
	c.write(">")
	if !e.void {
		if len(c.open) >= maxOpen {
			return htmlFault("elements are nested too deeply")
		}
		c.open = append(c.open, name)
	}
	return nil
}

func (c *htmlChecker) close(name, rest string) *Fault {
	if rest != "" || len(c.open) == c.base || c.inside() != name {
		return htmlFault("</%s> closes nothing", name)
	}
	c.open = c.open[:len(c.open)-1]
	c.write("</" + name + ">")
	return nil
}

// fits refuses an element where it must not stand.
func (c *htmlChecker) fits(name string, e element) *Fault {
	inside := c.inside()
	around, _ := elementNamed(inside)
	allowed := true
	switch {
	case e.parents != nil:
		allowed = slices.Contains(e.parents, inside)
	case inside == "" || around.holds == holdsBlocks:
	case around.holds == holdsPhrases:
		allowed = e.phrase && (name != "a" || !slices.Contains(c.open, "a"))
	default:
		allowed = false
	}
	if allowed {
		return nil
	}
	if inside == "" {
		return htmlFault("<%s> may not stand alone", name)
	}
	return htmlFault("<%s> may not stand in <%s>", name, inside)
}

func (c *htmlChecker) inside() string {
	if len(c.open) == 0 {
		return ""
	}
	return c.open[len(c.open)-1]
}

func (c *htmlChecker) holdsParts() bool {
	e, _ := elementNamed(c.inside())
	return e.holds == holdsParts
}

func (c *htmlChecker) write(text string) {
	if last := len(c.out) - 1; last >= 0 && c.out[last].kind == literal {
		c.out[last].text += text
		return
	}
	appendLiteral(&c.out, text)
}

func htmlFault(format string, args ...any) *Fault {
	return &Fault{CodeHTML, "In the HTML, " + fmt.Sprintf(format, args...) + "."}
}

// number reads a mark's digits; the pattern has seen to it that they are some.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// unmark takes the marks out of text that is shown to a person.
func unmark(text string) string { return markPattern.ReplaceAllString(text, "…") }
