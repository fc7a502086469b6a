package jsonhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/channels/jsonvalue"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/text"
)

// placeholder is what stands in braces; names of data are the submitter's.
var placeholder = regexp.MustCompile(`\{\{\s*([A-Za-z0-9_.-]+)\s*\}\}`)

// maxData is the longest variable of a submission in a message, in code points.
const maxData = 1000

// names are the placeholders beside data.
var names = map[string]func(part) string{
	"text": part.whole, "body": part.body, "footer": part.footer,
	"heading":         func(p part) string { return p.inert(chat.Heading(p.Document)) },
	"title":           func(p part) string { return p.inert(p.Document.Title) },
	"link":            func(p part) string { return p.Document.Link },
	"severity":        func(p part) string { return string(p.Message.Severity) },
	"type":            func(p part) string { return p.Message.Type },
	"category":        func(p part) string { return p.Message.Category },
	"created_at":      func(p part) string { return p.Message.CreatedAt.UTC().Format(time.RFC3339) },
	"notification_id": func(p part) string { return p.Message.NotificationID },
	"external_id":     func(p part) string { return p.inert(p.Message.ExternalID) },
	"account_id":      func(p part) string { return string(p.Message.AccountID) },
	"key":             func(p part) string { return p.Message.Key },
	"reference":       func(p part) string { return chat.Reference(p.Message.Key) },
}

// part is a call with as much of its document as fits.
type part struct{ chat.Call }

// value is what stands for a placeholder.
func (p part) value(name string) string {
	if variable, found := strings.CutPrefix(name, "data."); found {
		return p.inert(text.Cut(p.Message.Data[variable], maxData))
	}
	return names[name](p)
}

func (p part) inert(value string) string { return escapes[p.escape()](value) }

func (p part) escape() string {
	if name := p.Bot.Get("escape"); escapes[name] != nil {
		return name
	}
	return "plain"
}

// escapes make a text inert in what the receiver reads.
var escapes = map[string]func(string) string{
	"none":     func(value string) string { return value },
	"plain":    chat.Still,
	"html":     func(value string) string { return html.Replace(chat.Still(value)) },
	"markdown": func(value string) string { return markdown.Replace(chat.Still(value)) },
}

var (
	html     = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")
	markdown = strings.NewReplacer(
		"\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "(", "\\(", ")", "\\)", "<", "\\<", ">", "\\>",
		"~", "\\~", "|", "\\|", "#", "\\#", "!", "\\!", "\n-", "\n\\-", "\n+", "\n\\+", "\n=", "\n\\=")
)

func (p part) body() string {
	var lines []string
	for i, b := range p.Document.Blocks {
		if i > 0 && (b.Apart || b.Kind == document.Heading) {
			lines = append(lines, "")
		}
		line := p.inert(b.String())
		if b.Kind == document.Notice {
			line = "⚠ " + line
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func (p part) footer() string { return p.inert(strings.Join(p.Document.Footer, " · ")) }

func (p part) whole() string {
	lines := []string{p.inert(chat.Heading(p.Document))}
	if body := p.body(); body != "" {
		lines = append(lines, body)
	}
	if p.Document.Link != "" {
		lines = append(lines, "", p.Document.Link)
	}
	return strings.Join(append(lines, "", p.footer()), "\n")
}

// fill returns the template with its texts filled in.
func (p part) fill() []byte {
	template, err := parse(or(p.Bot.Get("template"), defaultTemplate))
	if err != nil { // it was checked when it was saved
		template, _ = parse(defaultTemplate)
	}
	return chat.Encode(jsonvalue.Walk(template, func(s string) string {
		return placeholder.ReplaceAllStringFunc(s, func(found string) string { return p.value(placeholder.FindStringSubmatch(found)[1]) })
	}))
}

// parse keeps numbers as they are written.
func parse(template string) (any, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(template)))
	d.UseNumber()
	var root map[string]any
	err := d.Decode(&root)
	return root, err
}

// checkTemplate refuses placeholders that nobody knows, and templates that tell nothing.
func checkTemplate(value string) (string, string) {
	root, err := parse(value)
	if err != nil {
		return "invalid-json", "A JSON object; placeholders stand inside of texts."
	}
	var unknown string
	shows := false
	jsonvalue.Walk(root, func(s string) string {
		for _, found := range placeholder.FindAllStringSubmatch(s, -1) {
			name := found[1]
			if names[name] == nil && (!strings.HasPrefix(name, "data.") || name == "data.") && unknown == "" {
				unknown = name
			}
			shows = shows || name == "text" || name == "heading" || name == "title" || name == "body"
		}
		if rest := placeholder.ReplaceAllString(s, ""); strings.Contains(rest, "{{") && unknown == "" {
			unknown = text.Head(rest[strings.Index(rest, "{{"):], 40)
		}
		return s
	})
	switch {
	case unknown != "":
		return "unknown-placeholder", fmt.Sprintf("There is no placeholder %q.", unknown)
	case !shows:
		return "incomplete", "It must hold {{text}}, {{heading}}, {{title}} or {{body}}."
	}
	return "", ""
}

func or(value, unset string) string {
	if value == "" {
		return unset
	}
	return value
}
