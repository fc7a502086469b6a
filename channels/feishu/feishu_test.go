package feishu_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/channels/feishu"
	"belfry.dev/belfry/models/document"
)

const (
	path   = "/open-apis/bot/v2/hook/tok-123456789"
	secret = "signing-secret-1"
)

func target(address string) channels.Target {
	if strings.HasSuffix(address, "/hook") {
		address = strings.TrimSuffix(address, "/hook") + path
	}
	return channels.Target{Bot: channels.Config{ID: "bot_1", Version: 1, Settings: channels.Settings{
		Values: map[string]string{}, Secrets: map[string]string{"url": address, "secret": secret},
	}}}
}

// sent is a request as the platform reads it.
type sent struct {
	Timestamp, Sign string
	Type            string `json:"msg_type"`
	Card            struct {
		Header struct {
			Template string
			Title    text
		}
		Elements []struct {
			Tag      string
			Text     text
			Elements []text
			Actions  []struct{ URL string }
		}
	}
}

type text struct{ Tag, Content string }

func read(t testing.TB, body []byte) sent {
	t.Helper()
	var s sent
	if err := json.Unmarshal(body, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// shown is all that people see of a card, with where its button leads.
func (s sent) shown() string {
	all := s.Card.Header.Title.Content
	for _, e := range s.Card.Elements {
		all += "\n" + e.Text.Content
		for _, each := range e.Elements {
			all += "\n" + each.Content
		}
		for _, each := range e.Actions {
			all += "\n" + each.URL
		}
	}
	return all
}

const ok = `{"code":0,"msg":"success","data":{}}`

func newSender(c *channels.Client) channels.Sender { return feishu.New(c, time.Now) }

func TestConformance(t *testing.T) {
	t.Parallel()
	channeltest.RunChat(t, channeltest.Chat{
		HTTP: channeltest.HTTP{
			New: newSender, Target: target, OK: ok, Success: channels.Delivered, ReadsBody: true, MaxBody: 20000,
			Secrets: []string{"tok-123456789", secret}, Mark: chat.Reference,
		},
		Shown: func(body []byte) string { return read(t, body).shown() }, Size: func(body []byte) int { return len(body) }, Limit: 18000,
		Hosts: []string{"https://open.feishu.cn" + path, "https://open.larksuite.com" + path}, // FSR-5
		Others: []string{
			"https://open.feishu.cn/open-apis/bot/v2/hook/", "https://open.feishu.cn/open-apis/bot/v1/hook/x", "https://open.feishu.cn.evil.example" + path,
		},
		Answers: []channeltest.Answer{
			{Body: `{"StatusCode":0,"StatusMessage":"success"}`, Class: channels.Delivered},
			{Body: `{"StatusCode":19024,"StatusMessage":"x"}`, Class: channels.Misconfigured, Reason: "keyword"},
			{Body: `{"code":0,"StatusCode":0,"msg":"success"}`, Class: channels.Delivered},
			{Body: `{"code":11232,"msg":"frequency limited"}`, Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Minute},
			{Body: `{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}`, Class: channels.Misconfigured, Reason: "sign", Calls: 2},
			{Body: `{"code":19022,"msg":"Ip Not Allowed"}`, Class: channels.Misconfigured, Reason: "ip"},
			{Body: `{"code":19024,"msg":"Key Words Not Found"}`, Class: channels.Misconfigured, Reason: "keyword"},
			{Body: `{"code":19001,"msg":"param invalid: incoming webhook access token invalid"}`, Class: channels.Misconfigured, Reason: "token"},
			{Body: `{"code":19002,"msg":"params error"}`, Class: channels.Permanent, Reason: "bad_request"},
			{Status: 400, Body: `{"code":9499,"msg":"Bad Request"}`, Class: channels.Permanent, Reason: "bad_request"},
			{Status: 400, Body: `{"code":9499,"msg":"message is too large"}`, Class: channels.Permanent, Reason: "too_large", Calls: 2},
		},
	})
}

func TestFSR1SignatureIsThatOfTheVectors(t *testing.T) {
	t.Parallel()
	for at, want := range map[int64]string{
		1599360473: "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=", 100: "jquNHnVOwmDRfw+vqTIrY5dooJAgi5EcRtLsQE4wfXg=",
	} {
		s := channeltest.NewSink(t, channeltest.Says(ok))
		to := target(s.URL + "/hook")
		to.Bot.Secrets["secret"] = "demo"
		if _, err := feishu.New(channeltest.Client(t, s.URL), func() time.Time { return time.Unix(at, 0) }).Send(t.Context(), to, channeltest.Message("")); err != nil {
			t.Fatal(err)
		}
		if got := read(t, s.Requests()[0].Body); got.Sign != want {
			t.Errorf("at %d: sign = %q, want %q", at, got.Sign, want)
		}
	}
}

func TestFSR2AFreshTimestampMayMendTheSignature(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	s := channeltest.NewSink(t, func(w http.ResponseWriter, _ *http.Request) {
		body := ok
		if calls.Add(1) == 1 {
			body = `{"code":19021,"msg":"sign match fail"}`
		}
		_, _ = io.WriteString(w, body)
	})
	now := time.Unix(1000, 0)
	sender := feishu.New(channeltest.Client(t, s.URL), func() time.Time { now = now.Add(time.Second); return now })
	receipt, err := sender.Send(t.Context(), target(s.URL+"/hook"), channeltest.Message(""))
	got := s.Requests()
	if err != nil || receipt.Class != channels.Delivered || len(got) != 2 {
		t.Fatalf("Send() = %+v, %v after %d requests", receipt, err, len(got))
	}
	if first, second := read(t, got[0].Body), read(t, got[1].Body); first.Timestamp == second.Timestamp || first.Sign == second.Sign {
		t.Error("the second request has the old signature")
	}
}

func TestValuesAreInert(t *testing.T) {
	t.Parallel()
	s := channeltest.NewSink(t, channeltest.Says(ok))
	m := channeltest.Message("")
	m.Rendered.Document = document.Document{
		Severity: "紧急", Critical: true, Title: "**x** <at id=all></at>", Link: "https://x.example/a", Open: "查看", Footer: []string{"Belfry"},
		Blocks: []document.Block{
			{Kind: document.Fact, Label: "名称", Mark: "：", Runs: []document.Run{{Text: "[z](http://q)\n<at user_id=\"all\">x</at>", Theirs: true}}},
			{Kind: document.Heading, Runs: []document.Run{{Text: "second", Theirs: true}}},
			{Kind: document.Notice, Runs: []document.Run{{Text: "now"}}},
		},
	}
	to := target(s.URL + "/hook")
	to.Bot.Values["keywords"] = "云监控"
	if _, err := feishu.New(channeltest.Client(t, s.URL), time.Now).Send(t.Context(), to, m); err != nil {
		t.Fatal(err)
	}
	got := read(t, s.Requests()[0].Body)
	want := "[紧急] **x** ＜at id=all></at>\n名称：[z](http://q)\n＜at user_id=\"all\">x</at>\n\nsecond\n⚠ now\n\nhttps://x.example/a\n\nBelfry · #8d9e0f1a · 云监控"
	if got.shown() != want {
		t.Errorf("shown = %q\nwant %q", got.shown(), want)
	}
	if body := string(s.Requests()[0].Body); got.Card.Header.Template != "red" || strings.Contains(body, "lark_md") || strings.Contains(body, "<at") {
		t.Errorf("the card may be read as markup: %s", body)
	}
}
