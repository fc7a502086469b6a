package jsonhook_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/channels/jsonhook"
	"belfry.dev/belfry/models/document"
)

const path = "/hooks/tok-123456789"

func target(address string, settings ...string) channels.Target {
	values := map[string]string{}
	for i := 0; i+1 < len(settings); i += 2 {
		values[settings[i]] = settings[i+1]
	}
	return channels.Target{Bot: channels.Config{ID: "bot_1", Version: 1, Settings: channels.Settings{
		Values: values, Secrets: map[string]string{"url": strings.TrimSuffix(address, "/hook") + path, "headers": "X-Token: hdr-canary-987654"},
	}}}
}

func newSender(c *channels.Client) channels.Sender { return jsonhook.New(c, time.Now) }

func shown(t testing.TB, body []byte) string {
	t.Helper()
	var sent struct{ Text string }
	if err := json.Unmarshal(body, &sent); err != nil {
		t.Fatal(err)
	}
	return sent.Text
}

func suite(t *testing.T, h channeltest.HTTP, answers []channeltest.Answer) channeltest.Chat {
	h.New, h.Success, h.MaxBody, h.Mark = newSender, channels.Delivered, 20000, chat.Reference
	h.Secrets = []string{"tok-123456789", "hdr-canary-987654"}
	return channeltest.Chat{
		HTTP: h, Shown: func(body []byte) string { return shown(t, body) }, Size: func(body []byte) int { return len(body) }, Limit: 20000,
		Hosts: []string{"https://chat.example.com/hooks/x"}, Others: []string{"http://chat.example.com/x", "https://127.0.0.1/x", "https://chat.example.com:22/x"},
		Answers: answers,
	}
}

func TestConformanceByTheAnswersCode(t *testing.T) {
	t.Parallel()
	to := func(url string) channels.Target { return target(url, "success_path", "code") }
	channeltest.RunChat(t, suite(t, channeltest.HTTP{Target: to, OK: `{"code":0}`, ReadsBody: true}, []channeltest.Answer{
		{Status: 413, Class: channels.Permanent, Reason: "too_large", Calls: 2},
		{Status: 500, Body: `{"code":0}`, Class: channels.Retry, Reason: "server_error"},
		{Body: `{"code":5}`, Class: channels.Retry, Reason: "unknown_provider_code"},
		{Body: `{"code":{"a":1}}`, Class: channels.Ambiguous, Reason: "unreadable_answer"},
	}))
}

func TestConformanceByTheStatus(t *testing.T) {
	t.Parallel()
	to := func(url string) channels.Target { return target(url) }
	channeltest.RunChat(t, suite(t, channeltest.HTTP{Target: to}, nil))
}

func post(t *testing.T, m channels.Message, settings ...string) channeltest.Got {
	t.Helper()
	s := channeltest.NewSink(t, channeltest.Says(`{"data":[{"code":"fine"}]}`))
	if _, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), target(s.URL, settings...), m); err != nil {
		t.Fatal(err)
	}
	return s.Requests()[0]
}

func hostile() channels.Message {
	m := channeltest.Message("")
	m.Data["name"] = "x\",\"admin\":true,\"y\":\"@channel **b** <!here>"
	m.Rendered.Document = document.Document{
		Severity: "Urgent", Title: `"},{"a":"{{key}}`, Link: "https://x.example/a", Footer: []string{"Belfry"},
		Blocks: []document.Block{{Kind: document.Fact, Label: "Name", Mark: ": ", Runs: []document.Run{{Text: "@all\n- [z](http://q)\\ <b>", Theirs: true}}}},
	}
	return m
}

// TestValuesChangeNoStructure: neither the JSON's nor, as the bot asks, the markup's; nothing
// that others wrote is filled in again.
func TestValuesChangeNoStructure(t *testing.T) {
	t.Parallel()
	template := `{"a":{"b":["{{heading}}",{"c":"{{ body }} {{data.name}}|{{data.none}}"}]},"n":12345678901234567890,"k":"{{key}}{{reference}}","l":"{{link}}","f":"{{footer}}","t":true}`
	for escape, want := range map[string][2]string{
		"none":     {`[Urgent] "},{"a":"{{key}}`, "Name: @all\n- [z](http://q)\\ <b> x\",\"admin\":true,\"y\":\"@channel **b** <!here>|"},
		"":         {`[Urgent] "},{"a":"{{key}}`, "Name: @\u2060all\n- [z](http://q)\\ <b> x\",\"admin\":true,\"y\":\"@\u2060channel **b** <!here>|"},
		"html":     {`[Urgent] &quot;},{&quot;a&quot;:&quot;{{key}}`, "Name: @\u2060all\n- [z](http://q)\\ &lt;b&gt; x&quot;,&quot;admin&quot;:true,&quot;y&quot;:&quot;@\u2060channel **b** &lt;!here&gt;|"},
		"markdown": {`\[Urgent\] "},{"a":"{{key}}`, "Name: @\u2060all\n\\- \\[z\\]\\(http://q\\)\\\\ \\<b\\> x\",\"admin\":true,\"y\":\"@\u2060channel \\*\\*b\\*\\* \\<\\!here\\>|"},
	} {
		got := post(t, hostile(), "template", template, "escape", escape)
		var sent struct {
			A       struct{ B []any }
			N       json.Number
			K, L, F string
			T       bool
			Admin   *bool
		}
		if err := json.Unmarshal(got.Body, &sent); err != nil || sent.Admin != nil || len(sent.A.B) != 2 || sent.N != "12345678901234567890" || !sent.T {
			t.Fatalf("%q: the body is %s, %v", escape, got.Body, err)
		}
		body, _ := sent.A.B[1].(map[string]any)
		if sent.A.B[0] != want[0] || body["c"] != want[1] {
			t.Errorf("%q: %q and %q, want %q", escape, sent.A.B[0], body["c"], want)
		}
		if sent.K != "dlv_0190f6d3a1b27c4e8f5a6b7c8d9e0f1a#8d9e0f1a" || sent.L != "https://x.example/a" || !strings.HasPrefix(strings.ReplaceAll(sent.F, "\\", ""), "Belfry · ") {
			t.Errorf("%q: %+v", escape, sent)
		}
		if got.Header.Get("X-Token") != "hdr-canary-987654" || got.Header.Get("Content-Type") != "application/json" {
			t.Errorf("headers = %v", got.Header)
		}
	}
}

func TestSuccessIsWhatTheOwnerSays(t *testing.T) {
	t.Parallel()
	post(t, channeltest.Message(""), "success_path", "data.0.code", "success_values", "ok, fine")
	for _, c := range []struct {
		status   int
		settings []string
		want     channels.Class
	}{
		{204, []string{"success_status", "200"}, channels.Retry},
		{404, []string{"success_status", "2xx, 404"}, channels.Delivered},
		{404, nil, channels.Misconfigured},
		{202, nil, channels.Delivered},
	} {
		s := channeltest.NewSink(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(c.status) })
		receipt, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), target(s.URL, c.settings...), channeltest.Message(""))
		if got := receipt.Class; err == nil && got != c.want || err != nil && channeltest.Failed(t, err).Class != c.want {
			t.Errorf("%d with %v: %+v, %v, want %s", c.status, c.settings, receipt, err, c.want)
		}
	}
}

func TestTemplatesAreCheckedWhenTheyAreSaved(t *testing.T) {
	t.Parallel()
	for template, code := range map[string]string{
		`{"text":"{{text}}"}`: "", `{"a":[{"b":"x {{ title }}"}]}`: "", `{"a":"{{body}}","b":"{{data.x-y}}"}`: "",
		`{"text":{{text}}}`: "invalid-json", `["{{text}}"]`: "invalid-json", `null`: "invalid-json", `{"a":"{{text}}"`: "invalid-json",
		`{"a":"{{text}} {{nobody}}"}`: "unknown-placeholder", `{"a":"{{text}} {{data.}}"}`: "unknown-placeholder", `{"a":"{{text}} {{ x y }}"}`: "unknown-placeholder",
		`{"a":"hello"}`: "incomplete", `{"{{text}}":"x"}`: "incomplete",
	} {
		to := target("https://chat.example.com", "template", template)
		err := channels.Check(newSender(channels.NewClient(channels.GuardConfig{})), to)
		if (err == nil) != (code == "") || err != nil && !strings.Contains(describe(err), code) {
			t.Errorf("%s: Check() = %s, want %q", template, describe(err), code)
		}
	}
	for _, settings := range [][]string{{"success_status", "301"}, {"success_status", "abc"}, {"success_status", ","}, {"success_path", "a b"}, {"max_bytes", "10"}, {"escape", "sql"}} {
		if channels.Check(newSender(channels.NewClient(channels.GuardConfig{})), target("https://chat.example.com", settings...)) == nil {
			t.Errorf("%v is taken", settings)
		}
	}
}

// describe is the error with its fields.
func describe(err error) string {
	text, _ := json.Marshal(err)
	return string(text)
}
