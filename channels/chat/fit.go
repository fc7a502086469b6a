package chat

import (
	"sort"
	"strings"
	"unicode/utf8"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/text"
)

// maxTitle is the longest title in a chat, in code points.
const maxTitle = 200

// documentOf is the message's document with what every platform shows: a link that cannot
// end its own markup, and a footer with the delivery's reference, by which people tell a
// message that came twice.
func documentOf(m channels.Message) document.Document {
	d := m.Rendered.Document
	if len(d.Blocks) == 0 {
		d.Blocks = document.Read([]document.Run{{Text: m.Rendered.Body, Theirs: true}})
	}
	if d.Title == "" {
		d.Title = m.Rendered.Title
	}
	d.Title = text.Cut(text.Line(d.Title), maxTitle)
	if d.Link == "" {
		d.Link = m.Rendered.Link
	}
	d.Link = escapeLink(d.Link)
	if d.Open == "" {
		d.Open = d.Link
	}
	var footer []string
	for _, each := range append(append(footer, d.Footer...), Reference(m.Key)) {
		if each != "" {
			footer = append(footer, text.Cut(each, maxTitle/2))
		}
	}
	d.Footer = footer
	return d
}

// Reference is how a message names its delivery: the key's last eight characters.
func Reference(key string) string { return "#" + key[max(0, len(key)-8):] }

// escapeLink encodes what could end a link in some markup.
func escapeLink(link string) string {
	return strings.NewReplacer("(", "%28", ")", "%29", "[", "%5B", "]", "%5D", "<", "%3C", ">", "%3E", `"`, "%22", " ", "%20",
		"|", "%7C", "`", "%60", "\\", "%5C").Replace(link)
}

// Heading is the first line: the severity as a word, and the title.
func Heading(d document.Document) string {
	if d.Severity == "" {
		return d.Title
	}
	return "[" + d.Severity + "] " + d.Title
}

// Fit returns the document with as much as fits the limit by the size that it has when it is
// written. Title, link and footer stay; blocks are kept whole while they fit; the first that
// does not is cut in its source, where people see a character end. Only where the title alone
// is too long is it cut, too.
func Fit(d document.Document, limit int, size func(document.Document) int) document.Document {
	fits := func(d document.Document) bool { return size(d) <= limit }
	if fits(d) {
		return d
	}
	whole := d.Blocks
	first := func(n int, rest ...document.Block) document.Document {
		d.Blocks = append(append([]document.Block{}, whole[:n]...), rest...)
		return d
	}
	mark := document.Block{Kind: document.Paragraph, Runs: []document.Run{{Text: text.Mark}}}
	n := sort.Search(len(whole), func(n int) bool { return !fits(first(n+1, mark)) })
	if n < len(whole) {
		block := whole[n]
		if k := sort.Search(block.Len(), func(k int) bool { return !fits(first(n, block.Head(k+1))) }); k > 0 {
			return first(n, block.Head(k))
		}
	}
	if d = first(n, mark); fits(d) {
		return d
	}
	title := d.Title
	d.Blocks = nil
	k := sort.Search(utf8.RuneCountInString(title), func(k int) bool {
		d.Title = text.Cut(title, k+1)
		return !fits(d)
	})
	d.Title = text.Cut(title, k)
	return d
}

// Still keeps an address from being one: what follows "@" calls nobody.
func Still(value string) string { return strings.ReplaceAll(value, "@", "@\u2060") }
