// Package wecom sends notifications to group robots of WeCom.
package wecom

import (
	"net/url"
	"strings"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

// Limits of a message's content, in bytes. Source: the platform takes 4,096 of Markdown and
// 2,048 of text.
const (
	maxMarkdown = 4000
	maxText     = 2000
	shortText   = 1000
)

// New returns the adapter.
func New(client *channels.Client, now func() time.Time) *chat.Sender {
	return chat.New(chat.Platform{
		Descriptor: descriptor(), Hosts: []string{"qyapi.weixin.qq.com"}, Write: write, Judge: judge, Check: check,
	}, client, now)
}

// message is a request's body: Markdown, or text where it mentions people, which Markdown
// of group robots cannot do by number.
type message struct {
	Type     string   `json:"msgtype"`
	Markdown *content `json:"markdown,omitempty"`
	Text     *content `json:"text,omitempty"`
}

type content struct {
	Content string   `json:"content"`
	Mobiles []string `json:"mentioned_mobile_list,omitempty"`
}

func write(c chat.Call) []byte {
	render, limit := markdownOf, maxMarkdown
	mobiles := c.Mentions()
	if len(mobiles) > 0 {
		render, limit = plainOf, maxText
	}
	if c.Short {
		limit = shortText
	}
	d := chat.Fit(c.Document, limit, func(d document.Document) int { return len(render(d)) })
	if len(mobiles) > 0 {
		return chat.Encode(message{Type: "text", Text: &content{Content: render(d), Mobiles: mobiles}})
	}
	return chat.Encode(message{Type: "markdown", Markdown: &content{Content: render(d)}})
}

// rules are what the platform's codes mean.
// Source: docs/channels.md#wecom.
var rules = []chat.Rule{
	{Code: "-1", Class: channels.Retry, Reason: "busy"},
	{Code: "45009", Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Minute},
	{Code: "45033", Class: channels.RateLimited, Reason: "rate_limited", Wait: 5 * time.Second},
	{Code: "93000", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "93004", Class: channels.Misconfigured, Reason: "stopped"},
	{Code: "93008", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "40058", Says: "exceed max length", Class: channels.Permanent, Reason: chat.TooLarge},
	{Code: "40058", Class: channels.Permanent, Reason: "bad_request"},
	{Code: "45002", Class: channels.Permanent, Reason: chat.TooLarge},
	{Code: "44004", Class: channels.Permanent, Reason: "bad_request"},
	{Code: "40008", Class: channels.Permanent, Reason: "bad_request"},
	{Code: "40033", Class: channels.Permanent, Reason: "bad_request"},
}

// busyTries is how often the platform asks to be tried when it is busy.
const busyTries = 3

func judge(c chat.Call, res channels.Response) (channels.Receipt, *channels.Error) {
	receipt, failure := c.ByCode(res, rules, "errcode", "errmsg")
	if failure != nil && failure.Reason == "busy" && c.Message.Attempt >= busyTries {
		failure.Class = channels.Permanent
	}
	return receipt, failure
}

// check wants the address that the platform shows, which names its robot.
func check(s channels.Settings) []models.Field {
	if u, err := url.Parse(s.Get("url")); err != nil || u.Query().Get("key") == "" {
		return []models.Field{{Pointer: "#/secrets/url", Code: "incomplete", Detail: "The URL has no key."}}
	}
	return nil
}

// markdownOf is the one writer of the platform's Markdown: only it escapes.
func markdownOf(d document.Document) string {
	colour := "info"
	if d.Critical || d.Warning {
		colour = "warning"
	}
	title := "**" + escape(d.Title) + "**"
	if d.Severity != "" {
		title = `<font color="` + colour + `">` + escape("["+d.Severity+"]") + "</font> " + title
	}
	lines := []string{title}
	for _, b := range d.Blocks {
		lines = append(lines, apart(b)...)
		text := escape(textOf(b.Runs))
		switch b.Kind {
		case document.Fact:
			text = `<font color="comment">` + escape(b.Label+b.Mark) + "</font>" + text
		case document.Notice:
			text = "> " + strings.ReplaceAll(text, "\n", "\n> ")
		case document.Heading:
			text = "**" + strings.ReplaceAll(text, "\n", " ") + "**"
		case document.Paragraph:
		}
		lines = append(lines, text)
	}
	if d.Link != "" {
		lines = append(lines, "", "["+escape(d.Open)+"]("+d.Link+")")
	}
	return strings.Join(append(lines, `<font color="comment">`+escape(strings.Join(d.Footer, " · "))+"</font>"), "\n")
}

// plainOf is the same as text.
func plainOf(d document.Document) string {
	lines := []string{still(chat.Heading(d))}
	for _, b := range d.Blocks {
		lines = append(append(lines, apart(b)...), still(b.String()))
	}
	if d.Link != "" {
		lines = append(lines, "", still(d.Open)+" "+d.Link)
	}
	return strings.Join(append(lines, still(strings.Join(d.Footer, " · "))), "\n")
}

func apart(b document.Block) []string {
	if b.Apart || b.Kind == document.Heading {
		return []string{""}
	}
	return nil
}

func textOf(runs []document.Run) string {
	text := ""
	for _, r := range runs {
		text += r.Text
	}
	return text
}

// escape makes a text inert in Markdown: the platform knows no escapes, so what could be
// markup becomes a character that looks like it.
func escape(text string) string {
	text = wide.Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if trimmed := strings.TrimLeft(line, " \t"); strings.HasPrefix(trimmed, "#") {
			lines[i] = "\u200b" + trimmed
		}
	}
	return chat.Still(strings.Join(lines, "\n"))
}

var wide = strings.NewReplacer("<", "＜", ">", "＞", "[", "［", "]", "］", "*", "＊", "`", "'")

// still makes a text call nobody.
func still(text string) string { return chat.Still(strings.ReplaceAll(text, "<@", "＜@")) }
