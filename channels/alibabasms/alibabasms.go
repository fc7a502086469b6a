// Package alibabasms sends short messages through Alibaba Cloud, by approved templates.
package alibabasms

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/channels/texting"
)

// New returns the adapter. The clock stamps signatures.
func New(client *channels.Client, now func() time.Time) *texting.Sender {
	return texting.New(texting.Provider{
		Descriptor: descriptor(), API: "https://dysmsapi.aliyuncs.com", Approved: true, Request: request, Judge: judge, Again: []string{"clock", "nonce"},
	}, client, now)
}

func descriptor() channels.Descriptor {
	return channels.Descriptor{
		Kind:   "sms_alibaba",
		Labels: chat.Texts("SMS by Alibaba Cloud", "阿里云短信"),
		Help:   chat.Texts("Sends templates that Alibaba Cloud approved (SendSms).", "通过阿里云短信服务发送已审核的模板（SendSms）。"),
		Fields: []channels.Field{
			{
				Name: "access_key_id", Type: "string", Required: true, Max: 100, Labels: chat.Texts("AccessKey ID", "AccessKey ID"),
				Help: chat.Texts("Of a RAM user that may only send SMS.", "建议使用仅有短信发送权限的 RAM 用户。"),
			},
			{
				Name: "access_key_secret", Type: "string", Secret: true, Required: true, Max: 200, Labels: chat.Texts("AccessKey secret", "AccessKey Secret"),
				Help: chat.Texts("Never shown again.", "保存后不再显示。"),
			},
		},
	}
}

func request(c texting.Call) channels.Request {
	parameters := map[string]string{}
	for i, p := range c.Template.Parameters {
		parameters[p.Name] = c.Template.Values[i]
	}
	query := url.Values{
		"PhoneNumbers": {national(c.Message.To)}, "SignName": {c.Template.Sign}, "TemplateCode": {c.Template.Template}, "OutId": {c.Message.Key},
	}
	if len(parameters) > 0 {
		query.Set("TemplateParam", string(chat.Encode(parameters)))
	}
	u, err := url.Parse(c.API)
	if err != nil {
		u = &url.URL{}
	}
	a := action{
		name: "SendSms", version: "2017-05-25", host: u.Host, path: u.Path, query: query, at: c.Now, nonce: rand.Text(),
		id: c.Provider.Get("access_key_id"), secret: c.Provider.Get("access_key_secret"),
	}
	header := http.Header{}
	for name, value := range a.headers() {
		if name != "host" {
			header.Set(name, value)
		}
	}
	header.Set("Authorization", a.authorization())
	return channels.Request{URL: c.API + "/?" + canonical(query), Header: header}
}

// national is the number as the provider wants it: without "+", and without 86.
func national(number string) string {
	digits := strings.TrimPrefix(number, "+")
	if mainland, found := strings.CutPrefix(digits, "86"); found && len(mainland) == 11 {
		return mainland
	}
	return digits
}

// rules are what the provider's codes mean. Source: docs/channels.md#alibaba-cloud.
var rules = []texting.Rule{
	{Code: "isv.BUSINESS_LIMIT_CONTROL", Class: channels.RateLimited, Reason: "rate_limited", Wait: 24 * time.Hour},
	{Code: "isv.DAY_LIMIT_CONTROL", Class: channels.Misconfigured, Reason: "quota"},
	{Code: "isv.MONTH_LIMIT_CONTROL", Class: channels.Misconfigured, Reason: "quota"},
	{Code: "isv.MOBILE_NUMBER_ILLEGAL", Class: channels.Permanent, Reason: "recipient_invalid"},
	{Code: "isv.DOMESTIC_NUMBER_NOT_SUPPORTED", Class: channels.Permanent, Reason: "recipient_invalid"},
	{Code: "isv.BLACK_KEY_CONTROL_LIMIT", Class: channels.Permanent, Reason: "opted_out"},
	{Code: "isv.CUSTOMER_REFUSED", Class: channels.Permanent, Reason: "opted_out"},
	{Code: "isv.SMS_CONTENT_ILLEGAL", Class: channels.Permanent, Reason: "content_rejected"},
	{Code: "isv.TEMPLATE_PARAMS_ILLEGAL", Class: channels.Permanent, Reason: "content_rejected"},
	{Code: "isv.PARAM_NOT_SUPPORT_URL", Class: channels.Permanent, Reason: "content_rejected"},
	{Code: "isv.PARAM_LENGTH_LIMIT", Class: channels.Permanent, Reason: "content_rejected"},
	{Code: "isv.UNSUPPORTED_CONTENT", Class: channels.Permanent, Reason: "content_rejected"},
	{Code: "isv.TEMPLATE_MISSING_PARAMETERS", Class: channels.Permanent, Reason: "bad_request"},
	{Code: "isv.INVALID_JSON_PARAM", Class: channels.Permanent, Reason: "bad_request"},
	{Code: "isv.INVALID_PARAMETERS", Class: channels.Permanent, Reason: "bad_request"},
	{Code: "isv.SMS_SIGNATURE_ILLEGAL", Class: channels.Misconfigured, Reason: "template"},
	{Code: "isv.SMS_SIGN_ILLEGAL", Class: channels.Misconfigured, Reason: "template"},
	{Code: "isv.SIGN_STATE_ILLEGAL", Class: channels.Misconfigured, Reason: "template"},
	{Code: "isv.SMS_TEMPLATE_ILLEGAL", Class: channels.Misconfigured, Reason: "template"},
	{Code: "isv.SMS_SIGNATURE_SCENE_ILLEGAL", Class: channels.Misconfigured, Reason: "template"},
	{Code: "isv.EXTEND_CODE_ERROR", Class: channels.Misconfigured, Reason: "template"},
	{Code: "isv.AMOUNT_NOT_ENOUGH", Class: channels.Misconfigured, Reason: "account"},
	{Code: "isv.OUT_OF_SERVICE", Class: channels.Misconfigured, Reason: "account"},
	{Code: "isv.PRODUCT_UN_SUBSCRIPT", Class: channels.Misconfigured, Reason: "account"},
	{Code: "isv.PRODUCT_UNSUBSCRIBE", Class: channels.Misconfigured, Reason: "account"},
	{Code: "isv.ACCOUNT_NOT_EXISTS", Class: channels.Misconfigured, Reason: "account"},
	{Code: "isv.ACCOUNT_ABNORMAL", Class: channels.Misconfigured, Reason: "account"},
	{Code: "isp.RAM_PERMISSION_DENY", Class: channels.Misconfigured, Reason: "auth"},
	{Code: "InvalidAccessKeyId.*", Class: channels.Misconfigured, Reason: "auth"},
	{Code: "SignatureDoesNotMatch", Class: channels.Misconfigured, Reason: "auth"},
	{Code: "isv.DENY_IP_RANGE", Class: channels.Misconfigured, Reason: "ip"},
	{Code: "InvalidTimeStamp.Expired", Class: channels.Misconfigured, Reason: "clock"},
	{Code: "SignatureNonceUsed", Class: channels.Retry, Reason: "nonce"},
	{Code: "isp.SYSTEM_ERROR", Class: channels.Retry, Reason: "server_error"},
	{Code: "Throttling*", Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Second},
}

// judge reads the code: only OK means that the provider took it.
func judge(c texting.Call, res channels.Response) (channels.Receipt, *channels.Error) {
	a := chat.Read(res)
	code, words := a.Text("Code"), a.Text("Message")
	switch {
	case code == "":
		return channels.Receipt{}, chat.Unreadable(res)
	case code == "OK" && res.Failure() != nil:
		return channels.Receipt{}, &channels.Error{Class: channels.Ambiguous, Reason: "unreadable_answer"}
	case code == "OK":
		return channels.Receipt{Class: channels.Accepted, Ref: c.Code(a.Text("BizId")), Code: code, Message: c.Words(words)}, nil
	}
	failure := c.Failed(rules, res, code, words)
	if code == "isv.BUSINESS_LIMIT_CONTROL" {
		failure.Wait = untilWindowEnds(c.Now, words)
	}
	return channels.Receipt{}, failure
}

// untilWindowEnds is how long a limit holds: minutes and hours are the clock's, in whole
// hours from UTC; the day is the last 24 hours.
func untilWindowEnds(now time.Time, words string) time.Duration {
	for level, window := range map[string]time.Duration{"分钟级": time.Minute, "小时级": time.Hour} {
		if strings.Contains(words, level) {
			return now.Truncate(window).Add(window).Sub(now)
		}
	}
	return 24 * time.Hour
}
