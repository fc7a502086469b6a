package webhook

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

// Descriptor describes the channel: what operators allow to all endpoints, and
// what an account says about one.
func (s *Sender) Descriptor() channels.Descriptor {
	return channels.Descriptor{
		Kind: "webhook", Channel: models.ChannelWebhook, Format: document.Data, Repeatable: true,
		Labels:    labels("Webhook", "自定义 Webhook"),
		Help:      labels("Signed HTTP requests to endpoints of accounts (Standard Webhooks).", "向租户的地址发送带签名的 HTTP 请求（Standard Webhooks）。"),
		Limits:    channels.Limits{BodyBytes: maxBody},
		Fields:    providerFields(),
		BotFields: botFields(),
		Waits:     waits(),
	}
}

// waits are those of Standard Webhooks: about 28 hours and nine rounds.
func waits() []time.Duration {
	return []time.Duration{
		5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
		5 * time.Hour, 10 * time.Hour, 10 * time.Hour,
	}
}

func labels(en, zh string) map[models.Locale]string {
	return map[models.Locale]string{models.LocaleEN: en, models.LocaleZH: zh}
}

func providerFields() []channels.Field {
	return []channels.Field{
		{
			Name: "allow_http", Type: "bool", Default: "false", Labels: labels("Allow http", "允许 http"),
			Help: labels("Endpoints may be called without TLS.", "允许不加密的地址。"),
		},
		{
			Name: "ports", Type: "string", Max: 100, Check: checkPorts, Labels: labels("More ports", "更多端口"),
			Help: labels("Ports allowed beside 443, 80 and 8443, separated by commas.", "除 443、80、8443 外允许的端口，用逗号分隔。"),
		},
		{
			Name: "timeout_seconds", Type: "int", Min: 1, Max: 30, Default: "15", Labels: labels("Time-out", "超时"),
			Help: labels("Seconds for a whole exchange.", "一次请求的总时长（秒）。"),
		},
		{
			Name: "ca", Type: "pem", Max: 20000, Labels: labels("CA certificates", "CA 证书"),
			Help: labels("Trusted instead of the system's; PEM.", "代替系统证书的可信根证书，PEM 格式。"),
		},
		{
			Name: "source", Type: "string", Max: 200, Default: cloudSource, Check: checkSource, Labels: labels("CloudEvents source", "CloudEvents 来源"),
			Help: labels("Beginning of the source attribute; the account follows.", "source 属性的前缀，后接租户标识。"),
		},
	}
}

func botFields() []channels.Field {
	return []channels.Field{
		{
			Name: "url", Type: "url", Secret: true, Required: true, Max: 2048, Labels: labels("URL", "地址"),
			Help: labels("Where requests are posted to. It is treated as a credential.", "接收请求的地址，按密钥保管。"),
		},
		{
			Name: "secret", Type: "string", Secret: true, Required: true, Max: 100, Generate: newSecret, Check: checkSecret,
			Labels: labels("Signing secret", "签名密钥"), Help: labels("Made for you when left out.", "留空则自动生成。"),
		},
		{
			Name: "envelope", Type: "enum", Enum: []string{"standard", "cloudevents"}, Default: "standard", Labels: labels("Envelope", "消息格式"),
			Help: labels("Standard Webhooks, or a CloudEvents 1.0 envelope.", "Standard Webhooks 或 CloudEvents 1.0。"),
		},
		{
			Name: "headers", Type: "headers", Secret: true, Max: 4096, Labels: labels("More headers", "附加请求头"),
			Help: labels("One per line: Name: value.", "每行一个：名称: 值。"),
		},
	}
}

func checkPorts(value string) (string, string) {
	for each := range strings.SplitSeq(value, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(each))
		if err != nil || n < 1 || n > 65535 {
			return "out-of-range", "Numbers from 1 to 65535, separated by commas."
		}
	}
	return "", ""
}

func checkSource(value string) (string, string) {
	if _, err := url.Parse(value); err != nil || strings.ContainsAny(value, " ?#") {
		return "invalid-url", "A URI reference without query and fragment."
	}
	return "", ""
}
