// Package twilio sends short messages through Twilio.
package twilio

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/channels/texting"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/text"
)

// defaultChars is the longest text in code points: about seven parts of a long SMS.
const defaultChars = 500

// New returns the adapter.
func New(client *channels.Client, now func() time.Time) *texting.Sender {
	return texting.New(texting.Provider{Descriptor: descriptor(), API: "https://api.twilio.com", Request: request, Judge: judge, Receipt: read}, client, now)
}

func descriptor() channels.Descriptor {
	return channels.Descriptor{
		Kind:   "sms_twilio",
		Labels: chat.Texts("SMS by Twilio", "Twilio 短信"),
		Help:   chat.Texts("Sends the short text of each type through Twilio.", "通过 Twilio 发送各类型的短文本。"),
		Limits: channels.Limits{TextRunes: defaultChars},
		Fields: []channels.Field{
			{
				Name: "account_sid", Type: "string", Required: true, Max: 40, Check: checkAccount, Labels: chat.Texts("Account SID", "Account SID"),
				Help: chat.Texts("It begins with AC.", "以 AC 开头。"),
			},
			{
				Name: "auth_token", Type: "string", Secret: true, Required: true, Max: 200, Labels: chat.Texts("Auth token", "Auth Token"),
				Help: chat.Texts("Never shown again.", "保存后不再显示。"),
			},
			{
				Name: "from", Type: "string", Required: true, Max: 40, Check: checkFrom, Labels: chat.Texts("From", "发送方"),
				Help: chat.Texts("A number like +15005550006, a sender's name, or a messaging service that begins with MG.", "号码（如 +15005550006）、发送方名称，或以 MG 开头的 Messaging Service。"),
			},
			{
				Name: "max_chars", Type: "int", Min: 20, Max: 1600, Default: "500", Labels: chat.Texts("Longest text", "最大长度"),
				Help: chat.Texts("Characters; longer texts are cut.", "字符数，超出部分截断。"),
			},
			{
				Name: "receipts", Type: "bool", Default: "true", Labels: chat.Texts("Receipts", "送达回执"),
				Help: chat.Texts("Twilio calls back and says whether a text arrived. Switch it off where it cannot reach the public URL.", "由 Twilio 回调告知短信是否送达；如其无法访问公开地址，请关闭。"),
			},
		},
	}
}

var (
	accountForm = regexp.MustCompile(`^AC[0-9a-f]{32}$`)
	serviceForm = regexp.MustCompile(`^MG[0-9a-f]{32}$`)
	fromForm    = regexp.MustCompile(`^(\+[1-9][0-9]{6,14}|[0-9]{3,8}|[A-Za-z0-9 ]{1,11})$`)
)

func checkAccount(value string) (string, string) {
	if !accountForm.MatchString(value) {
		return "invalid-account", "AC and 32 hexadecimal digits."
	}
	return "", ""
}

func checkFrom(value string) (string, string) {
	if !fromForm.MatchString(value) && !serviceForm.MatchString(value) {
		return "invalid-number", "An international number, a short one, a name of at most 11 letters and digits, or MG and 32 hexadecimal digits."
	}
	return "", ""
}

// fit is the text within the characters of the settings and the parts of the message type.
func fit(c texting.Call) text.SMS {
	short := text.Cut(c.Message.Rendered.Short, c.Provider.Settings.Int("max_chars", defaultChars))
	return text.FitSMS("", short, cmp.Or(c.Message.Parts, models.DefaultSMSParts))
}

func request(c texting.Call) channels.Request {
	p := c.Provider.Settings
	form := url.Values{"To": {c.Message.To}, "Body": {fit(c).Text}}
	if from := p.Get("from"); serviceForm.MatchString(from) {
		form.Set("MessagingServiceSid", from)
	} else {
		form.Set("From", from)
	}
	if awaited(c) {
		form.Set("StatusCallback", c.Message.ReceiptURL)
	}
	account := p.Get("account_sid")
	return channels.Request{
		URL: c.API + "/2010-04-01/Accounts/" + account + "/Messages.json", Body: []byte(form.Encode()),
		Header: http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}, "Authorization": {authorization(c)},
		},
	}
}

func authorization(c texting.Call) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.Provider.Get("account_sid")+":"+c.Provider.Get("auth_token")))
}

// rules are what the provider's codes mean. Source: docs/channels.md#twilio.
var rules = []texting.Rule{
	{Code: "20003", Class: channels.Misconfigured, Reason: "auth"},
	{Code: "20404", Class: channels.Misconfigured, Reason: "account"},
	{Code: "20429", Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Second},
	{Code: "21211", Class: channels.Permanent, Reason: "recipient_invalid"},
	{Code: "21614", Class: channels.Permanent, Reason: "recipient_invalid"},
	{Code: "21612", Class: channels.Permanent, Reason: "recipient_invalid"},
	{Code: "21610", Class: channels.Permanent, Reason: "opted_out"},
	{Code: "21617", Class: channels.Permanent, Reason: "too_large"},
	{Code: "21606", Class: channels.Misconfigured, Reason: "from"},
	{Code: "21608", Class: channels.Misconfigured, Reason: "account"},
	{Code: "21408", Class: channels.Misconfigured, Reason: "permission"},
}

var sidForm = regexp.MustCompile(`^(SM|MM)[0-9a-f]{32}$`)

// judge reads the message's id, which only an accepted one has, and else the code.
func judge(c texting.Call, res channels.Response) (channels.Receipt, *channels.Error) {
	a := chat.Read(res)
	sid, code := a.Text("sid"), a.Text("code")
	switch {
	case sidForm.MatchString(sid) && res.Failure() != nil:
		return channels.Receipt{}, &channels.Error{Class: channels.Ambiguous, Reason: "unreadable_answer"}
	case sidForm.MatchString(sid):
		receipt := channels.Receipt{Class: channels.Accepted, Ref: sid, Code: c.Code(a.Text("status")), Parts: fit(c).Parts}
		if awaited(c) {
			receipt.State = models.DeliveryAccepted
		}
		return receipt, nil
	case code == "":
		return channels.Receipt{}, chat.Unreadable(res)
	}
	words := c.Target.Words(a.Text("message"), strings.TrimPrefix(authorization(c), "Basic "), c.Message.To, strings.TrimPrefix(c.Message.To, "+"))
	return channels.Receipt{}, c.Failed(rules, res, code, words)
}
