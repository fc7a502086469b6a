// Package feishu sends notifications to custom bots of Feishu and Lark groups.
package feishu

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

// Limits of a request, in bytes. Source: the platform takes 20 KB.
const (
	maxBody   = 18000
	shortBody = 6000
)

// New returns the adapter. The clock stamps signatures.
func New(client *channels.Client, now func() time.Time) *chat.Sender {
	return chat.New(chat.Platform{
		Descriptor: descriptor(), Hosts: []string{"open.feishu.cn", "open.larksuite.com"},
		Write: write, Judge: judge, Again: []string{"sign"}, Check: check,
	}, client, now)
}

// message is a request's body.
type message struct {
	Timestamp string `json:"timestamp,omitempty"`
	Sign      string `json:"sign,omitempty"`
	Type      string `json:"msg_type"`
	Card      card   `json:"card"`
}

// card is what people see. All its texts are plain: the platform reads no markup in them.
type card struct {
	Config   config    `json:"config"`
	Header   header    `json:"header"`
	Elements []element `json:"elements"`
}

type config struct {
	Wide bool `json:"wide_screen_mode"`
}

type header struct {
	Template string `json:"template"`
	Title    plain  `json:"title"`
}

type plain struct {
	Tag     string `json:"tag"`
	Content string `json:"content"`
}

// element is a paragraph ("div"), a line, a note or the button.
type element struct {
	Tag      string   `json:"tag"`
	Text     *plain   `json:"text,omitempty"`
	Elements []plain  `json:"elements,omitempty"`
	Actions  []button `json:"actions,omitempty"`
}

type button struct {
	Tag  string `json:"tag"`
	Text plain  `json:"text"`
	URL  string `json:"url"`
	Type string `json:"type"`
}

func write(c chat.Call) []byte {
	m := message{Type: "interactive"}
	if secret := c.Bot.Get("secret"); secret != "" {
		m.Timestamp = strconv.FormatInt(c.Now.Unix(), 10)
		m.Sign = sign(secret, m.Timestamp)
	}
	limit := maxBody
	if c.Short {
		limit = shortBody
	}
	render := func(d document.Document) []byte {
		m.Card = cardOf(c, d)
		return chat.Encode(m)
	}
	return render(chat.Fit(c.Document, limit, func(d document.Document) int { return len(render(d)) }))
}

// sign is the signature that the platform wants: of nothing, with timestamp, line feed and
// secret as the key.
func sign(secret, timestamp string) string {
	mac := hmac.New(sha256.New, []byte(timestamp+"\n"+secret))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// rules are what the platform's codes mean.
// Source: docs/channels.md#feishu.
var rules = []chat.Rule{
	{Code: "11232", Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Minute},
	{Code: "19021", Class: channels.Misconfigured, Reason: "sign"},
	{Code: "19022", Class: channels.Misconfigured, Reason: "ip"},
	{Code: "19024", Class: channels.Misconfigured, Reason: "keyword"},
	{Code: "19001", Class: channels.Misconfigured, Reason: "token"},
	{Code: "19002", Class: channels.Permanent, Reason: "bad_request"},
	{Code: "9499", Says: "too large", Class: channels.Permanent, Reason: chat.TooLarge},
	{Code: "9499", Says: "too long", Class: channels.Permanent, Reason: chat.TooLarge},
	{Code: "9499", Class: channels.Permanent, Reason: "bad_request"},
}

// judge reads both spellings of the code: older answers have StatusCode.
func judge(c chat.Call, res channels.Response) (channels.Receipt, *channels.Error) {
	if a := chat.Read(res); a.Text("code") == "" {
		return c.ByCode(res, rules, "StatusCode", "StatusMessage")
	}
	return c.ByCode(res, rules, "code", "msg")
}

// check wants the address that the platform shows, which ends in the bot's token.
func check(s channels.Settings) []models.Field {
	u, err := url.Parse(s.Get("url"))
	if err != nil || strings.TrimPrefix(u.Path, "/open-apis/bot/v2/hook/") == u.Path || strings.HasSuffix(u.Path, "/") {
		return []models.Field{{Pointer: "#/secrets/url", Code: "incomplete", Detail: "The URL is not of the form …/open-apis/bot/v2/hook/<token>."}}
	}
	return nil
}

// cardOf is the one writer of the platform's cards.
func cardOf(c chat.Call, d document.Document) card {
	out := card{Config: config{Wide: true}, Header: header{Template: colour(d), Title: text(chat.Heading(d))}}
	said := chat.Heading(d)
	for _, b := range d.Blocks {
		line := b.String()
		if b.Kind == document.Notice {
			line = "⚠ " + line
		}
		if b.Kind == document.Heading {
			out.Elements = append(out.Elements, element{Tag: "hr"})
		}
		said += "\n" + line
		out.Elements = append(out.Elements, element{Tag: "div", Text: new(text(line))})
	}
	if d.Link != "" {
		out.Elements = append(out.Elements, element{Tag: "action", Actions: []button{{Tag: "button", Text: text(d.Open), URL: d.Link, Type: "primary"}}})
	}
	note := strings.Join(d.Footer, " · ")
	if word := c.WithKeyword(said + note); word != "" {
		note += " · " + word
	}
	out.Elements = append(out.Elements, element{Tag: "note", Elements: []plain{text(note)}})
	return out
}

func text(content string) plain {
	return plain{Tag: "plain_text", Content: strings.ReplaceAll(content, "<at", "＜at")}
}

func colour(d document.Document) string {
	switch {
	case d.Critical:
		return "red"
	case d.Warning:
		return "orange"
	}
	return "blue"
}
