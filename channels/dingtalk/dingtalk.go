// Package dingtalk sends notifications to custom robots of DingTalk groups.
package dingtalk

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

// Limits of a message's text, in bytes. Source: the platform takes 20,000 with all around it.
const (
	maxText   = 18000
	shortText = 4000
	around    = 2000 // what the request may have beside
)

// New returns the adapter. The clock stamps signatures.
func New(client *channels.Client, now func() time.Time) *chat.Sender {
	return chat.New(chat.Platform{
		Descriptor: descriptor(), Hosts: []string{"oapi.dingtalk.com", "oapi.dingtalk.io"},
		Write: write, URL: signed, Judge: judge, Again: []string{"clock"}, Check: check,
	}, client, now)
}

// message is a request's body.
type message struct {
	Type     string   `json:"msgtype"`
	Markdown markdown `json:"markdown"`
	At       at       `json:"at"`
}

type markdown struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

type at struct {
	Mobiles []string `json:"atMobiles"`
	All     bool     `json:"isAtAll"`
}

func write(c chat.Call) []byte {
	limit := maxText
	if c.Short {
		limit = shortText
	}
	mobiles := append([]string{}, c.Mentions()...)
	calls := ""
	for _, each := range mobiles {
		calls += " @" + each
	}
	render := func(d document.Document) message {
		text := textOf(d) + calls
		if word := c.WithKeyword(text); word != "" {
			text += lineEnd + escape(word)
		}
		return message{Type: "markdown", Markdown: markdown{Title: chat.Heading(d), Text: text}, At: at{Mobiles: mobiles}}
	}
	return chat.Encode(render(chat.Fit(c.Document, limit, func(d document.Document) int {
		m := render(d)
		return max(len(m.Markdown.Text), len(chat.Encode(m))-around)
	})))
}

// signed is the bot's URL, with a signature of now when the bot has a secret.
// Source: timestamp in milliseconds; HMAC-SHA256 with the secret as key of timestamp, line
// feed and secret.
func signed(c chat.Call) string {
	address, secret := c.Bot.Get("url"), c.Bot.Get("secret")
	if secret == "" {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	timestamp := strconv.FormatInt(c.Now.UnixMilli(), 10)
	query := u.Query()
	query.Set("timestamp", timestamp)
	query.Set("sign", sign(secret, timestamp))
	u.RawQuery = query.Encode()
	return u.String()
}

func sign(secret, timestamp string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(timestamp + "\n" + secret)) // a hash never fails to write
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// rules are what the platform's codes mean.
// Source: docs/channels.md#dingtalk.
var rules = []chat.Rule{
	{Code: "-1", Class: channels.Retry, Reason: "busy", Wait: 30 * time.Second},
	{Code: "130101", Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Minute},
	{Code: "410100", Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Minute},
	{Code: "90030", Class: channels.RateLimited, Reason: "quota", Wait: time.Hour},
	{Code: "310000", Says: "keyword", Class: channels.Misconfigured, Reason: "keyword"},
	{Code: "310000", Says: "sign not match", Class: channels.Misconfigured, Reason: "sign"},
	{Code: "310000", Says: "timestamp", Class: channels.Misconfigured, Reason: "clock"},
	{Code: "310000", Says: "whitelist", Class: channels.Misconfigured, Reason: "ip"},
	{Code: "310000", Class: channels.Misconfigured, Reason: "refused"},
	{Code: "300001", Class: channels.Misconfigured, Reason: "token"},
	{Code: "300005", Class: channels.Misconfigured, Reason: "token"},
	{Code: "400101", Class: channels.Misconfigured, Reason: "token"},
	{Code: "400013", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "400102", Class: channels.Misconfigured, Reason: "stopped"},
	{Code: "400106", Class: channels.Misconfigured, Reason: "gone"},
	{Code: "400105", Class: channels.Permanent, Reason: "bad_request"},
	{Code: "40035", Class: channels.Permanent, Reason: "bad_request"},
	{Code: "43002", Class: channels.Permanent, Reason: "bad_request"},
	{Code: "43004", Class: channels.Permanent, Reason: "bad_request"},
	{Code: "460101", Class: channels.Permanent, Reason: chat.TooLarge},
}

// leastWait is for the protection at the platform's edge, which asks for a few seconds.
const leastWait = 5 * time.Second

func judge(c chat.Call, res channels.Response) (channels.Receipt, *channels.Error) {
	a := chat.Read(res)
	if a.Text("errcode") == "" && a.Text("punish") != "" {
		return channels.Receipt{}, &channels.Error{
			Class: channels.RateLimited, Reason: "rate_limited", Wait: max(leastWait, a.Seconds("wait")), Code: c.Code(a.Text("punish")),
		}
	}
	return c.ByCode(res, rules, "errcode", "errmsg")
}

// check wants the address that the platform shows, which names its robot.
func check(s channels.Settings) []models.Field {
	u, err := url.Parse(s.Get("url"))
	if err != nil || u.Query().Get("access_token") == "" {
		return []models.Field{{Pointer: "#/secrets/url", Code: "incomplete", Detail: "The URL has no access_token."}}
	}
	if u.Query().Has("sign") || u.Query().Has("timestamp") {
		return []models.Field{{Pointer: "#/secrets/url", Code: "invalid-url", Detail: "The URL has a signature; give the secret instead."}}
	}
	return nil
}

// textOf is the one writer of the platform's Markdown: only it escapes.
func textOf(d document.Document) string {
	lines := []string{"**" + escape(chat.Heading(d)) + "**"}
	for _, b := range d.Blocks {
		text := ""
		for _, r := range b.Runs {
			text += escape(r.Text)
		}
		switch b.Kind {
		case document.Fact:
			text = "**" + escape(b.Label) + "**" + b.Mark + text
		case document.Notice:
			text = "> " + strings.ReplaceAll(text, lineEnd, " ")
		case document.Heading:
			text = "#### " + strings.ReplaceAll(text, lineEnd, " ")
		case document.Paragraph:
		}
		if b.Apart || b.Kind == document.Heading {
			lines = append(lines, "")
		}
		lines = append(lines, text)
	}
	if d.Link != "" {
		lines = append(lines, "", "["+escape(d.Open)+"]("+d.Link+")")
	}
	return strings.Join(append(lines, "", escape(strings.Join(d.Footer, " · "))), lineEnd)
}

// lineEnd breaks a line inside a paragraph.
const lineEnd = "  \n"

// escape makes a text inert in Markdown: a backslash before what is markup anywhere, and
// before what is at the beginning of a line.
func escape(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		line = anywhere.Replace(strings.TrimLeft(line, " \t"))
		begin := strings.TrimLeft(line, "0123456789")
		if begin != "" && strings.ContainsRune("-+=.", rune(begin[0])) && (begin == line || begin[0] == '.') {
			line = line[:len(line)-len(begin)] + "\\" + begin
		}
		lines[i] = chat.Still(line)
	}
	return strings.Join(lines, lineEnd)
}

var anywhere = strings.NewReplacer(
	"\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "(", "\\(", ")", "\\)", "<", "\\<", ">", "\\>",
	"~", "\\~", "|", "\\|", "#", "\\#", "!", "\\!", "{", "\\{", "}", "\\}")
