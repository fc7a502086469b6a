package store

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/list"
	"gorm.io/gorm"
)

// sweepLimit is the most messages that one transaction changes: some seconds'
// work for SQLite, whose one writer all others wait for.
const sweepLimit = 50_000

// summary are the columns of a message without its long texts.
const summary = "id, account_id, owner, seq, notification_id, type, category, severity, language, title, link, " +
	"read_state, read_at, read_by, read_by_name, repeats, repeated_at, created_at"

// Inbox reads one inbox: the account's, or a user's in it.
type Inbox struct {
	sc    Scope
	owner string
}

// TxInbox reads and changes one inbox in a transaction. Every change of a message
// raises the revision of the inbox's head.
type TxInbox struct {
	Inbox
	sweep int // bounds how many messages one transaction changes
}

// Inbox returns the account's inbox when owner is "", else the user's.
func (sc Scope) Inbox(owner string) Inbox { return Inbox{sc: sc, owner: owner} }

// Inbox returns the inbox inside the transaction.
func (tx TxScope) Inbox(owner string) TxInbox {
	return TxInbox{Inbox: tx.Scope.Inbox(owner), sweep: sweepLimit}
}

func (b Inbox) key() models.InboxKey {
	return models.InboxKey{AccountID: b.sc.account, Owner: b.owner}
}

func (b Inbox) rows(ctx context.Context) *gorm.DB { return b.sc.rows(ctx).Where("owner = ?", b.owner) }

// raw starts a hand-written statement on the inbox's rows.
func (b Inbox) raw(ctx context.Context) *gorm.DB {
	return b.sc.bound(ctx)
}

// Head returns the inbox's head; one without numbers before the first message
// came. All messages up to its Seq can be read from then on. Primary key.
func (b Inbox) Head(ctx context.Context) (models.InboxHead, error) {
	heads := []models.InboxHead{}
	if err := b.rows(ctx).Limit(1).Find(&heads).Error; err != nil {
		return models.InboxHead{}, failed("read inbox head", err)
	}
	if len(heads) == 0 {
		return models.InboxHead{AccountID: b.sc.account, Owner: b.owner}, nil
	}
	return heads[0], nil
}

// Messages returns a page of what the filter selects, newest first, without
// bodies, and the key of the next page. What arrives, is read or is deleted
// meanwhile neither repeats nor hides others. Indexes: see list.InboxQuery.
func (b Inbox) Messages(ctx context.Context, filter models.InboxFilter, page Page) ([]models.Message, string, error) {
	upTo := int64(math.MaxInt64)
	if page.After != "" {
		after, err := strconv.ParseInt(page.After, 10, 64)
		if err != nil {
			return nil, "", list.BadKey()
		}
		upTo = after - 1
	}
	messages := []models.Message{}
	query, err := b.query(ctx, filter, upTo)
	if err != nil || query == nil {
		return messages, "", failed("list messages", err)
	}
	text, args := query.Newest(summary, page.Size()+1, 0)
	if messages, err = b.scan(b.raw(ctx).Raw(text, args...), page.Size()+1); err != nil {
		return nil, "", failed("list messages", err)
	}
	messages, next := list.Cut(messages, page, func(m models.Message) string { return strconv.FormatInt(m.Seq, 10) })
	return messages, next, nil
}

// scan reads at most limit rows of the summary columns. It does by hand what gorm
// would do by reflection, which takes as long as the query itself.
func (b Inbox) scan(query *gorm.DB, limit int) ([]models.Message, error) {
	rows, err := query.Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // what could fail is in rows.Err
	messages := make([]models.Message, 0, limit)
	for rows.Next() {
		var m models.Message
		err := rows.Scan(&m.ID, &m.AccountID, &m.Owner, &m.Seq, &m.NotificationID, &m.Type, &m.Category, &m.Severity, &m.Language,
			&m.Title, &m.Link, &m.ReadState, &m.ReadAt, &m.ReadBy, &m.ReadByName, &m.Repeats, &m.RepeatedAt, &m.CreatedAt)
		if err != nil {
			return nil, err
		}
		messages = append(messages, m)
	}
	return messages, rows.Err()
}

// query translates the filter and the bound; nil when it can select nothing.
func (b Inbox) query(ctx context.Context, filter models.InboxFilter, upTo int64) (*list.InboxQuery, error) {
	if !list.Keyed(filter.Category) || !list.Keyed(filter.Type) {
		return nil, nil
	}
	from := int64(0)
	query := list.NewInboxQuery(b.dialect(), b.key(), filter)
	if text, args := b.sc.viewer.text(); text != "" {
		query.And(text, args...)
	}
	if !filter.From.IsZero() {
		text, args := list.ArrivedSince(b.dialect(), seenMark, b.key(), list.Storable(filter.From))
		first, found, err := b.seq(ctx, text, args)
		if err != nil || !found {
			return nil, err
		}
		from = first
	}
	if !filter.To.IsZero() {
		text, args := list.ArrivedBefore(b.dialect(), seenMark, b.key(), list.Storable(filter.To))
		last, found, err := b.seq(ctx, text, args)
		if err != nil || !found {
			return nil, err
		}
		upTo = min(upTo, last)
	}
	query.Between(from, upTo)
	return query, nil
}

// seq returns the one number that the statement finds, and whether it finds one.
func (b Inbox) seq(ctx context.Context, text string, args []any) (int64, bool, error) {
	numbers := []int64{}
	err := b.raw(ctx).Raw(text, args...).Scan(&numbers).Error
	if err != nil || len(numbers) == 0 {
		return 0, false, err
	}
	return numbers[0], true, nil
}

// After returns the messages with a greater seq, oldest first, at most limit,
// without bodies. Index: messages_seq.
func (b Inbox) After(ctx context.Context, seq int64, limit int) ([]models.Message, error) {
	messages := []models.Message{}
	err := b.rows(ctx).Select(strings.Split(summary, ", ")).Where("seq > ?", seq).Order("seq").Limit(limit).Find(&messages).Error
	return messages, failed("read new messages", err)
}

// Message returns one message whole; another inbox's is not found. Primary key.
func (b Inbox) Message(ctx context.Context, id string) (models.Message, error) {
	return one[models.Message]("read message", b.rows(ctx), id)
}

// Unread counts the unread messages. Index: messages_read.
func (b Inbox) Unread(ctx context.Context) (int64, error) {
	var count int64
	seen, args := b.seen()
	err := b.raw(ctx).Raw("SELECT COUNT(*) FROM messages "+list.IndexHint(b.dialect(), "messages_read")+
		" WHERE account_id = ? AND owner = ? AND read_state = ?"+seen, slices.Concat([]any{b.sc.account, b.owner, models.Unread}, args)...).
		Scan(&count).Error
	return count, failed("count unread messages", err)
}

// Counts counts the messages of each category that has some, sorted by category.
// Index: messages_category_read.
func (b Inbox) Counts(ctx context.Context) ([]models.InboxCount, error) {
	counts := []models.InboxCount{}
	seen, args := b.seen()
	err := b.raw(ctx).Raw("SELECT category, COUNT(*) AS total, COUNT(*) - SUM(read_state) AS unread FROM messages "+
		list.IndexHint(b.dialect(), "messages_category_read")+
		" WHERE account_id = ? AND owner = ?"+seen+" GROUP BY category ORDER BY category", slices.Concat([]any{b.sc.account, b.owner}, args)...).
		Scan(&counts).Error
	return counts, failed("count messages", err)
}

// CountLimit is how far Selected counts.
const CountLimit = 10_000

// Selected counts what the filter selects with Seq ≤ upTo, the newest CountLimit at most; it
// reports whether there are more. The category of the count is the filter's. Indexes: see
// list.InboxQuery.
func (b Inbox) Selected(ctx context.Context, filter models.InboxFilter, upTo int64) (models.InboxCount, bool, error) {
	count := models.InboxCount{Category: filter.Category}
	query, err := b.query(ctx, filter, upTo)
	if err != nil || query == nil {
		return count, false, failed("count messages", err)
	}
	text, args := query.Newest("read_state", CountLimit+1, 0)
	row := struct{ Total, Unread int64 }{}
	err = b.raw(ctx).Raw("SELECT COUNT(*) AS total, COUNT(*) - COALESCE(SUM(read_state), 0) AS unread FROM ("+text+") AS selected", args...).
		Scan(&row).Error
	count.Total, count.Unread = min(row.Total, CountLimit), min(row.Unread, CountLimit)
	return count, row.Total > CountLimit, failed("count messages", err)
}

func (b Inbox) dialect() string { return b.sc.db.Name() }

// seen continues a hand-written condition with the viewer's categories.
func (b Inbox) seen() (string, []any) {
	text, args := b.sc.viewer.text()
	if text != "" {
		text = " AND " + text
	}
	return text, args
}

// Reader is who reads messages.
type Reader struct {
	ID   string
	Name string
}

// Mark records that the reader has read the messages, unless somebody did before,
// and returns those ids of the inbox that the list names; others are not
// found. The first result are those that were unread. Primary key.
func (b TxInbox) Mark(ctx context.Context, ids []string, by Reader) (marked, found []string, err error) {
	before, err := b.pick(ctx, ids)
	if err != nil {
		return nil, nil, failed("find messages", err)
	}
	for _, m := range before {
		found = append(found, m.ID)
		if m.ReadState == models.Unread {
			marked = append(marked, m.ID)
		}
	}
	if len(marked) == 0 {
		return nil, found, nil
	}
	err = b.rows(ctx).Model(&models.Message{}).Where("id IN ?", marked).
		Updates(map[string]any{"read_state": models.Read, "read_at": b.sc.now(), "read_by": by.ID, "read_by_name": by.Name}).Error
	if err != nil {
		return nil, nil, failed("mark messages", err)
	}
	return marked, found, failed("mark messages", b.bump(ctx))
}

// Delete deletes the messages for good and returns those that there were;
// others are not found. Primary key.
func (b TxInbox) Delete(ctx context.Context, ids []string) ([]models.Message, error) {
	found, err := b.pick(ctx, ids)
	if err != nil || len(found) == 0 {
		return nil, failed("find messages", err)
	}
	gone := make([]string, 0, len(found))
	for _, m := range found {
		gone = append(gone, m.ID)
	}
	if err := b.rows(ctx).Where("id IN ?", gone).Delete(&models.Message{}).Error; err != nil {
		return nil, failed("delete messages", err)
	}
	return found, failed("delete messages", b.bump(ctx))
}

// pick locks the messages with these ids.
func (b TxInbox) pick(ctx context.Context, ids []string) ([]models.Message, error) {
	var asked []string
	for _, id := range ids {
		if list.ValidID(id) {
			asked = append(asked, id)
		}
	}
	messages := []models.Message{}
	if len(asked) == 0 {
		return messages, nil
	}
	err := forUpdate(b.rows(ctx)).Select("id", "title", "read_state").Where("id IN ?", asked).Order("id").Find(&messages).Error
	return messages, err
}

// Swept is what an operation on all selected messages did.
type Swept struct {
	// Changed is the number of messages.
	Changed int64
	// More says that the bound of one transaction was reached: newest messages
	// are changed first, and a repeat continues.
	More bool
}

// MarkAll records that the reader has read all unread messages that the filter
// selects with Seq ≤ upTo. Indexes: see list.InboxQuery.
func (b TxInbox) MarkAll(ctx context.Context, filter models.InboxFilter, upTo int64, by Reader) (Swept, error) {
	if filter.State != nil && *filter.State == models.Read {
		return Swept{}, nil
	}
	unread := models.Unread
	filter.State = &unread
	return b.sweepAll(ctx, filter, upTo, func(q *list.InboxQuery) (string, []any) {
		return q.Update("read_state = ?, read_at = ?, read_by = ?, read_by_name = ?", models.Read, b.sc.now(), by.ID, by.Name)
	})
}

// DeleteAll deletes for good all messages that the filter selects with Seq ≤ upTo.
// Indexes: see list.InboxQuery.
func (b TxInbox) DeleteAll(ctx context.Context, filter models.InboxFilter, upTo int64) (Swept, error) {
	return b.sweepAll(ctx, filter, upTo, func(q *list.InboxQuery) (string, []any) { return q.Remove() })
}

func (b TxInbox) sweepAll(ctx context.Context, filter models.InboxFilter, upTo int64, statement func(*list.InboxQuery) (string, []any)) (Swept, error) {
	query, err := b.query(ctx, filter, upTo)
	if err != nil || query == nil {
		return Swept{}, failed("select messages", err)
	}
	text, args := query.Newest("seq", 1, b.sweep)
	beyond, more, err := b.seq(ctx, text, args)
	if err != nil {
		return Swept{}, failed("select messages", err)
	}
	if more {
		query.Between(beyond+1, upTo)
	}
	text, args = statement(query)
	result := b.raw(ctx).Exec(text, args...)
	if result.Error != nil || result.RowsAffected == 0 {
		return Swept{}, failed("change messages", result.Error)
	}
	return Swept{Changed: result.RowsAffected, More: more}, failed("change messages", b.bump(ctx))
}

// bump records that something in the inbox changed. Primary key.
func (b TxInbox) bump(ctx context.Context) error {
	return b.rows(ctx).Model(&models.InboxHead{}).Update("revision", gorm.Expr("revision + 1")).Error
}

// headChunk is how many inboxes one statement asks for.
const headChunk = 200

// InboxHeads returns the heads of those inboxes that have one, in no order.
// Primary key.
func (p Platform) InboxHeads(ctx context.Context, keys []models.InboxKey) ([]models.InboxHead, error) {
	heads := make([]models.InboxHead, 0, len(keys))
	for len(keys) > 0 {
		chunk := keys[:min(headChunk, len(keys))]
		keys = keys[len(chunk):]
		var err error
		if heads, err = p.appendHeads(ctx, heads, chunk); err != nil {
			return nil, failed("read inbox heads", err)
		}
	}
	return heads, nil
}

func (p Platform) appendHeads(ctx context.Context, heads []models.InboxHead, keys []models.InboxKey) ([]models.InboxHead, error) {
	table, values := "inbox_heads", "(VALUES "
	if p.db.Name() == list.MySQL {
		table, values = "inbox_heads FORCE INDEX (PRIMARY)", "("
	}
	args := make([]any, 0, 2*len(keys))
	for _, key := range keys {
		args = append(args, string(key.AccountID), key.Owner)
	}
	rows, err := p.rows(ctx, "one poll serves the listeners of all accounts").
		Raw("SELECT account_id, owner, seq, revision FROM "+table+" WHERE (account_id, owner) IN "+
			values+strings.Repeat("(?, ?), ", len(keys)-1)+"(?, ?))", args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // what could fail is in rows.Err
	for rows.Next() {
		var h models.InboxHead
		if err := rows.Scan(&h.AccountID, &h.Owner, &h.Seq, &h.Revision); err != nil {
			return nil, err
		}
		heads = append(heads, h)
	}
	return heads, rows.Err()
}
