package store

import (
	"context"
	"errors"
	"fmt"

	"belfry.dev/belfry/store/upkeep"
	"gorm.io/gorm"
)

// ErrOtherSecret means that what the database keeps sealed was sealed with
// another secret than the configuration's.
var ErrOtherSecret = errors.New("the secret key is not the one that this database was made with")

// checkSecret compares the secret with the database's, and leaves its mark in a
// new one. Without it a wrong secret would show only when something sealed is read.
func (s *Store) checkSecret(ctx context.Context) error {
	kept, err := upkeep.Mark(s.engine.Reader.WithContext(ctx), s.vault.MAC("secret check"), func(fn func(*gorm.DB) error) error {
		return s.Write(ctx, func(tx *Tx) error { return fn(tx.db.WithContext(ctx)) })
	})
	if err != nil {
		return fmt.Errorf("check the secret key: %w", err)
	}
	if !s.vault.CheckMAC(kept, "secret check") {
		return ErrOtherSecret
	}
	return nil
}
