package markup

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// attributes writes an element's attributes anew. A class becomes the inline
// style that the layout has for it; an element without class and style gets
// the layout's style for the element.
func (c *htmlChecker) attributes(name, source string) *Fault {
	style, seen := c.look.Styles[name], map[string]bool{}
	for _, match := range attributePattern.FindAllStringSubmatch(source, -1) {
		attribute, value := match[1], match[2]
		if seen[attribute] {
			return htmlFault("<%s> has %s twice", name, attribute)
		}
		seen[attribute] = true
		if !allowedAttribute(name, attribute) {
			return htmlFault("<%s> may not have the attribute %q", name, attribute)
		}
		var f *Fault
		switch attribute {
		case "class":
			style, f = c.class(name, value)
		case "style":
			style, f = c.look.checkStyle(value)
		case "href":
			f = c.href(value)
		case "src":
			f = c.source(value)
		default:
			f = c.plainAttribute(attribute, value)
		}
		if f != nil {
			return f
		}
	}
	if seen["class"] && seen["style"] {
		return htmlFault("<%s> has both a class and a style", name)
	}
	if style != "" || seen["style"] {
		c.write(` style="` + style + `"`)
	}
	return nil
}

func allowedAttribute(element, attribute string) bool {
	switch attribute {
	case "class", "style", "title", "align", "lang", "dir":
		return true
	case "href":
		return element == "a"
	case "src", "alt":
		return element == "img"
	case "width", "height":
		return slices.Contains([]string{"img", "table", "td", "th"}, element)
	case "colspan", "rowspan", "valign":
		return element == "td" || element == "th"
	case "scope":
		return element == "th"
	case "role", "cellpadding", "cellspacing", "border":
		return element == "table"
	case "start":
		return element == "ol"
	}
	return false
}

func (c *htmlChecker) class(name, value string) (string, *Fault) {
	style, ok := c.look.Styles[name+"."+value]
	if !ok {
		return "", htmlFault("<%s> has no class %q", name, brief(unmark(value)))
	}
	return style, nil
}

var wordPattern = regexp.MustCompile(`^[A-Za-z0-9%-]{1,20}$`)

// plainAttribute writes an attribute that is text for people (title, alt, where
// placeholders may stand) or a plain word.
func (c *htmlChecker) plainAttribute(attribute, value string) *Fault {
	if attribute != "title" && attribute != "alt" {
		if !wordPattern.MatchString(value) {
			return htmlFault("the attribute %s must be a plain word or number", attribute)
		}
		c.write(" " + attribute + `="` + value + `"`)
		return nil
	}
	c.write(" " + attribute + `="`)
	if f := c.attributeText(value, inAttributePlace); f != nil {
		return f
	}
	c.write(`"`)
	return nil
}

// attributeText writes a value in which placeholders, but no conditions, stand.
func (c *htmlChecker) attributeText(value string, where place) *Fault {
	for {
		at := markPattern.FindStringSubmatchIndex(value)
		if at == nil {
			c.write(html.EscapeString(attributeValue(value)))
			return nil
		}
		c.write(html.EscapeString(attributeValue(value[:at[0]])))
		n := c.nodes[number(value[at[2]:at[3]])]
		if n.kind != placeholder {
			return htmlFault("a condition may not stand in an attribute")
		}
		n.place = where
		c.out = append(c.out, n)
		value = value[at[1]:]
	}
}

// attributeValue undoes the five escapes that an attribute needs; every other
// ampersand is just that.
func attributeValue(value string) string {
	return strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#34;", `"`, "&#39;", "'").Replace(value)
}

// linkStart is what must stand before a placeholder in an href: scheme and host.
var linkStart = regexp.MustCompile(`^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?[/?#]`)

// href writes a link: one placeholder alone, or an address whose scheme and host
// are fixed.
func (c *htmlChecker) href(value string) *Fault {
	at := markPattern.FindStringIndex(value)
	if at != nil && at[0] == 0 && at[1] == len(value) {
		c.write(` href="`)
		if f := c.attributeText(value, inHrefPlace); f != nil {
			return f
		}
		c.write(`"`)
		return nil
	}
	plain := attributeValue(markPattern.ReplaceAllString(value, "x"))
	if at != nil && !linkStart.MatchString(attributeValue(value)) {
		return urlFault("a link with a placeholder in it must begin with https:// and a fixed host")
	}
	if !WebAddress(plain) && !mailAddress(plain) {
		return urlFault("%q is no link; it must be absolute and begin with https://, http:// or mailto:", brief(plain))
	}
	c.write(` href="`)
	if f := c.attributeText(value, inHrefPartPlace); f != nil {
		return f
	}
	c.write(`"`)
	return nil
}

// source writes the address of a picture: fixed, and https.
func (c *htmlChecker) source(value string) *Fault {
	plain := attributeValue(value)
	if markPattern.MatchString(value) || !WebAddress(plain) || !strings.HasPrefix(plain, "https://") {
		return urlFault("the address of a picture must be absolute, fixed and begin with https://")
	}
	c.write(` src="` + html.EscapeString(plain) + `"`)
	return nil
}

var mailPattern = regexp.MustCompile(`^mailto:[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$`)

func mailAddress(value string) bool {
	u, err := url.Parse(value)
	return err == nil && u.Scheme == "mailto" && mailPattern.MatchString(value)
}

func urlFault(format string, args ...any) *Fault {
	f := htmlFault(format, args...)
	f.Code = CodeURL
	return f
}

var declarationPattern = regexp.MustCompile(`^([a-z-]+) *: *([A-Za-z0-9#%., '!-]+|rgba?\([0-9., %]+\))$`)

// Look is how elements look unless a template says otherwise, and what a template
// may say.
type Look struct {
	// Styles are inline styles by element ("p") and by element and class ("p.muted").
	Styles map[string]string `json:"styles"`
	// Properties are the allowed ones of inline styles; one that ends in "*"
	// stands for all that begin so.
	Properties []string `json:"properties"`
}

// Check reports the first of the look's own styles that it does not allow.
func (l Look) Check() error {
	for name, style := range l.Styles {
		if _, f := l.checkStyle(style); f != nil {
			return fmt.Errorf("%s: %w", name, f)
		}
	}
	return nil
}

// checkStyle allows declarations that only change how text looks: no addresses,
// functions, escapes or positions.
func (l Look) checkStyle(value string) (string, *Fault) {
	var kept []string
	for declaration := range strings.SplitSeq(attributeValue(value), ";") {
		declaration = strings.TrimSpace(declaration)
		if declaration == "" {
			continue
		}
		match := declarationPattern.FindStringSubmatch(declaration)
		if match == nil || !l.allows(match[1]) {
			return "", htmlFault("the style %q is not allowed", brief(unmark(declaration)))
		}
		kept = append(kept, match[1]+":"+html.EscapeString(match[2]))
	}
	return strings.Join(kept, ";"), nil
}

func (l Look) allows(property string) bool {
	return slices.ContainsFunc(l.Properties, func(allowed string) bool {
		start, all := strings.CutSuffix(allowed, "*")
		return allowed == property || all && strings.HasPrefix(property, start)
	})
}
