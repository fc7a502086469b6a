// Package telegram sends notifications to groups and channels of Telegram, through bots.
package telegram

import (
	"encoding/json"
	"html"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/models/document"
)

// Limits of a message, in UTF-16 units of what is shown. Source: the platform takes 4,096
// after it has read the markup.
const (
	maxMessage   = 3900
	shortMessage = 1900
)

// New returns the adapter.
func New(client *channels.Client, now func() time.Time) *chat.Sender {
	return chat.New(chat.Platform{
		Descriptor: descriptor(), Pointer: "#/settings/" + settingAPI, Place: settingChat, URL: address, Write: write, Judge: judge,
	}, client, now)
}

// address is where messages go: the token stands in its path.
func address(c chat.Call) string {
	api := c.Provider.Get(settingAPI)
	if api == "" {
		api = defaultAPI
	}
	return api + "/bot" + c.Bot.Get(settingToken) + "/sendMessage"
}

// message is a request's body.
type message struct {
	Chat    json.Number `json:"chat_id"`
	Thread  int         `json:"message_thread_id,omitempty"`
	Text    string      `json:"text"`
	Mode    string      `json:"parse_mode,omitempty"`
	Preview preview     `json:"link_preview_options"`
}

type preview struct {
	Disabled bool `json:"is_disabled"`
}

func write(c chat.Call) []byte {
	m := message{Chat: json.Number(c.Bot.Get(settingChat)), Thread: c.Bot.Int(settingThread, 0), Mode: "HTML", Preview: preview{Disabled: true}}
	if c.Moved != "" {
		m.Chat = json.Number(c.Moved)
	}
	limit := maxMessage
	if c.Short {
		limit = shortMessage
	}
	d := chat.Fit(c.Document, limit, func(d document.Document) int { return units(textOf(d, bare)) })
	if m.Text = textOf(d, marked); c.Bare {
		m.Text, m.Mode = textOf(d, bare), ""
	}
	return chat.Encode(m)
}

// units is how many UTF-16 units a text has.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// rules are what the platform's words mean, which stand beside the HTTP status as a code.
// Source: docs/channels.md#telegram.
var rules = []chat.Rule{
	{Code: "400", Says: "can't parse entities", Class: channels.Permanent, Reason: chat.Markup},
	{Code: "400", Says: "message is too long", Class: channels.Permanent, Reason: chat.TooLarge},
	{Code: "400", Says: "group chat was upgraded", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "400", Says: "chat not found", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "400", Says: "thread not found", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "400", Says: "topic_closed", Class: channels.Misconfigured, Reason: "permission"},
	{Code: "400", Says: "rights", Class: channels.Misconfigured, Reason: "permission"},
	{Code: "400", Says: "chat_write_forbidden", Class: channels.Misconfigured, Reason: "permission"},
	{Code: "400", Class: channels.Permanent, Reason: "bad_request"},
	{Code: "401", Class: channels.Misconfigured, Reason: "token"},
	{Code: "404", Class: channels.Misconfigured, Reason: "token"},
	{Code: "403", Says: "blocked by the user", Class: channels.Permanent, Reason: "opted_out"},
	{Code: "403", Says: "user is deactivated", Class: channels.Permanent, Reason: "opted_out"},
	{Code: "403", Says: "rights", Class: channels.Misconfigured, Reason: "permission"},
	{Code: "403", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "413", Class: channels.Permanent, Reason: chat.TooLarge},
	{Code: "429", Class: channels.RateLimited, Reason: "rate_limited"},
	{Code: "500", Class: channels.Retry, Reason: "server_error"},
	{Code: "502", Class: channels.Retry, Reason: "server_error"},
	{Code: "503", Class: channels.Retry, Reason: "server_error"},
	{Code: "504", Class: channels.Retry, Reason: "server_error"},
}

// judge reads "ok", which alone makes a success, and then the code. A group that became
// another one is asked once more, under its new number.
func judge(c chat.Call, res channels.Response) (channels.Receipt, *channels.Error) {
	a := chat.Read(res)
	ok, said := a["ok"].(bool)
	switch {
	case !said || ok && res.Failure() != nil:
		failure := chat.Unreadable(res)
		if res.Status == http.StatusNotFound || res.Status == http.StatusUnauthorized {
			failure.Reason = "token"
		}
		return channels.Receipt{}, failure
	case ok:
		result := inside(a, "result")
		ref := inside(result, "chat").Text("id") + ":" + result.Text("message_id")
		return channels.Receipt{Class: channels.Delivered, Ref: c.Code(ref), Code: strconv.Itoa(res.Status)}, nil
	}
	parameters := inside(a, "parameters")
	if moved := parameters.Text("migrate_to_chat_id"); moved != "" && c.Moved == "" {
		if code, _ := checkNumber(moved); code == "" {
			return channels.Receipt{}, &channels.Error{Class: channels.Misconfigured, Reason: chat.Moved, Code: moved}
		}
	}
	failure := c.Failed(rules, a.Text("error_code"), a.Text("description"))
	if failure.Class == channels.RateLimited {
		failure.Wait = max(failure.Wait, res.RetryAfter, parameters.Seconds("retry_after"))
	}
	return channels.Receipt{}, failure
}

// inside is the object of an answer's member; empty where there is none.
func inside(a chat.Answer, name string) chat.Answer {
	object, _ := a[name].(map[string]any)
	return chat.Answer(object)
}

// style writes a text of ours or of others, and what is emphasised.
type style struct {
	ours, theirs, bold, italic func(string) string
	link                       func(title, url string) string
}

// marked is the platform's HTML. Values stand in code, where nothing becomes a link, a
// command or a mention.
var marked = style{
	ours:   escape,
	theirs: func(text string) string { return tag("code", escape(text)) },
	bold:   func(text string) string { return tag("b", escape(text)) },
	italic: func(text string) string { return tag("i", escape(text)) },
	link: func(title, url string) string {
		return `<a href="` + html.EscapeString(url) + `">` + escape(title) + "</a>"
	},
}

// bare is plain text, as long as what people see of the other.
var bare = style{
	ours: chat.Still, theirs: chat.Still, bold: chat.Still, italic: chat.Still,
	link: func(title, url string) string {
		if title == url {
			return url
		}
		return title + ": " + url
	},
}

func tag(name, content string) string {
	if strings.TrimSpace(content) == "" {
		return content
	}
	return "<" + name + ">" + content + "</" + name + ">"
}

// escape makes a text inert in the platform's HTML.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(chat.Still(text))
}

// textOf is the one writer of the platform's messages.
func textOf(d document.Document, s style) string {
	lines := []string{s.bold(chat.Heading(d))}
	for _, b := range d.Blocks {
		line := ""
		switch b.Kind {
		case document.Fact:
			line = s.bold(b.Label) + s.ours(b.Mark)
		case document.Notice:
			line = "⚠ "
		case document.Heading, document.Paragraph:
		}
		for _, r := range b.Runs {
			switch {
			case b.Kind == document.Heading:
				line += s.bold(r.Text)
			case r.Theirs:
				line += s.theirs(r.Text)
			default:
				line += s.ours(r.Text)
			}
		}
		if b.Apart || b.Kind == document.Heading {
			lines = append(lines, "")
		}
		lines = append(lines, line)
	}
	if d.Link != "" {
		lines = append(lines, "", s.link(d.Open, d.Link))
	}
	return strings.Join(append(lines, "", s.italic(strings.Join(d.Footer, " · "))), "\n")
}
