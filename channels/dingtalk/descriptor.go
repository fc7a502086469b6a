package dingtalk

import (
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/pacing"
)

func descriptor() channels.Descriptor {
	return channels.Descriptor{
		Kind: "dingtalk", Channel: "dingtalk",
		Labels: chat.Texts("DingTalk group robot", "钉钉群机器人"),
		Help:   chat.Texts("Posts Markdown to custom robots of DingTalk groups.", "向钉钉群的自定义机器人发送 Markdown 消息。"),
		Guide: map[models.Locale][]string{
			models.LocaleEN: {
				"In the DingTalk group, open the settings and choose Robots, then Add robot, then Custom.",
				"Give it a name. Under security settings tick Sign, and copy the secret that begins with SEC; or tick Custom keywords, and enter one.",
				"Finish, and copy the webhook URL. It has an access_token.",
				"Enter URL, secret and keywords here, and send a test message.",
			},
			models.LocaleZH: {
				"在钉钉群中打开“群设置”，选择“机器人”，点击“添加机器人”，再选择“自定义”。",
				"填写机器人名称；在“安全设置”中勾选“加签”并复制以 SEC 开头的密钥，或勾选“自定义关键词”并填写一个关键词。",
				"完成后复制 Webhook 地址，其中带有 access_token。",
				"在此填写地址、密钥和关键词，然后发送测试消息。",
			},
		},
		BotFields: append([]channels.Field{
			chat.URLField("https://oapi.dingtalk.com/robot/send?access_token=…"),
			{
				Name: "secret", Type: "string", Secret: true, Max: 200, Labels: chat.Texts("Signing secret", "加签密钥"),
				Help: chat.Texts("Of the security setting Sign; it begins with SEC.", "安全设置“加签”给出的密钥，以 SEC 开头。"),
			},
			chat.KeywordsField(),
		}, chat.MentionFields()...),
		Limits: channels.Limits{BodyBytes: maxText},
		// Source: 20 a minute; who sends more is shut out for ten minutes.
		Rate: pacing.Rate{Windows: []pacing.Window{{Length: time.Minute, Most: 20}}, Penalty: 10 * time.Minute},
	}
}
