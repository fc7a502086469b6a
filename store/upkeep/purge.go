package upkeep

import (
	"time"

	"gorm.io/gorm"
)

// batchPurged bounds the rows that one call deletes.
const batchPurged = 500

// Aging is a table whose rows nobody needs any more some time after the instant in a column.
type Aging struct{ table, key, column string }

// Agings are the tables with such rows. Indexes: idempotency_keys_expired, sessions_expired,
// throttles_ended, replaced_links_expired, dedup_windows_ended, dedup_repeats_expired,
// write_probes_at, pace_limits_used.
func Agings() []Aging {
	return []Aging{
		{"idempotency_keys", "scope_hash", "expires_at"},
		{"sessions", "id", "expires_at"},
		{"throttles", "bucket_key", "window_ends_at"},
		{"replaced_links", "token_hash", "expires_at"},
		{"dedup_windows", "scope_hash", "ends_at"},
		{"dedup_repeats", "scope_hash", "expires_at"},
		{"write_probes", "id", "at"},
		{"pace_limits", "name", "updated_at"},
	}
}

// Purge deletes some of the table's rows from before, and reports whether any may be left.
// rows begins a statement in the transaction.
func (a Aging) Purge(rows func() *gorm.DB, before time.Time) (deleted int64, left bool, err error) {
	var keys []any
	find := rows().Table(a.table).Where(a.column+" < ?", before).Limit(batchPurged)
	if err := find.Pluck(a.key, &keys).Error; err != nil || len(keys) == 0 {
		return 0, false, err
	}
	expired := rows().Table(a.table).Where(a.key+" IN ?", keys)
	result := expired.Where(a.column+" < ?", before).Delete(&struct{}{}) // one may have been taken over meanwhile
	return result.RowsAffected, result.RowsAffected == batchPurged, result.Error
}
