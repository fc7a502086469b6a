package wecom

import (
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/pacing"
)

func descriptor() channels.Descriptor {
	return channels.Descriptor{
		Kind: "wecom", Channel: "wecom",
		Labels: chat.Texts("WeCom group robot", "企业微信群机器人"),
		Help:   chat.Texts("Posts Markdown to robots of WeCom groups.", "向企业微信群的机器人发送 Markdown 消息。"),
		Guide: map[models.Locale][]string{
			models.LocaleEN: {
				"In the WeCom group, open the menu and choose Group robots, then Add robot.",
				"Give it a name and add it.",
				"Copy the webhook URL. It has a key; whoever knows it can write to the group.",
				"Enter the URL here, and send a test message.",
			},
			models.LocaleZH: {
				"在企业微信群中打开右上角菜单，选择“群机器人”，点击“添加机器人”。",
				"填写机器人名称并添加。",
				"复制 Webhook 地址，其中带有 key；知道该地址的人都能向群里发消息，请妥善保管。",
				"在此填写地址，然后发送测试消息。",
			},
		},
		BotFields: append([]channels.Field{chat.URLField("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…")}, chat.MentionFields()...),
		Limits:    channels.Limits{BodyBytes: maxMarkdown},
		// Source: 20 a minute.
		Rate: pacing.Rate{Windows: []pacing.Window{{Length: time.Minute, Most: 20}}},
	}
}
