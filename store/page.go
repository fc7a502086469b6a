package store

import (
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// Bounds of a page.
const (
	defaultLimit = 20
	maxLimit     = 500
)

// Page asks for a part of a list.
type Page struct {
	// After is the key that the list returned with the previous part; "" asks
	// for the first one.
	After string
	// Limit is the number of items: 1–500; zero means 20.
	Limit int
}

func (p Page) limit() int {
	if p.Limit <= 0 {
		return defaultLimit
	}
	return min(p.Limit, maxLimit)
}

// newest returns a part of q's rows, newest first by creation time and id, and
// the key to ask for the next part with, "" at the end. Rows that are inserted
// meanwhile neither repeat nor hide others.
func newest[T any](q *gorm.DB, page Page, key func(T) (time.Time, string)) ([]T, string, error) {
	if page.After != "" {
		at, id, err := parseTimeKey(page.After)
		if err != nil {
			return nil, "", err
		}
		// The first condition is the one that an index can use.
		q = q.Where("created_at <= ?", at).Where("created_at < ? OR id < ?", at, id)
	}
	rows := []T{}
	if err := q.Order("created_at DESC, id DESC").Limit(page.limit() + 1).Find(&rows).Error; err != nil {
		return nil, "", failed("list", err)
	}
	rows, next := cut(rows, page, func(row T) string { return timeKey(key(row)) })
	return rows, next, nil
}

// bySeq returns a part of q's rows, greatest seq first, and the next key.
func bySeq[T any](q *gorm.DB, page Page, seq func(T) int64) ([]T, string, error) {
	if page.After != "" {
		after, err := strconv.ParseInt(page.After, 10, 64)
		if err != nil {
			return nil, "", badKey()
		}
		q = q.Where("seq < ?", after)
	}
	rows := []T{}
	if err := q.Order("seq DESC").Limit(page.limit() + 1).Find(&rows).Error; err != nil {
		return nil, "", failed("list", err)
	}
	rows, next := cut(rows, page, func(row T) string { return strconv.FormatInt(seq(row), 10) })
	return rows, next, nil
}

// cut takes away the one row that was read to learn whether there are more.
func cut[T any](rows []T, page Page, key func(T) string) ([]T, string) {
	if len(rows) <= page.limit() {
		return rows, ""
	}
	rows = rows[:page.limit()]
	return rows, key(rows[len(rows)-1])
}

func timeKey(at time.Time, id string) string {
	return strconv.FormatInt(at.UnixMicro(), 10) + "," + id
}

func parseTimeKey(key string) (time.Time, string, error) {
	micros, id, found := strings.Cut(key, ",")
	at, err := strconv.ParseInt(micros, 10, 64)
	if !found || err != nil || !validID(id) {
		return time.Time{}, "", badKey()
	}
	return time.UnixMicro(at).UTC(), id, nil
}

func badKey() error {
	return models.Errorf(models.CodeMalformed, "The cursor is not one that this list returned.")
}
