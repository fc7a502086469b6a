package upkeep

import (
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// secretCheck is the one row that tells secrets apart without telling them.
type secretCheck struct {
	ID  int64 `gorm:"primaryKey;autoIncrement:false"`
	Mac []byte
}

const secretCheckID = 1

// Mark returns the mark of the secret that the database was made with; in a new one it leaves
// mac. write runs its function in a transaction.
func Mark(db *gorm.DB, mac []byte, write func(func(*gorm.DB) error) error) ([]byte, error) {
	row, kept := secretCheck{ID: secretCheckID, Mac: mac}, secretCheck{}
	err := db.Take(&kept, secretCheckID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = write(func(db *gorm.DB) error {
			if err := db.Session(&gorm.Session{}).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
				return err
			}
			return db.Session(&gorm.Session{}).Take(&kept, secretCheckID).Error
		})
	}
	return kept.Mac, err
}
