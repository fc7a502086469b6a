package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/list"
	"belfry.dev/belfry/tracing"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Accept stores notifications with everything that makes them happen: the
// message of the account's inbox and its delivery (later for scheduled ones, never
// for an invitation's) and the outbox row, which is due at once: it is for what steps
// and transactions make, and what a process starts by itself goes through Submit. It
// fills in id, times and status, and returns what is stored, in order: for an external
// id that the product used before with the same content that is the earlier
// notification. Codes: conflict when the external id was used for something else. It
// locks inboxes: call it last.
func (tx *Tx) Accept(ctx context.Context, acceptances []models.Acceptance) ([]models.Notification, error) {
	stored := make([]models.Notification, len(acceptances))
	for part := range slices.Chunk(byAccount(acceptances), acceptTogether) {
		err := tx.acceptPart(ctx, acceptances, part, stored)
		if err != nil {
			return nil, err
		}
	}
	return stored, nil
}

// acceptTogether is how many notifications are stored by one set of statements.
const acceptTogether = 200

// acceptPart stores the acceptances with the indexes: together, unless one of them
// was submitted before.
func (tx *Tx) acceptPart(ctx context.Context, acceptances []models.Acceptance, part []int, stored []models.Notification) error {
	if len(part) > 1 {
		err := tx.acceptMany(ctx, acceptances, part, stored)
		if !errors.Is(err, gorm.ErrDuplicatedKey) {
			return failed("accept notifications", err)
		}
	}
	for _, i := range part {
		n, err := tx.accept(ctx, acceptances[i])
		if err != nil {
			return err
		}
		stored[i] = n
	}
	return nil
}

// byAccount returns the indexes in the order of accounts: everybody locks inboxes
// in the same order, so that two batches never wait for each other.
func byAccount(acceptances []models.Acceptance) []int {
	order := make([]int, len(acceptances))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(acceptances[a].Notification.AccountID, acceptances[b].Notification.AccountID)
	})
	return order
}

// received gives a notification what it has from its acceptance.
func (tx *Tx) received(n models.Notification) models.Notification {
	n.ID, n.CreatedAt = cmp.Or(n.ID, NewID(models.KindNotification)), tx.Now()
	n.Status = models.StatusPending
	if n.ScheduleAt != nil && n.ScheduleAt.After(n.CreatedAt) {
		n.Status = models.StatusScheduled
	}
	return n
}

// accept stores one notification; by says how long the dispatcher leaves its start to
// others.
func (tx *Tx) accept(ctx context.Context, a models.Acceptance) (models.Notification, error) {
	n := tx.received(a.Notification)
	scope := tx.In(n.AccountID)
	err := scope.insert(ctx, &n)
	if errors.Is(err, gorm.ErrDuplicatedKey) && n.ExternalID != "" {
		return tx.Platform().Submissions().sameSubmission(ctx, n)
	}
	if err != nil {
		return n, failed("accept notification", err)
	}
	start := startOf(n, tracing.Carry(ctx))
	if err := scope.insert(ctx, &start); err != nil {
		return n, failed("enqueue", err)
	}
	if n.Status == models.StatusScheduled || !n.Source.Manner().Inbox {
		return n, nil
	}
	return n, scope.messages().putInAccountInbox(ctx, n, a)
}

// putInAccountInbox writes the message, or the several, and the delivery that stands
// for it.
func (h txMessages) putInAccountInbox(ctx context.Context, n models.Notification, a models.Acceptance) error {
	d := inAccountInbox(n, a, h.tx.now())
	if err := h.tx.insert(ctx, &d); err != nil {
		return failed("record inbox delivery", err)
	}
	return h.append(ctx, a.Messages(n))
}

// inAccountInbox is the delivery that stands for the message in the account's inbox.
func inAccountInbox(n models.Notification, a models.Acceptance, now time.Time) models.Delivery {
	d := models.Delivery{
		ID: NewID(models.KindDelivery), AccountID: n.AccountID, NotificationID: n.ID, Slot: models.SlotAccountInbox,
		Channel: models.ChannelInbox, Language: a.Inbox.Locale, Locked: true, State: models.DeliveryDelivered,
		CreatedAt: now, FinishedAt: &now,
	}
	if a.Instead != nil && len(a.Instead) == 0 {
		d.Reason = models.ReasonMerged
	}
	return d
}

// manyAccounts is why these statements are bound to no account: each row carries its
// own, and none is changed but the heads of the inboxes that get a message.
const manyAccounts = "a batch is for many accounts"

// acceptMany does what accept does for each, in a fixed number of statements. When
// one of them was submitted before, the error is gorm.ErrDuplicatedKey and nothing
// is stored.
func (tx *Tx) acceptMany(ctx context.Context, acceptances []models.Acceptance, part []int, stored []models.Notification) error {
	b := batch{trace: tracing.Carry(ctx), heads: map[models.AccountID]int64{}}
	for _, i := range part {
		n := tx.received(acceptances[i].Notification)
		if n.AccountID == "" {
			return errUnguarded
		}
		stored[i] = n
		b.add(n, acceptances[i], tx.Now())
	}
	if err := tx.insertMany(ctx, &b.notifications); err != nil {
		return err
	}
	if err := tx.insertMany(ctx, &b.starts); err != nil || len(b.messages) == 0 {
		return broken(err)
	}
	if err := tx.insertMany(ctx, &b.deliveries); err != nil {
		return broken(err)
	}
	if err := tx.numberMany(ctx, b); err != nil {
		return broken(err)
	}
	return broken(tx.insertMany(ctx, &b.messages))
}

// broken keeps a failure after the first statement from being taken for an earlier
// submission: what was stored before it must go, too.
func broken(err error) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return errors.New("a new id exists already")
	}
	return err
}

// insertMany inserts rows of several accounts.
func (tx *Tx) insertMany(ctx context.Context, rows any) error {
	return tx.Platform().rows(ctx, manyAccounts).Omit(clause.Associations).Create(rows).Error
}

// batch is all rows that several notifications begin with, in the order of accounts.
type batch struct {
	trace         string
	notifications []models.Notification
	starts        []models.Wakeup
	deliveries    []models.Delivery
	messages      []models.Message
	// heads counts the new messages of each account's inbox; order lists the accounts.
	heads map[models.AccountID]int64
	order []models.AccountID
}

func (b *batch) add(n models.Notification, a models.Acceptance, now time.Time) {
	b.notifications = append(b.notifications, n)
	b.starts = append(b.starts, startOf(n, b.trace))
	if n.Status == models.StatusScheduled || !n.Source.Manner().Inbox {
		return
	}
	messages := a.Messages(n)
	b.deliveries = append(b.deliveries, inAccountInbox(n, a, now))
	b.messages = append(b.messages, messages...)
	if len(messages) == 0 {
		return
	}
	if b.heads[n.AccountID] == 0 {
		b.order = append(b.order, n.AccountID)
	}
	b.heads[n.AccountID] += int64(len(messages))
}

// numberMany is numberMessages for the inboxes of many accounts, whose heads it
// locks in order.
func (tx *Tx) numberMany(ctx context.Context, b batch) error {
	next, err := tx.advanceHeads(ctx, b)
	if err != nil {
		return err
	}
	for i := range b.messages {
		m := &b.messages[i]
		head := next[m.AccountID]
		m.ID, m.Seq, m.CreatedAt = NewID(models.KindMessage), head.Seq, head.LastAt
		m.SearchText = models.SearchText(m.Title, m.Body)
		head.Seq++
		next[m.AccountID] = head
	}
	return nil
}

// advanceHeads is advanceHead for many accounts: it returns each head with the first
// number that was taken. Index: primary key.
func (tx *Tx) advanceHeads(ctx context.Context, b batch) (map[models.AccountID]models.InboxHead, error) {
	heads := make([]models.InboxHead, len(b.order))
	for i, account := range b.order {
		heads[i] = models.InboxHead{AccountID: account, Seq: b.heads[account], Revision: 1, LastAt: tx.Now()}
	}
	rule := clause.OnConflict{
		Columns: []clause.Column{{Name: "account_id"}, {Name: "owner"}},
		DoUpdates: clause.Assignments(map[string]any{
			"seq":      gorm.Expr("inbox_heads.seq + " + tx.proposed("seq")),
			"revision": gorm.Expr("inbox_heads.revision + 1"), "last_at": latest("inbox_heads.last_at", tx.Now()),
		}),
	}
	if err := tx.Platform().rows(ctx, manyAccounts).Clauses(rule).Create(&heads).Error; err != nil {
		return nil, err
	}
	var moved []models.InboxHead
	err := tx.Platform().rows(ctx, manyAccounts).Where("account_id IN ? AND owner = ''", b.order).Find(&moved).Error
	first := make(map[models.AccountID]models.InboxHead, len(moved))
	for _, head := range moved {
		head.Seq -= b.heads[head.AccountID] - 1
		first[head.AccountID] = head
	}
	return first, err
}

// proposed is the value of the row that could not be inserted.
func (tx *Tx) proposed(column string) string {
	if tx.db.Name() == list.MySQL {
		return "VALUES(" + column + ")"
	}
	return "excluded." + column
}
