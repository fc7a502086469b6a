package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/pacing"
	"belfry.dev/belfry/store/reading"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// txEnvelopes changes the account's envelopes that have a row, in a transaction. Whoever holds
// a notification, too, locked that first; deliveries in an envelope are changed under its lock
// or under that of their notification.
type txEnvelopes struct{ tx TxScope }

func envelopesOf(tx TxScope) txEnvelopes { return txEnvelopes{tx: tx} }

// lock holds the envelope until the transaction ends. Index: primary key.
func (h txEnvelopes) lock(ctx context.Context, id string) (models.Envelope, error) {
	return one[models.Envelope]("lock envelope", forUpdate(h.tx.rows(ctx)), id)
}

// join puts what the plans gather into the envelopes that are open for it, in the order of
// their names: everybody locks them in the same order.
func (h txEnvelopes) join(ctx context.Context, all []drawn) error {
	plans := make([]*models.Plan, len(all))
	for i := range all {
		plans[i] = &all[i].plan
	}
	for _, j := range models.Joinings(plans) {
		if err := h.joinOne(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

// joinOne closes the envelope earlier where what joins wants that, or where it is full.
func (h txEnvelopes) joinOne(ctx context.Context, j models.Joining) error {
	e, err := h.open(ctx, j)
	if err != nil {
		return err
	}
	for _, d := range j.Deliveries {
		d.EnvelopeID = e.ID
	}
	joined, closes := e.Joined+len(j.Deliveries), e.ClosesAt
	if j.Gathering.ClosesAt.Before(closes) {
		closes = j.Gathering.ClosesAt
	}
	if joined >= models.MostJoined && !pacing.Queue(e) {
		closes = h.tx.now()
	}
	err = h.tx.rows(ctx).Model(&models.Envelope{}).Where("id = ?", e.ID).
		Updates(map[string]any{"joined": joined, "closes_at": closes, "next_at": closes}).Error
	if err != nil || e.Joined > 0 && closes.Equal(e.ClosesAt) {
		return failed("join envelope", err)
	}
	return h.tx.wakes().wake(ctx, models.EntityEnvelope, e.ID)
}

// open locks the envelope that is open for what joins; a new one where there is none. Index:
// envelopes_open.
func (h txEnvelopes) open(ctx context.Context, j models.Joining) (models.Envelope, error) {
	d, g := j.Deliveries[0], j.Gathering
	row := models.Envelope{
		ID: newID(models.KindEnvelope), AccountID: h.tx.account, Gathers: &g.Gathers, Category: g.Category, Channel: d.Channel,
		ContactID: d.ContactID, AddressID: d.AddressID, BotID: d.BotID, Recipient: d.Recipient, AddressKey: d.AddressKey,
		Language: d.Language, State: models.EnvelopeOpen, ClosesAt: g.ClosesAt, NextAt: &g.ClosesAt, CreatedAt: h.tx.now(),
	}
	if err := h.tx.insertOr(ctx, clause.OnConflict{DoNothing: true}, &row); err != nil {
		return row, failed("open envelope", err)
	}
	var rows []models.Envelope
	err := forUpdate(h.tx.rows(ctx)).Where("gathers = ?", g.Gathers).Limit(1).Find(&rows).Error
	if err == nil && len(rows) == 0 { // the step is repeated
		return row, models.Errorf(models.CodeUnavailable, "The envelope closed while something joined it.")
	}
	return append(rows, row)[0], failed("lock open envelope", err)
}

// members selects the open deliveries in the envelope. Indexes: deliveries_contact,
// deliveries_bot.
func members(ctx context.Context, sc Scope, e models.Envelope) *gorm.DB {
	q := sc.rows(ctx).Model(&models.Delivery{}).Where("state = ? AND merged_into = ?", models.DeliveryPending, e.ID)
	if e.BotID != "" {
		return q.Where("bot_id = ?", e.BotID)
	}
	return q.Where("contact_id = ?", e.ContactID)
}

// DispatchEnvelope is Dispatch for an envelope that has a row: the delivery stands for it, and
// what is in it, once it is due to close at now, is in With, the most urgent first.
func (h Deliveries) DispatchEnvelope(ctx context.Context, account models.AccountID, id string, now time.Time) (models.Dispatch, error) {
	sc := h.s.In(account)
	e, err := byID[models.Envelope](ctx, sc, id)
	d := models.Dispatch{Envelope: &e, Delivery: e.Delivery()}
	if err != nil || e.State.Final() || e.State == models.EnvelopeOpen && !pacing.Queue(e) && e.ClosesAt.After(now) {
		return d, err
	}
	if err := sc.rows(ctx).Where("delivery_id = ?", id).Order("number").Find(&d.Attempts).Error; err != nil {
		return d, failed("read attempts", err)
	}
	if d.With, err = parts(ctx, sc, e); err != nil || len(d.With) == 0 {
		return d, err
	}
	d.Notification, d.Recipient = d.With[0].Notification, d.With[0].Recipient
	h.dispatchToBot(&d)
	return d, h.dispatchRoutes(ctx, &d)
}

// parts reads what is in the envelope, the most urgent first. Whom it goes to is read once for
// each message type. Indexes: as members, primary keys.
func parts(ctx context.Context, sc Scope, e models.Envelope) ([]models.Part, error) {
	var rows []models.Delivery
	some := members(ctx, sc, e)
	if pacing.Queue(e) {
		some = foremost(some)
	}
	if err := some.Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, failed("read an envelope's deliveries", err)
	}
	all, ids := map[string]*models.Part{}, make([]string, len(rows))
	for i, d := range rows {
		ids[i] = d.NotificationID
		all[d.NotificationID] = &models.Part{Delivery: d}
	}
	var notifications []models.Notification
	if err := sc.rows(ctx).Where("id IN ?", ids).Find(&notifications).Error; err != nil {
		return nil, failed("read an envelope's notifications", err)
	}
	slices.SortFunc(notifications, pacing.Order(e))
	out := make([]models.Part, len(notifications))
	recipients := map[string]models.Recipient{}
	for i, n := range notifications {
		out[i] = *all[n.ID]
		out[i].Notification = n
		if r, known := recipients[n.Type]; known {
			out[i].Recipient = r
			continue
		}
		r, err := sc.deliveries().recipient(ctx, out[i].Delivery, n.Type)
		if err != nil {
			return nil, err
		}
		recipients[n.Type], out[i].Recipient = r, r
	}
	return out, nil
}

// CloseEnvelope closes the envelope, unless it is closed, and counts it against the limits, by
// message type and, under "", for all. What gets nothing of them leaves it: suppressed, with
// the reason. So does what its recipient has read in an inbox; then it stays open, and the
// limits are those of the rest. It returns what left.
func (h Deliveries) CloseEnvelope(ctx context.Context, e models.Envelope, in []models.Part, limits map[string][]models.Quota) ([]models.Part, error) {
	var gone []models.Part
	err := h.s.Write(ctx, func(tx *Tx) error {
		gone = nil
		scope := tx.In(e.AccountID)
		now, err := envelopesOf(scope).lock(ctx, e.ID)
		if err != nil || now.State != models.EnvelopeOpen {
			return err
		}
		if gone, err = envelopesOf(scope).leaveRead(ctx, now, in); err != nil || len(gone) > 0 {
			return err
		}
		refused, err := envelopesOf(scope).count(ctx, limits)
		if err != nil {
			return err
		}
		for reason, some := range models.Refused(in, refused) {
			if err := envelopesOf(scope).suppress(ctx, e, reason, some); err != nil {
				return err
			}
			gone = append(gone, some...)
		}
		return failed("close envelope", scope.rows(ctx).Model(&models.Envelope{}).Where("id = ?", e.ID).
			Updates(map[string]any{"state": models.EnvelopeClosed, "gathers": nil, "next_at": tx.Now()}).Error)
	})
	return gone, err
}

// leaveRead ends what the recipient of the locked envelope has read in an inbox, and returns it.
func (h txEnvelopes) leaveRead(ctx context.Context, e models.Envelope, in []models.Part) ([]models.Part, error) {
	read, err := reading.Known(func() *gorm.DB { return h.tx.rows(ctx) }, e, in)
	if err != nil || len(read) == 0 {
		return nil, failed("look for what was read", err)
	}
	return read, h.suppress(ctx, e, models.ReasonRead, read)
}

// count counts one message against each of the limits, and returns why some have nothing left.
func (h txEnvelopes) count(ctx context.Context, limits map[string][]models.Quota) (map[string]string, error) {
	plan, refused := models.Plan{Quotas: limits}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		plan.Deliveries = append(plan.Deliveries, models.Delivery{Slot: name, State: models.DeliveryPending})
	}
	if err := h.tx.Routing().takeQuotas(ctx, &plan); err != nil {
		return nil, err
	}
	for _, d := range plan.Deliveries {
		if d.State.Final() {
			refused[d.Slot] = d.Reason
		}
	}
	return refused, nil
}

// suppress ends deliveries that leave the envelope, and has their notifications hear of it.
// Index: primary key.
func (h txEnvelopes) suppress(ctx context.Context, e models.Envelope, reason string, some []models.Part) error {
	var ids, notifications []string
	for i := range some {
		d := &some[i].Delivery
		d.State, d.Reason = models.DeliverySuppressed, reason
		ids, notifications = append(ids, d.ID), append(notifications, d.NotificationID)
	}
	err := h.tx.rows(ctx).Model(&models.Delivery{}).Where("id IN ? AND merged_into = ? AND state = ?", ids, e.ID, models.DeliveryPending).
		Updates(map[string]any{"state": models.DeliverySuppressed, "reason": reason, "next_attempt_at": nil, "finished_at": h.tx.now()}).Error
	if err != nil {
		return failed("suppress an envelope's deliveries", err)
	}
	slices.Sort(notifications)
	return h.tx.wakes().wake(ctx, models.EntityNotification, notifications...)
}

// number gives the envelope the attempt's number, and what it tells of. It reports false when
// another worker was faster.
func (h txEnvelopes) number(ctx context.Context, a models.Attempt, _ string, others []string) (bool, error) {
	e, err := h.lock(ctx, a.DeliveryID)
	if err != nil || e.State != models.EnvelopeClosed || e.Attempts != a.Number-1 {
		return false, err
	}
	if err := h.tx.rows(ctx).Model(&models.Envelope{}).Where("id = ?", e.ID).Update("attempts", a.Number).Error; err != nil {
		return false, failed("number attempt", err)
	}
	return true, h.tx.deliveries().carry(ctx, a, others)
}

// finish records the outcome of an attempt, and what follows for the envelope and the
// destination.
func (h txEnvelopes) finish(ctx context.Context, tx *Tx, end models.AttemptEnd) (models.Progress, error) {
	e, err := h.lock(ctx, end.Delivery.ID)
	if err != nil {
		return models.Progress{}, err
	}
	first, err := h.tx.deliveries().recordOutcome(ctx, end.Attempt)
	if err != nil || !first {
		return progress(e), err
	}
	received, _, err := h.tx.deliveries().received(ctx, end)
	if err != nil {
		return progress(e), err
	}
	p, err := h.move(ctx, e, received)
	if err != nil {
		return p, err
	}
	return p, tx.learn(ctx, end)
}

func progress(e models.Envelope) models.Progress {
	if e.State.Final() {
		return models.Progress{}
	}
	return models.Progress{Pending: []models.Delivery{e.Delivery()}}
}

// move stores where the locked envelope stands now, as the delivery that stands for it says,
// unless another attempt was begun meanwhile. With the envelope ends what it told of; the rest
// goes on by itself.
func (h txEnvelopes) move(ctx context.Context, e models.Envelope, d models.Delivery) (models.Progress, error) {
	if e.State.Final() || e.Attempts != d.Attempts {
		return progress(e), nil
	}
	e.Reason, e.NextAt = d.Reason, d.NextAttemptAt
	if d.State.Final() {
		now := h.tx.now()
		e.State, e.Gathers, e.NextAt, e.FinishedAt, e.Accepted = d.Led().State, nil, nil, &now, d.Led().Accepted
	}
	err := h.tx.rows(ctx).Model(&models.Envelope{}).Where("id = ?", e.ID).Updates(map[string]any{
		"state": e.State, "reason": e.Reason, "gathers": e.Gathers, "next_at": e.NextAt, "finished_at": e.FinishedAt,
	}).Error
	if err != nil || !e.State.Final() {
		return progress(e), failed("store envelope", err)
	}
	return models.Progress{}, h.empty(ctx, e)
}

// empty ends what the final envelope told of, and lets the rest go on by itself. Indexes: as
// members, primary key.
func (h txEnvelopes) empty(ctx context.Context, e models.Envelope) error {
	var rows []models.Delivery
	if err := members(ctx, h.tx.Scope, e).Find(&rows).Error; err != nil || len(rows) == 0 {
		return failed("read an envelope's deliveries", err)
	}
	var notifications []string
	for _, alike := range e.Empty(rows, h.tx.now()) {
		ids, next := make([]string, len(alike)), alike[0]
		for i, d := range alike {
			ids[i], notifications = d.ID, append(notifications, d.NotificationID)
		}
		if err := h.tx.deliveries().moveAll(ctx, ids, next); err != nil {
			return err
		}
	}
	slices.Sort(notifications)
	return h.tx.wakes().wake(ctx, models.EntityNotification, notifications...)
}

// gathering are the account's open envelopes: when they close, by what they gather. Index:
// envelopes_open.
func (h Routing) gathering(ctx context.Context, t *models.Targets) error {
	if !t.Gathers() {
		return nil
	}
	var rows []models.Envelope
	if err := h.sc.rows(ctx).Select("gathers", "closes_at").Where("gathers IS NOT NULL").Find(&rows).Error; err != nil {
		return failed("read open envelopes", err)
	}
	t.Open = make(map[string]time.Time, len(rows))
	for _, e := range rows {
		t.Open[*e.Gathers] = e.ClosesAt
	}
	return nil
}
