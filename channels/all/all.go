// Package all is the list of channel adapters. A new channel is a folder beside
// it and one line in Senders.
package all

import (
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/email"
	"belfry.dev/belfry/channels/sms"
	"belfry.dev/belfry/channels/webhook"
)

// Config is what the adapters of a deployment share.
type Config struct {
	// Client makes all outgoing calls.
	Client *channels.Client
	// MailDomain is the right side of Message-IDs; it must not change. "" means
	// the domain of each provider's sender.
	MailDomain string
	// Now is the clock.
	Now func() time.Time
}

// Senders returns all adapters, in the order in which they are shown.
func Senders(cfg Config) []channels.Sender {
	return []channels.Sender{
		email.New(email.Config{Client: cfg.Client, Domain: cfg.MailDomain, Now: cfg.Now}),
		sms.New(cfg.Client),
		webhook.New(cfg.Client, cfg.Now),
	}
}

// Registry returns a registry of all adapters.
func Registry(cfg Config) (*channels.Registry, error) {
	return channels.NewRegistry(Senders(cfg)...)
}
