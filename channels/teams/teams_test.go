package teams_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/channels/teams"
	"belfry.dev/belfry/models/document"
)

const query = "?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=tok-123456789_abc"

func target(address string) channels.Target {
	if !strings.Contains(address, "?") {
		address += query
	}
	return channels.Target{Bot: channels.Config{ID: "bot_1", Version: 1, Settings: channels.Settings{
		Values: map[string]string{}, Secrets: map[string]string{"url": address},
	}}}
}

// sent is a request as the platform reads it.
type sent struct {
	Type        string
	Attachments []struct {
		ContentType string
		Content     struct {
			Type, Version string
			Msteams       map[string]any
			Body          []struct {
				Type    string
				Inlines []struct{ Type, Text string }
			}
			Actions []struct{ Type, Title, URL string }
		}
	}
}

func read(t testing.TB, body []byte) sent {
	t.Helper()
	var s sent
	if err := json.Unmarshal(body, &s); err != nil || len(s.Attachments) != 1 {
		t.Fatalf("%d attachments, %v", len(s.Attachments), err)
	}
	return s
}

// shown is the text of the card, a line for each block, and what its buttons lead to.
func (s sent) shown() string {
	var lines []string
	for _, b := range s.Attachments[0].Content.Body {
		line := ""
		for _, r := range b.Inlines {
			line += r.Text
		}
		lines = append(lines, line)
	}
	for _, a := range s.Attachments[0].Content.Actions {
		lines = append(lines, a.Title+" "+a.URL)
	}
	return strings.Join(lines, "\n")
}

func newSender(c *channels.Client) channels.Sender { return teams.New(c, time.Now) }

const host = "https://default0123.45.environment.api.powerplatform.com"

// TestConformance has TMS-1, TMS-2, TMS-5 and TMS-6 among its cases.
func TestConformance(t *testing.T) {
	t.Parallel()
	path := "/powerautomate/automations/direct/workflows/abc/triggers/manual/paths/invoke"
	channeltest.RunChat(t, channeltest.Chat{
		HTTP: channeltest.HTTP{
			New: newSender, Target: target, OK: "", Success: channels.Accepted, MaxBody: 20000, Secrets: []string{"tok-123456789_abc"}, Mark: chat.Reference,
			Statuses: map[int]channels.Class{502: channels.Ambiguous, 504: channels.Ambiguous}, Unsaid: 2 * time.Second,
		},
		Shown: func(body []byte) string { return read(t, body).shown() }, Size: func(body []byte) int { return len(body) }, Limit: 20000,
		Hosts: []string{host + ":443" + path + query, host + path + query},
		Others: []string{
			host + path, host + ":8080" + path + query, "http://default0123.45.environment.api.powerplatform.com" + path + query,
			"https://api.powerplatform.com.evil.example" + path + query, "https://evil.example" + path + query, "https://prod-01.westeurope.logic.azure.com:443/workflows/abc" + query,
		},
		Answers: []channeltest.Answer{
			{Status: 202, Class: channels.Accepted},
			{Status: 200, Body: "<html>anything</html>", Class: channels.Accepted},
			{Status: 400, Body: `{"error":{"code":"InvalidRequestContent"}}`, Class: channels.Permanent, Reason: "bad_request"},
			{Status: 400, Body: `{"error":{"code":"WorkflowTriggerIsNotEnabled"}}`, Class: channels.Misconfigured, Reason: "stopped"},
			{Status: 400, Body: `{"error":{"message":"The flow is disabled."}}`, Class: channels.Misconfigured, Reason: "stopped"},
			{Status: 401, Class: channels.Misconfigured, Reason: "auth"},
			{Status: 403, Class: channels.Misconfigured, Reason: "auth"},
			{Status: 404, Class: channels.Misconfigured, Reason: "gone"},
			{Status: 410, Class: channels.Misconfigured, Reason: "gone"},
			{Status: 413, Class: channels.Permanent, Reason: "too_large", Calls: 2},
			{Status: 429, Header: http.Header{"Retry-After": {"9"}}, Class: channels.RateLimited, Reason: "rate_limited", Wait: 9 * time.Second},
			{Status: 504, Class: channels.Ambiguous, Reason: "unreadable_answer"},
			{Status: 500, Class: channels.Retry, Reason: "server_error"},
		},
	})
}

func TestAWaitThatNobodyNamesDoubles(t *testing.T) {
	t.Parallel()
	s := channeltest.NewSink(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) })
	for attempt, want := range map[int]time.Duration{1: 2 * time.Second, 2: 4 * time.Second, 5: 32 * time.Second, 90: 10 * time.Minute} {
		m := channeltest.Message("")
		m.Attempt = attempt
		_, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), target(s.URL+"/hook"), m)
		if e := channeltest.Failed(t, err); e.Wait != want {
			t.Errorf("attempt %d: the wait is %s, want %s", attempt, e.Wait, want)
		}
	}
}

// TestTMS3TMS4ValuesAreInert: RND-5 and RND-7, too.
func TestTMS3TMS4ValuesAreInert(t *testing.T) {
	t.Parallel()
	m := channeltest.Message("")
	m.Rendered.Document = document.Document{
		Severity: "Critical", Critical: true, Title: "**x** [a](http://b)", Link: "https://x.example/a_(b)", Open: "Open", Footer: []string{"Belfry"},
		Blocks: []document.Block{
			{Kind: document.Fact, Label: "Name", Mark: ": ", Runs: []document.Run{{Text: "x\n- y\n[z](http://q)\n<at>all</at> {{DATE(2017-02-14T06:08:00Z, SHORT)}}", Theirs: true}}},
			{Kind: document.Notice, Runs: []document.Run{{Text: "Now."}}, Apart: true},
		},
	}
	s := channeltest.NewSink(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202) })
	if _, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), target(s.URL+"/hook"), m); err != nil {
		t.Fatal(err)
	}
	body := s.Requests()[0].Body
	got := read(t, body)
	want := "[Critical] **x** [a](http://b)\nName: x\n- y\n[z](http://q)\n<at>all</at> {{DATE(2017-02-14T06:08:00Z, SHORT)}}\n⚠ Now.\nBelfry · #8d9e0f1a\nOpen https://x.example/a_%28b%29"
	if text := got.shown(); text != want {
		t.Errorf("text = %q\nwant %q", text, want)
	}
	for _, b := range got.Attachments[0].Content.Body {
		for _, r := range b.Inlines {
			if b.Type != "RichTextBlock" || r.Type != "TextRun" {
				t.Errorf("%s %s is read as markup", b.Type, r.Type)
			}
		}
	}
	if strings.Contains(string(body), "entities") || got.Type != "message" || got.Attachments[0].Content.Type != "AdaptiveCard" {
		t.Errorf("the card mentions people, or is none: %s", body)
	}
}
