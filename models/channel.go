package models

// Channel is a medium.
type Channel string

// Channels. Inbox needs no configuration and depends on nothing but the database.
const (
	ChannelInbox   Channel = "inbox"
	ChannelEmail   Channel = "email"
	ChannelSMS     Channel = "sms"
	ChannelWebhook Channel = "webhook"
)
