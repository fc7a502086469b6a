package dingtalk_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/channels/dingtalk"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

const secret = "SEC0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func target(address string) channels.Target {
	if !strings.Contains(address, "?") {
		address += "?access_token=tok-123456789"
	}
	return channels.Target{Bot: channels.Config{ID: "bot_1", Version: 1, Settings: channels.Settings{
		Values: map[string]string{}, Secrets: map[string]string{"url": address, "secret": secret},
	}}}
}

func newSender(c *channels.Client) channels.Sender { return dingtalk.New(c, time.Now) }

// sent is a request as the platform reads it.
type sent struct {
	Type     string `json:"msgtype"`
	Markdown struct{ Title, Text string }
	At       struct {
		AtMobiles []string
		IsAtAll   bool
	}
}

func read(t testing.TB, body []byte) sent {
	t.Helper()
	var s sent
	if err := json.Unmarshal(body, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	t.Parallel()
	text := func(body []byte) string { return read(t, body).Markdown.Text }
	channeltest.RunChat(t, channeltest.Chat{
		HTTP: channeltest.HTTP{
			New: newSender, Target: target, OK: `{"errcode":0,"errmsg":"ok"}`, Success: channels.Delivered, ReadsBody: true, MaxBody: 20000,
			Secrets: []string{"tok-123456789", secret}, Mark: chat.Reference,
		},
		Shown: text, Size: func(body []byte) int { return len(text(body)) }, Limit: 18000,
		Hosts: []string{"https://oapi.dingtalk.com/robot/send?access_token=x"},
		Others: []string{
			"https://evil.example/robot/send?access_token=x", "http://oapi.dingtalk.com/robot/send?access_token=x", "https://oapi.dingtalk.com/robot/send",
			"https://oapi.dingtalk.com.evil.example/robot/send?access_token=x", "https://oapi.dingtalk.com/robot/send?access_token=x&sign=y",
		},
		Answers: []channeltest.Answer{
			{Body: `{"errcode":-1,"errmsg":"system busy"}`, Class: channels.Retry, Reason: "busy", Wait: 30 * time.Second},
			{Body: `{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}`, Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Minute},
			{Body: `{"errcode":410100,"errmsg":"too fast"}`, Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Minute},
			{Body: `{"errcode":90030,"errmsg":"limit"}`, Class: channels.RateLimited, Reason: "quota", Wait: time.Hour},
			{Body: `{"errcode":310000,"errmsg":"keywords not in content, more: [https://x]"}`, Class: channels.Misconfigured, Reason: "keyword"},
			{Body: `{"errcode":310000,"errmsg":"sign not match, more: [https://x]"}`, Class: channels.Misconfigured, Reason: "sign"},
			{Body: `{"errcode":310000,"errmsg":"invalid timestamp, more: [https://x]"}`, Class: channels.Misconfigured, Reason: "clock", Calls: 2},
			{Body: `{"errcode":310000,"errmsg":"ip 1.2.3.4 not in whitelist"}`, Class: channels.Misconfigured, Reason: "ip"},
			{Body: `{"errcode":310000,"errmsg":"something else"}`, Class: channels.Misconfigured, Reason: "refused"},
			{Body: `{"errcode":300001,"errmsg":"token is not exist"}`, Class: channels.Misconfigured, Reason: "token"},
			{Body: `{"errcode":300005,"errmsg":"token is not exist"}`, Class: channels.Misconfigured, Reason: "token"},
			{Body: `{"errcode":400101,"errmsg":"token is not exist"}`, Class: channels.Misconfigured, Reason: "token"},
			{Body: `{"errcode":400013,"errmsg":"group dissolved"}`, Class: channels.Misconfigured, Reason: "gone"},
			{Body: `{"errcode":400102,"errmsg":"bot stopped"}`, Class: channels.Misconfigured, Reason: "stopped"},
			{Body: `{"errcode":400106,"errmsg":"no robot"}`, Class: channels.Misconfigured, Reason: "gone"},
			{Body: `{"errcode":400105,"errmsg":"msgtype"}`, Class: channels.Permanent, Reason: "bad_request"},
			{Body: `{"errcode":40035,"errmsg":"x"}`, Class: channels.Permanent, Reason: "bad_request"},
			{Body: `{"errcode":43002,"errmsg":"x"}`, Class: channels.Permanent, Reason: "bad_request"},
			{Body: `{"errcode":43004,"errmsg":"x"}`, Class: channels.Permanent, Reason: "bad_request"},
			{Body: `{"errcode":460101,"errmsg":"message too long"}`, Class: channels.Permanent, Reason: "too_large", Calls: 2},
			{Body: `{"status":1111,"wait":7,"source":"x","punish":"deny","uuid":"u"}`, Class: channels.RateLimited, Reason: "rate_limited", Wait: 7 * time.Second},
			{Body: `{"status":1111,"wait":1,"punish":"deny"}`, Class: channels.RateLimited, Reason: "rate_limited", Wait: 5 * time.Second},
			{Status: 500, Body: `{"errcode":0,"errmsg":"ok"}`, Class: channels.Retry, Reason: "server_error"},
		},
	})
}

// post sends the message and returns the request.
func post(t *testing.T, to func(string) channels.Target, m channels.Message, now time.Time) channeltest.Got {
	t.Helper()
	s := channeltest.NewSink(t, channeltest.Says(`{"errcode":0,"errmsg":"ok"}`))
	if _, err := dingtalk.New(channeltest.Client(t, s.URL), func() time.Time { return now }).Send(t.Context(), to(s.URL+"/robot/send"), m); err != nil {
		t.Fatal(err)
	}
	return s.Requests()[0]
}

func TestDTR1SignatureIsThatOfTheVectors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ secret, timestamp, want string }{
		{secret, "1700000000000", "bTgY2yDbep%2BwesS7jKiNj%2BsrsHoADES4%2BC4f8LCHFtU%3D"},
		{"this is secret", "1577262236757", "hmPWwU%2B7lVdm3ZZz0r9tSfx0L4Q26jWOZr9%2BGs6EZQM%3D"},
	} {
		to := func(address string) channels.Target {
			out := target(address)
			out.Bot.Secrets["secret"] = c.secret
			return out
		}
		milliseconds, err := time.ParseDuration(c.timestamp + "ms")
		if err != nil {
			t.Fatal(err)
		}
		got := post(t, to, channeltest.Message(""), time.Unix(0, 0).Add(milliseconds))
		if !strings.Contains(got.URL, "sign="+c.want) || !strings.Contains(got.URL, "timestamp="+c.timestamp) || !strings.Contains(got.URL, "access_token=tok-123456789") {
			t.Errorf("the request went to %s, want sign=%s", got.URL, c.want)
		}
	}
	bare := func(address string) channels.Target {
		out := target(address)
		delete(out.Bot.Secrets, "secret")
		return out
	}
	if got := post(t, bare, channeltest.Message(""), time.Now()); strings.Contains(got.URL, "sign") {
		t.Errorf("a bot without a secret signs: %s", got.URL)
	}
}

func TestDTR6ASendersWordIsAddedWhereItIsMissing(t *testing.T) {
	t.Parallel()
	for keywords, want := range map[string]bool{"监控，告警": true, "余额": false, "": false, "[x], y": true} {
		to := func(address string) channels.Target {
			out := target(address)
			out.Bot.Values["keywords"] = keywords
			return out
		}
		first, _, _ := strings.Cut(strings.ReplaceAll(keywords, "，", ","), ",")
		m := channeltest.Message("")
		m.Rendered.Title = "余额不足"
		plain := read(t, post(t, target, m, time.Now()).Body).Markdown.Text
		text := read(t, post(t, to, m, time.Now()).Body).Markdown.Text
		if added := text != plain; added != want {
			t.Errorf("keywords %q: the text is %q", keywords, text)
		}
		if unescaped := strings.ReplaceAll(text, "\\", ""); keywords != "" && !strings.Contains(unescaped, first) && want {
			t.Errorf("keywords %q: the text %q has none", keywords, text)
		}
		m.Rendered.Body = strings.Repeat("x", 50000) // RND-4: after cutting
		cut := read(t, post(t, to, m, time.Now()).Body).Markdown.Text
		if want && !strings.Contains(strings.ReplaceAll(cut, "\\", ""), first) || len(cut) > 18000 {
			t.Errorf("keywords %q: cut, the text of %d bytes has none", keywords, len(cut))
		}
	}
}

func TestDTR7OnlySettingsMention(t *testing.T) {
	t.Parallel()
	m := channeltest.Message("")
	m.Severity = models.SeverityCritical
	m.Rendered.Body = "@13800138000 @all <@all> <at id=all></at> @所有人"
	got := read(t, post(t, target, m, time.Now()).Body)
	if len(got.At.AtMobiles) != 0 || got.At.IsAtAll || strings.Contains(got.Markdown.Text, "@13800138000") {
		t.Errorf("RND-5: content mentions: %+v", got)
	}
	to := func(address string) channels.Target {
		out := target(address)
		out.Bot.Values["mentions"] = "13800138001, 13800138002"
		return out
	}
	got = read(t, post(t, to, m, time.Now()).Body)
	if strings.Join(got.At.AtMobiles, " ") != "13800138001 13800138002" || !strings.Contains(got.Markdown.Text, "@13800138001 @13800138002") {
		t.Errorf("mentions: %+v", got)
	}
	m.Severity = models.SeverityWarning
	if got = read(t, post(t, to, m, time.Now()).Body); len(got.At.AtMobiles) != 0 {
		t.Errorf("a warning mentions people that only critical ones should: %+v", got.At)
	}
}

// TestValuesAreInert: RND-3, RND-7.
func TestValuesAreInert(t *testing.T) {
	t.Parallel()
	m := channeltest.Message("")
	m.Rendered.Document = document.Document{
		Severity: "紧急", Title: "**x** [a](http://b) # y", Link: "https://x.example/a_(b)?c=\"d\"", Open: "查看", Footer: []string{"Belfry"},
		Blocks: []document.Block{
			{Kind: document.Fact, Label: "名称", Mark: "：", Runs: []document.Run{{Text: "x\n- y\n1. z\n# h\n> q\n[z](http://q)\n<b>", Theirs: true}}},
			{Kind: document.Notice, Runs: []document.Run{{Text: "小心 "}, {Text: "a\n\nb", Theirs: true}}},
		},
	}
	got := read(t, post(t, target, m, time.Now()).Body)
	want := "**\\[紧急\\] \\*\\*x\\*\\* \\[a\\]\\(http://b\\) \\# y**  \n**名称**：x  \n\\- y  \n1\\. z  \n\\# h  \n\\> q  \n\\[z\\]\\(http://q\\)  \n\\<b\\>  \n" +
		"> 小心 a  b  \n  \n[查看](https://x.example/a_%28b%29?c=%22d%22)  \n  \nBelfry · \\#8d9e0f1a"
	if got.Markdown.Text != want {
		t.Errorf("text = %q\nwant %q", got.Markdown.Text, want)
	}
	if got.Type != "markdown" || got.Markdown.Title != "[紧急] **x** [a](http://b) # y" {
		t.Errorf("title = %q", got.Markdown.Title)
	}
	if _, err := url.Parse(m.Rendered.Document.Link); err != nil {
		t.Fatal(err)
	}
}

// TestWholeIsWhatNothingIsCutOf: the queue of a bot asks before it sends.
func TestWholeIsWhatNothingIsCutOf(t *testing.T) {
	t.Parallel()
	s := dingtalk.New(channeltest.Client(t, "https://oapi.dingtalk.com"), time.Now)
	for size, want := range map[int]bool{100: true, 15000: true, 19000: false, 50000: false} {
		m := channeltest.Message("")
		m.Rendered.Document = document.Document{Title: "t", Blocks: []document.Block{{Kind: document.Paragraph, Runs: []document.Run{{Text: strings.Repeat("x", size)}}}}}
		if got := s.Whole(target("https://oapi.dingtalk.com/robot/send"), m); got != want {
			t.Errorf("Whole() of %d bytes = %v", size, got)
		}
	}
}
