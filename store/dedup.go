package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// dedupWindow is the row of events that are equal: until EndsAt they count on the
// notification.
type dedupWindow struct {
	ScopeHash      []byte `gorm:"primaryKey"`
	AccountID      models.AccountID
	NotificationID string
	EndsAt         time.Time
}

// dedupRepeat is the row of an event that was counted and had an external id.
type dedupRepeat struct {
	ScopeHash      []byte `gorm:"primaryKey"`
	AccountID      models.AccountID
	NotificationID string
	Fingerprint    []byte
	ExpiresAt      time.Time
}

// gathering is a window that the transaction holds.
type gathering struct {
	row dedupWindow
	// first is what events count on; zero while none is stored, and the next one
	// becomes it.
	first models.Notification
	// counted says that first has counts that are not stored yet.
	counted bool
}

// Submit is Accept for what producers submit, one by one, to a process that starts it
// before the dispatcher does: an event whose key an earlier one of the account, type,
// severity and submitter had counts on that one's notification while the window is
// open. It returns results in order; what was used for something else is refused by
// itself. It locks inboxes: call it last.
func (tx *Tx) Submit(ctx context.Context, submissions []models.Acceptance) ([]models.Submitted, error) {
	windows, err := tx.dedup().openWindows(ctx, submissions)
	if err != nil {
		return nil, err
	}
	results, order := make([]models.Submitted, len(submissions)), byAccount(submissions)
	for k, i := range order {
		a := submissions[i]
		results[i], err = tx.dedup().submit(ctx, a, windows[string(tx.dedup().dedupScope(a.Notification))])
		if models.CodeOf(err) == models.CodeConflict {
			results[i] = models.Submitted{Refusal: err}
		} else if err != nil {
			return nil, err
		}
		account := a.Notification.AccountID
		if k == len(order)-1 || submissions[order[k+1]].Notification.AccountID != account {
			if err := tx.In(account).Notifications().storeCounts(ctx, windows); err != nil {
				return nil, err
			}
		}
		windows.count(&results[i].Notification)
	}
	return results, tx.dedup().closeUnused(ctx, windows)
}

// dedup is what repeats a submission, found and counted.
type dedup struct{ tx *Tx }

// dedup returns what repeats a submission, found and counted.
func (tx *Tx) dedup() dedup { return dedup{tx: tx} }

// dedupScope is what equal events have in common; nil without a key. The submitter is
// a part of it: what a product says must not keep another one's from being heard. So
// is the severity: a critical event does not wait for what an info waits for.
func (h dedup) dedupScope(n models.Notification) []byte {
	if n.DedupKey == "" {
		return nil
	}
	return h.tx.vault.MAC("dedup window", string(n.AccountID), n.ProductID, n.Type, string(n.Severity), n.DedupKey)
}

// gatherings are the windows that a transaction holds, by their scopes.
type gatherings map[string]*gathering

// count puts what was counted, and may not be stored yet, on a notification that was read.
func (g gatherings) count(n *models.Notification) {
	for _, w := range g {
		if w.counted && w.first.ID == n.ID {
			n.Repeats, n.RepeatedAt = w.first.Repeats, w.first.RepeatedAt
		}
	}
}

// openWindows opens or joins the windows of all submissions with a key, and locks what
// they count on, before anything else is locked, always in the same order: two batches
// never wait for each other crosswise. Who repeats the same events waits for the whole
// of the other's transaction, so it takes three statements, however many there are.
func (h dedup) openWindows(ctx context.Context, submissions []models.Acceptance) (gatherings, error) {
	windows, mine := gatherings{}, h.windowsOf(submissions)
	if len(mine) == 0 {
		return windows, nil
	}
	held, err := h.claimWindows(ctx, mine)
	if err != nil {
		return nil, failed("open dedup window", err)
	}
	firsts, err := h.lockFirsts(ctx, mine, held)
	if err != nil {
		return nil, failed("open dedup window", err)
	}
	for _, w := range mine {
		row := held[string(w.ScopeHash)]
		first, found := firsts[row.NotificationID]
		switch {
		case row.NotificationID == w.NotificationID:
			windows[string(w.ScopeHash)] = &gathering{row: w}
		case found && first.Gathers(h.tx.now):
			windows[string(w.ScopeHash)] = &gathering{row: row, first: first}
		default: // nobody would hear of what is counted on it
			if err := h.tx.In(w.AccountID).Notifications().beginAnew(ctx, w); err != nil {
				return nil, failed("open dedup window", err)
			}
			windows[string(w.ScopeHash)] = &gathering{row: w}
		}
	}
	return windows, nil
}

// windowsOf drafts the windows of the submissions, each once, in the order in which
// everybody locks them.
func (h dedup) windowsOf(submissions []models.Acceptance) []dedupWindow {
	seen := map[string]bool{}
	var rows []dedupWindow
	for _, a := range submissions {
		scope := h.dedupScope(a.Notification)
		if scope == nil || seen[string(scope)] {
			continue
		}
		seen[string(scope)] = true
		rows = append(rows, dedupWindow{
			ScopeHash: scope, AccountID: a.Notification.AccountID,
			NotificationID: NewID(models.KindNotification), EndsAt: h.tx.now.Add(a.DedupWindow),
		})
	}
	slices.SortFunc(rows, func(a, b dedupWindow) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), bytes.Compare(a.ScopeHash, b.ScopeHash))
	})
	return rows
}

// claimWindows inserts the windows, takes over those of before that are over, or joins
// them, all in one statement, and returns what is stored, by scope. The notification is
// assigned before the window's end: MySQL assigns from left to right. Primary key.
func (h dedup) claimWindows(ctx context.Context, mine []dedupWindow) (map[string]dedupWindow, error) {
	over := func(column string) clause.Assignment {
		return clause.Assignment{
			Column: clause.Column{Name: column},
			Value:  gorm.Expr("CASE WHEN dedup_windows.ends_at <= ? THEN "+h.tx.proposed(column)+" ELSE dedup_windows."+column+" END", h.tx.now),
		}
	}
	rule := clause.OnConflict{
		Columns:   []clause.Column{{Name: "scope_hash"}},
		DoUpdates: []clause.Assignment{over("notification_id"), over("ends_at")},
	}
	inserted := slices.Clone(mine)
	if err := h.tx.Platform().rows(ctx, manyAccounts).Clauses(rule).Create(&inserted).Error; err != nil {
		return nil, err
	}
	scopes := make([][]byte, len(mine))
	for i, w := range mine {
		scopes[i] = w.ScopeHash
	}
	var stored []dedupWindow
	err := h.tx.Platform().rows(ctx, manyAccounts).Where("scope_hash IN ?", scopes).Find(&stored).Error
	held := make(map[string]dedupWindow, len(stored))
	for _, w := range stored {
		held[string(w.ScopeHash)] = w
	}
	return held, err
}

// lockFirsts locks what the windows of before count on, in the order of ids, and returns
// it by id. Primary key.
func (h dedup) lockFirsts(ctx context.Context, mine []dedupWindow, held map[string]dedupWindow) (map[string]models.Notification, error) {
	var ids []string
	for _, w := range mine {
		if id := held[string(w.ScopeHash)].NotificationID; id != w.NotificationID {
			ids = append(ids, id)
		}
	}
	firsts := make(map[string]models.Notification, len(ids))
	if len(ids) == 0 {
		return firsts, nil
	}
	var locked []models.Notification
	err := forUpdate(listed(h.tx.Platform().rows(ctx, manyAccounts))).Where("id IN ?", ids).Order("id").Find(&locked).Error
	for _, n := range locked {
		firsts[n.ID] = n
	}
	return firsts, err
}

// beginAnew makes the window, which the transaction holds, the caller's. Primary key.
func (h TxNotifications) beginAnew(ctx context.Context, mine dedupWindow) error {
	return h.tx.rows(ctx).Model(&dedupWindow{}).Where("scope_hash = ?", mine.ScopeHash).
		Updates(map[string]any{"notification_id": mine.NotificationID, "ends_at": mine.EndsAt}).Error
}

// submit accepts the submission, or counts it on the first of its window; w is nil
// without a key.
func (h dedup) submit(ctx context.Context, a models.Acceptance, w *gathering) (models.Submitted, error) {
	earlier, err := h.tx.Platform().Submissions().countedBefore(ctx, a.Notification)
	if w != nil && w.first.ID != "" && earlier == nil && err == nil {
		// accept, which finds it among the notifications by itself, is not asked.
		earlier, err = h.tx.Platform().Submissions().before(ctx, a.Notification)
	}
	switch {
	case err != nil:
		return models.Submitted{}, err
	case earlier != nil:
		return *earlier, nil
	case w != nil && w.first.ID != "":
		return h.count(ctx, a.Notification, w)
	case w != nil:
		a.Notification.ID = w.row.NotificationID
	default:
		a.Notification.ID = NewID(models.KindNotification)
	}
	stored, err := h.tx.accept(ctx, a)
	if err != nil || stored.ID != a.Notification.ID {
		return models.Submitted{Notification: stored}, err
	}
	if w != nil {
		w.first = stored
	}
	return models.Submitted{Notification: stored, New: true}, h.tx.Platform().Submissions().notCounted(ctx, stored)
}

// before returns what became of the first submission with the product's
// external id; nil when there was none. Code conflict: that was another one. Indexes:
// notifications_external, primary keys.
func (h Submissions) before(ctx context.Context, n models.Notification) (*models.Submitted, error) {
	if n.ExternalID == "" {
		return nil, nil
	}
	earlier, err := h.sameSubmission(ctx, n)
	if models.CodeOf(err) == models.CodeNotFound {
		return h.countedBefore(ctx, n)
	}
	return &models.Submitted{Notification: earlier}, err
}

// countedBefore is submittedBefore for events that were counted on another one.
// Indexes: primary keys.
func (h Submissions) countedBefore(ctx context.Context, n models.Notification) (*models.Submitted, error) {
	if n.ExternalID == "" {
		return nil, nil
	}
	var row dedupRepeat
	err := h.p.rows(ctx, oncePerProduct).Where("scope_hash = ? AND expires_at > ?", h.repeatScope(n), h.p.now()).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("find counted submission", err)
	}
	if !bytes.Equal(row.Fingerprint, n.Fingerprint) {
		return nil, takenExternalID()
	}
	first, err := one[models.Notification]("find counted submission", listed(h.p.rows(ctx, oncePerProduct)), row.NotificationID)
	if models.CodeOf(err) == models.CodeNotFound { // retention was here
		return nil, nil
	}
	return &models.Submitted{Notification: first, Deduplicated: true}, err
}

func (h Submissions) repeatScope(n models.Notification) []byte {
	return h.p.vault.MAC("dedup repeat", n.ProductID, n.ExternalID)
}

// count counts an equal event on the first of its window, which is locked, and
// remembers its external id; storeCounts follows.
func (h dedup) count(ctx context.Context, n models.Notification, w *gathering) (models.Submitted, error) {
	seen := h.tx.now
	if last := w.first.RepeatedAt; last != nil && last.After(seen) {
		seen = *last
	}
	w.first.Repeats++
	w.first.RepeatedAt, w.counted = &seen, true
	return models.Submitted{Notification: w.first, Deduplicated: true, Counted: true}, h.claimRepeat(ctx, n, w.first.ID)
}

// storeCounts stores what was counted for the account: on the notifications and on their
// messages, and it raises the revisions of their inboxes, so that listeners look again.
// Indexes: primary keys, messages_notification.
func (h TxNotifications) storeCounts(ctx context.Context, windows gatherings) error {
	var counted []models.Notification
	for _, w := range windows {
		if w.counted && w.row.AccountID == h.tx.account {
			counted = append(counted, w.first)
		}
	}
	slices.SortFunc(counted, func(a, b models.Notification) int { return cmp.Compare(a.ID, b.ID) })
	ids := make([]string, len(counted))
	for i, n := range counted {
		ids[i] = n.ID
		change := map[string]any{"repeats": n.Repeats, "repeated_at": *n.RepeatedAt}
		if err := h.update(ctx, n.ID, change); err != nil {
			return err
		}
		err := h.tx.rows(ctx).Model(&models.Message{}).Where("notification_id = ?", n.ID).Updates(change).Error
		if err != nil {
			return failed("count on messages", err)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var owners []string
	err := h.tx.rows(ctx).Model(&models.Message{}).Where("notification_id IN ?", ids).Distinct().Order("owner").Pluck("owner", &owners).Error
	if err != nil || len(owners) == 0 {
		return failed("find messages", err)
	}
	err = h.tx.rows(ctx).Model(&models.InboxHead{}).Where("owner IN ?", owners).Update("revision", gorm.Expr("revision + 1")).Error
	return failed("count on messages", err)
}

// closeUnused removes the windows that were opened for what was not accepted after
// all. Primary key.
func (h dedup) closeUnused(ctx context.Context, windows gatherings) error {
	for _, w := range windows {
		if w.first.ID != "" {
			continue
		}
		err := h.tx.In(w.row.AccountID).rows(ctx).Where("scope_hash = ?", w.row.ScopeHash).Delete(&dedupWindow{}).Error
		if err != nil {
			return failed("close dedup window", err)
		}
	}
	return nil
}
