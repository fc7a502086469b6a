package email

import (
	"strings"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/address"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

// Descriptor describes the channel's one adapter so far.
func (s *Sender) Descriptor() channels.Descriptor {
	return channels.Descriptor{
		Kind: "smtp", Channel: models.ChannelEmail, Format: document.Mail, Repeatable: true,
		Labels:  labels("E-mail (SMTP)", "邮件（SMTP）"),
		Help:    labels("Sends through a mail server: a relay of yours or a mail service.", "通过邮件服务器发送：自建中继或邮件服务商。"),
		Address: address.Mailboxes(), Waits: waits(),
		Limits: channels.Limits{SubjectRunes: maxSubject},
		Fields: append(serverFields(), mailFields()...),
	}
}

// waits: grey-listing wants at least a minute, and commonly 5 to 15.
func waits() []time.Duration {
	return []time.Duration{
		10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 12 * time.Hour,
	}
}

func labels(en, zh string) map[models.Locale]string {
	return map[models.Locale]string{models.LocaleEN: en, models.LocaleZH: zh}
}

func serverFields() []channels.Field {
	return []channels.Field{
		{
			Name: "host", Type: "host", Required: true, Max: 253, Labels: labels("Server", "服务器"),
			Help: labels("Name or address of the mail server.", "邮件服务器的域名或地址。"),
		},
		{
			Name: "port", Type: "int", Min: 1, Max: 65535, Labels: labels("Port", "端口"),
			Help: labels("Default: 587 with STARTTLS, 465 with implicit TLS, 25 without.", "默认：STARTTLS 587，隐式 TLS 465，不加密 25。"),
		},
		{
			Name: "tls", Type: "enum", Enum: []string{"starttls", "implicit", "none"}, Default: "starttls", Labels: labels("Encryption", "加密方式"),
			Help: labels("STARTTLS is mandatory when chosen: without it nothing is sent.", "选择 STARTTLS 时必须成功加密，否则不发送。"),
		},
		{
			Name: "tls_server_name", Type: "host", Max: 253, Labels: labels("Name in the certificate", "证书中的域名"),
			Help: labels("When it differs from the server's.", "与服务器域名不同时填写。"),
		},
		{
			Name: "ca", Type: "pem", Max: 20000, Labels: labels("CA certificates", "CA 证书"),
			Help: labels("Trusted instead of the system's; PEM.", "代替系统证书的可信根证书，PEM 格式。"),
		},
		{
			Name: "auth", Type: "enum", Default: "auto", Labels: labels("Sign in by", "认证方式"),
			Enum: []string{"auto", "none", "plain", "login", "cram-md5", "scram-sha-1", "scram-sha-256", "xoauth2"},
			Help: labels("Automatic: the strongest that the server offers; none without a user name.", "自动：使用服务器支持的最强方式；无用户名则不认证。"),
		},
		{
			Name: "username", Type: "string", Max: 254, Labels: labels("User name", "用户名"),
			Help: labels("Leave empty for servers that ask for none.", "不需要认证时留空。"),
		},
		{
			Name: "password", Type: "string", Secret: true, Max: 4000, Labels: labels("Password or token", "密码或令牌"),
			Help: labels("Never shown again.", "保存后不再显示。"),
		},
		{
			Name: "helo", Type: "host", Max: 253, Labels: labels("Our name", "本机名称"),
			Help: labels("What the server is greeted with. Default: the machine's name.", "EHLO 使用的名称，默认为主机名。"),
		},
		{
			Name: "timeout_seconds", Type: "int", Min: 1, Max: 30, Default: "15", Labels: labels("Time-out", "超时"),
			Help: labels("Seconds for one message, connecting included.", "发送一封邮件的总时长（秒），含连接。"),
		},
		{
			Name: "connections", Type: "int", Min: 1, Max: 64, Default: "8", Labels: labels("Connections", "连接数"),
			Help: labels("At most so many at a time from each process.", "每个进程同时使用的最大连接数。"),
		},
		{
			Name: "busy_wait_seconds", Type: "int", Min: 60, Max: 3600, Default: "60", Labels: labels("Wait after 4xx", "4xx 后等待"),
			Help: labels("Seconds before the next try when a server defers a recipient (grey-listing).", "服务器暂缓收件人（灰名单）后再次尝试前的秒数。"),
		},
	}
}

func mailFields() []channels.Field {
	return []channels.Field{
		{
			Name: "from", Type: "email", Required: true, Own: true, Max: 254, Labels: labels("Sender", "发件人"),
			Help: labels("The address that mail comes from.", "发件人地址。"),
		},
		{
			Name: "from_name", Type: "string", Max: 100, Labels: labels("Sender's name", "发件人名称"),
			Help: labels("Shown beside the address.", "显示在地址旁。"),
		},
		{
			Name: "reply_to", Type: "email", Max: 254, Labels: labels("Answers to", "回复地址"),
			Help: labels("When answers shall go elsewhere.", "回复寄往其他地址时填写。"),
		},
		{
			Name: "return_path", Type: "email", Own: true, Max: 254, Labels: labels("Bounces to", "退信地址"),
			Help: labels("The envelope's sender. Default: the sender.", "信封发件人，默认为发件人。"),
		},
		{
			Name: "dsn", Type: "bool", Default: "false", Labels: labels("Ask for bounces", "请求退信通知"),
			Help: labels("Requests delivery status notifications where the server offers them.", "服务器支持时请求投递状态通知。"),
		},
		{
			Name: "dkim_domain", Type: "host", Max: 253, Labels: labels("DKIM domain", "DKIM 域名"),
			Help: labels("Signs mail here; leave empty when the relay signs.", "在此签名；由中继签名时留空。"),
		},
		{
			Name: "dkim_selector", Type: "string", Max: 253, Check: checkSelector, Labels: labels("DKIM selector", "DKIM 选择器"),
			Help: labels("The name of the key in DNS.", "DNS 中的密钥名称。"),
		},
		{
			Name: "dkim_key", Type: "text", Secret: true, Max: 8000, Check: checkKey, Labels: labels("DKIM key", "DKIM 私钥"),
			Help: labels("RSA or Ed25519 private key; PEM.", "RSA 或 Ed25519 私钥，PEM 格式。"),
		},
	}
}

// Check refuses combinations that could not work or would show the password.
func (s *Sender) Check(t channels.Target) []models.Field {
	p := t.Provider
	var out []models.Field
	add := func(pointer, code, detail string) {
		out = append(out, models.Field{Pointer: pointer, Code: code, Detail: detail})
	}
	auth := p.Get("auth")
	if auth != "" && auth != "auto" && auth != "none" {
		if p.Get("username") == "" {
			add("#/settings/username", "required", "Signing in needs a user name.")
		}
		if p.Get("tls") == "none" && readable(strings.ToUpper(auth)) {
			add("#/settings/auth", "not-allowed", "This way to sign in would show the password; choose encryption.")
		}
	}
	if (p.Get("dkim_key") == "") != (p.Get("dkim_domain") == "") || (p.Get("dkim_key") == "") != (p.Get("dkim_selector") == "") {
		add("#/secrets/dkim_key", "incomplete", "DKIM needs the domain, the selector and the key together.")
	}
	return out
}
