package models

// Dispatch is what one attempt of a delivery needs.
type Dispatch struct {
	Notification Notification
	Delivery     Delivery
	// Attempts are those so far, by number.
	Attempts []Attempt
	Recipient
	BotSecrets map[string]string
	// Unreadable says that the bot's secrets cannot be decrypted with the key of
	// this process.
	Unreadable bool
	// Routes are the channel's enabled providers in the order they are tried,
	// without those whose secrets cannot be decrypted.
	Routes []Route
	// BotState is what is known about the bot as a destination.
	BotState DestinationState
	// Letter is what the messages of an invitation carry; nil for other sources, and
	// when the invitation is gone.
	Letter *Letter
	// With are the other open deliveries of its envelope, the most urgent first.
	With []Part
	// Envelope is set where an envelope that has a row is tried: Delivery stands for it, and
	// all that is in it is in With.
	Envelope *Envelope
}

// Part is a delivery in an envelope, with its notification.
type Part struct {
	Delivery     Delivery
	Notification Notification
	Recipient    Recipient
}

// Recipient is whom a delivery goes to, as things stand when it is tried, and what its
// account wants.
type Recipient struct {
	// Address is zero for bots, and when the address is gone.
	Address Address
	// Bot is nil for addresses, and when the bot is gone.
	Bot *Bot
	// Disabled says that the contact or bot is switched off.
	Disabled bool
	// Preferences are its words, quiet hours and bound, and nothing else of them; TimeZone is
	// the contact's, else the account's. Of the account there are name, alias and time zone.
	Preferences Preferences
	TimeZone    string
	Account     Account
	ContactKind ContactKind
	// Unsubscribed says that the address opted out of the type; NoMarketing, that its
	// contact wants no marketing.
	Unsubscribed bool
	NoMarketing  bool
	// Choice is what the account chose for the type; MarketingOff, for all of them.
	Choice       Choice
	MarketingOff bool
}

// Route is one provider with its decrypted secrets.
type Route struct {
	Provider Provider
	Secrets  map[string]string
	State    DestinationState
}
