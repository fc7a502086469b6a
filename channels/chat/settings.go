package chat

import (
	"net/url"
	"strconv"
	"strings"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
)

// Texts are a label or a help text in both languages.
func Texts(en, zh string) map[models.Locale]string {
	return map[models.Locale]string{models.LocaleEN: en, models.LocaleZH: zh}
}

// URLField is the setting of a bot that is the platform's webhook address.
func URLField(like string) channels.Field {
	return channels.Field{
		Name: "url", Type: "url", Secret: true, Required: true, Max: 2048, Labels: Texts("Webhook URL", "Webhook 地址"),
		Help: Texts("As the platform shows it: "+like+". It is treated as a credential.", "平台给出的地址，形如 "+like+"，按密钥保管。"),
	}
}

// KeywordsField is the setting of a bot whose platform asks for a word in every message.
func KeywordsField() channels.Field {
	return channels.Field{
		Name: "keywords", Type: "string", Max: 300, Check: checkWords, Labels: Texts("Keywords", "关键词"),
		Help: Texts("Those that the bot asks for, separated by commas. A message with none of them gets the first.", "机器人安全设置中的关键词，用逗号分隔；消息中一个都没有时自动补上第一个。"),
	}
}

func checkWords(value string) (string, string) {
	if len(Words(value)) == 0 {
		return "required", "At least one word."
	}
	return "", ""
}

// Words splits a list by commas.
func Words(list string) []string {
	var words []string
	for each := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == '，' }) {
		if each = strings.TrimSpace(each); each != "" {
			words = append(words, each)
		}
	}
	return words
}

// WithKeyword returns what to add to a text so that it holds one of the bot's keywords; ""
// when it does, or when the bot has none.
func (c Call) WithKeyword(text string) string {
	words := Words(c.Bot.Get("keywords"))
	for _, word := range words {
		if strings.Contains(text, word) {
			return ""
		}
	}
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// MentionFields are the settings of a bot whose messages may call people.
func MentionFields() []channels.Field {
	return []channels.Field{
		{
			Name: "mentions", Type: "string", Max: 400, Check: checkMobiles, Labels: Texts("Mobile numbers to mention", "需要 @ 的手机号"),
			Help: Texts("Of members of the group, separated by commas. Nothing else mentions anybody.", "群成员的手机号，用逗号分隔；除此之外不会 @ 任何人。"),
		},
		{
			Name: "mention_from", Type: "enum", Enum: []string{"critical", "warning", "info"}, Default: "critical", Labels: Texts("Mention from severity", "从何种级别开始 @"),
			Help: Texts("Messages less severe mention nobody.", "级别更低的消息不 @ 任何人。"),
		},
	}
}

func checkMobiles(value string) (string, string) {
	for _, each := range Words(value) {
		if digits := strings.TrimPrefix(each, "+"); len(digits) < 5 || len(digits) > 20 || strings.Trim(digits, "0123456789") != "" {
			return "invalid-number", "Numbers of 5 to 20 digits, separated by commas."
		}
	}
	return "", ""
}

// Mentions are the numbers that the message calls.
func (c Call) Mentions() []string {
	rank := map[string]int{"info": 0, "warning": 1, "critical": 2}
	from, known := rank[c.Bot.Get("mention_from")]
	if !known {
		from = rank["critical"]
	}
	if rank[string(c.Message.Severity)] < from {
		return nil
	}
	return Words(c.Bot.Get("mentions"))
}

// providerFields are what an operator allows to all bots of a platform, whose hosts are
// known or else any.
func providerFields(hosts []string) []channels.Field {
	fields := []channels.Field{
		{
			Name: "hosts", Type: "string", Max: 500, Check: checkHosts, Labels: Texts("More hosts", "更多主机"),
			Help: Texts("Hosts that bots may be at beside the platform's own, separated by commas: of a private installation or a relay.",
				"除平台自身外允许的主机，用逗号分隔，用于私有化部署或中转。"),
		},
		{
			Name: "allow_http", Type: "bool", Default: "false", Labels: Texts("Allow http", "允许 http"),
			Help: Texts("Bots may be called without TLS.", "允许不加密的地址。"),
		},
		{
			Name: "ports", Type: "string", Max: 100, Check: checkPorts, Labels: Texts("More ports", "更多端口"),
			Help: Texts("Ports allowed beside 443, 80 and 8443, separated by commas.", "除 443、80、8443 外允许的端口，用逗号分隔。"),
		},
		{
			Name: "timeout_seconds", Type: "int", Min: 1, Max: 30, Default: "15", Labels: Texts("Time-out", "超时"),
			Help: Texts("Seconds for a whole exchange.", "一次请求的总时长（秒）。"),
		},
		{
			Name: "ca", Type: "pem", Max: 20000, Labels: Texts("CA certificates", "CA 证书"),
			Help: Texts("Trusted instead of the system's; PEM.", "代替系统证书的可信根证书，PEM 格式。"),
		},
	}
	if len(hosts) == 0 {
		return fields[1:]
	}
	return fields
}

func checkHosts(value string) (string, string) {
	for _, each := range Words(value) {
		if _, err := channels.ASCIIHost(strings.TrimPrefix(each, ".")); err != nil && strings.Trim(each, "0123456789.") != "" {
			return "invalid-host", "Host names, separated by commas."
		}
	}
	return "", ""
}

func checkPorts(value string) (string, string) {
	for _, each := range Words(value) {
		if n, err := strconv.Atoi(each); err != nil || n < 1 || n > 65535 {
			return "out-of-range", "Numbers from 1 to 65535, separated by commas."
		}
	}
	return "", ""
}

// rules are what the operator allows to all bots.
func rules(s channels.Settings) channels.Rules {
	out := channels.Rules{AllowHTTP: s.Bool("allow_http"), Timeout: s.Seconds("timeout_seconds"), CA: s.Get("ca")}
	for _, each := range Words(s.Get("ports")) {
		if n, err := strconv.Atoi(each); err == nil {
			out.Ports = append(out.Ports, n)
		}
	}
	return out
}

// checkURL says what is wrong with where the bot's messages would go.
func (s *Sender) checkURL(t channels.Target, address string) []models.Field {
	pointer := s.platform.Pointer
	u, err := url.Parse(address)
	if err != nil {
		return []models.Field{{Pointer: pointer, Code: "invalid-url", Detail: "It is no URL."}}
	}
	hosts := s.platform.Hosts
	if len(hosts) > 0 && !among(u.Hostname(), append(Words(t.Provider.Get("hosts")), hosts...)) {
		return []models.Field{{Pointer: pointer, Code: "unknown-host", Detail: "The host is none of the platform's: " + strings.Join(hosts, ", ") + "."}}
	}
	if why := s.client.CheckURL(address, rules(t.Provider.Settings)); why != "" {
		return []models.Field{{Pointer: pointer, Code: "blocked-address", Detail: "The URL is not allowed: " + why + "."}}
	}
	return nil
}

// among reports whether the host is one of the list, or below one that begins with a dot.
func among(host string, list []string) bool {
	host = strings.ToLower(host)
	for _, each := range list {
		each = strings.ToLower(each)
		if host == each || strings.HasPrefix(each, ".") && strings.HasSuffix(host, each) {
			return true
		}
	}
	return false
}
