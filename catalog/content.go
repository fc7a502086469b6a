package catalog

import (
	"html"
	"strings"

	"belfry.dev/belfry/catalog/markup"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

// content writes blocks as the HTML of an e-mail's content: facts as a table, all else as
// paragraphs, the first of them larger. What does not fit is left out, with a mark.
func (f *frame) content(blocks []document.Block) string {
	w := htmlWriter{look: f.look}
	for i, b := range blocks {
		if w.out.Len() > markup.MaxHTML/2 {
			w.paragraph("p", "…")
			break
		}
		w.block(b, i == 0)
	}
	w.endTable()
	return strings.TrimSuffix(w.out.String(), "\n")
}

// htmlWriter is the one writer of HTML: nothing else escapes for it.
type htmlWriter struct {
	look  markup.Look
	out   strings.Builder
	table bool
}

func (w *htmlWriter) block(b document.Block, first bool) {
	if b.Kind == document.Fact {
		w.fact(b)
		return
	}
	w.endTable()
	element := "p"
	switch {
	case b.Kind == document.Notice:
		element = "p.notice"
	case first:
		element = "p.lead"
	}
	w.paragraph(element, w.text(b.Runs))
}

// paragraph writes content that is HTML already.
func (w *htmlWriter) paragraph(element, content string) {
	w.out.WriteString("<p" + w.style(element) + ">" + content + "</p>\n")
}

func (w *htmlWriter) fact(b document.Block) {
	if !w.table {
		w.out.WriteString(`<table cellpadding="0" cellspacing="0"` + w.style("table.facts") + ">\n")
		w.table = true
	}
	w.out.WriteString(`<tr><th scope="row"` + w.style("th") + ">" + html.EscapeString(b.Label) + "</th><td" + w.style("td") + ">" + w.text(b.Runs) + "</td></tr>\n")
}

func (w *htmlWriter) endTable() {
	if w.table {
		w.out.WriteString("</table>\n")
		w.table = false
	}
}

func (w *htmlWriter) style(element string) string {
	return ` style="` + html.EscapeString(w.look.Styles[element]) + `"`
}

func (w *htmlWriter) text(runs []document.Run) string {
	var s strings.Builder
	for _, r := range runs {
		s.WriteString(strings.ReplaceAll(html.EscapeString(r.Text), "\n", "<br>\n"))
	}
	return s.String()
}

// document is what chat platforms get: the blocks with what stands around them.
func (f *frame) document(values markup.Values, c contents, s models.Severity) document.Document {
	return document.Document{
		Severity: values("label"), Critical: s == models.SeverityCritical, Warning: s == models.SeverityWarning,
		Title: c.title, Blocks: c.blocks, Link: values("link"), Open: values("open"),
		Footer: []string{values("brand"), values("type_name")},
	}
}
