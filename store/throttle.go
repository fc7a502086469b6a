package store

import (
	"context"
	"encoding/hex"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// throttle counts the hits of one bucket in its window.
type throttle struct {
	BucketKey    string `gorm:"primaryKey"`
	Count        int64
	WindowEndsAt time.Time
}

// Limits is what may happen so and so often.
type Limits struct{ s *Store }

// Limits returns what may happen so and so often.
func (s *Store) Limits() Limits { return Limits{s: s} }

// Hit counts one hit of the key and returns how long the caller must wait: zero
// when there were at most limit hits in the window, which starts with the first
// hit. Every hit counts, refused ones too, and parallel hits on any number of
// processes are counted exactly. The key, which may hold names and addresses, is
// stored as an HMAC.
func (h Limits) Hit(ctx context.Context, key string, limit int64, window time.Duration) (time.Duration, error) {
	var wait time.Duration
	err := h.s.Write(ctx, func(tx *Tx) error {
		row, err := tx.hit(ctx, h.s.vault.bucket(key), window)
		wait = 0
		if err == nil && row.Count > limit {
			wait = row.WindowEndsAt.Sub(tx.now)
		}
		return err
	})
	return wait, err
}

func (v *Vault) bucket(key string) string { return hex.EncodeToString(v.MAC("throttle", key)) }

// hit inserts first and counts on the existing row, all in one statement. The
// count is assigned before the window's end: MySQL assigns from left to right.
func (tx *Tx) hit(ctx context.Context, bucket string, window time.Duration) (throttle, error) {
	row := throttle{BucketKey: bucket, Count: 1, WindowEndsAt: tx.now.Add(window)}
	err := tx.db.WithContext(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "bucket_key"}},
		DoUpdates: []clause.Assignment{
			{Column: clause.Column{Name: "count"}, Value: gorm.Expr("CASE WHEN throttles.window_ends_at <= ? THEN 1 ELSE throttles.count + 1 END", tx.now)},
			{Column: clause.Column{Name: "window_ends_at"}, Value: gorm.Expr("CASE WHEN throttles.window_ends_at <= ? THEN ? ELSE throttles.window_ends_at END", tx.now, row.WindowEndsAt)},
		},
	}).Create(&row).Error
	if err != nil {
		return row, failed("count hit", err)
	}
	err = tx.db.WithContext(ctx).Where("bucket_key = ?", bucket).Take(&row).Error
	return row, failed("read hits", err)
}
