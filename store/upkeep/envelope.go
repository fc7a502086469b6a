package upkeep

import (
	"gorm.io/gorm"

	"belfry.dev/belfry/models"
)

// ForgetEnvelopes deletes the envelopes, which ended, and their attempts; ids are not empty.
// rows begins a statement in the transaction. Indexes: primary keys.
func ForgetEnvelopes(rows func() *gorm.DB, ids []string) error {
	if err := rows().Where("delivery_id IN ?", ids).Delete(&models.Attempt{}).Error; err != nil {
		return err
	}
	return rows().Where("id IN ?", ids).Delete(&models.Envelope{}).Error
}
