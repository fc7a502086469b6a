// Package slack sends notifications to incoming webhooks of Slack.
package slack

import (
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/text"
)

// Limits of a message, in characters. Source: one section takes 3,000, and all blocks
// together end at about 13,200.
const (
	maxSection  = 2900
	maxMessage  = 12000
	shortText   = 3000
	maxFallback = 1000
)

// New returns the adapter.
func New(client *channels.Client, now func() time.Time) *chat.Sender {
	return chat.New(chat.Platform{
		Descriptor: descriptor(), Hosts: []string{"hooks.slack.com", "hooks.slack-gov.com"}, Write: write, Judge: judge, Check: check,
	}, client, now)
}

// message is a request's body. Text is what notifications show, and clients without blocks.
type message struct {
	Text   string  `json:"text"`
	Blocks []block `json:"blocks"`
}

// block is of rich text: its texts are read as they are, never as markup or mentions.
type block struct {
	Type     string    `json:"type"`
	Elements []section `json:"elements"`
}

type section struct {
	Type     string    `json:"type"`
	Elements []element `json:"elements"`
}

type element struct {
	Type  string `json:"type"`
	Text  string `json:"text,omitempty"`
	URL   string `json:"url,omitempty"`
	Style *style `json:"style,omitempty"`
}

type style struct {
	Bold   bool `json:"bold,omitempty"`
	Italic bool `json:"italic,omitempty"`
}

func write(c chat.Call) []byte {
	limit := maxMessage
	if c.Short {
		limit = shortText
	}
	d := chat.Fit(c.Document, limit, func(d document.Document) int { return size(blocksOf(d)) })
	return chat.Encode(message{Text: Escape(text.Cut(chat.Heading(d), maxFallback)), Blocks: blocksOf(d)})
}

// size is how many characters the blocks have.
func size(blocks []block) int {
	n := 0
	for _, b := range blocks {
		for _, s := range b.Elements {
			n += sectionSize(s)
		}
	}
	return n
}

func sectionSize(s section) int {
	n := 0
	for _, e := range s.Elements {
		n += utf8.RuneCountInString(e.Text) + utf8.RuneCountInString(e.URL)
	}
	return n
}

// rules are what the platform's words mean; the word decides, whatever the status.
// Source: docs/channels.md#slack.
var rules = []chat.Rule{
	{Code: "invalid_payload", Class: channels.Permanent, Reason: "bad_request"},
	{Code: "invalid_blocks", Class: channels.Permanent, Reason: chat.TooLarge},
	{Code: "msg_too_long", Class: channels.Permanent, Reason: chat.TooLarge},
	{Code: "msg_blocks_too_long", Class: channels.Permanent, Reason: chat.TooLarge},
	{Code: "no_text", Class: channels.Permanent, Reason: "bad_request"},
	{Code: "too_many_attachments", Class: channels.Permanent, Reason: "bad_request"},
	{Code: "user_not_found", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "action_prohibited", Class: channels.Misconfigured, Reason: "permission"},
	{Code: "invalid_token", Class: channels.Misconfigured, Reason: "permission"},
	{Code: "posting_to_general_channel_denied", Class: channels.Misconfigured, Reason: "permission"},
	{Code: "channel_not_found", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "no_service", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "no_service_id", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "no_team", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "team_disabled", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "no_active_hooks", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "channel_is_archived", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "rollup_error", Class: channels.Retry, Reason: "server_error"},
}

// maxWord is the longest word that can be a code.
const maxWord = 64

func judge(c chat.Call, res channels.Response) (channels.Receipt, *channels.Error) {
	word := strings.TrimSpace(string(res.Body))
	failure := res.Failure()
	switch {
	case failure == nil && word == "ok" && !res.Partial:
		return channels.Receipt{Class: channels.Delivered, Code: word}, nil
	case failure != nil && failure.Class == channels.RateLimited:
		return channels.Receipt{}, failure
	case !strings.Contains(word, "_") || len(word) > maxWord || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz_") != "":
		return channels.Receipt{}, chat.Unreadable(res)
	}
	return channels.Receipt{}, c.Failed(rules, word, word)
}

var servicePath = regexp.MustCompile(`^/services/[A-Za-z0-9]+/[A-Za-z0-9]+/[A-Za-z0-9_-]+$`)

// check wants the address that the platform shows, whose path is the credential.
func check(s channels.Settings) []models.Field {
	u, err := url.Parse(s.Get("url"))
	if err != nil || !servicePath.MatchString(u.Path) {
		return []models.Field{{Pointer: "#/secrets/url", Code: "incomplete", Detail: "The URL has no path like /services/T…/B…/…."}}
	}
	return nil
}

// blocksOf is the one writer of the platform's blocks.
func blocksOf(d document.Document) []block {
	var w writer
	w.line(bold(chat.Heading(d)))
	for _, b := range d.Blocks {
		var line []element
		if b.Apart || b.Kind == document.Heading {
			line = append(line, plain("\n"))
		}
		switch b.Kind {
		case document.Fact:
			line = append(line, bold(b.Label+b.Mark))
		case document.Notice:
			line = append(line, bold("⚠ "))
		case document.Heading, document.Paragraph:
		}
		for _, r := range b.Runs {
			e := plain(r.Text)
			if b.Kind == document.Heading {
				e = bold(r.Text)
			}
			line = append(line, e)
		}
		w.line(line...)
	}
	if d.Link != "" {
		w.line(plain("\n"), element{Type: "link", URL: d.Link, Text: d.Open})
	}
	w.line(element{Type: "text", Text: strings.Join(d.Footer, " · "), Style: &style{Italic: true}})
	return w.blocks
}

func plain(content string) element { return element{Type: "text", Text: content} }

func bold(content string) element {
	return element{Type: "text", Text: content, Style: &style{Bold: true}}
}

// writer puts lines into sections that are not too long.
type writer struct{ blocks []block }

func (w *writer) line(elements ...element) {
	elements = append(elements, plain("\n"))
	for _, e := range elements {
		for e.Text != "" {
			whole := e.Text
			if n := w.room(); utf8.RuneCountInString(whole)+utf8.RuneCountInString(e.URL) > n {
				e.Text = text.Head(whole, n-utf8.RuneCountInString(e.URL))
				if e.Text == "" || e.URL != "" {
					w.begin()
					e.Text = whole
					if utf8.RuneCountInString(whole) <= maxSection {
						w.add(e)
						break
					}
					e.Text = text.Head(whole, maxSection)
				}
			}
			w.add(e)
			e.Text = whole[len(e.Text):]
		}
	}
}

// room is how many characters the newest section has left.
func (w *writer) room() int {
	if len(w.blocks) == 0 {
		w.begin()
	}
	return maxSection - sectionSize(w.blocks[len(w.blocks)-1].Elements[0])
}

func (w *writer) begin() {
	w.blocks = append(w.blocks, block{Type: "rich_text", Elements: []section{{Type: "rich_text_section", Elements: []element{}}}})
}

func (w *writer) add(e element) {
	s := &w.blocks[len(w.blocks)-1].Elements[0]
	s.Elements = append(s.Elements, e)
}

// Escape makes a text inert where the platform reads markup. Source: the three characters
// that it names.
func Escape(content string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(content)
}
