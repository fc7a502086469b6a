// Package all is the list of channel adapters. A new channel is a folder beside
// it and one line in New.
package all

import (
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/alibabasms"
	"belfry.dev/belfry/channels/dingtalk"
	"belfry.dev/belfry/channels/email"
	"belfry.dev/belfry/channels/feishu"
	"belfry.dev/belfry/channels/jsonhook"
	"belfry.dev/belfry/channels/slack"
	"belfry.dev/belfry/channels/sms"
	"belfry.dev/belfry/channels/teams"
	"belfry.dev/belfry/channels/telegram"
	"belfry.dev/belfry/channels/tencentsms"
	"belfry.dev/belfry/channels/twilio"
	"belfry.dev/belfry/channels/webhook"
	"belfry.dev/belfry/channels/wecom"
)

// New returns a registry of all adapters, in the order in which they are shown.
// They share the client and the clock. The mail domain is the right side of
// Message-IDs and must not change; "" means the domain of each provider's sender.
func New(client *channels.Client, mailDomain string, now func() time.Time) (*channels.Registry, error) {
	return channels.NewRegistry(
		email.New(email.Config{Client: client, Domain: mailDomain, Now: now}),
		sms.New(client),
		alibabasms.New(client, now),
		tencentsms.New(client, now),
		twilio.New(client, now),
		webhook.New(client, now),
		dingtalk.New(client, now),
		wecom.New(client, now),
		feishu.New(client, now),
		slack.New(client, now),
		teams.New(client, now),
		telegram.New(client, now),
		jsonhook.New(client, now),
	)
}
