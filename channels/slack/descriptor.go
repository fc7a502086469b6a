package slack

import (
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/pacing"
)

func descriptor() channels.Descriptor {
	return channels.Descriptor{
		Kind: "slack", Channel: "slack",
		Labels: chat.Texts("Slack incoming webhook", "Slack 传入 Webhook"),
		Help:   chat.Texts("Posts to a Slack channel through an incoming webhook.", "通过传入 Webhook 向 Slack 频道发送消息。"),
		Guide: map[models.Locale][]string{
			models.LocaleEN: {
				"Open api.slack.com/apps, choose Create New App, From scratch, and pick the workspace.",
				"Choose Incoming Webhooks, and activate them.",
				"Choose Add New Webhook to Workspace, pick the channel, and allow it.",
				"Copy the webhook URL, enter it here, and send a test message.",
			},
			models.LocaleZH: {
				"打开 api.slack.com/apps，选择 Create New App → From scratch，并选择工作区。",
				"选择 Incoming Webhooks 并启用。",
				"点击 Add New Webhook to Workspace，选择频道并授权。",
				"复制 Webhook 地址填写在此，然后发送测试消息。",
			},
		},
		BotFields: []channels.Field{chat.URLField("https://hooks.slack.com/services/T…/B…/…")},
		Limits:    channels.Limits{TextRunes: maxMessage},
		// Source: 1 a second.
		Rate: pacing.Rate{Windows: []pacing.Window{{Length: time.Second, Most: 1}}},
	}
}
