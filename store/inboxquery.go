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
//
// The indexes are messages_seq (account_id, owner, seq), messages_read
// (…, read_state, seq), messages_category and messages_type (…, category or
// type, read_state, seq).
type inboxQuery struct {
	dialect string
	key     models.InboxKey
	index   string
	where   []string
	args    []any
	// states are the read states to ask for, each in its own ordered range of the
	// index; nil when the index is ordered without regard to them.
	states []models.ReadState
}

// newInboxQuery translates all of the filter but its times, which the caller
// translates into a range of seq.
func newInboxQuery(dialect string, key models.InboxKey, filter models.InboxFilter) *inboxQuery {
	q := &inboxQuery{dialect: dialect, key: key, index: "messages_seq"}
	q.and("account_id = ? AND owner = ?", key.AccountID, key.Owner)
	if filter.State != nil {
		q.index, q.states = "messages_read", []models.ReadState{*filter.State}
	}
	if filter.Category != "" {
		q.narrow("messages_category", "category = ?", filter.Category)
	}
	if filter.Type != "" {
		q.narrow("messages_type", "type = ?", filter.Type)
	}
	if filter.Text != "" {
		// Both databases compare byte by byte here, and know no wildcards.
		q.and("INSTR(search_text, ?) > 0", models.Fold(filter.Text))
	}
	return q
}

func (q *inboxQuery) and(condition string, args ...any) {
	q.where = append(q.where, condition)
	q.args = append(q.args, args...)
}

// narrow adds a condition that has an index in which each read state is a range.
func (q *inboxQuery) narrow(index, condition string, arg any) {
	q.index = index
	if q.states == nil {
		q.states = []models.ReadState{models.Unread, models.Read}
	}
	q.and(condition, arg)
}

// between bounds seq: from ≤ seq ≤ to.
func (q *inboxQuery) between(from, to int64) { q.and("seq BETWEEN ? AND ?", from, to) }

// newest selects the summary of the newest limit rows.
func (q *inboxQuery) newest(limit int) (string, []any) {
	if len(q.states) < 2 {
		where, args := q.inStates()
		return q.from("SELECT "+summary) + where + rows(limit, 0), args
	}
	found, args := q.numbers(limit, 0)
	return "SELECT " + summaryOf("m") + " FROM (" + found + ") AS n JOIN messages AS m " + indexHint(q.dialect, "messages_seq") +
		" ON m.account_id = ? AND m.owner = ? AND m.seq = n.seq ORDER BY n.seq DESC", append(args, q.key.AccountID, q.key.Owner)
}

// numbers selects the seq of the newest limit rows after skipping skip rows.
func (q *inboxQuery) numbers(limit, skip int) (string, []any) {
	if len(q.states) < 2 {
		where, args := q.inStates()
		return q.from("SELECT seq") + where + rows(limit, skip), args
	}
	// One range of the index for each read state, then the newest of both.
	var parts []string
	var args []any
	for _, state := range q.states {
		parts = append(parts, "SELECT seq FROM ("+q.from("SELECT seq")+strings.Join(q.where, " AND ")+
			" AND read_state = ?"+rows(limit+skip, 0)+") AS state_"+string('0'+rune(state)))
		args = append(append(args, q.args...), state)
	}
	return strings.Join(parts, " UNION ALL ") + rows(limit, skip), args
}

// rows ends a statement. The numbers are written out: SQLite prepares a statement
// again for each new value of a limit.
func rows(limit, skip int) string {
	return " ORDER BY seq DESC LIMIT " + strconv.Itoa(limit) + " OFFSET " + strconv.Itoa(skip)
}

// update changes all selected rows.
func (q *inboxQuery) update(set string, values ...any) (string, []any) {
	where, args := q.inStates()
	return "UPDATE messages " + q.hint() + " SET " + set + " WHERE " + where, append(values, args...)
}

// remove deletes all selected rows.
func (q *inboxQuery) remove() (string, []any) {
	where, args := q.inStates()
	if q.dialect == mysqlName { // takes a hint in this form only
		return "DELETE m FROM messages AS m " + q.hint() + " WHERE " + where, args
	}
	return q.from("DELETE") + where, args
}

// inStates returns the conditions with the one read state, if one is asked for.
func (q *inboxQuery) inStates() (string, []any) {
	where, args := strings.Join(q.where, " AND "), append([]any{}, q.args...)
	if len(q.states) == 1 {
		return where + " AND read_state = ?", append(args, q.states[0])
	}
	return where, args
}

func (q *inboxQuery) from(verb string) string {
	return verb + " FROM messages " + q.hint() + " WHERE "
}

func (q *inboxQuery) hint() string { return indexHint(q.dialect, q.index) }

// indexHint makes a statement use the index, or fail when it cannot.
func indexHint(dialect string, index string) string {
	if dialect == mysqlName {
		return "FORCE INDEX (" + index + ")"
	}
	return "INDEXED BY " + index
}

// arrivedSince and arrivedBefore find the seq at the ends of a range of time
// (index messages_arrived): created_at never runs backwards along seq.
func arrivedSince(dialect string, key models.InboxKey, from time.Time) (string, []any) {
	return "SELECT seq FROM messages " + indexHint(dialect, "messages_arrived") +
		" WHERE account_id = ? AND owner = ? AND created_at >= ? ORDER BY created_at, seq LIMIT 1", []any{key.AccountID, key.Owner, from}
}

func arrivedBefore(dialect string, key models.InboxKey, to time.Time) (string, []any) {
	return "SELECT seq FROM messages " + indexHint(dialect, "messages_arrived") +
		" WHERE account_id = ? AND owner = ? AND created_at < ? ORDER BY created_at DESC, seq DESC LIMIT 1", []any{key.AccountID, key.Owner, to}
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
