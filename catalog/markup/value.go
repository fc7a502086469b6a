package markup

import (
	"html"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"belfry.dev/belfry/models/text"
	"golang.org/x/text/unicode/bidi"
)

// Values come from others: products, and through them their customers. The
// functions here make a value inert for where it will stand; none of them
// changes what a person reads of an ordinary value.

// Bidirectional isolates: a value between them cannot reorder the text around it.
const (
	firstStrongIsolate    = '\u2068'
	popDirectionalIsolate = '\u2069'
)

// block makes a value fit for running text: line breaks and tabs stay, other
// control characters go, and writing that could change the direction of what
// follows is isolated.
func block(value string) string {
	value = strings.ToValidUTF8(value, "")
	if strings.Contains(value, "\r") {
		value = strings.ReplaceAll(strings.ReplaceAll(value, "\r\n", "\n"), "\r", "\n")
	}
	value = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, value)
	if !directional(value) {
		return value
	}
	return isolate(value)
}

// inHTML makes a value fit for HTML text.
func inHTML(value string) string {
	return strings.ReplaceAll(html.EscapeString(block(value)), "\n", "<br>\n")
}

// inAttribute makes a value fit for a quoted HTML attribute.
func inAttribute(value string) string { return html.EscapeString(text.Line(value)) }

// inHref makes a value fit as a whole href: an absolute http or https address,
// or "#", which leads nowhere.
func inHref(value string) string {
	if !WebAddress(value) {
		return "#"
	}
	return html.EscapeString(value)
}

// inHrefPart makes a value fit as a part of an href's path or query: everything
// but unreserved characters is percent-encoded.
func inHrefPart(value string) string {
	return strings.ReplaceAll(url.QueryEscape(text.Line(value)), "+", "%20")
}

// WebAddress reports whether the value is an absolute http or https address
// without user information and without characters that readers and programs
// understand differently.
func WebAddress(value string) bool {
	if value == "" || len(value) > MaxLink || strings.ContainsFunc(value, Misleading) {
		return false
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.Opaque != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http"
}

// Misleading reports whether a rune has no place in an address.
func Misleading(r rune) bool {
	return unicode.IsControl(r) || unicode.IsSpace(r) || text.Invisible(r) || r == utf8.RuneError ||
		strings.ContainsRune("\\<>\"`{}|^", r)
}

// directional reports whether the text could change the direction of what
// stands beside it.
func directional(value string) bool {
	for _, r := range value {
		if r < 0x590 {
			continue
		}
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.R, bidi.AL, bidi.LRO, bidi.RLO, bidi.LRE, bidi.RLE, bidi.PDF,
			bidi.LRI, bidi.RLI, bidi.FSI, bidi.PDI, bidi.Control:
			return true
		}
	}
	return false
}

// isolate puts each line of the value into a directional isolate that nothing in
// the line can close before its end.
func isolate(value string) string {
	lines := strings.Split(value, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = string(firstStrongIsolate) + balance(line) + string(popDirectionalIsolate)
		}
	}
	return strings.Join(lines, "\n")
}

// balance drops closing isolates that nothing opened and closes those left open.
func balance(line string) string {
	depth := 0
	line = strings.Map(func(r rune) rune {
		switch {
		case r >= '\u2066' && r <= firstStrongIsolate:
			depth++
		case r == popDirectionalIsolate && depth == 0:
			return -1
		case r == popDirectionalIsolate:
			depth--
		}
		return r
	}, line)
	return line + strings.Repeat(string(popDirectionalIsolate), depth)
}
