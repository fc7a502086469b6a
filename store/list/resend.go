package list

import (
	"gorm.io/gorm"

	"belfry.dev/belfry/models"
)

// Resends selects what can be sent again; its parts are combined with "and", and zero
// values select all.
type Resends struct {
	// Deliveries has the times of the newest copy of a delivery. Its state narrows further.
	Deliveries
	// Type is the message type.
	Type string
}

// Resendable reports whether a delivery that is the newest of its key can be sent again: it
// ended without arriving, although it was to.
func Resendable(d models.Delivery) bool {
	return d.State == models.DeliveryFailed || d.State == models.DeliverySuppressed && d.Reason == models.ReasonExpired
}

// Find returns up to limit of them, those of the oldest notifications first; each is the
// newest of its key. rows begins to select rows of the account. Nothing is of a notification
// that was cancelled, or of an invitation. Indexes: as List, and deliveries_notification and
// the primary key of notifications for each row.
func (f Resends) Find(rows func() *gorm.DB, limit int) ([]models.Delivery, error) {
	later := rows().Table("deliveries AS later").Select("1").
		Where("later.notification_id = deliveries.notification_id AND later.id > deliveries.id").
		Where("later.replay_of = CASE WHEN deliveries.replay_of = '' THEN deliveries.id ELSE deliveries.replay_of END").Limit(1)
	of := rows().Model(&models.Notification{}).Select("1").
		Where("notifications.id = deliveries.notification_id AND cancelled_at IS NULL AND source <> ?", models.SourceInvitation).Limit(1)
	if f.Type != "" {
		of = of.Where("type = ?", f.Type)
	}
	var found []models.Delivery
	err := f.Apply(f.indexed(rows())).
		Where("(state = ? OR (state = ? AND reason = ?))", models.DeliveryFailed, models.DeliverySuppressed, models.ReasonExpired).
		Where("(?) = 1", of).Where("NOT EXISTS (?)", later).
		Select("id", "notification_id", "replay_of", "state", "reason", "channel", "contact_id", "bot_id", "recipient", "created_at").
		Order("notification_id").Order("id").Limit(limit).Find(&found).Error
	return found, err
}
