package store

import (
	"context"
	"slices"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// bulkWindow bounds the workflows of the bulk lane that were started, but have not
// planned yet, over all processes: what is started besides waits behind as many in
// the engine, and no more.
const bulkWindow = 200

const everyEntity = "workflows of all accounts are looked after"

// startOf is the row that has the dispatcher see to the notification. Announcements make
// many at once, and nobody waits for one of them.
func startOf(n models.Notification, trace string) models.Wakeup {
	w := models.Wakeup{
		EntityID: n.ID, Call: models.CallStart, Kind: models.EntityNotification, AccountID: n.AccountID,
		DueAt: n.CreatedAt, Trace: trace,
	}
	if n.Source == models.SourceAnnouncement {
		w.Lane = models.LaneBulk
	}
	return w
}

// txWakes changes which workflows of the account are to be woken, in a transaction.
type txWakes struct{ tx TxScope }

// wakes returns which workflows of the account are to be woken, inside the transaction.
func (tx TxScope) wakes() txWakes { return txWakes{tx: tx} }

// wake asks the dispatcher to have the entities' workflows look at their rows, and to
// start those that do not run. It belongs into the transaction that changed them.
func (h txWakes) wake(ctx context.Context, kind models.EntityKind, ids ...string) error {
	rows := make([]models.Wakeup, 0, len(ids))
	for _, id := range ids {
		w := models.Wakeup{EntityID: id, Call: models.CallWake, Kind: kind, AccountID: h.tx.account, DueAt: h.tx.now()}
		if kind != models.EntityNotification {
			w.Lane = models.LaneEntities
		}
		rows = append(rows, w)
	}
	if len(rows) == 0 {
		return nil
	}
	return failed("wake", h.tx.insertOr(ctx, dueAgain(), &rows))
}

// dueAgain makes a row that exists due when the one that could not be inserted is.
func dueAgain() clause.OnConflict {
	return clause.OnConflict{
		Columns:   []clause.Column{{Name: "notification_id"}, {Name: "kind"}},
		DoUpdates: clause.AssignmentColumns([]string{"due_at", "tries"}),
	}
}

// endStart says that the notification needs no start any more. Index: primary key.
func (h txWakes) endStart(ctx context.Context, notification string) error {
	err := h.tx.rows(ctx).Where("notification_id = ? AND kind = ?", notification, models.CallStart).Delete(&models.Wakeup{}).Error
	return failed("end the start", err)
}

// Wakeups is which workflows are to be started or woken.
type Wakeups struct{ s *Store }

// Wakeups returns which workflows are to be started or woken.
func (s *Store) Wakeups() Wakeups { return Wakeups{s: s} }

// ClaimWakeups returns up to limit rows that are due of each lane, oldest first, and
// leases them: they come due again after the lease unless ReleaseWakeups is called.
// Several processes may call it at once; each row goes to one of them. The bulk lane has
// what the urgent one leaves of limit, and no more of it are in the engine's hands at the
// same time than fit its window. Index: outbox_lane.
func (h Wakeups) ClaimWakeups(ctx context.Context, lease time.Duration, limit int) ([]models.Wakeup, error) {
	if err := h.adoptWakeups(ctx, limit); err != nil {
		return nil, err
	}
	waiting, err := h.s.Platform().wakeupsDue(ctx, h.s.Now())
	if err != nil || !waiting {
		return nil, failed("look for wake-ups", err)
	}
	var rows []models.Wakeup
	err = h.s.Write(ctx, func(tx *Tx) error {
		o := outbox{tx.Platform()}
		var err error
		if rows, err = o.claimable(ctx, limit); err != nil {
			return failed("claim wake-ups", err)
		}
		return failed("claim wake-ups", o.lease(ctx, rows, tx.Now().Add(lease)))
	})
	return rows, err
}

// wakeupsDue reports whether something is due in any lane.
func (p Platform) wakeupsDue(ctx context.Context, now time.Time) (bool, error) {
	var due []int
	q := p.wakeups(ctx).Select("1").Where("lane IN ? AND due_at <= ?", models.Lanes(), now)
	err := q.Limit(1).Scan(&due).Error
	return len(due) > 0, err
}

// outbox is the outbox of all accounts in a transaction.
type outbox struct{ TxPlatform }

// claimable locks what ClaimWakeups returns.
func (o outbox) claimable(ctx context.Context, limit int) ([]models.Wakeup, error) {
	rows, err := o.dueIn(ctx, models.LaneUrgent, limit)
	if err != nil {
		return nil, err
	}
	room, err := o.bulkRoom(ctx, limit-len(rows))
	if err != nil {
		return nil, err
	}
	bulk, err := o.dueIn(ctx, models.LaneBulk, room)
	if err != nil {
		return nil, err
	}
	others, err := o.dueIn(ctx, models.LaneEntities, limit)
	return append(append(rows, others...), bulk...), err
}

// dueIn locks up to limit rows of the lane that are due, oldest first.
func (o outbox) dueIn(ctx context.Context, lane models.Lane, limit int) ([]models.Wakeup, error) {
	var rows []models.Wakeup
	if limit <= 0 {
		return nil, nil
	}
	err := forUpdate(o.wakeups(ctx)).Where("lane = ? AND due_at <= ?", lane, o.now()).
		Order("lane, due_at, notification_id, kind").Limit(limit).Find(&rows).Error
	return rows, err
}

// bulkRoom is how many of the bulk lane may be claimed: most, unless those that are
// leased or watched fill the window.
func (o outbox) bulkRoom(ctx context.Context, most int) (int, error) {
	var started int64
	err := o.wakeups(ctx).Where("lane = ? AND due_at > ?", models.LaneBulk, o.now()).Count(&started).Error
	return min(most, bulkWindow-int(started)), err
}

// lease moves the rows to the instant and counts the try. Index: primary key.
func (o outbox) lease(ctx context.Context, rows []models.Wakeup, until time.Time) error {
	ids := map[models.Call][]string{}
	for i := range rows {
		ids[rows[i].Call] = append(ids[rows[i].Call], rows[i].EntityID)
		rows[i].DueAt, rows[i].Tries = until, rows[i].Tries+1
	}
	for call, some := range ids { // SQLite reads the whole table for pairs of ids and calls
		err := o.wakeups(ctx).Where("notification_id IN ? AND kind = ?", some, call).
			Updates(map[string]any{"due_at": until, "tries": gorm.Expr("tries + 1")}).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// claim is what rows have in common that were claimed together.
type claim struct {
	call  models.Call
	dueAt time.Time
	tries int
}

// ReleaseWakeups ends what was claimed and done, unless it was asked for again meanwhile.
// The start of a notification stays as a watch until its recipients were chosen: it comes
// due again when that should have happened planWithin ago. Index: primary key.
func (h Wakeups) ReleaseWakeups(ctx context.Context, done []models.Wakeup, planWithin time.Duration) error {
	claims := map[claim][]string{} // few: one for each call when all were claimed together, for the first time
	for _, w := range done {
		c := claim{w.Call, w.DueAt, w.Tries}
		claims[c] = append(claims[c], w.EntityID)
	}
	if len(claims) == 0 {
		return nil
	}
	return h.s.Write(ctx, func(tx *Tx) error {
		o := outbox{tx.Platform()}
		for c, ids := range claims {
			if err := o.release(ctx, c, ids, planWithin); err != nil {
				return failed("release wake-ups", err)
			}
		}
		return nil
	})
}

// release ends the claim of the entities, or turns it into a watch.
func (o outbox) release(ctx context.Context, c claim, ids []string, planWithin time.Duration) error {
	over := slices.Clone(ids)
	if c.call == models.CallStart {
		watch, err := o.unplanned(ctx, ids)
		if err != nil {
			return err
		}
		for due, some := range watch {
			if err := o.claimed(ctx, c, some).Update("due_at", due.Add(planWithin)).Error; err != nil {
				return err
			}
			over = slices.DeleteFunc(over, func(id string) bool { return slices.Contains(some, id) })
		}
	}
	if len(over) == 0 {
		return nil
	}
	return o.claimed(ctx, c, over).Delete(&models.Wakeup{}).Error
}

// claimed are the rows of the claim, but for those that were asked for again.
func (o outbox) claimed(ctx context.Context, c claim, ids []string) *gorm.DB {
	return o.wakeups(ctx).Where("notification_id IN ? AND kind = ? AND due_at = ? AND tries = ?", ids, c.call, c.dueAt, c.tries)
}

// unplanned returns those of the notifications that have no recipients yet, by the instant
// at which these are chosen. Index: primary key.
func (o outbox) unplanned(ctx context.Context, ids []string) (map[time.Time][]string, error) {
	var rows []models.Notification
	err := o.rows(ctx, everyEntity).Select("id", "schedule_at").
		Where("id IN ? AND planned_at IS NULL AND status IN ?", ids, open()).Find(&rows).Error
	now, by := o.now(), map[time.Time][]string{}
	for _, n := range rows {
		at := now
		if n.ScheduleAt != nil && n.ScheduleAt.After(at) {
			at = *n.ScheduleAt
		}
		by[at] = append(by[at], n.ID)
	}
	return by, err
}

func (p Platform) wakeups(ctx context.Context) *gorm.DB {
	return p.rows(ctx, everyEntity).Model(&models.Wakeup{})
}
