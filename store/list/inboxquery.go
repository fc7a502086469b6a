package list

import (
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/models"
)

// MySQL is what gorm calls MySQL.
const MySQL = "mysql"

// InboxQuery is a filter translated for the messages of one inbox. It names the
// index itself: neither database estimates "the newest twenty of a million" well.
// Each index begins with account_id and owner and ends with seq; in between stands
// what its name says: messages_seq, messages_read, messages_category,
// messages_category_read, messages_type, messages_type_read. The messages of one notification
// are few: messages_notification finds them.
type InboxQuery struct {
	dialect string
	index   string
	where   []string
	args    []any
}

// NewInboxQuery translates all of the filter but its times, which the caller
// translates into a range of seq.
func NewInboxQuery(dialect string, key models.InboxKey, filter models.InboxFilter) *InboxQuery {
	q := &InboxQuery{dialect: dialect, index: indexFor(filter)}
	q.And("account_id = ? AND owner = ?", key.AccountID, key.Owner)
	if filter.Category != "" {
		q.And("category = ?", filter.Category)
	}
	if filter.Type != "" {
		q.And("type = ?", filter.Type)
	}
	if filter.NotificationID != "" {
		q.And("notification_id = ?", Exactly(filter.NotificationID))
	}
	if filter.State != nil {
		q.And("read_state = ?", *filter.State)
	}
	if filter.Text != "" {
		// Both databases compare byte by byte here, and know no wildcards.
		q.And("INSTR(search_text, ?) > 0", models.Fold(filter.Text))
	}
	return q
}

func indexFor(filter models.InboxFilter) string {
	index := "messages"
	switch {
	case filter.NotificationID != "":
		return index + "_notification" // a handful of rows
	case filter.Type != "":
		index += "_type"
	case filter.Category != "":
		index += "_category"
	case filter.State == nil:
		return index + "_seq"
	}
	if filter.State != nil {
		index += "_read"
	}
	return index
}

// And narrows it.
func (q *InboxQuery) And(condition string, args ...any) {
	q.where = append(q.where, condition)
	q.args = append(q.args, args...)
}

// Between bounds seq: from ≤ seq ≤ to.
func (q *InboxQuery) Between(from, to int64) { q.And("seq BETWEEN ? AND ?", from, to) }

// Newest selects the columns of the newest limit rows after skipping skip rows. The
// numbers are written out: SQLite prepares a statement again for each new value of
// a limit.
func (q *InboxQuery) Newest(columns string, limit, skip int) (string, []any) {
	return "SELECT " + columns + " FROM messages " + q.condition() +
		" ORDER BY seq DESC LIMIT " + strconv.Itoa(limit) + " OFFSET " + strconv.Itoa(skip), q.args
}

// Update changes all selected rows.
func (q *InboxQuery) Update(set string, values ...any) (string, []any) {
	return "UPDATE messages " + IndexHint(q.dialect, q.index) + " SET " + set + " WHERE " + strings.Join(q.where, " AND "),
		append(values, q.args...)
}

// Remove deletes all selected rows.
func (q *InboxQuery) Remove() (string, []any) {
	if q.dialect == MySQL { // takes a hint in this form only
		return "DELETE m FROM messages AS m " + q.condition(), q.args
	}
	return "DELETE FROM messages " + q.condition(), q.args
}

func (q *InboxQuery) condition() string {
	return IndexHint(q.dialect, q.index) + " WHERE " + strings.Join(q.where, " AND ")
}

// IndexHint makes a statement use the index, or fail when it cannot.
func IndexHint(dialect string, index string) string {
	if dialect == MySQL {
		return "FORCE INDEX (" + index + ")"
	}
	return "INDEXED BY " + index
}

// ArrivedSince finds the first seq of a range of time, and ArrivedBefore the last
// (index messages_arrived): created_at never runs backwards along seq. mark shows the
// store's guard that a place in the inbox shows nothing of a category.
func ArrivedSince(dialect string, mark string, key models.InboxKey, from time.Time) (string, []any) {
	return "SELECT seq FROM messages " + IndexHint(dialect, "messages_arrived") +
		" WHERE " + mark + "account_id = ? AND owner = ? AND created_at >= ? ORDER BY created_at, seq LIMIT 1", []any{key.AccountID, key.Owner, from}
}

// ArrivedBefore is ArrivedSince for the end of the range.
func ArrivedBefore(dialect string, mark string, key models.InboxKey, to time.Time) (string, []any) {
	return "SELECT seq FROM messages " + IndexHint(dialect, "messages_arrived") +
		" WHERE " + mark + "account_id = ? AND owner = ? AND created_at < ? ORDER BY created_at DESC, seq DESC LIMIT 1", []any{key.AccountID, key.Owner, to}
}

// Keyed reports whether the text can be a category's or a type's key. Others
// select nothing; MySQL would ignore trailing spaces in them.
func Keyed(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-'
	}) < 0
}

// Storable moves a time into the range that both databases can compare; nothing
// was ever stored outside of it.
func Storable(at time.Time) time.Time {
	if first := time.Unix(0, 0); at.Before(first) {
		return first.UTC()
	}
	if last := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC); at.After(last) {
		return last
	}
	return at.UTC()
}
