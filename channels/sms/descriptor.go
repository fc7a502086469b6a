package sms

import (
	"encoding/json"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/address"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

// Descriptor describes the adapter.
func (s *Sender) Descriptor() channels.Descriptor {
	return channels.Descriptor{
		Kind: "sms_http", Channel: models.ChannelSMS, Format: document.Short, Repeatable: false,
		Labels: labels("SMS (any HTTP provider)", "短信（通用 HTTP）"),
		Help: labels("Posts JSON or a form to a provider's URL and reads its JSON answer.",
			"以 JSON 或表单方式请求短信服务商的地址，并读取其 JSON 应答。"),
		Address: numbers(), Waits: waits(),
		Limits: channels.Limits{TextRunes: defaultChars},
		Fields: append(requestFields(), answerFields()...),
	}
}

// numbers are phone numbers that every message to costs.
func numbers() models.AddressKind {
	kind := address.Numbers()
	kind.Metered = true
	return kind
}

// waits are short: late text messages are worth little.
func waits() []time.Duration {
	return []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute}
}

func labels(en, zh string) map[models.Locale]string {
	return map[models.Locale]string{models.LocaleEN: en, models.LocaleZH: zh}
}

func requestFields() []channels.Field {
	return []channels.Field{
		{
			Name: "url", Type: "url", Required: true, Max: 2048, Labels: labels("URL", "地址"),
			Help: labels("Put no credentials into it.", "请勿包含密钥。"),
		},
		{
			Name: "format", Type: "enum", Enum: []string{"json", "form"}, Default: "json", Labels: labels("Format", "请求格式"),
			Help: labels("How the body is encoded.", "请求体的编码方式。"),
		},
		{
			Name: "body", Type: "json", Max: 4000, Default: defaultBody, Check: checkBody, Labels: labels("Body", "请求体"),
			Help: labels("A JSON object; its texts may hold {to}, {to_digits}, {text}, {text_json}, {key}, {username} and {password}.",
				"JSON 对象，文本中可使用 {to}、{to_digits}、{text}、{text_json}、{key}、{username}、{password}。"),
		},
		{
			Name: "auth", Type: "enum", Enum: []string{"none", "basic", "bearer", "header"}, Default: "none", Labels: labels("Sign in by", "认证方式"),
			Help: labels("Basic, a bearer token, or a header of its own.", "Basic、Bearer 令牌或自定义请求头。"),
		},
		{
			Name: "auth_header", Type: "string", Max: 100, Labels: labels("Header's name", "认证请求头"),
			Help: labels("For a header of its own.", "自定义请求头的名称。"),
		},
		{Name: "username", Type: "string", Max: 200, Labels: labels("User name", "用户名"), Help: labels("Or the account's id.", "或账号标识。")},
		{
			Name: "password", Type: "string", Secret: true, Max: 4000, Labels: labels("Password or token", "密码或令牌"),
			Help: labels("Never shown again.", "保存后不再显示。"),
		},
		{
			Name: "headers", Type: "headers", Secret: true, Max: 4096, Labels: labels("More headers", "附加请求头"),
			Help: labels("One per line: Name: value.", "每行一个：名称: 值。"),
		},
		{
			Name: "max_chars", Type: "int", Min: 20, Max: 2000, Default: "500", Labels: labels("Longest text", "最大长度"),
			Help: labels("Characters; longer texts are cut.", "字符数，超出部分截断。"),
		},
		{
			Name: "sign", Type: "string", Max: 20, Labels: labels("Sign", "签名"),
			Help: labels("What the provider puts before every text; it counts for the parts, and is not sent.", "服务商加在每条短信前的签名，计入条数，不会随文本发送。"),
		},
		{
			Name: "timeout_seconds", Type: "int", Min: 1, Max: 30, Default: "15", Labels: labels("Time-out", "超时"),
			Help: labels("Seconds for a whole exchange.", "一次请求的总时长（秒）。"),
		},
		{
			Name: "allow_http", Type: "bool", Default: "false", Labels: labels("Allow http", "允许 http"),
			Help: labels("The URL may be called without TLS.", "允许不加密的地址。"),
		},
		{
			Name: "allow_port", Type: "int", Min: 1, Max: 65535, Labels: labels("Another port", "其他端口"),
			Help: labels("Allowed beside 443, 80 and 8443.", "除 443、80、8443 外允许的端口。"),
		},
		{
			Name: "ca", Type: "pem", Max: 20000, Labels: labels("CA certificates", "CA 证书"),
			Help: labels("Trusted instead of the system's; PEM.", "代替系统证书的可信根证书，PEM 格式。"),
		},
	}
}

func answerFields() []channels.Field {
	return []channels.Field{
		{
			Name: "success_path", Type: "string", Max: 200, Default: "code", Check: checkPath, Labels: labels("Where the code is", "结果码路径"),
			Help: labels(`Path in the answer, like "data.0.code".`, "应答中的路径，例如 data.0.code。"),
		},
		{
			Name: "success_values", Type: "string", Max: 200, Default: "0", Labels: labels("Codes of success", "成功码"),
			Help: labels("Separated by commas. Nothing else counts as sent.", "用逗号分隔，其余均不视为成功。"),
		},
		{
			Name: "id_path", Type: "string", Max: 200, Check: checkPath, Labels: labels("Where the id is", "消息标识路径"),
			Help: labels("The provider's id of the message.", "服务商的消息标识。"),
		},
		{
			Name: "message_path", Type: "string", Max: 200, Check: checkPath, Labels: labels("Where the text is", "说明路径"),
			Help: labels("The provider's explanation.", "服务商的说明文字。"),
		},
		{
			Name: "outcomes", Type: "text", Max: 8000, Check: checkOutcomes, Labels: labels("What other codes mean", "其他结果码的含义"),
			Help: labels("One per line: code = class reason [seconds]. Classes: retry, rate_limited, permanent, misconfigured.",
				"每行一个：结果码 = 类别 原因 [秒]。类别：retry、rate_limited、permanent、misconfigured。"),
		},
	}
}

// Check refuses URLs that the guard would not call and settings that do not fit
// together.
func (s *Sender) Check(t channels.Target) []models.Field {
	p := t.Provider.Settings
	var out []models.Field
	add := func(pointer, code, detail string) {
		out = append(out, models.Field{Pointer: pointer, Code: code, Detail: detail})
	}
	if why := s.client.CheckURL(p.Get("url"), rules(p)); why != "" {
		add("#/settings/url", "blocked-address", "The URL is not allowed: "+why+".")
	}
	switch p.Get("auth") {
	case "basic", "bearer", "header":
		if p.Get("password") == "" {
			add("#/secrets/password", "required", "Signing in needs a password or token.")
		}
	}
	if p.Get("auth") == "header" {
		line := channels.Settings{Values: map[string]string{"h": p.Get("auth_header") + ": x"}}
		if len(line.Headers("h")) == 0 {
			add("#/settings/auth_header", "invalid-header", "The name of a header that may be set.")
		}
	}
	if p.Get("format") == "form" && !flat(or(p.Get("body"), defaultBody)) {
		add("#/settings/body", "invalid-json", "A form needs texts or lists of texts only.")
	}
	return out
}

// flat reports whether a template can become a form.
func flat(body string) bool {
	var template map[string]any
	if json.Unmarshal([]byte(body), &template) != nil {
		return false
	}
	for _, value := range template {
		items, isList := value.([]any)
		if !isList {
			items = []any{value}
		}
		for _, each := range items {
			if _, ok := each.(string); !ok {
				return false
			}
		}
	}
	return true
}
