// Package teams sends notifications to channels and chats of Microsoft Teams, through the
// webhooks of their workflows.
package teams

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

// Limits of a request, in bytes. Source: the platform takes 28 KB, and fails unseen above.
const (
	maxBody   = 20000
	shortBody = 6000
)

// New returns the adapter.
func New(client *channels.Client, now func() time.Time) *chat.Sender {
	return chat.New(chat.Platform{
		Descriptor: descriptor(), Hosts: []string{".api.powerplatform.com"}, Write: write, Judge: judge, Check: check,
	}, client, now)
}

// message is a request's body.
type message struct {
	Type        string       `json:"type"`
	Attachments []attachment `json:"attachments"`
}

type attachment struct {
	ContentType string  `json:"contentType"`
	ContentURL  *string `json:"contentUrl"` // always null
	Content     card    `json:"content"`
}

// card is an Adaptive Card. All its texts are runs, which are read as they are: as no markup
// and, without entities, as no mention.
type card struct {
	Schema  string   `json:"$schema"`
	Type    string   `json:"type"`
	Version string   `json:"version"`
	Teams   layout   `json:"msteams"`
	Body    []line   `json:"body"`
	Actions []action `json:"actions,omitempty"`
}

type layout struct {
	Width string `json:"width"`
}

type line struct {
	Type    string `json:"type"`
	Spacing string `json:"spacing,omitempty"`
	Inlines []run  `json:"inlines"`
}

type run struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Weight string `json:"weight,omitempty"`
	Size   string `json:"size,omitempty"`
	Color  string `json:"color,omitempty"`
	Subtle bool   `json:"isSubtle,omitempty"`
}

type action struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

func write(c chat.Call) []byte {
	limit := maxBody
	if c.Short {
		limit = shortBody
	}
	render := func(d document.Document) []byte {
		return chat.Encode(message{Type: "message", Attachments: []attachment{{
			ContentType: "application/vnd.microsoft.card.adaptive", Content: cardOf(d),
		}}})
	}
	return render(chat.Fit(c.Document, limit, func(d document.Document) int { return len(render(d)) }))
}

// leastWait is after a refusal for frequency that names no wait; it doubles with each attempt.
const (
	leastWait = 2 * time.Second
	mostWait  = 10 * time.Minute
)

// judge goes by the status: a workflow answers 202 before it posts, and says nothing of what
// became of it. So nothing is ever known to be delivered. Source: docs/channels.md#microsoft-teams.
func judge(c chat.Call, res channels.Response) (channels.Receipt, *channels.Error) {
	code := strconv.Itoa(res.Status)
	failure := res.Failure()
	if failure == nil {
		return channels.Receipt{Class: channels.Accepted, Code: code}, nil
	}
	switch res.Status {
	case http.StatusBadRequest:
		failure.Reason = "bad_request"
		if said := strings.ToLower(string(res.Body)); strings.Contains(said, "disabled") || strings.Contains(said, "notenabled") {
			failure.Class, failure.Reason = channels.Misconfigured, "stopped"
		}
	case http.StatusNotFound:
		failure.Reason = "gone"
	case http.StatusRequestEntityTooLarge:
		failure.Reason = chat.TooLarge
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		failure.Class, failure.Reason = channels.Ambiguous, "unreadable_answer"
	case http.StatusTooManyRequests:
		if !res.Announced {
			failure.Wait = min(leastWait<<min(max(c.Message.Attempt, 1)-1, 10), mostWait)
		}
	}
	return channels.Receipt{}, failure
}

// check wants the address that the platform shows, whose signature is the credential.
func check(s channels.Settings) []models.Field {
	u, err := url.Parse(s.Get("url"))
	if err != nil || u.Query().Get("sig") == "" {
		return []models.Field{{Pointer: "#/secrets/url", Code: "incomplete", Detail: "The URL has no sig."}}
	}
	return nil
}

// cardOf is the one writer of the platform's cards.
func cardOf(d document.Document) card {
	out := card{
		Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4", Teams: layout{Width: "Full"},
		Body: []line{{Type: "RichTextBlock", Inlines: []run{{Type: "TextRun", Text: chat.Heading(d), Weight: "Bolder", Size: "Medium", Color: colour(d)}}}},
	}
	for _, b := range d.Blocks {
		out.Body = append(out.Body, linesOf(b)...)
	}
	if d.Link != "" {
		out.Actions = []action{{Type: "Action.OpenUrl", Title: d.Open, URL: d.Link}}
	}
	out.Body = append(out.Body, line{Type: "RichTextBlock", Inlines: []run{{Type: "TextRun", Text: strings.Join(d.Footer, " · "), Size: "Small", Subtle: true}}})
	return out
}

// linesOf are the block's lines: the platform breaks none by itself.
func linesOf(b document.Block) []line {
	now := line{Type: "RichTextBlock"}
	if !b.Apart && b.Kind != document.Heading {
		now.Spacing = "None"
	}
	switch b.Kind {
	case document.Fact:
		now.Inlines = append(now.Inlines, run{Type: "TextRun", Text: b.Label + b.Mark, Weight: "Bolder"})
	case document.Notice:
		now.Inlines = append(now.Inlines, run{Type: "TextRun", Text: "⚠ ", Color: "Warning"})
	case document.Heading, document.Paragraph:
	}
	var lines []line
	for _, r := range b.Runs {
		for i, text := range strings.Split(r.Text, "\n") {
			if i > 0 && len(now.Inlines) > 0 {
				lines = append(lines, now)
				now = line{Type: "RichTextBlock", Spacing: "None"}
			}
			if text == "" {
				continue
			}
			each := run{Type: "TextRun", Text: text}
			if b.Kind == document.Heading {
				each.Weight = "Bolder"
			}
			now.Inlines = append(now.Inlines, each)
		}
	}
	if len(now.Inlines) > 0 {
		lines = append(lines, now)
	}
	return lines
}

func colour(d document.Document) string {
	switch {
	case d.Critical:
		return "Attention"
	case d.Warning:
		return "Warning"
	}
	return "Default"
}
