package telegram

import (
	"regexp"
	"strconv"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/pacing"
)

// Names of the settings.
const (
	settingAPI    = "api"
	settingToken  = "token"
	settingChat   = "chat_id"
	settingThread = "thread_id"
)

const defaultAPI = "https://api.telegram.org"

func descriptor() channels.Descriptor {
	return channels.Descriptor{
		Kind: "telegram", Channel: "telegram",
		Labels: chat.Texts("Telegram bot", "Telegram 机器人"),
		Help:   chat.Texts("Posts to groups and channels of Telegram through a bot.", "通过机器人向 Telegram 群组或频道发送消息。"),
		Guide: map[models.Locale][]string{
			models.LocaleEN: {
				"In Telegram, write /newbot to @BotFather, answer its questions, and copy the token.",
				"Add the bot to the group; in a channel make it an administrator that may post.",
				"Write a message in the group, then open https://api.telegram.org/bot<token>/getUpdates in a browser: chat.id is the chat's number, negative for groups; message_thread_id is a topic's.",
				"Enter token, chat and, if any, topic here, and send a test message.",
			},
			models.LocaleZH: {
				"在 Telegram 中向 @BotFather 发送 /newbot，按提示操作并复制令牌。",
				"把机器人加入群组；频道中需设为可发帖的管理员。",
				"在群里发一条消息，再用浏览器打开 https://api.telegram.org/bot<令牌>/getUpdates：chat.id 是会话编号（群组为负数），message_thread_id 是话题编号。",
				"在此填写令牌、会话编号和话题编号（如有），然后发送测试消息。",
			},
		},
		Fields: []channels.Field{{
			Name: settingAPI, Type: "url", Max: 500, Default: defaultAPI, Check: checkAPI, Labels: chat.Texts("Address of the bot API", "Bot API 地址"),
			Help: chat.Texts("Of a relay or a server of your own, if the platform cannot be reached.", "无法直连时填写中转或自建 Bot API 服务的地址。"),
		}},
		BotFields: []channels.Field{
			{
				Name: settingToken, Type: "string", Secret: true, Required: true, Max: 100, Check: checkToken, Labels: chat.Texts("Token", "令牌"),
				Help: chat.Texts("From @BotFather: digits, a colon, letters.", "由 @BotFather 给出，形如 123456:ABC…。"),
			},
			{
				Name: settingChat, Type: "string", Required: true, Max: 20, Check: checkNumber, Labels: chat.Texts("Chat", "会话编号"),
				Help: chat.Texts("Its number, negative for groups. When Telegram moves the group, the new number is stored.", "数字，群组为负数；群组升级后自动更新。"),
			},
			{
				Name: settingThread, Type: "int", Min: 1, Max: 2147483647, Labels: chat.Texts("Topic", "话题编号"),
				Help: chat.Texts("Only for groups with topics.", "仅用于开启话题的群组。"),
			},
		},
		Limits: channels.Limits{TextRunes: maxMessage},
		// Source: 1 a second in a chat, 20 a minute in a group.
		Rate: pacing.Rate{
			Windows: []pacing.Window{{Length: time.Second, Most: 1}, {Length: time.Minute, Most: 20}}, By: []string{settingToken, settingChat},
		},
	}
}

var tokenForm = regexp.MustCompile(`^[0-9]{3,20}:[A-Za-z0-9_-]{10,80}$`)

func checkToken(value string) (string, string) {
	if !tokenForm.MatchString(value) {
		return "invalid-token", "A token like 123456:ABC-DEF…."
	}
	return "", ""
}

func checkNumber(value string) (string, string) {
	if n, err := strconv.ParseInt(value, 10, 64); err != nil || n == 0 || strconv.FormatInt(n, 10) != value {
		return "invalid-number", "The chat's number, like -1001557912345."
	}
	return "", ""
}

var apiForm = regexp.MustCompile(`^https?://[^/?#]+(/[A-Za-z0-9._~-]+)*$`)

func checkAPI(value string) (string, string) {
	if !apiForm.MatchString(value) {
		return "invalid-url", "A URL without a query and without a slash at its end."
	}
	return "", ""
}
