// Package list is what the lists of the store share: pages along an index, and what filters
// select.
package list

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

// Size is how many items the page has at most.
func (p Page) Size() int {
	if p.Limit <= 0 {
		return defaultLimit
	}
	return min(p.Limit, maxLimit)
}

// Newest returns a part of q's rows, newest first by creation time and id, and
// the key to ask for the next part with, "" at the end. Rows that are inserted
// meanwhile neither repeat nor hide others.
func Newest[T any](q *gorm.DB, page Page, key func(T) (time.Time, string)) ([]T, string, error) {
	if page.After != "" {
		at, id, err := parseTimeKey(page.After)
		if err != nil {
			return nil, "", err
		}
		// The first condition is the one that an index can use.
		q = q.Where("created_at <= ?", at).Where("created_at < ? OR id < ?", at, id)
	}
	rows := []T{}
	if err := q.Order("created_at DESC, id DESC").Limit(page.Size() + 1).Find(&rows).Error; err != nil {
		return nil, "", err
	}
	rows, next := Cut(rows, page, func(row T) string { return timeKey(key(row)) })
	return rows, next, nil
}

// BySeq returns a part of q's rows, greatest seq first, and the next key.
func BySeq[T any](q *gorm.DB, page Page, seq func(T) int64) ([]T, string, error) {
	if page.After != "" {
		after, err := strconv.ParseInt(page.After, 10, 64)
		if err != nil {
			return nil, "", BadKey()
		}
		q = q.Where("seq < ?", after)
	}
	rows := []T{}
	if err := q.Order("seq DESC").Limit(page.Size() + 1).Find(&rows).Error; err != nil {
		return nil, "", err
	}
	rows, next := Cut(rows, page, func(row T) string { return strconv.FormatInt(seq(row), 10) })
	return rows, next, nil
}

// Cut takes away the one row that was read to learn whether there are more.
func Cut[T any](rows []T, page Page, key func(T) string) ([]T, string) {
	if len(rows) <= page.Size() {
		return rows, ""
	}
	rows = rows[:page.Size()]
	return rows, key(rows[len(rows)-1])
}

func timeKey(at time.Time, id string) string {
	return strconv.FormatInt(at.UnixMicro(), 10) + "," + id
}

func parseTimeKey(key string) (time.Time, string, error) {
	micros, id, found := strings.Cut(key, ",")
	at, err := strconv.ParseInt(micros, 10, 64)
	if !found || err != nil || !ValidID(id) {
		return time.Time{}, "", BadKey()
	}
	return time.UnixMicro(at).UTC(), id, nil
}

// BadKey refuses what no list returned. Code malformed-request.
func BadKey() error {
	return models.Errorf(models.CodeMalformed, "The cursor is not one that this list returned.")
}

// maxID is the width of id columns.
const maxID = 40

// ValidID reports whether the text can be an id. Others are never asked for: MySQL
// ignores trailing spaces where SQLite does not.
func ValidID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for _, c := range []byte(id) {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c == '_' || c == '-') {
			return false
		}
	}
	return true
}

// Exactly makes a text that ends with a space one that nothing equals: MySQL would
// ignore the space where SQLite does not.
func Exactly(text string) string {
	if text != "" && text[len(text)-1] == ' ' {
		return "\x00"
	}
	return text
}
