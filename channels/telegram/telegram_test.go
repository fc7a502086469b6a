package telegram_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/channels/telegram"
	"belfry.dev/belfry/models/document"
)

const token = "123456789:AAF-abcdefghijklmnopqrstuvwxyz_0123"

func target(address string) channels.Target {
	return channels.Target{
		Provider: channels.Config{ID: "prv_1", Version: 1, Settings: channels.Settings{Values: map[string]string{"api": strings.TrimSuffix(address, "/hook")}}},
		Bot: channels.Config{ID: "bot_1", Version: 1, Settings: channels.Settings{
			Values: map[string]string{"chat_id": "-1001557912345", "thread_id": "7"}, Secrets: map[string]string{"token": token},
		}},
	}
}

// sent is a request as the platform reads it.
type sent struct {
	Chat    json.Number `json:"chat_id"`
	Thread  int         `json:"message_thread_id"`
	Text    string
	Mode    string `json:"parse_mode"`
	Preview struct {
		Disabled bool `json:"is_disabled"`
	} `json:"link_preview_options"`
}

func read(t testing.TB, body []byte) sent {
	t.Helper()
	var s sent
	if err := json.Unmarshal(body, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

var tags = regexp.MustCompile(`</?(b|i|code|a)( href="[^"<>]*")?>`)

// seen is what people see of a message, as the platform counts it.
func (s sent) seen(t testing.TB) string {
	t.Helper()
	if s.Mode == "" {
		return s.Text
	}
	bare := tags.ReplaceAllString(s.Text, "")
	if strings.ContainsAny(bare, "<>") {
		t.Errorf("%q is not the platform's HTML", bare)
	}
	return html.UnescapeString(bare)
}

func newSender(c *channels.Client) channels.Sender { return telegram.New(c, time.Now) }

const ok = `{"ok":true,"result":{"message_id":42,"chat":{"id":-1001557912345}}}`

func refusal(code int, words, more string) string {
	return fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q%s}`, code, words, more)
}

// TestConformance has TLG-1, TLG-5, TLG-6 and TLG-7 among its cases.
func TestConformance(t *testing.T) {
	t.Parallel()
	answer := func(code int, words string, class channels.Class, reason string) channeltest.Answer {
		return channeltest.Answer{Status: code, Body: refusal(code, words, ""), Class: class, Reason: reason}
	}
	twice := func(a channeltest.Answer) channeltest.Answer { a.Calls = 2; return a }
	channeltest.RunChat(t, channeltest.Chat{
		HTTP: channeltest.HTTP{
			New: newSender, Target: target, OK: ok, Success: channels.Delivered, ReadsBody: true, MaxBody: 40000,
			Secrets: []string{token, "AAF-abcdefghijklmnopqrstuvwxyz_0123"}, Mark: chat.Reference,
		},
		Shown: func(body []byte) string { return html.UnescapeString(read(t, body).Text) },
		Size:  func(body []byte) int { return len(utf16.Encode([]rune(read(t, body).seen(t)))) }, Limit: 3900,
		Setting: "api", Hosts: []string{"https://api.telegram.org", "https://relay.example.com/telegram"},
		Others: []string{"http://api.telegram.org", "https://127.0.0.1", "https://169.254.169.254/x", "https://api.telegram.org:22"},
		Answers: []channeltest.Answer{
			twice(answer(400, "Bad Request: can't parse entities: Unsupported start tag", channels.Permanent, "markup")),
			twice(answer(400, "Bad Request: message is too long", channels.Permanent, "too_large")),
			twice(channeltest.Answer{
				Status: 400, Body: refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", `,"parameters":{"migrate_to_chat_id":-1009}`),
				Class: channels.Misconfigured, Reason: "gone",
			}),
			answer(400, "Bad Request: chat not found", channels.Misconfigured, "gone"),
			answer(400, "Bad Request: message thread not found", channels.Misconfigured, "gone"),
			answer(400, "Bad Request: not enough rights to send text messages to the chat", channels.Misconfigured, "permission"),
			answer(400, "Bad Request: TOPIC_CLOSED", channels.Misconfigured, "permission"),
			answer(400, "Bad Request: CHAT_WRITE_FORBIDDEN", channels.Misconfigured, "permission"),
			answer(400, "Bad Request: something else", channels.Permanent, "bad_request"),
			answer(401, "Unauthorized", channels.Misconfigured, "token"),
			answer(404, "Not Found", channels.Misconfigured, "token"),
			{Status: 404, Class: channels.Misconfigured, Reason: "token"},
			answer(403, "Forbidden: bot was blocked by the user", channels.Permanent, "opted_out"),
			answer(403, "Forbidden: user is deactivated", channels.Permanent, "opted_out"),
			answer(403, "Forbidden: bot was kicked from the supergroup chat", channels.Misconfigured, "gone"),
			{
				Status: 429, Body: refusal(429, "Too Many Requests: retry after 9", `,"parameters":{"retry_after":9}`),
				Class: channels.RateLimited, Reason: "rate_limited", Wait: 9 * time.Second,
			},
			answer(500, "Internal Server Error", channels.Retry, "server_error"),
			{Status: 500, Body: ok, Class: channels.Retry, Reason: "server_error"},
			{Body: `{"ok":"true"}`, Class: channels.Ambiguous, Reason: "unreadable_answer"},
			{Body: refusal(400, "x", `,"parameters":{"migrate_to_chat_id":"evil"}`), Class: channels.Permanent, Reason: "bad_request"},
		},
	})
}

func post(t *testing.T, m channels.Message) (sent, channels.Receipt) {
	t.Helper()
	s := channeltest.NewSink(t, channeltest.Says(ok))
	receipt, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), target(s.URL), m)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Requests()[0].URL; got != "/bot"+token+"/sendMessage" {
		t.Errorf("the request went to %s", got)
	}
	return read(t, s.Requests()[0].Body), receipt
}

// TestTLG2ValuesAreInert: RND-3, RND-5 and RND-7, too.
func TestTLG2ValuesAreInert(t *testing.T) {
	t.Parallel()
	m := channeltest.Message("")
	m.Rendered.Document = document.Document{
		Severity: "Critical", Title: `a<b>&" @all`, Link: `https://x.example/?a=1&b="2"`, Open: "Open", Footer: []string{"Belfry"},
		Blocks: []document.Block{
			{Kind: document.Paragraph, Runs: []document.Run{{Text: "On "}, {Text: `a<b>&" x.py /start @name </code><a href="http://q">z</a>`, Theirs: true}, {Text: "."}}},
			{Kind: document.Fact, Label: "Name", Mark: ": ", Runs: []document.Run{{Text: "x\n- y\n[z](http://q)", Theirs: true}}},
			{Kind: document.Notice, Runs: []document.Run{{Text: "Now."}}, Apart: true},
		},
	}
	got, receipt := post(t, m)
	want := "<b>[Critical] a&lt;b&gt;&amp;\" @\u2060all</b>\n" +
		"On <code>a&lt;b&gt;&amp;\" x.py /start @\u2060name &lt;/code&gt;&lt;a href=\"http://q\"&gt;z&lt;/a&gt;</code>.\n" +
		"<b>Name</b>: <code>x\n- y\n[z](http://q)</code>\n\n⚠ Now.\n\n" +
		`<a href="https://x.example/?a=1&amp;b=%222%22">Open</a>` + "\n\n<i>Belfry · #8d9e0f1a</i>"
	if got.Text != want {
		t.Errorf("text = %q\nwant %q", got.Text, want)
	}
	if got.Chat != "-1001557912345" || got.Thread != 7 || got.Mode != "HTML" || !got.Preview.Disabled {
		t.Errorf("request = %+v", got)
	}
	if receipt.Ref != "-1001557912345:42" || receipt.Moved != nil {
		t.Errorf("receipt = %+v", receipt)
	}
}

func TestTLG3LengthIsCountedAsThePlatformDoes(t *testing.T) {
	t.Parallel()
	m := channeltest.Message("")
	m.Rendered.Body = strings.Repeat("😀", 4000)
	got, _ := post(t, m)
	if n := len(utf16.Encode([]rune(got.seen(t)))); n > 4096 || n < 3800 {
		t.Errorf("the message has %d units", n)
	}
	m.Rendered.Body = strings.Repeat("&", 3500)
	if got, _ = post(t, m); !strings.Contains(got.seen(t), m.Rendered.Body) {
		t.Error("a message that fits once it is read is cut")
	}
}

func TestTLG4AGroupThatMovedIsWrittenToAndRemembered(t *testing.T) {
	t.Parallel()
	s := channeltest.NewSink(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if read(t, body).Chat == "-1001557912345" {
			w.WriteHeader(400)
			_, _ = io.WriteString(w, refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", `,"parameters":{"migrate_to_chat_id":-1009}`))
			return
		}
		_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":43,"chat":{"id":-1009}}}`)
	})
	receipt, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), target(s.URL), channeltest.Message(""))
	if err != nil || receipt.Ref != "-1009:43" || receipt.Moved["chat_id"] != "-1009" || len(s.Requests()) != 2 {
		t.Errorf("Send() = %+v, %v after %d requests", receipt, err, len(s.Requests()))
	}
}

func TestTLG6MarkupThatIsNotReadLeavesAsPlainText(t *testing.T) {
	t.Parallel()
	s := channeltest.NewSink(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if read(t, body).Mode != "" {
			_, _ = io.WriteString(w, refusal(400, "Bad Request: can't parse entities", ""))
			return
		}
		_, _ = io.WriteString(w, ok)
	})
	if _, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), target(s.URL), channeltest.Message("")); err != nil {
		t.Fatal(err)
	}
	got := read(t, s.Requests()[1].Body)
	if want := "余额不足\n您的余额为 12.50。\n\nhttps://console.example.com/billing\n\n#8d9e0f1a"; got.Text != want {
		t.Errorf("text = %q, want %q", got.Text, want)
	}
}

func TestTheAddressOfTheServerHasNothingBehindIt(t *testing.T) {
	t.Parallel()
	for address, taken := range map[string]bool{
		"": true, "https://relay.example.com/telegram": true, "https://api.telegram.org/": false, "https://api.telegram.org?x=y": false, "nonsense": false,
	} {
		to := channels.Target{Provider: channels.Config{Settings: channels.Settings{Values: map[string]string{"api": address}}}}
		if err := channels.Check(newSender(channels.NewClient(channels.GuardConfig{})), to); (err == nil) != taken {
			t.Errorf("%q: Check() = %v", address, err)
		}
	}
}

func TestBotsNeedWhatThePlatformGives(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ values, secrets map[string]string }{
		{map[string]string{"chat_id": "@channel"}, map[string]string{"token": token}},
		{map[string]string{"chat_id": "12.5"}, map[string]string{"token": token}},
		{map[string]string{"chat_id": "99999999999999999999"}, map[string]string{"token": token}},
		{map[string]string{"chat_id": "-1"}, map[string]string{"token": "123:../../x/y/z/aaaaaaaa"}},
		{map[string]string{"chat_id": "-1", "thread_id": "0"}, map[string]string{"token": token}},
		{map[string]string{"chat_id": "-1"}, nil},
	} {
		to := channels.Target{Bot: channels.Config{Settings: channels.Settings{Values: c.values, Secrets: c.secrets}}}
		if channels.Check(newSender(channels.NewClient(channels.GuardConfig{})), to) == nil {
			t.Errorf("%v is taken", c.values)
		}
	}
}
