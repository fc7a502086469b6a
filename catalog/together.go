package catalog

import (
	"fmt"
	"html"
	"slices"
	"strings"

	"belfry.dev/belfry/catalog/markup"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/text"
)

// Part is one notification of a message that tells of several.
type Part struct {
	Type  models.MessageType
	Input Input
}

// RenderTogether makes one message of the texts of several notifications, at least one: its
// title and subject are the first one's with the number of the others, its bodies are the
// first one's with a section for each other, under the title that it would have alone, and its
// link and its way to unsubscribe are the first one's. Each part is in the closest locale that
// it has. Sections that do not fit any more are left out, but for their titles. The errors are
// those of Render.
func (r *Renderer) RenderTogether(parts []Part, locale models.Locale) (models.Rendered, error) {
	all := make([]contents, len(parts))
	for i, p := range parts {
		var err error
		if all[i], err = r.contents(p.Type, locale, p.Input); err != nil {
			return models.Rendered{}, err
		}
	}
	frame, err := shippedFrame()
	if err != nil {
		return models.Rendered{}, err
	}
	joined := all[0]
	if len(all) > 1 {
		joined = frame.join(all)
	}
	in := parts[0].Input
	in.Site, in.several = r.site, kinds(parts) > 1
	return frame.around(parts[0].Type, joined, in), nil
}

// kinds is how many message types the parts have.
func kinds(parts []Part) int {
	keys := map[string]bool{}
	for _, p := range parts {
		keys[p.Type.Key] = true
	}
	return len(keys)
}

// join makes one of several contents.
func (f *frame) join(all []contents) contents {
	joined := all[0]
	more := fmt.Sprintf(" · "+f.words[joined.locale]["more"], len(all)-1)
	joined.title, joined.subject = appended(joined.title, more, MaxTitle), appended(joined.subject, more, MaxTitle)
	room, richRoom := MaxBody, markup.MaxHTML
	for _, c := range all[1:] {
		room -= len(sectionMark) + len(c.title) + 2*len("\n\n")
		richRoom -= len(f.section(c.title, "\n"))
	}
	joined.body = text.CutBytes(joined.body, room)
	short, plain, rich := []string{joined.short}, []string{joined.body}, []string{joined.html}
	room, richRoom = room-len(joined.body), richRoom-len(joined.html)
	for _, c := range all[1:] {
		short = append(short, c.short)
		section, page := sectionMark+c.title, ""
		if room -= len(c.body); room >= 0 {
			section += "\n\n" + c.body
		}
		if richRoom -= len(c.html); richRoom >= 0 {
			page = c.html
		}
		plain, rich = append(plain, section), append(rich, f.section(c.title, page))
	}
	joined.short = text.Cut(strings.Join(short, " "), MaxShort)
	joined.body = strings.Join(plain, "\n\n")
	joined.text, joined.html = joined.body, strings.Join(rich, "\n")
	joined.blocks = slices.Clone(joined.blocks)
	for _, c := range all[1:] {
		joined.blocks = append(joined.blocks, document.Block{Kind: document.Heading, Runs: []document.Run{{Text: c.title, Theirs: true}}, Apart: true})
		joined.blocks = append(joined.blocks, c.blocks...)
	}
	return joined
}

// sectionMark stands before the title of a section of plain text.
const sectionMark = "■ "

// section is a part of an e-mail's page.
func (f *frame) section(title, content string) string {
	return `<h2 style="` + html.EscapeString(f.look.Styles["h2"]) + `">` + html.EscapeString(title) + "</h2>\n" + content
}

// appended is the line with the end, cut before it where it is too long, in runes.
func appended(line, end string, limit int) string {
	return text.Cut(line, limit-len([]rune(end))) + end
}
