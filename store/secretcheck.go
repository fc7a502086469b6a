package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// ErrOtherSecret means that what the database keeps sealed was sealed with
// another secret than the configuration's.
var ErrOtherSecret = errors.New("the secret key is not the one that this database was made with")

// secretCheck is the one row that tells secrets apart without telling them.
type secretCheck struct {
	ID  int64 `gorm:"primaryKey;autoIncrement:false"`
	Mac []byte
}

const secretCheckID = 1

// checkSecret compares the secret with the database's, and leaves its mark in a
// new one. Without it a wrong secret would show only when something sealed is read.
func (s *Store) checkSecret(ctx context.Context) error {
	row := secretCheck{ID: secretCheckID, Mac: s.vault.MAC("secret check")}
	var kept secretCheck
	err := s.engine.Reader.WithContext(ctx).Take(&kept, secretCheckID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = s.Write(ctx, func(tx *Tx) error {
			db := tx.db.WithContext(ctx)
			if err := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
				return err
			}
			return db.Take(&kept, secretCheckID).Error
		})
	}
	if err != nil {
		return fmt.Errorf("check the secret key: %w", err)
	}
	if !s.vault.CheckMAC(kept.Mac, "secret check") {
		return ErrOtherSecret
	}
	return nil
}
