package sms_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/channels/sms"
	"belfry.dev/belfry/models"
)

const (
	number = "+8613800138000"
	token  = "tok-canary-123456"
)

func newSender(c *channels.Client) channels.Sender { return sms.New(c) }

// target leads to the URL, with the settings changed by pairs of name and value.
func target(url string, pairs ...string) channels.Target {
	values := map[string]string{
		"url": url, "auth": "bearer", "success_path": "result.code", "success_values": "0, OK", "id_path": "result.id", "message_path": "result.text",
		"outcomes": "E1 = permanent recipient_invalid\nE2=rate_limited frequency 90\nE3 = misconfigured account\n\nE4 = retry busy 5\nE5 = rate_limited frequency",
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return channels.Target{Provider: channels.Config{ID: "pvd_1", Version: 1, Settings: channels.Settings{
		Values: values, Secrets: map[string]string{"password": token, "headers": "X-Key: hdr-canary-987"},
	}}}
}

const ok = `{"result":{"code":0,"id":"msg-77","text":"fine"}}`

func TestConformance(t *testing.T) {
	t.Parallel()
	channeltest.RunHTTP(t, channeltest.HTTP{
		New: newSender, Target: func(url string) channels.Target { return target(url) }, To: number,
		OK: ok, Success: channels.Accepted, ReadsBody: true, MaxBody: 16 << 10, Secrets: []string{token, "hdr-canary-987", number},
	})
}

// send posts one message to a provider that answers with the status and the body.
func send(t *testing.T, status int, answer string, attempt int, pairs ...string) (channels.Receipt, error, channeltest.Got) {
	t.Helper()
	s := channeltest.NewSink(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	})
	m := channeltest.Message(number)
	m.Attempt = attempt
	receipt, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), target(s.URL, pairs...), m)
	return receipt, err, s.Requests()[0]
}

func TestProvidersCodesDecide(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, answer, want string
		status, attempt    int
		wait               time.Duration
	}{
		{"number", `{"result":{"code":"E1","text":"bad number"}}`, "permanent: recipient_invalid (E1)", 200, 1, 0},
		{"frequency", `{"result":{"code":"E2"}}`, "rate_limited: frequency (E2)", 200, 1, 90 * time.Second},
		{"frequency without a time", `{"result":{"code":"E5"}}`, "rate_limited: frequency (E5)", 200, 1, 0},
		{"account", `{"result":{"code":"E3"}}`, "misconfigured: account (E3)", 200, 1, 0},
		{"busy", `{"result":{"code":"E4"}}`, "retry: busy (E4)", 200, 1, 5 * time.Second},
		{"code beats status", `{"result":{"code":"E1"}}`, "permanent: recipient_invalid (E1)", 500, 1, 0},
		{"status without a known code", `{"result":{"code":"E9"}}`, "misconfigured: auth (401 E9)", 401, 1, 0},
		{"success code with a bad status", ok, "ambiguous: unreadable_answer (500 0)", 500, 1, 0},
		{"COM-2 unknown code", `{"result":{"code":"E9","text":"?"}}`, "retry: unknown_provider_code (E9)", 200, 1, 0},
		{"COM-2 unknown code, last try", `{"result":{"code":"E9"}}`, "permanent: unknown_provider_code (E9)", 200, 3, 0},
		{"COM-1 HTML", "<html>hello</html>", "ambiguous: unreadable_answer (200)", 200, 1, 0},
		{"no code", `{"result":{}}`, "ambiguous: unreadable_answer (200)", 200, 1, 0},
		{"code is an object", `{"result":{"code":{}}}`, "ambiguous: unreadable_answer (200)", 200, 1, 0},
		{"code is null", `{"result":{"code":null}}`, "ambiguous: unreadable_answer (200)", 200, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err, _ := send(t, c.status, c.answer, c.attempt)
			if e := channeltest.Failed(t, err); e.Error() != c.want || e.Wait != c.wait || strings.Contains(e.Message, "hello") {
				t.Errorf("Send() = %+v, want %q after %v", *e, c.want, c.wait)
			}
		})
	}
}

func TestAcceptedNamesTheProvidersID(t *testing.T) {
	t.Parallel()
	receipt, err, got := send(t, 200, ok, 1)
	if err != nil || !reflect.DeepEqual(receipt, channels.Receipt{Class: channels.Accepted, Ref: "msg-77", Code: "0", Message: "fine", Parts: 1}) {
		t.Errorf("Send() = %+v, %v", receipt, err)
	}
	var body map[string]string
	if err := json.Unmarshal(got.Body, &body); err != nil || body["to"] != number || body["id"] != channeltest.Message("").Key || body["text"] == "" {
		t.Errorf("body %s, %v", got.Body, err)
	}
	if got.Header.Get("Authorization") != "Bearer "+token || got.Header.Get("X-Key") != "hdr-canary-987" {
		t.Errorf("headers %v", got.Header)
	}
}

func TestTemplatesCannotBeBrokenByValues(t *testing.T) {
	t.Parallel()
	s := channeltest.NewSink(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, ok) })
	m := channeltest.Message(number)
	m.Rendered.Short = `"},"to":"+1999 {key} {password} \ <&` + "\n"
	body := `{"phones":["{to_digits}"],"deep":{"text":"[{text}]","param":"{\"t\":\"{text_json}\"}"},"user":"{username}","pass":"{password}","n":5,"{to}":"name"}`
	to := target(s.URL, "body", body, "username", "me")
	if err := channels.Check(newSender(channeltest.Client(t, s.URL)), to); err != nil {
		t.Errorf("Check() = %v", err)
	}
	if _, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), to, m); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Phones     []string
		Deep       struct{ Text, Param string }
		User, Pass string
		N          int
	}
	if err := json.Unmarshal(s.Requests()[0].Body, &got); err != nil {
		t.Fatal(err)
	}
	if got.Phones[0] != "8613800138000" || got.Deep.Text != "["+m.Rendered.Short+"]" || got.User != "me" || got.Pass != token || got.N != 5 {
		t.Errorf("body %+v", got)
	}
	var inner map[string]string
	if err := json.Unmarshal([]byte(got.Deep.Param), &inner); err != nil || inner["t"] != m.Rendered.Short {
		t.Errorf("nested JSON %q: %v", got.Deep.Param, err)
	}
}

func TestFormBodyAndBasicAuth(t *testing.T) {
	t.Parallel()
	_, err, got := send(t, 200, ok, 1, "format", "form", "auth", "basic", "username", "me", "body", `{"mobile":"{to}","msg":"【云】{text}"}`)
	if err != nil {
		t.Fatal(err)
	}
	values, err := url.ParseQuery(string(got.Body))
	if err != nil || values.Get("mobile") != number || !strings.HasPrefix(values.Get("msg"), "【云】") {
		t.Errorf("form %v, %v", values, err)
	}
	r := http.Request{Header: got.Header}
	if user, password, _ := r.BasicAuth(); user != "me" || password != token || got.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		t.Errorf("headers %v", got.Header)
	}
}

func TestBadNumbersAndEmptyTextsAreNotSent(t *testing.T) {
	t.Parallel()
	s := channeltest.NewSink(t, nil)
	sender := newSender(channeltest.Client(t, s.URL))
	for _, to := range []string{"", "13800138000", "+0138", "+86 138", "+8613800138000;ext=5", "＋8613800138000", "+12345678901234567"} {
		_, err := sender.Send(t.Context(), target(s.URL), channeltest.Message(to))
		if e := channeltest.Failed(t, err); e.Class != channels.Permanent || e.Reason != "recipient_invalid" {
			t.Errorf("Send(%q) = %v, want permanent: recipient_invalid", to, e)
		}
	}
	m := channeltest.Message(number)
	m.Rendered.Short = " "
	_, err := sender.Send(t.Context(), target(s.URL), m)
	if e := channeltest.Failed(t, err); e.Class != channels.Permanent || e.Reason != "no_text" {
		t.Errorf("Send() = %v, want permanent: no_text", e)
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests, want none", n)
	}
}

// SMS-5: after an unknown outcome nothing may be repeated.
func TestSMS5ChannelIsNotRepeatable(t *testing.T) {
	t.Parallel()
	if newSender(channeltest.Client(t)).Descriptor().Repeatable {
		t.Error("SMS counts as repeatable")
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	sender := newSender(channels.NewClient(channels.GuardConfig{}))
	for _, c := range []struct{ name, value, pointer, code string }{
		{"url", "https://10.0.0.1/", "#/settings/url", "blocked-address"},
		{"url", "", "#/settings/url", "required"},
		{"body", `{"to":"{to}","text":"{txet}"}`, "#/settings/body", "unknown-placeholder"},
		{"body", `{"text":"{text}"}`, "#/settings/body", "incomplete"},
		{"body", `{"to":"{to}"}`, "#/settings/body", "incomplete"},
		{"body", `[]`, "#/settings/body", "invalid-json"},
		{"success_path", "a..b", "#/settings/success_path", "invalid-path"},
		{"outcomes", "E1 = delivered fine", "#/settings/outcomes", "invalid-outcome"},
		{"outcomes", "E1 = permanent bad 30", "#/settings/outcomes", "invalid-outcome"},
		{"outcomes", "E1", "#/settings/outcomes", "invalid-outcome"},
		{"auth", "header", "#/settings/auth_header", "invalid-header"},
		{"timeout_seconds", "31", "#/settings/timeout_seconds", "out-of-range"},
		{"method", "GET", "#/settings/method", "unknown-field"},
	} {
		var e *models.Error
		err := channels.Check(sender, target("https://sms.example.com/", c.name, c.value))
		if !errors.As(err, &e) || e.Fields[0].Pointer != c.pointer || e.Fields[0].Code != c.code {
			t.Errorf("Check(%s=%s) = %v, want %s at %s", c.name, c.value, err, c.code, c.pointer)
		}
	}
	nested := target("https://sms.example.com/", "format", "form", "body", `{"a":{"to":"{to}"},"t":"{text}"}`)
	if err := channels.Check(sender, nested); err == nil {
		t.Error("Check() accepts a nested form")
	}
	if err := channels.Check(sender, target("https://sms.example.com/")); err != nil {
		t.Errorf("Check() = %v", err)
	}
}

// FuzzProviderReply: nothing but the configured code is a success.
func FuzzProviderReply(f *testing.F) {
	for _, seed := range []string{ok, "", "{}", `{"result":{"code":1}}`, `{"result":{"code":"0"}}`, `{"result":[]}`, "[0]", ok + " x"} {
		f.Add(200, seed)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		receipt, err := sms.Outcome(target("https://sms.example.com/"), channeltest.Message(number), channels.Response{Status: status, Body: []byte(body)})
		if err != nil {
			var e *channels.Error
			if !errors.As(err, &e) || e.Class == channels.Delivered || e.Class == channels.Accepted || e.Reason == "" {
				t.Fatalf("failure %v", err)
			}
			return
		}
		var answer map[string]map[string]any
		_ = json.Unmarshal([]byte(body), &answer) // other members may be of any kind
		if status < 200 || status > 299 {
			t.Fatalf("status %d with %q counts as %v", status, body, receipt)
		}
		if code := answer["result"]["code"]; code != float64(0) && code != "0" && code != "OK" {
			t.Fatalf("code %v counts as %v", code, receipt)
		}
	})
}

// TestATextIsCutToThePartsOfItsType: three when nobody says, the provider's sign included, and
// the receipt says how many there were.
func TestATextIsCutToThePartsOfItsType(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value, sign string
		parts       int
		want        string
		used        int
	}{
		"one part":            {"Balance low", "", 0, "Balance low", 1},
		"three when left out": {strings.Repeat("告", 300), "", 0, strings.Repeat("告", 200) + "…", 3},
		"one of the type":     {strings.Repeat("告", 300), "", 1, strings.Repeat("告", 69) + "…", 1},
		"with a sign":         {strings.Repeat("告", 300), "【云】", 1, strings.Repeat("告", 66) + "…", 1},
		"plain marks":         {strings.Repeat("a", 157) + "…", "", 1, strings.Repeat("a", 157) + "...", 1},
		"no control":          {"a\x07b", "", 1, "ab", 1},
	} {
		s := channeltest.NewSink(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, ok) })
		m := channeltest.Message(number)
		m.Rendered.Short, m.Parts = c.value, c.parts
		receipt, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), target(s.URL, "sign", c.sign), m)
		if err != nil || receipt.Parts != c.used {
			t.Errorf("%s: %d parts, %v, want %d", name, receipt.Parts, err, c.used)
		}
		var body map[string]string
		if err := json.Unmarshal(s.Requests()[0].Body, &body); err != nil || body["text"] != c.want {
			t.Errorf("%s: %q was sent, want %q", name, body["text"], c.want)
		}
	}
}
