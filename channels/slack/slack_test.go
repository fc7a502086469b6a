package slack_test

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
	"belfry.dev/belfry/channels/slack"
	"belfry.dev/belfry/models/document"
)

const path = "/services/T00000000/B00000000/tok-123456789"

func target(address string) channels.Target {
	if strings.HasSuffix(address, "/hook") {
		address = strings.TrimSuffix(address, "/hook") + path
	}
	return channels.Target{Bot: channels.Config{ID: "bot_1", Version: 1, Settings: channels.Settings{
		Values: map[string]string{}, Secrets: map[string]string{"url": address},
	}}}
}

// sent is a request as the platform reads it.
type sent struct {
	Text   string
	Blocks []struct {
		Type     string
		Elements []struct {
			Type     string
			Elements []struct{ Type, Text, URL string }
		}
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

// sections are the texts of each, with where links lead.
func (s sent) sections() []string {
	var all []string
	for _, b := range s.Blocks {
		for _, section := range b.Elements {
			text := ""
			for _, e := range section.Elements {
				text += e.Text + e.URL
			}
			all = append(all, text)
		}
	}
	return all
}

func newSender(c *channels.Client) channels.Sender { return slack.New(c, time.Now) }

func TestConformance(t *testing.T) {
	t.Parallel()
	shown := func(body []byte) string { return strings.Join(read(t, body).sections(), "") }
	gone := func(status int, word string) channeltest.Answer {
		return channeltest.Answer{Status: status, Body: word, Class: channels.Misconfigured, Reason: "gone"}
	}
	denied := func(word string) channeltest.Answer {
		return channeltest.Answer{Status: 403, Body: word, Class: channels.Misconfigured, Reason: "permission"}
	}
	channeltest.RunChat(t, channeltest.Chat{
		HTTP: channeltest.HTTP{
			New: newSender, Target: target, OK: "ok", Success: channels.Delivered, ReadsBody: true, MaxBody: 100000,
			Secrets: []string{"tok-123456789"}, Mark: chat.Reference,
		},
		Shown: shown, Size: func(body []byte) int { return utf8.RuneCountInString(shown(body)) }, Limit: 12000,
		Hosts:  []string{"https://hooks.slack.com" + path},
		Others: []string{"https://hooks.slack.com/", "https://evil.example" + path, "https://xhooks.slack.com" + path},
		Answers: []channeltest.Answer{
			{Status: 400, Body: "invalid_payload", Class: channels.Permanent, Reason: "bad_request"},
			{Status: 400, Body: "invalid_blocks", Class: channels.Permanent, Reason: "too_large", Calls: 2},
			{Status: 400, Body: "msg_too_long", Class: channels.Permanent, Reason: "too_large", Calls: 2},
			{Status: 400, Body: "no_text", Class: channels.Permanent, Reason: "bad_request"},
			{Status: 400, Body: "too_many_attachments", Class: channels.Permanent, Reason: "bad_request"},
			gone(400, "user_not_found"), gone(404, "channel_not_found"), gone(404, "no_service"), gone(404, "no_service_id"), gone(404, "no_team"),
			gone(404, "team_disabled"), gone(404, "no_active_hooks"), gone(410, "channel_is_archived"), gone(200, "no_service"),
			denied("action_prohibited"), denied("invalid_token"), denied("posting_to_general_channel_denied"),
			{Status: 429, Header: http.Header{"Retry-After": {"3"}}, Body: "rate_limited", Class: channels.RateLimited, Reason: "rate_limited", Wait: 3 * time.Second},
			{Status: 500, Body: "rollup_error", Class: channels.Retry, Reason: "server_error"},
			{Status: 500, Body: "ok", Class: channels.Retry, Reason: "server_error"},
		},
	})
}

func post(t *testing.T, m channels.Message) sent {
	t.Helper()
	s := channeltest.NewSink(t, channeltest.Says("ok"))
	if _, err := slack.New(channeltest.Client(t, s.URL), time.Now).Send(t.Context(), target(s.URL+"/hook"), m); err != nil {
		t.Fatal(err)
	}
	return read(t, s.Requests()[0].Body)
}

func TestSLK6NamesAreEscaped(t *testing.T) {
	t.Parallel()
	name := "a<b>&c <!channel> <@U123> &amp;"
	if got, want := slack.Escape(name), "a&lt;b&gt;&amp;c &lt;!channel&gt; &lt;@U123&gt; &amp;amp;"; got != want {
		t.Errorf("Escape() = %q, want %q", got, want)
	}
	m := channeltest.Message("")
	m.Rendered.Document = document.Document{
		Severity: "Urgent", Title: name, Link: "https://x.example/a|b", Open: "Open", Footer: []string{"Belfry"},
		Blocks: []document.Block{
			{Kind: document.Fact, Label: "Name", Mark: ": ", Runs: []document.Run{{Text: "*x* _y_ <http://q|z>\n> q", Theirs: true}}},
			{Kind: document.Notice, Runs: []document.Run{{Text: "Now."}}, Apart: true},
		},
	}
	got := post(t, m)
	if want := "[Urgent] a&lt;b&gt;&amp;c &lt;!channel&gt; &lt;@U123&gt; &amp;amp;"; got.Text != want {
		t.Errorf("SLK-8: text = %q, want %q", got.Text, want)
	}
	want := "[Urgent] " + name + "\nName: *x* _y_ <http://q|z>\n> q\n\n⚠ Now.\n\nOpenhttps://x.example/a%7Cb\nBelfry · #8d9e0f1a\n"
	if text := strings.Join(got.sections(), ""); text != want {
		t.Errorf("text = %q, want %q", text, want)
	}
	for _, b := range got.Blocks {
		for _, s := range b.Elements {
			for _, e := range s.Elements {
				if b.Type != "rich_text" || e.Type != "text" && e.Type != "link" {
					t.Errorf("%s %s is read as markup", b.Type, e.Type)
				}
			}
		}
	}
}

func TestSLK7NoSectionIsTooLong(t *testing.T) {
	t.Parallel()
	m := channeltest.Message("")
	for _, body := range []string{strings.Repeat("x", 4000), strings.Repeat("告 😀", 8000), strings.Repeat("x\n", 9000)} {
		m.Rendered.Body = body
		got := post(t, m)
		for _, s := range got.sections() {
			if n := utf8.RuneCountInString(s); n > 3000 || n == 0 {
				t.Errorf("a section has %d characters", n)
			}
		}
		if len(got.Blocks) > 45 {
			t.Errorf("the message has %d blocks", len(got.Blocks))
		}
	}
	m.Rendered.Body = strings.Repeat("x", 4000)
	if text := strings.Join(post(t, m).sections(), ""); !strings.Contains(text, m.Rendered.Body) {
		t.Error("a body of 4,000 characters is not whole")
	}
}
