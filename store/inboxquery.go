package store

import (
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/engine"
)

// mysqlName is what gorm calls MySQL.
const mysqlName = string(engine.MySQL)

// inboxQuery is a filter translated for the messages of one inbox. It names the
// index itself: neither database estimates "the newest twenty of a million" well.
// Each index begins with account_id and owner and ends with seq; in between stands
// what its name says: messages_seq, messages_read, messages_category,
// messages_category_read, messages_type, messages_type_read. The messages of one notification
// are few: messages_notification finds them.
type inboxQuery struct {
	dialect string
	index   string
	where   []string
	args    []any
}

// newInboxQuery translates all of the filter but its times, which the caller
// translates into a range of seq.
func newInboxQuery(dialect string, key models.InboxKey, filter models.InboxFilter) *inboxQuery {
	q := &inboxQuery{dialect: dialect, index: indexFor(filter)}
	q.and("account_id = ? AND owner = ?", key.AccountID, key.Owner)
	if filter.Category != "" {
		q.and("category = ?", filter.Category)
	}
	if filter.Type != "" {
		q.and("type = ?", filter.Type)
	}
	if filter.NotificationID != "" {
		q.and("notification_id = ?", exactly(filter.NotificationID))
	}
	if filter.State != nil {
		q.and("read_state = ?", *filter.State)
	}
	if filter.Text != "" {
		// Both databases compare byte by byte here, and know no wildcards.
		q.and("INSTR(search_text, ?) > 0", models.Fold(filter.Text))
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

func (q *inboxQuery) and(condition string, args ...any) {
	q.where = append(q.where, condition)
	q.args = append(q.args, args...)
}

// between bounds seq: from ≤ seq ≤ to.
func (q *inboxQuery) between(from, to int64) { q.and("seq BETWEEN ? AND ?", from, to) }

// newest selects the columns of the newest limit rows after skipping skip rows. The
// numbers are written out: SQLite prepares a statement again for each new value of
// a limit.
func (q *inboxQuery) newest(columns string, limit, skip int) (string, []any) {
	return "SELECT " + columns + " FROM messages " + q.condition() +
		" ORDER BY seq DESC LIMIT " + strconv.Itoa(limit) + " OFFSET " + strconv.Itoa(skip), q.args
}

// update changes all selected rows.
func (q *inboxQuery) update(set string, values ...any) (string, []any) {
	return "UPDATE messages " + indexHint(q.dialect, q.index) + " SET " + set + " WHERE " + strings.Join(q.where, " AND "),
		append(values, q.args...)
}

// remove deletes all selected rows.
func (q *inboxQuery) remove() (string, []any) {
	if q.dialect == mysqlName { // takes a hint in this form only
		return "DELETE m FROM messages AS m " + q.condition(), q.args
	}
	return "DELETE FROM messages " + q.condition(), q.args
}

func (q *inboxQuery) condition() string {
	return indexHint(q.dialect, q.index) + " WHERE " + strings.Join(q.where, " AND ")
}

// indexHint makes a statement use the index, or fail when it cannot.
func indexHint(dialect string, index string) string {
	if dialect == mysqlName {
		return "FORCE INDEX (" + index + ")"
	}
	return "INDEXED BY " + index
}

// arrivedSince and arrivedBefore find the seq at the ends of a range of time
// (index messages_arrived): created_at never runs backwards along seq. A place in the inbox
// shows nothing of a category.
func arrivedSince(dialect string, key models.InboxKey, from time.Time) (string, []any) {
	return "SELECT seq FROM messages " + indexHint(dialect, "messages_arrived") +
		" WHERE " + seenMark + "account_id = ? AND owner = ? AND created_at >= ? ORDER BY created_at, seq LIMIT 1", []any{key.AccountID, key.Owner, from}
}

func arrivedBefore(dialect string, key models.InboxKey, to time.Time) (string, []any) {
	return "SELECT seq FROM messages " + indexHint(dialect, "messages_arrived") +
		" WHERE " + seenMark + "account_id = ? AND owner = ? AND created_at < ? ORDER BY created_at DESC, seq DESC LIMIT 1", []any{key.AccountID, key.Owner, to}
}

// keyed reports whether the text can be a category's or a type's key. Others
// select nothing; MySQL would ignore trailing spaces in them.
func keyed(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-'
	}) < 0
}

// storable moves a time into the range that both databases can compare; nothing
// was ever stored outside of it.
func storable(at time.Time) time.Time {
	if first := time.Unix(0, 0); at.Before(first) {
		return first.UTC()
	}
	if last := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC); at.After(last) {
		return last
	}
	return at.UTC()
}
