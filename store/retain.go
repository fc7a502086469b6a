package store

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/announcement"
	"belfry.dev/belfry/store/upkeep"
	"gorm.io/gorm"
)

const whyRetention = "retention serves all accounts"

// Bounds of one transaction of retention: rows that it looks at, and deliveries that
// it deletes.
const (
	retainBatch      = 200
	retainDeliveries = 5000
)

// clockSlack is how much the clocks of processes may differ when ids are compared
// with times.
const clockSlack = 24 * time.Hour

// Retention reads how long what is kept.
type Retention struct{ p Platform }

// Retention returns how long what is kept.
func (p Platform) Retention() Retention { return Retention{p: p} }

// TxRetention reads and changes how long what is kept, in a transaction.
type TxRetention struct {
	Retention
	tx TxPlatform
}

// Retention returns how long what is kept, inside the transaction.
func (tx TxPlatform) Retention() TxRetention {
	return TxRetention{Retention: tx.Platform.Retention(), tx: tx}
}

// Policy returns the policy. Index: primary key.
func (h Retention) Policy(ctx context.Context) (models.RetentionPolicy, error) {
	return one[models.RetentionPolicy]("read retention policy", h.p.rows(ctx, "there is one policy"), models.RetentionID)
}

// Update changes the policy. Codes: see change.
func (h TxRetention) Update(ctx context.Context, ifVersion int64, fn func(*models.RetentionPolicy) error) (before, after models.RetentionPolicy, err error) {
	version := func(p *models.RetentionPolicy) *int64 { return &p.Version }
	return change(h.tx.rows(ctx, "there is one policy"), models.RetentionID, ifVersion, version, fn)
}

// Retain deletes, of the kind, what the policy no longer keeps among the oldest rows
// behind the one given, in one small transaction; "" begins. What is open stays,
// whatever its age. Ids grow with time, so the primary key is the way through them.
func (h Attic) Retain(ctx context.Context, kind models.RetentionKind, after string) (models.Retained, error) {
	policy, err := h.s.Platform().Retention().Policy(ctx)
	if err != nil {
		return models.Retained{}, err
	}
	rule := policy.Rule(kind)
	cutoff, some := rule.Cutoff(h.s.Now())
	if !some {
		return models.Retained{After: after, Done: true}, nil
	}
	r := retainer{s: h.s, rule: rule, after: after, cutoff: cutoff}
	switch kind {
	case models.RetainMessages:
		return r.messages(ctx)
	case models.RetainNotifications:
		return r.ended(ctx)
	case models.RetainInvitations:
		return r.invitations(ctx)
	case models.RetainResources:
		return r.resources(ctx)
	}
	return r.announcements(ctx)
}

// retainer is one step of retention.
type retainer struct {
	s      *Store
	rule   models.RetentionRule
	after  string
	cutoff time.Time
}

// oldest selects the next rows of a kind that may be over.
func (r retainer) oldest(ctx context.Context, kind models.Kind) *gorm.DB {
	return r.s.Platform().rows(ctx, whyRetention).Where("id > ? AND id < ?", r.after, idAt(kind, r.cutoff.Add(clockSlack))).
		Order("id").Limit(retainBatch)
}

// idAt is the least id that is made at the time.
func idAt(kind models.Kind, at time.Time) string {
	var millis [8]byte
	binary.BigEndian.PutUint64(millis[:], uint64(max(0, at.UnixMilli())))
	return string(kind) + "_" + hex.EncodeToString(millis[2:])
}

// looked is the result after rows were looked at.
func (r retainer) looked(rows, deleted int, last string) models.Retained {
	if rows == 0 {
		return models.Retained{After: r.after, Done: true}
	}
	return models.Retained{After: last, Deleted: deleted, Done: rows < retainBatch}
}

func (r retainer) messages(ctx context.Context) (models.Retained, error) {
	var rows []models.Message
	err := r.oldest(ctx, models.KindMessage).Select("id", "account_id", "owner", "category", "created_at").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return r.looked(0, 0, ""), failed("find old messages", err)
	}
	var ids []string
	var inboxes [][]any
	for _, m := range rows {
		if r.rule.Over(m.Category, m.CreatedAt, r.s.Now()) {
			ids, inboxes = append(ids, m.ID), append(inboxes, []any{m.AccountID, m.Owner})
		}
	}
	if len(ids) > 0 {
		err = r.s.Write(ctx, func(tx *Tx) error { return tx.Platform().Retention().forgetMessages(ctx, ids, inboxes) })
	}
	return r.looked(len(rows), len(ids), rows[len(rows)-1].ID), err
}

// forgetMessages deletes messages and raises the revisions of their inboxes.
func (h TxRetention) forgetMessages(ctx context.Context, ids []string, inboxes [][]any) error {
	if err := h.tx.rows(ctx, whyRetention).Where("id IN ?", ids).Delete(&models.Message{}).Error; err != nil {
		return failed("delete old messages", err)
	}
	err := h.tx.rows(ctx, whyRetention).Model(&models.InboxHead{}).Where("(account_id, owner) IN ?", inboxes).
		Update("revision", gorm.Expr("revision + 1")).Error
	return failed("delete old messages", err)
}

// ended goes through envelopes, and then through notifications: in the order of their ids.
func (r retainer) ended(ctx context.Context) (models.Retained, error) {
	if r.after > string(models.KindNotification) {
		return r.notifications(ctx)
	}
	step, err := r.envelopes(ctx)
	if step.Done = false; step.After == r.after {
		return r.notifications(ctx)
	}
	return step, err
}

func (r retainer) notifications(ctx context.Context) (models.Retained, error) {
	var rows []models.Notification
	err := r.oldest(ctx, models.KindNotification).Select("id", "category", "status", "finished_at").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return r.looked(0, 0, ""), failed("find old notifications", err)
	}
	var ids []string
	for _, n := range rows {
		if n.Status.Final() && n.FinishedAt != nil && r.rule.Over(n.Category, *n.FinishedAt, r.s.Now()) {
			ids = append(ids, n.ID)
		}
	}
	deleted, err := r.forgetNotifications(ctx, ids)
	return r.looked(len(rows), deleted, rows[len(rows)-1].ID), err
}

// forgetNotifications deletes them in transactions of bounded size and returns how
// many are gone.
func (r retainer) forgetNotifications(ctx context.Context, ids []string) (int, error) {
	sizes, err := r.s.Platform().Retention().deliveryCounts(ctx, ids)
	if err != nil {
		return 0, err
	}
	deleted := 0
	for len(ids) > 0 {
		n, size := 1, sizes[ids[0]]
		for n < len(ids) && size+sizes[ids[n]] <= retainDeliveries {
			size += sizes[ids[n]]
			n++
		}
		gone := 0
		err := r.s.Write(ctx, func(tx *Tx) error {
			var err error
			gone, err = tx.Platform().Retention().forgetNotifications(ctx, ids[:n])
			return err
		})
		if err != nil {
			return deleted, err
		}
		deleted += gone
		ids = ids[n:]
	}
	return deleted, nil
}

// deliveryCounts counts the deliveries of each notification. Index: deliveries_slot.
func (h Retention) deliveryCounts(ctx context.Context, notifications []string) (map[string]int, error) {
	var rows []struct {
		NotificationID string
		Number         int
	}
	sizes := map[string]int{}
	if len(notifications) == 0 {
		return sizes, nil
	}
	err := h.p.rows(ctx, whyRetention).Model(&models.Delivery{}).Select("notification_id, COUNT(*) AS number").
		Where("notification_id IN ?", notifications).Group("notification_id").Find(&rows).Error
	for _, row := range rows {
		sizes[row.NotificationID] = row.Number
	}
	return sizes, failed("count old deliveries", err)
}

// forgetNotifications deletes those that are still final, with all that belongs to
// them. Indexes: primary keys, deliveries_slot.
func (h TxRetention) forgetNotifications(ctx context.Context, asked []string) (int, error) {
	var final []models.Notification
	err := forUpdate(h.tx.rows(ctx, whyRetention)).Select("id", "status").Where("id IN ?", asked).Order("id").Find(&final).Error
	if err != nil {
		return 0, failed("lock old notifications", err)
	}
	final = slices.DeleteFunc(final, func(n models.Notification) bool { return !n.Status.Final() }) // resent meanwhile
	ids := make([]string, len(final))
	for i, n := range final {
		ids[i] = n.ID
	}
	if len(ids) == 0 {
		return 0, nil
	}
	var old []models.Delivery
	err = h.tx.rows(ctx, whyRetention).Select("id").Where("notification_id IN ?", ids).Find(&old).Error
	if err != nil {
		return 0, failed("find old deliveries", err)
	}
	deliveries := make([]string, 0, len(old))
	for _, d := range old {
		deliveries = append(deliveries, d.ID)
	}
	for part := range slices.Chunk(deliveries, 500) {
		if err := h.tx.rows(ctx, whyRetention).Where("delivery_id IN ?", part).Delete(&models.Attempt{}).Error; err != nil {
			return 0, failed("delete old attempts", err)
		}
		if err := h.tx.rows(ctx, whyRetention).Where("id IN ?", part).Delete(&models.Delivery{}).Error; err != nil {
			return 0, failed("delete old deliveries", err)
		}
	}
	if err := h.tx.rows(ctx, whyRetention).Where("notification_id IN ?", ids).Delete(&models.Wakeup{}).Error; err != nil {
		return 0, failed("delete old outbox rows", err)
	}
	err = h.tx.rows(ctx, whyRetention).Where("id IN ?", ids).Delete(&models.Notification{}).Error
	return len(ids), failed("delete old notifications", err)
}

// envelopes deletes those that ended, with their attempts. Their deliveries, which point at
// them, end no earlier than they do.
func (r retainer) envelopes(ctx context.Context) (models.Retained, error) {
	var rows []models.Envelope
	err := r.oldest(ctx, models.KindEnvelope).Select("id", "category", "finished_at").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return r.looked(0, 0, ""), failed("find old envelopes", err)
	}
	var ids []string
	for _, e := range rows {
		if r.rule.OverOf(e, r.s.Now()) {
			ids = append(ids, e.ID)
		}
	}
	if len(ids) > 0 {
		err = r.s.Write(ctx, func(tx *Tx) error {
			all := func() *gorm.DB { return tx.Platform().rows(ctx, whyRetention) }
			return failed("delete old envelopes", upkeep.ForgetEnvelopes(all, ids))
		})
	}
	return r.looked(len(rows), len(ids), rows[len(rows)-1].ID), err
}

func (r retainer) announcements(ctx context.Context) (models.Retained, error) {
	var rows []announcement.Announcement
	err := r.oldest(ctx, models.KindAnnouncement).Select("id", "category", "state", "finished_at").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return r.looked(0, 0, ""), failed("find old announcements", err)
	}
	deleted := 0
	for _, a := range rows {
		if !a.State.Final() || a.FinishedAt == nil || !r.rule.Over(a.Category, *a.FinishedAt, r.s.Now()) {
			continue
		}
		err := r.s.Write(ctx, func(tx *Tx) error { return tx.Platform().Retention().forgetAnnouncement(ctx, a.ID) })
		if err != nil {
			return models.Retained{}, err
		}
		deleted++
	}
	return r.looked(len(rows), deleted, rows[len(rows)-1].ID), nil
}

// forgetAnnouncement deletes one that has ended, with its list.
func (h TxRetention) forgetAnnouncement(ctx context.Context, id string) error {
	if err := h.tx.rows(ctx, whyRetention).Where("announcement_id = ?", id).Delete(&announcementAccount{}).Error; err != nil {
		return failed("delete old announcement's list", err)
	}
	return failed("delete old announcement", h.tx.rows(ctx, whyRetention).Where("id = ?", id).Delete(&announcement.Announcement{}).Error)
}
