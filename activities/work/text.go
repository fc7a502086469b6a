package work

import (
	"strings"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
)

// InboxText renders the inbox message. A template that cannot be rendered leaves
// the type's name as the title: an inbox gets everything.
func (w *Work) InboxText(n models.Notification, t models.MessageType, locale string) models.Rendered {
	text, err := w.Renderer.Render(t, locale, catalog.Input{
		Variables: n.Variables, Link: n.Link, Severity: n.Severity,
	})
	if err != nil {
		w.Logger.Warn("cannot render inbox message", "notification_id", n.ID, "type", n.Type, "error", err)
		return models.Rendered{Locale: locale, Title: t.Names[locale]}
	}
	return text
}

// Folded is the text that words are looked for in.
func (w *Work) Folded(n models.Notification, kind models.MessageType, language string) string {
	text := w.InboxText(n, kind, language)
	return models.SearchText(text.Title, text.Body)
}

// ListPath is the page of Belfry where people see their resources.
const ListPath = "/console/resources"

// PartOf is the notification's part of a message that tells of several.
func PartOf(n models.Notification, kind models.MessageType) catalog.Part {
	return catalog.Part{Type: kind, Input: catalog.Input{Variables: n.Variables, Link: n.Link, Severity: n.Severity}}
}

// LinkOf is where a message of the parts leads: where all of them do, else to the list of
// the account's resources. Only reminders are merged.
func LinkOf(parts []catalog.Part) string {
	for _, p := range parts {
		if p.Input.Link != parts[0].Input.Link {
			_, query, _ := strings.Cut(p.Input.Link, "?") // names the account
			return ListPath + "?" + query
		}
	}
	return parts[0].Input.Link
}
