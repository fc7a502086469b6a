package wecom_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/channels/wecom"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

func target(address string) channels.Target {
	if !strings.Contains(address, "?") {
		address += "?key=key-123456789"
	}
	return channels.Target{Bot: channels.Config{ID: "bot_1", Version: 1, Settings: channels.Settings{
		Values: map[string]string{}, Secrets: map[string]string{"url": address},
	}}}
}

// sent is a request as the platform reads it.
type sent struct {
	Type     string `json:"msgtype"`
	Markdown struct{ Content string }
	Text     struct {
		Content string
		Mobiles []string `json:"mentioned_mobile_list"`
		List    []string `json:"mentioned_list"`
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

const ok = `{"errcode":0,"errmsg":"ok"}`

func TestConformance(t *testing.T) {
	t.Parallel()
	text := func(body []byte) string { return read(t, body).Markdown.Content }
	channeltest.RunChat(t, channeltest.Chat{
		HTTP: channeltest.HTTP{
			New: func(c *channels.Client) channels.Sender { return wecom.New(c, time.Now) }, Target: target,
			OK: ok, Success: channels.Delivered, ReadsBody: true, MaxBody: 26000,
			Secrets: []string{"key-123456789"}, Mark: chat.Reference,
		},
		Shown: text, Size: func(body []byte) int { return len(text(body)) }, Limit: 4000,
		Hosts: []string{"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x"},
		Others: []string{
			"https://qyapi.weixin.qq.com/cgi-bin/webhook/send", "https://evil.example/cgi-bin/webhook/send?key=x", "https://127.0.0.1/x?key=x",
		},
		Answers: []channeltest.Answer{
			{Body: `{"errcode":0,"errmsg":"Warning: wrong json format."}`, Class: channels.Delivered},
			{Body: `{"errcode":-1,"errmsg":"system error"}`, Class: channels.Retry, Reason: "busy"},
			{Body: `{"errcode":45009,"errmsg":"api freq out of limit"}`, Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Minute},
			{Body: `{"errcode":45033,"errmsg":"concurrency"}`, Class: channels.RateLimited, Reason: "rate_limited", Wait: 5 * time.Second},
			{Body: `{"errcode":93000,"errmsg":"invalid webhook url"}`, Class: channels.Misconfigured, Reason: "gone"},
			{Body: `{"errcode":93004,"errmsg":"robot disabled"}`, Class: channels.Misconfigured, Reason: "stopped"},
			{Body: `{"errcode":93008,"errmsg":"not in group"}`, Class: channels.Misconfigured, Reason: "gone"},
			{Body: `{"errcode":40058,"errmsg":"markdown.content exceed max length 4096. invalid Request Parameter"}`, Class: channels.Permanent, Reason: "too_large", Calls: 2},
			{Body: `{"errcode":40058,"errmsg":"invalid Request Parameter"}`, Class: channels.Permanent, Reason: "bad_request"},
			{Body: `{"errcode":45002,"errmsg":"content size out of limit"}`, Class: channels.Permanent, Reason: "too_large", Calls: 2},
			{Body: `{"errcode":44004,"errmsg":"text is empty"}`, Class: channels.Permanent, Reason: "bad_request"},
			{Body: `{"errcode":40008,"errmsg":"bad type"}`, Class: channels.Permanent, Reason: "bad_request"},
			{Body: `{"errcode":40033,"errmsg":"illegal characters"}`, Class: channels.Permanent, Reason: "bad_request"},
			{Header: http.Header{"Retry-After": {"90"}}, Body: `{"errcode":45009,"errmsg":"x"}`, Class: channels.RateLimited, Reason: "rate_limited", Wait: 90 * time.Second},
		},
	})
}

func post(t *testing.T, tune func(channels.Target), m channels.Message) sent {
	t.Helper()
	s := channeltest.NewSink(t, channeltest.Says(ok))
	to := target(s.URL + "/send")
	if tune != nil {
		tune(to)
	}
	if _, err := wecom.New(channeltest.Client(t, s.URL), time.Now).Send(t.Context(), to, m); err != nil {
		t.Fatal(err)
	}
	body := s.Requests()[0].Body
	if strings.Contains(string(body), `\u00`) {
		t.Errorf("the request has escapes, which the platform refuses: %s", body)
	}
	return read(t, body)
}

func TestWCR3LongMarkdownKeepsItsLink(t *testing.T) {
	t.Parallel()
	m := channeltest.Message("")
	m.Rendered.Body = strings.Repeat("告", 1400)
	got := post(t, nil, m).Markdown.Content
	if len(got) > 4096 || !utf8.ValidString(got) || !strings.Contains(got, "](https://console.example.com/billing)") {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}

func TestWCR4MentionsAreAList(t *testing.T) {
	t.Parallel()
	m := channeltest.Message("")
	m.Severity = models.SeverityCritical
	m.Rendered.Body = "<@all> @13800138000 " + strings.Repeat("告", 1400)
	got := post(t, func(to channels.Target) { to.Bot.Values["mentions"] = "13800138001" }, m)
	if got.Type != "text" || strings.Join(got.Text.Mobiles, "") != "13800138001" || len(got.Text.List) != 0 || len(got.Text.Content) > 2048 {
		t.Errorf("request = %+v", got)
	}
	if strings.Contains(got.Text.Content, "<@") || strings.Contains(got.Text.Content, "@13800138000") {
		t.Errorf("RND-5: content mentions: %s", got.Text.Content)
	}
	if plain := post(t, nil, m); plain.Type != "markdown" || strings.Contains(plain.Markdown.Content, "<@") {
		t.Errorf("request = %+v", plain)
	}
}

func TestWCR5BusyThreeTimesIsTheEnd(t *testing.T) {
	t.Parallel()
	s := channeltest.NewSink(t, channeltest.Says(`{"errcode":-1,"errmsg":"system error"}`))
	m := channeltest.Message("")
	m.Attempt = 3
	_, err := wecom.New(channeltest.Client(t, s.URL), time.Now).Send(t.Context(), target(s.URL+"/send"), m)
	if e := channeltest.Failed(t, err); e.Class != channels.Permanent {
		t.Errorf("the third time: Send() = %v, want permanent", e)
	}
}

// TestWCR6ValuesAreInert: the platform's own colours arrive as they are, those of values do not.
func TestWCR6ValuesAreInert(t *testing.T) {
	t.Parallel()
	m := channeltest.Message("")
	m.Rendered.Document = document.Document{
		Severity: "紧急", Critical: true, Title: `<font color="info">x</font>`, Link: "https://x.example/a(b)", Open: "查看", Footer: []string{"Belfry"},
		Blocks: []document.Block{
			{Kind: document.Fact, Label: "名称", Mark: "：", Runs: []document.Run{{Text: "x\n# h\n> q\n[z](http://q) `c` **b**", Theirs: true}}},
			{Kind: document.Notice, Runs: []document.Run{{Text: "a\nb", Theirs: true}}, Apart: true},
		},
	}
	want := `<font color="warning">［紧急］</font> **＜font color="info"＞x＜/font＞**` + "\n" +
		`<font color="comment">名称：</font>x` + "\n\u200b# h\n＞ q\n［z］(http://q) 'c' ＊＊b＊＊\n\n> a\n> b\n\n[查看](https://x.example/a%28b%29)\n" +
		`<font color="comment">Belfry · #8d9e0f1a</font>`
	if got := post(t, nil, m).Markdown.Content; got != want {
		t.Errorf("content = %q\nwant %q", got, want)
	}
}
