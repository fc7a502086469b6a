package jsonhook

import (
	"regexp"
	"strings"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/models"
)

const (
	defaultTemplate = `{"text":"{{text}}"}`
	defaultStatus   = "2xx"
	defaultBytes    = 20000
)

func descriptor() channels.Descriptor {
	return channels.Descriptor{
		Kind: "json_webhook", Channel: "json_webhook",
		Labels: chat.Texts("Generic JSON webhook", "通用 JSON Webhook"),
		Help:   chat.Texts("Posts JSON of a template of yours to any URL: for platforms without a channel of their own.", "按自定义模板向任意地址发送 JSON，用于没有专用渠道的平台。"),
		Guide: map[models.Locale][]string{
			models.LocaleEN: {
				"Take the webhook URL that the receiver shows, and look up which JSON it wants.",
				`Write that JSON as the template, with placeholders in its texts: {"text":"{{text}}"}.`,
				"Choose what the receiver reads in texts, and how its answer shows success. Then send a test message.",
			},
			models.LocaleZH: {
				"复制接收方给出的 Webhook 地址，并查明它需要的 JSON 格式。",
				`把该 JSON 写成模板，在文本中使用占位符，例如 {"text":"{{text}}"}。`,
				"选择接收方对文本的解析方式以及成功的判断方式，然后发送测试消息。",
			},
		},
		BotFields: botFields(),
		Limits:    channels.Limits{BodyBytes: defaultBytes},
	}
}

func botFields() []channels.Field {
	return []channels.Field{
		chat.URLField("https://…"),
		{
			Name: "template", Type: "json", Max: 8000, Default: defaultTemplate, Check: checkTemplate, Labels: chat.Texts("Template", "模板"),
			Help: chat.Texts("A JSON object; its texts may hold {{text}}, {{heading}}, {{title}}, {{body}}, {{link}}, {{severity}}, {{data.NAME}} and more.",
				"JSON 对象，文本中可使用 {{text}}、{{heading}}、{{title}}、{{body}}、{{link}}、{{severity}}、{{data.名称}} 等。"),
		},
		{
			Name: "escape", Type: "enum", Enum: []string{"plain", "markdown", "html", "none"}, Default: "plain", Labels: chat.Texts("Texts are read as", "文本解析方式"),
			Help: chat.Texts("What others wrote is made inert for it. None changes nothing: for programs.", "据此对他人填写的内容转义；none 不做任何处理，仅用于程序。"),
		},
		{
			Name: "headers", Type: "headers", Secret: true, Max: 4096, Labels: chat.Texts("More headers", "附加请求头"),
			Help: chat.Texts("One per line: Name: value.", "每行一个：名称: 值。"),
		},
		{
			Name: "success_status", Type: "string", Max: 60, Default: defaultStatus, Check: checkStatuses, Labels: chat.Texts("Statuses of success", "成功的状态码"),
			Help: chat.Texts("2xx, or statuses separated by commas.", "2xx，或用逗号分隔的状态码。"),
		},
		{
			Name: "success_path", Type: "string", Max: 200, Check: checkPath, Labels: chat.Texts("Where the code is", "结果码路径"),
			Help: chat.Texts(`Path in the answer's JSON, like "data.code"; leave empty where the status says all.`, "应答 JSON 中的路径，例如 data.code；仅看状态码时留空。"),
		},
		{
			Name: "success_values", Type: "string", Max: 200, Default: "0", Labels: chat.Texts("Codes of success", "成功码"),
			Help: chat.Texts("Separated by commas.", "用逗号分隔。"),
		},
		{
			Name: "max_bytes", Type: "int", Min: 500, Max: 200000, Default: "20000", Labels: chat.Texts("Longest request", "请求体上限"),
			Help: chat.Texts("Bytes; longer messages are shortened.", "字节数，超出的消息会被缩短。"),
		},
	}
}

var path = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,7}$`)

func checkPath(value string) (string, string) {
	if !path.MatchString(value) {
		return "invalid-path", `Names and positions joined by dots, like "data.0.code".`
	}
	return "", ""
}

var status = regexp.MustCompile(`^(2xx|[2-5][0-9]{2})$`)

func checkStatuses(value string) (string, string) {
	words := chat.Words(value)
	for _, each := range words {
		if !status.MatchString(each) || strings.HasPrefix(each, "3") {
			return "out-of-range", "2xx, or statuses from 200 to 599 that are no redirects, separated by commas."
		}
	}
	if len(words) == 0 {
		return "required", "At least one status."
	}
	return "", ""
}
