package feishu

import (
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/pacing"
)

func descriptor() channels.Descriptor {
	return channels.Descriptor{
		Kind: "feishu", Channel: "feishu",
		Labels: chat.Texts("Feishu / Lark group bot", "飞书群机器人"),
		Help:   chat.Texts("Posts cards to custom bots of Feishu and Lark groups.", "向飞书（Lark）群的自定义机器人发送卡片消息。"),
		Guide: map[models.Locale][]string{
			models.LocaleEN: {
				"In the Feishu or Lark group, open Settings, Bots, Add Bot, and choose Custom Bot.",
				"Give it a name and add it. Copy the webhook URL.",
				"Under security settings choose Signature verification and copy the secret, or set keywords.",
				"Enter URL, secret and keywords here, and send a test message.",
			},
			models.LocaleZH: {
				"在飞书群中打开“设置”，选择“群机器人”，点击“添加机器人”，再选择“自定义机器人”。",
				"填写名称并添加，复制 Webhook 地址。",
				"在“安全设置”中勾选“签名校验”并复制密钥，或设置自定义关键词。",
				"在此填写地址、密钥和关键词，然后发送测试消息。",
			},
		},
		BotFields: []channels.Field{
			chat.URLField("https://open.feishu.cn/open-apis/bot/v2/hook/…"),
			{
				Name: "secret", Type: "string", Secret: true, Max: 200, Labels: chat.Texts("Signing secret", "签名密钥"),
				Help: chat.Texts("Of the security setting Signature verification.", "安全设置“签名校验”给出的密钥。"),
			},
			chat.KeywordsField(),
		},
		Limits: channels.Limits{BodyBytes: maxBody},
		// Source: 5 a second, 100 a minute.
		Rate: pacing.Rate{Windows: []pacing.Window{{Length: time.Second, Most: 5}, {Length: time.Minute, Most: 100}}},
	}
}
