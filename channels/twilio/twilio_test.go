package twilio_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/channels/twilio"
)

const (
	number = "+14155552671"
	secret = "canary-secret-123456"
)

var (
	account = "AC" + strings.Repeat("0", 31) + "1"
	sid     = "SM" + strings.Repeat("0", 31) + "1"
	ok      = `{"sid":"` + sid + `","status":"queued","to":"+14155552671","error_code":null}`
)

func target(address string) channels.Target {
	return channels.Target{Provider: channels.Config{ID: "pvd_1", Version: 1, Settings: channels.Settings{
		Values:  map[string]string{"endpoint": address, "account_sid": account, "from": "+15005550006", "max_chars": "100"},
		Secrets: map[string]string{"auth_token": secret},
	}}}
}

func newSender(c *channels.Client) channels.Sender { return twilio.New(c, time.Now) }

func refusal(code int) string {
	return fmt.Sprintf(`{"code":%d,"message":"The number +14155552671 is odd","more_info":"https://x","status":400}`, code)
}

func TestConformance(t *testing.T) {
	t.Parallel()
	answer := func(status, code int, class channels.Class, reason string) channeltest.Answer {
		return channeltest.Answer{Status: status, Body: refusal(code), Class: class, Reason: reason}
	}
	channeltest.RunSMS(t, channeltest.SMS{
		HTTP: channeltest.HTTP{
			New: newSender, Target: target, To: number, OK: ok, Success: channels.Accepted, ReadsBody: true, MaxBody: 2000,
			Secrets: []string{secret, number, base64.StdEncoding.EncodeToString([]byte(account + ":" + secret))}, Mark: func(string) string { return "" },
		},
		Answers: []channeltest.Answer{
			answer(401, 20003, channels.Misconfigured, "auth"), answer(404, 20404, channels.Misconfigured, "account"),
			{Status: 429, Header: http.Header{"Retry-After": {"7"}}, Body: refusal(20429), Class: channels.RateLimited, Reason: "rate_limited", Wait: 7 * time.Second},
			answer(400, 21211, channels.Permanent, "recipient_invalid"), answer(400, 21614, channels.Permanent, "recipient_invalid"), answer(400, 21612, channels.Permanent, "recipient_invalid"),
			answer(400, 21610, channels.Permanent, "opted_out"), answer(400, 21617, channels.Permanent, "too_large"),
			answer(400, 21606, channels.Misconfigured, "from"), answer(400, 21608, channels.Misconfigured, "account"), answer(403, 21408, channels.Misconfigured, "permission"),
			{Status: 500, Body: ok, Class: channels.Ambiguous, Reason: "unreadable_answer"},
		},
		Odd: refusal(99999), Ref: sid,
	})
}

func TestTheTextIsTheTypesShortOne(t *testing.T) {
	t.Parallel()
	service := "MG" + strings.Repeat("a", 32)
	for from, name := range map[string]string{"+15005550006": "From", "Belfry": "From", service: "MessagingServiceSid"} {
		s := channeltest.NewSink(t, channeltest.Says(ok))
		to := target(s.URL)
		to.Provider.Values["from"] = from
		m := channeltest.Message(number)
		m.Rendered.Short = strings.Repeat("余额 & <b>", 50)
		if _, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), to, m); err != nil {
			t.Fatal(err)
		}
		got := s.Requests()[0]
		form, err := url.ParseQuery(string(got.Body))
		if err != nil || form.Get("To") != number || form.Get(name) != from || len(form) != 3 {
			t.Errorf("form = %v, %v", form, err)
		}
		if text := form.Get("Body"); len([]rune(text)) > 100 || len([]rune(text)) < 95 || !strings.HasSuffix(text, "…") {
			t.Errorf("text = %q", text)
		}
		if got.URL != "/2010-04-01/Accounts/"+account+"/Messages.json" {
			t.Errorf("the request went to %s", got.URL)
		}
	}
}

func TestSettingsAreThoseOfTheProvider(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][]string{"account_sid": {"AC1", "XX" + account[2:]}, "from": {"a name that is too long", "+1", "x@y"}} {
		for _, value := range values {
			to := target("https://api.twilio.com")
			to.Provider.Values[name] = value
			if channels.Check(newSender(channels.NewClient(channels.GuardConfig{})), to) == nil {
				t.Errorf("%s %q is taken", name, value)
			}
		}
	}
	if err := channels.Check(newSender(channels.NewClient(channels.GuardConfig{})), target("")); err != nil {
		t.Errorf("Check() = %v", err)
	}
}

// TestATextHasThePartsOfItsType: at most, and the receipt says how many.
func TestATextHasThePartsOfItsType(t *testing.T) {
	t.Parallel()
	for most, want := range map[int]struct{ parts, units int }{1: {1, 160}, 2: {2, 306}, 0: {3, 459}} {
		s := channeltest.NewSink(t, channeltest.Says(ok))
		to := target(s.URL)
		to.Provider.Values["max_chars"] = "1600"
		m := channeltest.Message(number)
		m.Rendered.Short, m.Parts = strings.Repeat("a", 1000), most
		receipt, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), to, m)
		if err != nil || receipt.Parts != want.parts {
			t.Fatalf("%d parts at most: %d, %v", most, receipt.Parts, err)
		}
		form, err := url.ParseQuery(string(s.Requests()[0].Body))
		if n := len(form.Get("Body")); err != nil || n > want.units || n < want.units-10 {
			t.Errorf("%d parts at most: %d units, %v", most, n, err)
		}
	}
}
