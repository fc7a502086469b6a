// Package receipts reads and changes what the receipts of providers are about (models/receipt):
// attempts, and the deliveries that they told of. Its statements are those of a transaction
// that holds the notifications.
package receipts

import (
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/receipt"
)

// Attempt reads the attempt that the receipt names; false where the provider made none, or one
// with another message. Index: primary key.
func Attempt(rows *gorm.DB, r receipt.Receipt) (models.Attempt, bool, error) {
	var found []models.Attempt
	err := rows.Where("delivery_id = ? AND number = ? AND provider_id = ?", r.DeliveryID, r.Attempt, r.ProviderID).Limit(1).Find(&found).Error
	if err != nil || len(found) == 0 {
		return models.Attempt{}, false, err
	}
	return found[0], found[0].ProviderRef == "" || found[0].ProviderRef == r.Ref, nil
}

// Concerned are the deliveries that the attempt was about, or may yet turn out to have been,
// by their notifications: its own, and those in the envelope. Indexes: deliveries_contact,
// deliveries_notification, primary keys.
func Concerned(rows func() *gorm.DB, a models.Attempt) ([]models.Delivery, error) {
	of := aboutDelivery
	if strings.HasPrefix(a.DeliveryID, string(models.KindEnvelope)) {
		of = aboutEnvelope
	}
	all, err := of(rows, a)
	slices.SortFunc(all, func(x, y models.Delivery) int { return strings.Compare(x.NotificationID, y.NotificationID) })
	return all, err
}

func aboutEnvelope(rows func() *gorm.DB, a models.Attempt) ([]models.Delivery, error) {
	var envelopes []models.Envelope
	if err := rows().Where("id = ?", a.DeliveryID).Limit(1).Find(&envelopes).Error; err != nil || len(envelopes) == 0 {
		return nil, err
	}
	var all []models.Delivery
	err := rows().Where("contact_id = ? AND merged_into = ? AND attempts = ?", envelopes[0].ContactID, a.DeliveryID, a.Number).Find(&all).Error
	return all, err
}

func aboutDelivery(rows func() *gorm.DB, a models.Attempt) ([]models.Delivery, error) {
	var all []models.Delivery
	if err := rows().Where("id = ?", a.DeliveryID).Limit(1).Find(&all).Error; err != nil || len(all) == 0 {
		return nil, err
	}
	var of []models.Notification
	err := rows().Select("id", "merged_with").Where("id = ?", all[0].NotificationID).Limit(1).Find(&of).Error
	if err != nil || len(of) == 0 || len(of[0].MergedWith) == 0 {
		return all, err
	}
	var others []models.Delivery
	err = rows().Where("notification_id IN ? AND merged_into = ?", of[0].Others(), a.DeliveryID).Find(&others).Error
	return append(all, others...), err
}

// Record stores the receipt with its attempt, if it is news, and returns the attempt as it is
// then. Index: primary key.
func Record(rows func() *gorm.DB, r receipt.Receipt, now time.Time) (a models.Attempt, news bool, err error) {
	a, known, err := Attempt(locked(rows()), r)
	if err != nil || !known || !r.News(a, now) {
		return a, false, err
	}
	a.Receipt, a.ReceiptReason, a.ReceiptCode, a.ReceiptAt = r.State, r.Reason, r.Code, &now
	err = rows().Model(&models.Attempt{}).Where("delivery_id = ? AND number = ?", a.DeliveryID, a.Number).Updates(map[string]any{
		"receipt": a.Receipt, "receipt_reason": a.ReceiptReason, "receipt_code": a.ReceiptCode, "receipt_at": a.ReceiptAt,
	}).Error
	return a, true, err
}

// Settle brings the deliveries, whose notifications are held, to where the attempt's receipt
// leaves them, and returns those that changed. What still follows an envelope sees that one's
// end. Index: primary key.
func Settle(rows func() *gorm.DB, ids []string, a models.Attempt, now time.Time) ([]models.Delivery, error) {
	var all, changed []models.Delivery
	if err := locked(rows()).Where("id IN ?", ids).Order("id").Find(&all).Error; err != nil {
		return nil, err
	}
	for _, d := range all {
		next, moved := receipt.Settle(d, a, now)
		if !moved {
			continue
		}
		err := rows().Model(&models.Delivery{}).Where("id = ? AND state = ?", d.ID, d.State).
			Updates(map[string]any{"state": next.State, "reason": next.Reason, "finished_at": next.FinishedAt}).Error
		if err != nil {
			return nil, err
		}
		changed = append(changed, next)
	}
	return changed, nil
}

// Early is the delivery after an attempt whose receipt came before its end; true says that there
// was one. Index: primary key.
func Early(rows func() *gorm.DB, end models.AttemptEnd, now time.Time) (models.Delivery, bool, error) {
	if d := end.Delivery; d.State != models.DeliveryAccepted && d.State != models.DeliveryFailed {
		return d, false, nil
	}
	var found []models.Attempt
	err := locked(rows()).Where("delivery_id = ? AND number = ?", end.Attempt.DeliveryID, end.Attempt.Number).Limit(1).Find(&found).Error
	if err != nil || len(found) == 0 {
		return end.Delivery, false, err
	}
	d, early := receipt.Settle(end.Delivery, found[0], now)
	return d, early, nil
}

func locked(rows *gorm.DB) *gorm.DB { return rows.Clauses(clause.Locking{Strength: "UPDATE"}) }
