package models

// Provider is one configured way to send over a channel; a channel may have
// several, tried by Position, lowest first.
type Provider struct {
	ID      string `gorm:"primaryKey"`
	Channel Channel
	// Kind is the adapter's: "smtp", "sms_http", "webhook".
	Kind     string
	Name     string
	Position int
	Enabled  bool
	// Settings are the descriptor's fields that are no secrets.
	Settings map[string]string `gorm:"serializer:json"`
	// Secrets are the descriptor's secret fields, encrypted; write-only.
	Secrets []byte `json:"-"`
	Version int64
	Timestamps
}
