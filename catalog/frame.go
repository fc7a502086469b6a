package catalog

import (
	"embed"
	"fmt"
	"html"
	"strings"
	"sync"

	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/catalog/markup"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/text"
)

//go:embed layout
var layoutFiles embed.FS

// frame is what all e-mails have in common: the page around the content of the
// message type, the words in it, and how its elements look.
type frame struct {
	html, text markup.Template
	words      map[models.Locale]map[string]string
	look       markup.Look
}

// shippedFrame reads the frame once; an error means that the release is broken.
var shippedFrame = sync.OnceValues(loadFrame)

func loadFrame() (*frame, error) {
	f := &frame{}
	if err := readJSON(layoutFiles, "layout/strings.json", &f.words); err != nil {
		return nil, err
	}
	if err := readJSON(layoutFiles, "layout/look.json", &f.look); err != nil {
		return nil, err
	}
	if err := f.look.Check(); err != nil {
		return nil, fmt.Errorf("layout/look.json: %w", err)
	}
	known := f.names()
	for name, into := range map[string]*markup.Template{"layout/email.html": &f.html, "layout/email.txt": &f.text} {
		source, err := layoutFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the frame: %w", err)
		}
		t, fault := markup.Parse(string(source), known)
		if fault != nil {
			return nil, fmt.Errorf("%s: %w", name, fault)
		}
		*into = t
	}
	return f, nil
}

// names returns what the frame may mention: the words and what values adds.
func (f *frame) names() map[string]bool {
	known := map[string]bool{"content": true}
	for name := range f.own(models.MessageType{}, models.Rendered{}, Input{}) {
		known[name] = true
	}
	for name := range f.words[models.LocaleZH] {
		known[name] = true
	}
	return known
}

// values returns what the names in the frame stand for.
func (f *frame) values(t models.MessageType, out models.Rendered, in Input) markup.Values {
	own, words := f.own(t, out, in), f.words[out.Locale]
	return func(name string) string {
		if value, ok := own[name]; ok {
			return value
		}
		return words[name]
	}
}

// own returns the values that depend on the notification, its reader and the site.
func (f *frame) own(t models.MessageType, out models.Rendered, in Input) map[string]string {
	severity, words, site := in.severity(t), f.words[out.Locale], in.Site
	name, open := text.Line(t.Names[out.Locale]), "open"
	choice := fmt.Sprintf(words["optional"], name)
	switch {
	case t.Internal: // its links ask to confirm something
		choice, open = words["internal"], "confirm"
	case in.several:
		name, choice = words["several"], words["several_choice"]
	case in.Locked:
		choice = fmt.Sprintf(words["mandatory"], name)
	}
	return map[string]string{
		"locale": out.Locale, "title": out.Title, "subject": out.Subject, "preheader": out.Short,
		"accent": accent(severity, site), "label": words["label_"+string(severity)], "choice": choice,
		"brand": site.Brand(), "logo": site.Logo, "color": site.Shade(), "footer": site.Line(),
		"support": site.Support, "support_link": site.SupportLink(), "type_name": name,
		"reader": in.Reader.sentence(words), "manage_link": in.Reader.manage(t, site),
		"link": in.Link, "unsubscribe_link": in.Unsubscribe,
		"open": words[open], "open_text": words[open+"_text"],
	}
}

// page puts the content, which is HTML, into the frame.
func (f *frame) page(values markup.Values, content string) string {
	return f.html.Frame(values, func(name, value string) string {
		if name == "content" {
			return content
		}
		return html.EscapeString(value)
	})
}

// plain puts the content, which is plain text, into the frame.
func (f *frame) plain(values markup.Values, content string) string {
	whole := f.text.Frame(values, func(name, value string) string {
		if name == "content" {
			return content
		}
		return value
	})
	return strings.TrimRight(whole, "\n") + "\n"
}

// accent is the colour that a severity has; each reads well on white (WCAG AA).
func accent(s models.Severity, site brand.Site) string {
	switch s {
	case models.SeverityCritical:
		return "#b91c1c"
	case models.SeverityWarning:
		return "#b45309"
	default:
		return site.Shade()
	}
}
