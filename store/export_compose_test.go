package store

import (
	"context"

	"gorm.io/gorm"

	"belfry.dev/belfry/store/upkeep"
)

// Touch is the write by which a store learns whether its database takes any.
func Touch(ctx context.Context, s *Store) error {
	return s.engine.Transaction(ctx, func(db *gorm.DB) error { return upkeep.Touch(db, s.id, s.Now()) })
}

// Exec lets tests store rows as earlier releases did.
func Exec(ctx context.Context, s *Store, statement string, values ...any) error {
	return s.engine.Writer.WithContext(ctx).Set(guardUnscoped, "a test plays an earlier release").Exec(statement, values...).Error
}

// CountRows counts rows that tests cannot see otherwise.
func CountRows(ctx context.Context, s *Store, of string) (n int64, err error) {
	err = s.engine.Reader.WithContext(ctx).Set(guardUnscoped, "a test looks at what is left").Raw("SELECT COUNT(*) FROM " + of).Scan(&n).Error
	return n, err
}
