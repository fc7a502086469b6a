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
}

// Submit is Accept for what producers submit, one by one, to a process that starts it
// before the dispatcher does: an event whose key an earlier one of the account, type,
// severity and submitter had counts on that one's notification while the window is
// open. It returns results in order; what was used for something else is refused by
// itself. It locks inboxes: call it last.
func (tx *Tx) Submit(ctx context.Context, submissions []models.Acceptance) ([]models.Submitted, error) {
	windows, err := tx.openWindows(ctx, submissions)
	if err != nil {
		return nil, err
	}
	results := make([]models.Submitted, len(submissions))
	for _, i := range byAccount(submissions) {
		a := submissions[i]
		results[i], err = tx.submit(ctx, a, windows[string(tx.dedupScope(a.Notification))])
		if models.CodeOf(err) == models.CodeConflict {
			results[i] = models.Submitted{Refusal: err}
		} else if err != nil {
			return nil, err
		}
	}
	return results, tx.closeUnused(ctx, windows)
}

// dedupScope is what equal events have in common; nil without a key. The submitter is
// a part of it: what a product says must not keep another one's from being heard. So
// is the severity: a critical event does not wait for what an info waits for.
func (tx *Tx) dedupScope(n models.Notification) []byte {
	if n.DedupKey == "" {
		return nil
	}
	return tx.vault.MAC("dedup window", string(n.AccountID), n.ProductID, n.Type, string(n.Severity), n.DedupKey)
}

// openWindows opens or joins the windows of all submissions with a key, and locks what
// they count on, before anything else is locked, always in the same order: two batches
// never wait for each other.
func (tx *Tx) openWindows(ctx context.Context, submissions []models.Acceptance) (map[string]*gathering, error) {
	windows := map[string]*gathering{}
	var rows []dedupWindow
	for _, a := range submissions {
		scope := tx.dedupScope(a.Notification)
		if scope == nil || windows[string(scope)] != nil {
			continue
		}
		windows[string(scope)] = &gathering{}
		rows = append(rows, dedupWindow{
			ScopeHash: scope, AccountID: a.Notification.AccountID,
			NotificationID: NewID(models.KindNotification), EndsAt: tx.now.Add(a.DedupWindow),
		})
	}
	slices.SortFunc(rows, func(a, b dedupWindow) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), bytes.Compare(a.ScopeHash, b.ScopeHash))
	})
	for _, row := range rows {
		g, err := tx.In(row.AccountID).openWindow(ctx, row)
		if err != nil {
			return nil, failed("open dedup window", err)
		}
		*windows[string(row.ScopeHash)] = g
	}
	return windows, nil
}

// openWindow inserts the window, takes over the one of before if that is over, or
// joins it, all in one statement. The notification is assigned before the window's
// end: MySQL assigns from left to right. Primary key.
func (tx TxScope) openWindow(ctx context.Context, mine dedupWindow) (gathering, error) {
	over := func(column string, value any) clause.Assignment {
		return clause.Assignment{
			Column: clause.Column{Name: column},
			Value:  gorm.Expr("CASE WHEN dedup_windows.ends_at <= ? THEN ? ELSE dedup_windows."+column+" END", tx.now(), value),
		}
	}
	rule := clause.OnConflict{
		Columns:   []clause.Column{{Name: "scope_hash"}},
		DoUpdates: []clause.Assignment{over("notification_id", mine.NotificationID), over("ends_at", mine.EndsAt)},
	}
	inserted := mine
	if err := tx.insertOr(ctx, rule, &inserted); err != nil {
		return gathering{}, err
	}
	held := dedupWindow{}
	if err := tx.rows(ctx).Where("scope_hash = ?", mine.ScopeHash).Take(&held).Error; err != nil {
		return gathering{}, err
	}
	if held.NotificationID == mine.NotificationID {
		return gathering{row: mine}, nil
	}
	return tx.join(ctx, held, mine)
}

// join locks what the window counts on. Where nobody would hear of that, the window
// begins anew.
func (tx TxScope) join(ctx context.Context, held, mine dedupWindow) (gathering, error) {
	first, err := one[models.Notification]("lock notification", forUpdate(listed(tx.rows(ctx))), held.NotificationID)
	if err == nil && first.Gathers(tx.now()) {
		return gathering{row: held, first: first}, nil
	}
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return gathering{}, err
	}
	err = tx.rows(ctx).Model(&dedupWindow{}).Where("scope_hash = ?", mine.ScopeHash).
		Updates(map[string]any{"notification_id": mine.NotificationID, "ends_at": mine.EndsAt}).Error
	return gathering{row: mine}, err
}

// submit accepts the submission, or counts it on the first of its window; w is nil
// without a key.
func (tx *Tx) submit(ctx context.Context, a models.Acceptance, w *gathering) (models.Submitted, error) {
	earlier, err := tx.Platform().countedBefore(ctx, a.Notification)
	if w != nil && w.first.ID != "" && earlier == nil && err == nil {
		// accept, which finds it among the notifications by itself, is not asked.
		earlier, err = tx.Platform().submittedBefore(ctx, a.Notification)
	}
	switch {
	case err != nil:
		return models.Submitted{}, err
	case earlier != nil:
		return *earlier, nil
	case w != nil && w.first.ID != "":
		return tx.count(ctx, a.Notification, w)
	case w != nil:
		a.Notification.ID = w.row.NotificationID
	default:
		a.Notification.ID = NewID(models.KindNotification)
	}
	stored, err := tx.accept(ctx, a, bySubmitter)
	if err != nil || stored.ID != a.Notification.ID {
		return models.Submitted{Notification: stored}, err
	}
	if w != nil {
		w.first = stored
	}
	return models.Submitted{Notification: stored, New: true}, tx.Platform().notCounted(ctx, stored)
}

// submittedBefore returns what became of the first submission with the product's
// external id; nil when there was none. Code conflict: that was another one. Indexes:
// notifications_external, primary keys.
func (p Platform) submittedBefore(ctx context.Context, n models.Notification) (*models.Submitted, error) {
	if n.ExternalID == "" {
		return nil, nil
	}
	earlier, err := p.sameSubmission(ctx, n)
	if models.CodeOf(err) == models.CodeNotFound {
		return p.countedBefore(ctx, n)
	}
	return &models.Submitted{Notification: earlier}, err
}

// countedBefore is submittedBefore for events that were counted on another one.
// Indexes: primary keys.
func (p Platform) countedBefore(ctx context.Context, n models.Notification) (*models.Submitted, error) {
	if n.ExternalID == "" {
		return nil, nil
	}
	var row dedupRepeat
	err := p.rows(ctx, oncePerProduct).Where("scope_hash = ? AND expires_at > ?", p.repeatScope(n), p.now()).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("find counted submission", err)
	}
	if !bytes.Equal(row.Fingerprint, n.Fingerprint) {
		return nil, takenExternalID()
	}
	first, err := one[models.Notification]("find counted submission", listed(p.rows(ctx, oncePerProduct)), row.NotificationID)
	if models.CodeOf(err) == models.CodeNotFound { // retention was here
		return nil, nil
	}
	return &models.Submitted{Notification: first, Deduplicated: true}, err
}

func (p Platform) repeatScope(n models.Notification) []byte {
	return p.vault.MAC("dedup repeat", n.ProductID, n.ExternalID)
}

// count counts an equal event on the first of its window, which is locked, and on its
// messages, and remembers its external id.
func (tx *Tx) count(ctx context.Context, n models.Notification, w *gathering) (models.Submitted, error) {
	scope := tx.In(n.AccountID)
	w.first.Repeats++
	seen := tx.now
	if last := w.first.RepeatedAt; last != nil && last.After(seen) {
		seen = *last
	}
	w.first.RepeatedAt = &seen
	change := map[string]any{"repeats": w.first.Repeats, "repeated_at": seen}
	if err := scope.updateNotification(ctx, w.first.ID, change); err != nil {
		return models.Submitted{}, err
	}
	if err := tx.claimRepeat(ctx, n, w.first.ID); err != nil {
		return models.Submitted{}, err
	}
	return models.Submitted{Notification: w.first, Deduplicated: true, Counted: true}, scope.countOnMessages(ctx, w.first.ID, change)
}

// countOnMessages brings the notification's messages up to date and raises the
// revisions of their inboxes, so that listeners look again. Indexes:
// messages_notification, primary key.
func (tx TxScope) countOnMessages(ctx context.Context, notification string, change map[string]any) error {
	var owners []string
	of := func() *gorm.DB {
		return tx.rows(ctx).Model(&models.Message{}).Where("notification_id = ?", notification)
	}
	if err := of().Distinct().Order("owner").Pluck("owner", &owners).Error; err != nil || len(owners) == 0 {
		return failed("find messages", err)
	}
	if err := of().Updates(change).Error; err != nil {
		return failed("count on messages", err)
	}
	err := tx.rows(ctx).Model(&models.InboxHead{}).Where("owner IN ?", owners).Update("revision", gorm.Expr("revision + 1")).Error
	return failed("count on messages", err)
}

// closeUnused removes the windows that were opened for what was not accepted after
// all. Primary key.
func (tx *Tx) closeUnused(ctx context.Context, windows map[string]*gathering) error {
	for _, w := range windows {
		if w.first.ID != "" {
			continue
		}
		err := tx.In(w.row.AccountID).rows(ctx).Where("scope_hash = ?", w.row.ScopeHash).Delete(&dedupWindow{}).Error
		if err != nil {
			return failed("close dedup window", err)
		}
	}
	return nil
}
