// Package tencentsms sends short messages through Tencent Cloud, by approved templates.
package tencentsms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/channels/texting"
)

// New returns the adapter. The clock stamps signatures.
func New(client *channels.Client, now func() time.Time) *texting.Sender {
	return texting.New(texting.Provider{
		Descriptor: descriptor(), API: "https://sms.tencentcloudapi.com", Approved: true, Request: request, Judge: judge, Again: []string{"clock"},
	}, client, now)
}

func descriptor() channels.Descriptor {
	return channels.Descriptor{
		Kind:   "sms_tencent",
		Labels: chat.Texts("SMS by Tencent Cloud", "腾讯云短信"),
		Help:   chat.Texts("Sends templates that Tencent Cloud approved (SendSms).", "通过腾讯云短信服务发送已审核的模板（SendSms）。"),
		Fields: []channels.Field{
			{
				Name: "secret_id", Type: "string", Required: true, Max: 100, Labels: chat.Texts("SecretId", "SecretId"),
				Help: chat.Texts("Of a sub-account that may only send SMS.", "建议使用仅有短信发送权限的子账号。"),
			},
			{
				Name: "secret_key", Type: "string", Secret: true, Required: true, Max: 200, Labels: chat.Texts("SecretKey", "SecretKey"),
				Help: chat.Texts("Never shown again.", "保存后不再显示。"),
			},
			{
				Name: "app_id", Type: "string", Required: true, Max: 20, Labels: chat.Texts("SDK AppID", "SDK AppID"),
				Help: chat.Texts("Of the SMS application: 1400006666.", "短信应用的 SDK AppID，例如 1400006666。"),
			},
			{
				Name: "region", Type: "enum", Enum: []string{"ap-guangzhou", "ap-beijing", "ap-nanjing", "ap-singapore"}, Default: "ap-guangzhou", Labels: chat.Texts("Region", "地域"),
				Help: chat.Texts("Where the application is.", "短信应用所在地域。"),
			},
		},
	}
}

// message is a request's body, in the order that is signed.
type message struct {
	Phones     []string `json:"PhoneNumberSet"`
	App        string   `json:"SmsSdkAppId"`
	Template   string   `json:"TemplateId"`
	Sign       string   `json:"SignName"`
	Parameters []string `json:"TemplateParamSet"`
	Session    string   `json:"SessionContext"`
}

func request(c texting.Call) channels.Request {
	parameters := c.Template.Values
	if parameters == nil {
		parameters = []string{}
	}
	body := chat.Encode(message{
		Phones: []string{c.Message.To}, App: c.Provider.Get("app_id"), Template: c.Template.Template, Sign: c.Template.Sign,
		Parameters: parameters, Session: c.Message.Key,
	})
	u, err := url.Parse(c.API)
	if err != nil {
		u = &url.URL{}
	}
	region := c.Provider.Get("region")
	if region == "" {
		region = "ap-guangzhou"
	}
	header := http.Header{}
	for name, value := range map[string]string{
		"Content-Type": contentType, "X-TC-Action": "SendSms", "X-TC-Version": "2021-01-11", "X-TC-Region": region,
		"X-TC-Timestamp": strconv.FormatInt(c.Now.Unix(), 10),
		"Authorization":  authorization(c.Provider.Get("secret_id"), c.Provider.Get("secret_key"), u.Host, c.Now, body),
	} {
		header.Set(name, value)
	}
	return channels.Request{URL: c.API + "/", Header: header, Body: body}
}

const contentType = "application/json"

// authorization is the header with the signature (TC3-HMAC-SHA256).
func authorization(id, secret, host string, now time.Time, body []byte) string {
	_, signature := sign(secret, host, now, body)
	return "TC3-HMAC-SHA256 Credential=" + id + "/" + scope(now) + ", SignedHeaders=content-type;host, Signature=" + signature
}

func scope(now time.Time) string { return now.UTC().Format("2006-01-02") + "/sms/tc3_request" }

// sign returns the hash of the canonical request and its signature.
func sign(secret, host string, now time.Time, body []byte) (hash, signature string) {
	hash = hexHash([]byte("POST\n/\n\ncontent-type:" + contentType + "\nhost:" + host + "\n\ncontent-type;host\n" + hexHash(body)))
	key := []byte("TC3" + secret)
	for step := range strings.SplitSeq(scope(now), "/") {
		key = mac(key, step)
	}
	return hash, hex.EncodeToString(mac(key, "TC3-HMAC-SHA256\n"+strconv.FormatInt(now.Unix(), 10)+"\n"+scope(now)+"\n"+hash))
}

func hexHash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, content string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(content)) // a hash never fails to write
	return h.Sum(nil)
}

// rules are what the provider's codes mean. Source: docs/channels.md#tencent-cloud.
var rules = []texting.Rule{
	{Code: "LimitExceeded.PhoneNumberThirtySecondLimit", Class: channels.RateLimited, Reason: "rate_limited", Wait: 30 * time.Second},
	{Code: "LimitExceeded.PhoneNumberOneHourLimit", Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Hour},
	{Code: "LimitExceeded.PhoneNumberDailyLimit", Class: channels.RateLimited, Reason: "rate_limited", Wait: 24 * time.Hour},
	{Code: "LimitExceeded.PhoneNumberSameContentDailyLimit", Class: channels.RateLimited, Reason: "rate_limited", Wait: 24 * time.Hour},
	{Code: "LimitExceeded.DeliveryFrequencyLimit", Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Minute},
	{Code: "RequestLimitExceeded*", Class: channels.RateLimited, Reason: "rate_limited", Wait: time.Second},
	{Code: "InvalidParameterValue.IncorrectPhoneNumber", Class: channels.Permanent, Reason: "recipient_invalid"},
	{Code: "FailedOperation.PhoneNumberInBlacklist", Class: channels.Permanent, Reason: "opted_out"},
	{Code: "FailedOperation.ContainSensitiveWord", Class: channels.Permanent, Reason: "content_rejected"},
	{Code: "InvalidParameterValue.ContentLengthLimit", Class: channels.Permanent, Reason: "content_rejected"},
	{Code: "FailedOperation.SignatureIncorrectOrUnapproved", Class: channels.Misconfigured, Reason: "template"},
	{Code: "FailedOperation.TemplateIncorrectOrUnapproved", Class: channels.Misconfigured, Reason: "template"},
	{Code: "InvalidParameterValue.SdkAppIdNotExist", Class: channels.Misconfigured, Reason: "template"},
	{Code: "FailedOperation.InsufficientBalanceInSmsPackage", Class: channels.Misconfigured, Reason: "account"},
	{Code: "AuthFailure.SignatureExpire", Class: channels.Misconfigured, Reason: "clock"},
	{Code: "AuthFailure*", Class: channels.Misconfigured, Reason: "auth"},
	{Code: "UnauthorizedOperation*", Class: channels.Misconfigured, Reason: "auth"},
	{Code: "InternalError*", Class: channels.Ambiguous, Reason: "server_error"},
}

// judge reads the error of the whole call, and else the status of the number: a call without
// an error may have refused it.
func judge(c texting.Call, res channels.Response) (channels.Receipt, *channels.Error) {
	response := texting.Inside(chat.Read(res), "Response")
	if whole := texting.Inside(response, "Error"); whole.Text("Code") != "" {
		return channels.Receipt{}, c.Failed(rules, res, whole.Text("Code"), whole.Text("Message"))
	}
	list, _ := response["SendStatusSet"].([]any)
	if len(list) != 1 {
		return channels.Receipt{}, chat.Unreadable(res)
	}
	object, _ := list[0].(map[string]any)
	status := chat.Answer(object)
	code, words := status.Text("Code"), status.Text("Message")
	switch {
	case code == "":
		return channels.Receipt{}, chat.Unreadable(res)
	case code == "Ok" && res.Failure() != nil:
		return channels.Receipt{}, &channels.Error{Class: channels.Ambiguous, Reason: "unreadable_answer"}
	case code == "Ok":
		return channels.Receipt{Class: channels.Accepted, Ref: c.Code(status.Text("SerialNo")), Code: code, Message: c.Words(words)}, nil
	}
	return channels.Receipt{}, c.Failed(rules, res, code, words)
}
