package alibabasms_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/alibabasms"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/models"
)

const (
	number = "+8613800138000"
	secret = "canary-secret-123456"
)

const templates = `{"account.low_balance":[{"language":"zh-CN","template":"SMS_1","parameters":[{"name":"balance","from":"balance","max":10,"long":"refuse"}]},` +
	`{"language":"en-US","template":"SMS_2","sign":"Belfry","parameters":[{"name":"title","from":"title","max":5}]},` +
	`{"regions":["852","1"],"template":"SMS_3","parameters":[{"name":"shop","constant":"Belfry"}]}],` +
	`"several":[{"template":"SMS_4","parameters":[{"name":"n","from":"count"},{"name":"title","from":"title"}]}]}`

func target(address string) channels.Target {
	return channels.Target{Provider: channels.Config{ID: "pvd_1", Version: 1, Settings: channels.Settings{
		Values:  map[string]string{"endpoint": address, "access_key_id": "testid", "sign": "云消息中心", "templates": templates},
		Secrets: map[string]string{"access_key_secret": secret},
	}}}
}

func newSender(c *channels.Client) channels.Sender { return alibabasms.New(c, time.Now) }

const ok = `{"Code":"OK","Message":"OK 13800138000","BizId":"900619746936498440^0","RequestId":"R"}`

// TestConformance has SMS-2, SMS-3, SMS-4 and SMS-5 among its cases.
func TestConformance(t *testing.T) {
	t.Parallel()
	answers := []channeltest.Answer{
		{Body: `{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"触发天级流控Permits:10"}`, Class: channels.RateLimited, Reason: "rate_limited", Wait: 24 * time.Hour},
		{Status: 400, Body: `{"Code":"InvalidTimeStamp.Expired","Message":"x"}`, Class: channels.Misconfigured, Reason: "clock", Calls: 2},
		{Status: 400, Body: `{"Code":"SignatureNonceUsed","Message":"x"}`, Class: channels.Retry, Reason: "nonce", Calls: 2},
		{Status: 400, Body: `{"Code":"Throttling.User","Message":"x"}`, Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Second},
		{Status: 404, Body: `{"Code":"InvalidAccessKeyId.NotFound","Message":"x"}`, Class: channels.Misconfigured, Reason: "auth"},
		{Status: 500, Body: ok, Class: channels.Ambiguous, Reason: "unreadable_answer"},
	}
	for reason, codes := range map[string]string{
		"misconfigured quota":         "isv.DAY_LIMIT_CONTROL isv.MONTH_LIMIT_CONTROL",
		"permanent recipient_invalid": "isv.MOBILE_NUMBER_ILLEGAL isv.DOMESTIC_NUMBER_NOT_SUPPORTED",
		"permanent opted_out":         "isv.BLACK_KEY_CONTROL_LIMIT isv.CUSTOMER_REFUSED",
		"permanent content_rejected":  "isv.SMS_CONTENT_ILLEGAL isv.TEMPLATE_PARAMS_ILLEGAL isv.PARAM_NOT_SUPPORT_URL isv.PARAM_LENGTH_LIMIT isv.UNSUPPORTED_CONTENT",
		"permanent bad_request":       "isv.TEMPLATE_MISSING_PARAMETERS isv.INVALID_JSON_PARAM isv.INVALID_PARAMETERS",
		"misconfigured template":      "isv.SMS_SIGNATURE_ILLEGAL isv.SMS_SIGN_ILLEGAL isv.SIGN_STATE_ILLEGAL isv.SMS_TEMPLATE_ILLEGAL isv.SMS_SIGNATURE_SCENE_ILLEGAL isv.EXTEND_CODE_ERROR",
		"misconfigured account":       "isv.AMOUNT_NOT_ENOUGH isv.OUT_OF_SERVICE isv.PRODUCT_UN_SUBSCRIPT isv.PRODUCT_UNSUBSCRIBE isv.ACCOUNT_NOT_EXISTS isv.ACCOUNT_ABNORMAL",
		"misconfigured auth":          "isp.RAM_PERMISSION_DENY SignatureDoesNotMatch", "misconfigured ip": "isv.DENY_IP_RANGE", "retry server_error": "isp.SYSTEM_ERROR",
	} {
		class, reason, _ := strings.Cut(reason, " ")
		for code := range strings.FieldsSeq(codes) {
			answers = append(answers, channeltest.Answer{Body: fmt.Sprintf(`{"Code":%q,"Message":"x"}`, code), Class: channels.Class(class), Reason: reason})
		}
	}
	channeltest.RunSMS(t, channeltest.SMS{
		HTTP: channeltest.HTTP{
			New: newSender, Target: target, To: number, OK: ok, Success: channels.Accepted, ReadsBody: true, MaxBody: 0, Secrets: []string{secret, number, "13800138000"},
			Mark: func(string) string { return "" },
		},
		Answers: answers, Odd: `{"Code":"isv.NOBODY_KNOWS","Message":"x"}`, Ref: "900619746936498440^0",
	})
}

// TestSMS2LimitsHoldUntilTheirWindowEnds: minutes and hours are the clock's.
func TestSMS2LimitsHoldUntilTheirWindowEnds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 40, 45, 0, time.UTC)
	for words, want := range map[string]time.Duration{"触发分钟级流控Permits:1": 15 * time.Second, "触发小时级流控Permits:5": 19*time.Minute + 15*time.Second, "触发天级流控": 24 * time.Hour} {
		s := channeltest.NewSink(t, channeltest.Says(fmt.Sprintf(`{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":%q}`, words)))
		_, err := alibabasms.New(channeltest.Client(t, s.URL), func() time.Time { return now }).Send(t.Context(), target(s.URL), channeltest.Message(number))
		if e := channeltest.Failed(t, err); e.Wait != want {
			t.Errorf("%s: the wait is %s, want %s", words, e.Wait, want)
		}
	}
}

// sent is what leaves for the message; "" and the failure where nothing does.
func sent(t *testing.T, m channels.Message) (url.Values, *channels.Error) {
	t.Helper()
	s := channeltest.NewSink(t, channeltest.Says(ok))
	_, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), target(s.URL), m)
	if err != nil {
		if n := len(s.Requests()); n != 0 {
			t.Errorf("the provider was called %d times", n)
		}
		return nil, channeltest.Failed(t, err)
	}
	got := s.Requests()[0]
	if got.Header.Get("X-Acs-Action") != "SendSms" || !strings.HasPrefix(got.Header.Get("Authorization"), "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-action;") {
		t.Errorf("headers = %v", got.Header)
	}
	u, err := url.Parse(got.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query(), nil
}

func TestTheTemplateIsThatOfTypeLanguageAndRegion(t *testing.T) {
	t.Parallel()
	m := channeltest.Message(number)
	english := m
	english.Rendered.Locale, english.Rendered.Title = models.LocaleEN, "Low balance"
	hongKong := m
	hongKong.To = "+85261234567"
	merged := m
	merged.Merged = []channels.Merged{{NotificationID: "ntf_2"}}
	for name, c := range map[string]struct {
		m    channels.Message
		want string
	}{
		"own":       {m, `SMS_1 云消息中心 13800138000 {"balance":"12.50"}`},
		"language":  {english, `SMS_2 Belfry 13800138000 {"title":"Low…"}`},
		"TPL-2":     {hongKong, `SMS_3 云消息中心 85261234567 {"shop":"Belfry"}`},
		"of many":   {merged, `SMS_4 云消息中心 13800138000 {"n":"2","title":"余额不足"}`},
		"reference": {m, m.Key},
	} {
		q, failure := sent(t, c.m)
		if failure != nil {
			t.Fatalf("%s: %v", name, failure)
		}
		if got := strings.Join([]string{q.Get("TemplateCode"), q.Get("SignName"), q.Get("PhoneNumbers"), q.Get("TemplateParam")}, " "); got != c.want && q.Get("OutId") != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestWhatCannotBeSentIsNotTried: TPL-2, TPL-3.
func TestWhatCannotBeSentIsNotTried(t *testing.T) {
	t.Parallel()
	other, abroad, long, linked := channeltest.Message(number), channeltest.Message("+447400123456"), channeltest.Message(number), channeltest.Message(number)
	other.Type = "account.else"
	long.Data = map[string]string{"balance": "12345678901"}
	linked.Data = map[string]string{"balance": "http://q"}
	for reason, all := range map[string][]channels.Message{"no_template": {other, abroad}, "content_rejected": {long, linked}} {
		for _, m := range all {
			if _, failure := sent(t, m); failure == nil || failure.Class != channels.Permanent || failure.Reason != reason {
				t.Errorf("%s to %s: %v, want permanent: %s", m.Type, m.To, failure, reason)
			}
		}
	}
}

func TestValuesAreOneLineWithoutBrackets(t *testing.T) {
	t.Parallel()
	m := channeltest.Message(number)
	m.Data = map[string]string{"balance": "【a】\n\"b"}
	if q, failure := sent(t, m); failure != nil || q.Get("TemplateParam") != `{"balance":"[a] \"b"}` {
		t.Errorf("parameters = %s, %v", q.Get("TemplateParam"), failure)
	}
	m.Data = map[string]string{"balance": ""}
	if q, failure := sent(t, m); failure != nil || q.Get("TemplateParam") != `{"balance":"-"}` {
		t.Errorf("parameters = %s, %v", q.Get("TemplateParam"), failure)
	}
}

func TestTemplatesAreCheckedWhenTheyAreSaved(t *testing.T) {
	t.Parallel()
	row := func(inside string) string { return `{"a.b":[{"template":"SMS_1",` + inside + `}]}` }
	parameter := func(inside string) string { return row(`"parameters":[{"name":"x",` + inside + `}]`) }
	for value, taken := range map[string]bool{
		templates: true, parameter(`"constant":"Belfry"`): true, `{"*":[{"template":"SMS_1"}]}`: true, parameter(`"from":"code","max":6,"long":"refuse"`): true,
		`{}`: false, `[]`: false, `{"a.b":[]}`: false, `{"nobody":[{"template":"SMS_1"}]}`: false, `{"a.b":[{"sign":"x"}]}`: false, row(`"colour":"red"`): false,
		row(`"sign":"【x】"`): false, row(`"language":"fr"`): false, row(`"regions":["+86"]`): false, parameter(`"from":"a","constant":"b"`): false, parameter(`"max":5`): false,
		parameter(`"from":"a b"`): false, parameter(`"from":"a","max":9999`): false, parameter(`"from":"a","long":"wrap"`): false, parameter(`"from":"code","long":"cut"`): false,
		parameter(`"constant":"http://x"`): false, parameter(`"constant":"【x】"`): false, parameter(`"constant":"😀"`): false, parameter(`"constant":"` + strings.Repeat("x", 21) + `"`): false,
	} {
		to := target("https://dysmsapi.aliyuncs.com")
		to.Provider.Values["templates"] = value
		if err := channels.Check(newSender(channels.NewClient(channels.GuardConfig{})), to); (err == nil) != taken {
			t.Errorf("%s: Check() = %v, want taken: %t", value, err, taken)
		}
	}
	for _, endpoint := range []string{"http://dysmsapi.aliyuncs.com", "https://127.0.0.1", "https://x.example/?a=b", "https://x.example/"} {
		if channels.Check(newSender(channels.NewClient(channels.GuardConfig{})), target(endpoint)) == nil {
			t.Errorf("%s is taken", endpoint)
		}
	}
}

// TestSMS5ATimeOutIsNotRepeatedBlindly: the call is made once, and its outcome is unknown.
func TestSMS5ATimeOutIsNotRepeatedBlindly(t *testing.T) {
	t.Parallel()
	s := channeltest.NewSink(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })
	_, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), target(s.URL), channeltest.Message(number))
	if e := channeltest.Failed(t, err); e.Class != channels.Ambiguous || len(s.Requests()) != 1 {
		t.Errorf("Send() = %v after %d calls", e, len(s.Requests()))
	}
}
