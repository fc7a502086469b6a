package models

// Bot is a group-chat robot or webhook of an account.
type Bot struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	// Channel is the bot's medium; its adapter sends it.
	Channel Channel
	Name    string
	// Settings and Secrets are as in Provider; the webhook's URL is a secret.
	Settings map[string]string `gorm:"serializer:json"`
	Secrets  []byte            `json:"-"`
	// Hint is what may be shown of the URL: scheme, host and an ellipsis.
	Hint    string
	Enabled bool
	// CreatedBy is the id of the user who made it; "" when nobody knows.
	CreatedBy string
	Version   int64
	Timestamps
}
