package tencentsms_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/channels/tencentsms"
)

const (
	number = "+8613800138000"
	secret = "canary-secret-123456"
)

func target(address string) channels.Target {
	return channels.Target{Provider: channels.Config{ID: "pvd_1", Version: 1, Settings: channels.Settings{
		Values: map[string]string{
			"endpoint": address, "secret_id": "AKIDEXAMPLE", "app_id": "1400006666", "sign": "云消息中心",
			"templates": `{"account.low_balance":[{"template":"1110","parameters":[{"name":"1","from":"balance"},{"name":"2","from":"title"}]}]}`,
		},
		Secrets: map[string]string{"secret_key": secret},
	}}}
}

func newSender(c *channels.Client) channels.Sender { return tencentsms.New(c, time.Now) }

func status(code string) string {
	return fmt.Sprintf(`{"Response":{"SendStatusSet":[{"SerialNo":"5000:1045710669157053657849499619","PhoneNumber":"+8613800138000","Fee":1,"Code":%q,"Message":"to +8613800138000"}],"RequestId":"R"}}`, code)
}

func failed(code string) string {
	return fmt.Sprintf(`{"Response":{"Error":{"Code":%q,"Message":"x"},"RequestId":"R"}}`, code)
}

// TestConformance has SMS-6 among its cases: a call without an error that refused the number.
func TestConformance(t *testing.T) {
	t.Parallel()
	answers := []channeltest.Answer{
		{Body: failed("AuthFailure.SignatureExpire"), Class: channels.Misconfigured, Reason: "clock", Calls: 2},
		{Body: `{"Response":{"SendStatusSet":[],"RequestId":"R"}}`, Class: channels.Ambiguous, Reason: "unreadable_answer"},
		{Body: `{"Response":{"SendStatusSet":[{"Code":7}],"RequestId":"R"}}`, Class: channels.Retry, Reason: "unknown_provider_code"},
		{Status: 500, Body: status("Ok"), Class: channels.Ambiguous, Reason: "unreadable_answer"},
	}
	for code, c := range map[string]channeltest.Answer{
		"LimitExceeded.PhoneNumberThirtySecondLimit":      {Class: channels.RateLimited, Reason: "rate_limited", Wait: 30 * time.Second},
		"LimitExceeded.PhoneNumberOneHourLimit":           {Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Hour},
		"LimitExceeded.PhoneNumberDailyLimit":             {Class: channels.RateLimited, Reason: "rate_limited", Wait: 24 * time.Hour},
		"LimitExceeded.PhoneNumberSameContentDailyLimit":  {Class: channels.RateLimited, Reason: "rate_limited", Wait: 24 * time.Hour},
		"LimitExceeded.DeliveryFrequencyLimit":            {Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Minute},
		"RequestLimitExceeded.IPLimitExceeded":            {Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Second},
		"InvalidParameterValue.IncorrectPhoneNumber":      {Class: channels.Permanent, Reason: "recipient_invalid"},
		"FailedOperation.PhoneNumberInBlacklist":          {Class: channels.Permanent, Reason: "opted_out"},
		"FailedOperation.ContainSensitiveWord":            {Class: channels.Permanent, Reason: "content_rejected"},
		"InvalidParameterValue.ContentLengthLimit":        {Class: channels.Permanent, Reason: "content_rejected"},
		"FailedOperation.SignatureIncorrectOrUnapproved":  {Class: channels.Misconfigured, Reason: "template"},
		"FailedOperation.TemplateIncorrectOrUnapproved":   {Class: channels.Misconfigured, Reason: "template"},
		"InvalidParameterValue.SdkAppIdNotExist":          {Class: channels.Misconfigured, Reason: "template"},
		"FailedOperation.InsufficientBalanceInSmsPackage": {Class: channels.Misconfigured, Reason: "account"},
		"AuthFailure.SecretIdNotFound":                    {Class: channels.Misconfigured, Reason: "auth"},
		"UnauthorizedOperation.SmsSdkAppIdVerifyFail":     {Class: channels.Misconfigured, Reason: "auth"},
		"InternalError.Timeout":                           {Class: channels.Ambiguous, Reason: "server_error"},
	} {
		for _, body := range []string{status(code), failed(code)} {
			c.Body = body
			answers = append(answers, c)
		}
	}
	channeltest.RunSMS(t, channeltest.SMS{
		HTTP: channeltest.HTTP{
			New: newSender, Target: target, To: number, OK: status("Ok"), Success: channels.Accepted, ReadsBody: true, MaxBody: 2000,
			Secrets: []string{secret, number, "13800138000"},
		},
		Answers: answers, Odd: failed("Nobody.Knows"), Ref: "5000:1045710669157053657849499619",
	})
}

func TestParametersGoInTheirOrder(t *testing.T) {
	t.Parallel()
	s := channeltest.NewSink(t, channeltest.Says(status("Ok")))
	if _, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), target(s.URL), channeltest.Message(number)); err != nil {
		t.Fatal(err)
	}
	got := s.Requests()[0]
	var body struct {
		PhoneNumberSet, TemplateParamSet                  []string
		SmsSdkAppID, TemplateID, SignName, SessionContext string
	}
	if err := json.Unmarshal(got.Body, &body); err != nil {
		t.Fatal(err)
	}
	if strings.Join(body.TemplateParamSet, "|") != "12.50|余额不足" || strings.Join(body.PhoneNumberSet, "|") != number || body.SessionContext != channeltest.Message("").Key {
		t.Errorf("body = %s", got.Body)
	}
	if got.Header.Get("X-Tc-Action") != "SendSms" || !strings.HasPrefix(got.Header.Get("Authorization"), "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/") {
		t.Errorf("headers = %v", got.Header)
	}
}
