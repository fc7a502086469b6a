package teams

import (
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/pacing"
)

func descriptor() channels.Descriptor {
	return channels.Descriptor{
		Kind: "teams", Channel: "teams",
		Labels: chat.Texts("Microsoft Teams workflow", "Microsoft Teams 工作流"),
		Help:   chat.Texts("Posts cards to channels and chats of Microsoft Teams through a workflow's webhook.", "通过工作流的 Webhook 向 Microsoft Teams 频道或聊天发送卡片消息。"),
		Guide: map[models.Locale][]string{
			models.LocaleEN: {
				"In Teams, open the menu (…) of the channel or chat and choose Workflows.",
				"Choose the template Send webhook alerts to a channel, or to a chat. Give it a name, and confirm the account that posts.",
				"Choose team and channel, and add the workflow. Copy the URL that is shown; it ends in a signature.",
				"Enter the URL here, send a test message, and look for it in Teams: Teams answers before the card is posted.",
			},
			models.LocaleZH: {
				"在 Teams 中打开频道或聊天的菜单（…），选择“工作流”。",
				"选择模板“向频道发送 Webhook 警报”（或“向聊天发送”），填写名称并确认发送账号。",
				"选择团队和频道，添加工作流，复制显示的地址（末尾带签名）。",
				"在此填写地址，发送测试消息，并到 Teams 中确认已收到：Teams 在卡片发布之前就会应答。",
			},
		},
		BotFields: []channels.Field{chat.URLField("https://….environment.api.powerplatform.com:443/…&sig=…")},
		Limits:    channels.Limits{BodyBytes: maxBody},
		// Source: 4 a second.
		Rate: pacing.Rate{Windows: []pacing.Window{{Length: time.Second, Most: 4}}},
	}
}
