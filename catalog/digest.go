package catalog

import (
	"cmp"
	"fmt"
	"sort"
	"strings"

	"belfry.dev/belfry/catalog/markup"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/text"
)

// Digest is what one message that lists many notifications needs beside these.
type Digest struct {
	// Link leads to all of them; Unsubscribe, Reader and Format are as in Input.
	Link        string
	Unsubscribe string
	Reader      Reader
	Format      document.Format
	// ShortRunes and BodyBytes are the channel's limits; 0 for those of the catalogue only.
	ShortRunes, BodyBytes int
}

// RenderDigest makes one message that lists several notifications, at least one, by their
// titles: sections by message type in the order given, cut at the limits with "and n more".
// One alone is as Render has it. A part whose templates are at fault is listed as its type.
func (r *Renderer) RenderDigest(parts []Part, locale models.Locale, d Digest) (models.Rendered, error) {
	if len(parts) == 1 {
		parts[0].Input.Unsubscribe, parts[0].Input.Reader, parts[0].Input.Format = d.Unsubscribe, d.Reader, d.Format
		return r.RenderTogether(parts, locale)
	}
	frame, err := shippedFrame()
	if err != nil {
		return models.Rendered{}, err
	}
	l := &list{frame: frame, locale: locale, sections: map[string][]int{}}
	for _, p := range parts {
		p.Input.Format = document.Short
		title := text.Line(p.Type.Names[l.locale])
		if c, err := r.contents(p.Type, l.locale, p.Input); err == nil {
			title, l.locale = c.title, c.locale
		}
		l.add(p.Type, title)
	}
	in := Input{Link: d.Link, Unsubscribe: d.Unsubscribe, Reader: d.Reader, Severity: parts[0].Input.Severity, Format: d.Format, Site: r.site, several: len(l.types) > 1}
	return frame.around(parts[0].Type, l.contents(d), in), nil
}

// list is the contents of a digest under way.
type list struct {
	frame  *frame
	locale models.Locale
	titles []string
	types  []models.MessageType
	// sections are the indexes of titles by message type.
	sections map[string][]int
}

func (l *list) add(t models.MessageType, title string) {
	if l.sections[t.Key] == nil {
		l.types = append(l.types, t)
	}
	l.sections[t.Key] = append(l.sections[t.Key], len(l.titles))
	l.titles = append(l.titles, title)
}

func (l *list) word(name string, values ...any) string {
	return fmt.Sprintf(l.frame.words[l.locale][name], values...)
}

func (l *list) contents(d Digest) contents {
	c := contents{locale: l.locale, title: text.Cut(l.word("digest", len(l.titles), l.titles[0]), MaxTitle)}
	room := min(MaxBody, cmp.Or(d.BodyBytes, 2*MaxBody)/2) // what stands around it needs room, too
	runes := min(MaxShort, cmp.Or(d.ShortRunes, MaxShort))
	c.blocks = l.blocks(l.most(func(n int) bool {
		blocks := l.blocks(n)
		return len(document.Plain(blocks)) <= room && len(l.frame.content(blocks)) <= markup.MaxHTML/2
	}))
	c.short = text.Cut(l.short(max(1, l.most(func(n int) bool { return len([]rune(l.short(n))) <= runes }))), runes)
	c.body = document.Plain(c.blocks)
	c.subject, c.text, c.html = c.title, c.body, l.frame.content(c.blocks)
	return c
}

// most is the greatest number of titles that fit.
func (l *list) most(fits func(int) bool) int {
	if fits(len(l.titles)) { // without the number of the others
		return len(l.titles)
	}
	return max(0, sort.Search(len(l.titles), func(n int) bool { return !fits(n) })-1)
}

// blocks are the first titles, section by section, and how many are left out.
func (l *list) blocks(shown int) []document.Block {
	var out []document.Block
	left := len(l.titles) - shown
	for _, t := range l.types {
		of := l.sections[t.Key]
		if shown > 0 {
			heading := document.Run{Text: fmt.Sprintf("%s%s (%d)", sectionMark, text.Line(t.Names[l.locale]), len(of))}
			out = append(out, document.Block{Kind: document.Heading, Runs: []document.Run{heading}, Apart: true})
		}
		for _, i := range of[:min(shown, len(of))] {
			out = append(out, document.Block{Kind: document.Paragraph, Runs: []document.Run{{Text: "• "}, {Text: l.titles[i], Theirs: true}}})
		}
		shown -= min(shown, len(of))
	}
	if left > 0 {
		more := document.Run{Text: l.word("and_more", left)}
		out = append(out, document.Block{Kind: document.Paragraph, Runs: []document.Run{more}, Apart: true})
	}
	return out
}

// short is the number of all, the first titles, and the number of the others.
func (l *list) short(shown int) string {
	line := l.word("digest", len(l.titles), strings.Join(l.titles[:shown], "; "))
	if left := len(l.titles) - shown; left > 0 {
		line += " " + l.word("and_more", left)
	}
	return line
}
