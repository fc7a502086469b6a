package list

import (
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// Notifications selects notifications of a list; its parts are combined
// with "and", and zero values select all.
type Notifications struct {
	Type   string
	Status models.NotificationStatus
	// ExternalID and DedupKey are exact. No index has the latter: it comes with Type,
	// whose index is read through.
	ExternalID string
	DedupKey   string
	// Deliveries are those of which it must have one; its times are left out.
	Deliveries Deliveries
	// From is inclusive, To exclusive.
	From, To time.Time
}

// Indexed keeps the databases from sorting what they think is little, where the list is read
// from the index of all notifications of an account.
func (f Notifications) Indexed(q *gorm.DB) *gorm.DB {
	if f.Type != "" || f.Status != "" || f.ExternalID != "" {
		return q
	}
	return q.Table("notifications " + IndexHint(q.Name(), "notifications_newest"))
}

// Apply narrows the rows of notifications.
func (f Notifications) Apply(q *gorm.DB) *gorm.DB {
	if f.Type != "" {
		q = q.Where("type = ?", f.Type)
	}
	if f.Status != "" {
		q = q.Where("status = ?", f.Status)
	}
	if f.ExternalID != "" {
		q = q.Where("external_id = ?", f.ExternalID)
	}
	if f.DedupKey != "" {
		q = q.Where("dedup_key = ?", f.DedupKey)
	}
	if !f.From.IsZero() {
		q = q.Where("created_at >= ?", f.From)
	}
	if !f.To.IsZero() {
		q = q.Where("created_at < ?", f.To)
	}
	return q
}

// With narrows to those that have such a delivery; rows begins to select deliveries of the
// same accounts. MySQL would begin with all such deliveries if it were asked whether one
// exists. Index: deliveries_notification or deliveries_slot.
func (f Notifications) With(q, rows *gorm.DB) *gorm.DB {
	if f.Deliveries.Everything() {
		return q
	}
	d := f.Deliveries
	d.From, d.To = time.Time{}, time.Time{}
	has := d.Apply(rows.Model(&models.Delivery{}).Select("1")).Where("deliveries.notification_id = notifications.id").Limit(1)
	return q.Where("(?) = 1", has)
}
