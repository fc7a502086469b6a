package store

import (
	"context"
	"errors"
	"time"

	"belfry.dev/belfry/models"
)

// Deliveries is what the workflow of a notification orders.
type Deliveries struct{ s *Store }

// Deliveries returns what the workflow of a notification orders.
func (s *Store) Deliveries() Deliveries { return Deliveries{s: s} }

// Dispatch returns what one attempt of the delivery needs, secrets decrypted.
// Indexes: primary keys, providers_channel.
func (h Deliveries) Dispatch(ctx context.Context, account models.AccountID, deliveryID string) (models.Dispatch, error) {
	var d models.Dispatch
	var err error
	sc := h.s.In(account)
	if d.Delivery, err = byID[models.Delivery](ctx, sc, deliveryID); err != nil {
		return d, err
	}
	if d.Notification, err = byID[models.Notification](ctx, sc, d.Delivery.NotificationID); err != nil {
		return d, err
	}
	if d.Delivery.Attempts > 0 {
		err := sc.rows(ctx).Where("delivery_id = ?", deliveryID).Order("number").Find(&d.Attempts).Error
		if err != nil {
			return d, failed("read attempts", err)
		}
	}
	if d.Recipient, err = sc.deliveries().recipient(ctx, d.Delivery, d.Notification.Type); err != nil {
		return d, err
	}
	h.dispatchToBot(&d)
	if d.Notification.Source.Manner().Proof {
		err = h.dispatchInvitation(ctx, sc, &d)
	}
	if err == nil {
		err = h.dispatchWith(ctx, sc, &d)
	}
	if err != nil {
		return d, err
	}
	return d, h.dispatchRoutes(ctx, &d)
}

// dispatchToBot opens the bot's secrets.
func (h Deliveries) dispatchToBot(d *models.Dispatch) {
	if d.Bot != nil {
		d.BotSecrets, d.Unreadable = h.s.unlock(d.Bot.ID, d.Bot.Secrets)
	}
}

// unlock decrypts secrets; true says that it cannot. An operator must see to the
// key of this process then: the deliveries of others go on, and those to this
// destination wait until their deadline.
func (s *Store) unlock(id string, sealed []byte) (secrets map[string]string, unreadable bool) {
	secrets, err := s.vault.OpenSecrets(id, sealed)
	if err != nil {
		s.log.Error("secrets cannot be decrypted with this secret key", "id", id)
	}
	return secrets, err != nil
}

// dispatchRoutes reads the channel's providers and what is known about all
// destinations of the delivery, in two queries.
func (h Deliveries) dispatchRoutes(ctx context.Context, d *models.Dispatch) error {
	var providers []models.Provider
	p := h.s.Platform()
	err := p.rows(ctx, "providers belong to no account").Where("channel = ? AND enabled = ?", d.Delivery.Channel, true).
		Order("position, id").Find(&providers).Error
	if err != nil {
		return failed("read providers", err)
	}
	keys := []string{models.BotDestination(d.Delivery.BotID)}
	for _, each := range providers {
		keys = append(keys, models.ProviderDestination(each.ID))
	}
	var states []models.DestinationState
	if err := p.rows(ctx, "states of the destinations of one delivery").Where("destination IN ?", keys).Find(&states).Error; err != nil {
		return failed("read destinations", err)
	}
	known := map[string]models.DestinationState{}
	for _, state := range states {
		known[state.Destination] = state
	}
	d.BotState = known[keys[0]]
	for i, each := range providers {
		secrets, unreadable := h.s.unlock(each.ID, each.Secrets)
		if unreadable {
			continue
		}
		d.Routes = append(d.Routes, models.Route{Provider: each, Secrets: secrets, State: known[keys[i+1]]})
	}
	return nil
}

// BeginAttempt records that the provider is about to be called, with the texts of the
// others in its envelope, too: the attempt's number must be the next one. It returns false,
// and records nothing, when another worker was faster, or one of the deliveries may not
// be tried any more: it is final, cancelled or past its time. Where the attempt is that of an
// envelope that has a row, notification is "".
func (h Deliveries) BeginAttempt(ctx context.Context, a models.Attempt, notification string, merged ...string) (bool, error) {
	begun := false
	err := h.s.Write(ctx, func(tx *Tx) error {
		begun = false
		scope := tx.In(a.AccountID)
		number := scope.deliveries().number
		if notification == "" {
			number = envelopesOf(scope).number
		}
		if first, err := number(ctx, a, notification, merged); err != nil || !first {
			return err
		}
		a.StartedAt = tx.Now()
		begun = true
		return failed("record attempt", scope.insert(ctx, &a))
	})
	if errors.Is(err, errOvertaken) {
		return false, nil
	}
	return begun, err
}

// number gives the delivery the attempt's number, and those that it tells of.
func (h txDeliveries) number(ctx context.Context, a models.Attempt, notification string, others []string) (bool, error) {
	n, err := h.tx.Notifications().lock(ctx, notification)
	if err != nil || n.CancelledAt != nil || !h.tx.now().Before(n.ExpiresAt) {
		return false, err
	}
	result := h.tx.rows(ctx).Model(&models.Delivery{}).
		Where("id = ? AND state = ? AND attempts = ?", a.DeliveryID, models.DeliveryPending, a.Number-1).
		Update("attempts", a.Number)
	if result.Error != nil || result.RowsAffected == 0 {
		return false, failed("number attempt", result.Error)
	}
	return true, h.carry(ctx, a, others)
}

// FinishAttempt records the attempt's outcome, what follows for the delivery and
// for the destination, and, when that was the last open delivery, the
// notification's status, which it returns. An attempt that has an outcome
// already, because its worker came too late, changes nothing.
func (h Deliveries) FinishAttempt(ctx context.Context, end models.AttemptEnd) (models.Progress, error) {
	var p models.Progress
	err := h.s.Write(ctx, func(tx *Tx) error {
		scope := tx.In(end.Delivery.AccountID)
		if end.Delivery.StandsForEnvelope() {
			var err error
			p, err = envelopesOf(scope).finish(ctx, tx, end)
			return err
		}
		n, err := scope.Notifications().lock(ctx, end.Delivery.NotificationID)
		if err != nil {
			return err
		}
		first, err := scope.deliveries().recordOutcome(ctx, end.Attempt)
		if err != nil {
			return err
		}
		if !first {
			p, err = scope.deliveries().settledOrOpen(ctx, n, end.Delivery.ID)
			return err
		}
		received, early, err := scope.deliveries().received(ctx, end)
		if err != nil {
			return err
		}
		if p, err = scope.deliveries().follow(ctx, n, received, end.Heirs); err != nil {
			return err
		}
		if early {
			p.Ended = append(p.Ended, received)
		}
		return tx.learn(ctx, end)
	})
	return p, err
}

// learn stores what the attempt taught about the address and the destination.
func (tx *Tx) learn(ctx context.Context, end models.AttemptEnd) error {
	if end.Bounced {
		if err := tx.bounce(ctx, end); err != nil {
			return err
		}
	}
	for _, e := range []models.DestinationEffect{end.Destination, end.Provider} {
		if err := tx.affect(ctx, e); err != nil {
			return err
		}
	}
	if len(end.Moved) == 0 {
		return nil
	}
	return tx.move(ctx, end)
}

// SettleDelivery ends or postpones the delivery without an attempt. It changes
// nothing when an attempt was begun since the delivery was read, or when it is
// final. It returns the notification's status, and the delivery when it stays open. Of the
// heirs models.TakeOver chooses who takes the place of a delivery that it ends.
func (h Deliveries) SettleDelivery(ctx context.Context, d models.Delivery, heirs models.Heirs) (models.Progress, error) {
	var p models.Progress
	err := h.s.Write(ctx, func(tx *Tx) error {
		scope := tx.In(d.AccountID)
		if d.StandsForEnvelope() {
			e, err := envelopesOf(scope).lock(ctx, d.ID)
			if err != nil {
				return err
			}
			p, err = envelopesOf(scope).move(ctx, e, d)
			return err
		}
		n, err := scope.Notifications().lock(ctx, d.NotificationID)
		if err != nil {
			return err
		}
		p, err = scope.deliveries().follow(ctx, n, d, heirs)
		if err == nil && d.EnvelopeID != "" { // its workflow waits for the envelope
			err = scope.wakes().wake(ctx, models.EntityNotification, n.ID)
		}
		return err
	})
	return p, err
}

// HoldDelivery postpones the delivery like SettleDelivery, and lets the notification live
// until expires if it would end before.
func (h Deliveries) HoldDelivery(ctx context.Context, d models.Delivery, expires time.Time) (models.Progress, error) {
	var p models.Progress
	err := h.s.Write(ctx, func(tx *Tx) error {
		scope := tx.In(d.AccountID)
		n, err := scope.Notifications().lock(ctx, d.NotificationID)
		if err != nil {
			return err
		}
		if p, err = scope.deliveries().follow(ctx, n, d, models.Heirs{}); err != nil || !expires.After(n.ExpiresAt) || n.Status.Final() {
			return err
		}
		return scope.Notifications().update(ctx, n.ID, map[string]any{"expires_at": expires})
	})
	return p, err
}

// deliveries reads the account's deliveries and their attempts.
type deliveries struct{ sc Scope }

// deliveries returns the account's deliveries and their attempts.
func (sc Scope) deliveries() deliveries { return deliveries{sc: sc} }

// txDeliveries reads and changes the account's deliveries and their attempts, in a transaction.
type txDeliveries struct {
	deliveries
	tx TxScope
}

// deliveries returns the account's deliveries and their attempts, inside the transaction.
func (tx TxScope) deliveries() txDeliveries {
	return txDeliveries{deliveries: tx.Scope.deliveries(), tx: tx}
}

func (h txDeliveries) recordOutcome(ctx context.Context, a models.Attempt) (bool, error) {
	result := h.tx.rows(ctx).Model(&models.Attempt{}).
		Where("delivery_id = ? AND number = ? AND outcome = ''", a.DeliveryID, a.Number).
		Updates(map[string]any{
			"finished_at": h.tx.now(), "outcome": a.Outcome, "reason": a.Reason,
			"provider_code": a.ProviderCode, "provider_message": a.ProviderMessage, "provider_ref": a.ProviderRef, "parts": a.Parts,
		})
	return result.RowsAffected > 0, failed("record outcome", result.Error)
}

// follow stores the delivery's new state; its number of attempts is the fence.
// What a cancelled notification would try again is cancelled instead. Heirs take the place
// of what it ends.
func (h txDeliveries) follow(ctx context.Context, n models.Notification, d models.Delivery, heirs models.Heirs) (models.Progress, error) {
	if !d.State.Final() && n.CancelledAt != nil {
		d.State, d.Reason, d.NextAttemptAt = models.DeliveryCancelled, models.ReasonCancelled, nil
	}
	change := map[string]any{"state": d.State, "reason": d.Reason, "next_attempt_at": d.NextAttemptAt}
	if d.State.Final() {
		change["next_attempt_at"], change["finished_at"] = nil, h.tx.now()
	}
	result := h.tx.rows(ctx).Model(&models.Delivery{}).
		Where("id = ? AND state = ? AND attempts = ?", d.ID, models.DeliveryPending, d.Attempts).Updates(change)
	if result.Error != nil {
		return models.Progress{}, failed("store delivery", result.Error)
	}
	var ended []models.Delivery
	if d.State.Final() {
		if err := h.release(ctx, n, d.ID); err != nil {
			return models.Progress{}, err
		}
		if result.RowsAffected > 0 && n.CancelledAt == nil {
			var err error
			if ended, err = h.takeOver(ctx, n, d, heirs); err != nil {
				return models.Progress{}, err
			}
		}
	}
	p, err := h.settledOrOpen(ctx, n, d.ID)
	p.Ended = ended
	return p, err
}

// takeOver has heirs take the place of the delivery, and returns those of them that are final
// because something speaks against them. The workflow hears of the others. Index:
// deliveries_notification.
func (h txDeliveries) takeOver(ctx context.Context, n models.Notification, lost models.Delivery, heirs models.Heirs) ([]models.Delivery, error) {
	if heirs.Shared == nil && len(heirs.Floor) == 0 {
		return nil, nil
	}
	all, err := h.of(ctx, n.ID)
	if err != nil {
		return nil, err
	}
	rows := models.TakeOver(all, lost, heirs)
	if len(rows) == 0 {
		return nil, nil
	}
	var ended []models.Delivery
	for i, row := range rows {
		rows[i] = h.planned(row, n.ID)
		if row.State.Final() {
			ended = append(ended, rows[i])
		}
	}
	if err := h.tx.insert(ctx, &rows); err != nil {
		return nil, failed("store deliveries that take over", err)
	}
	return ended, h.tx.wakes().wake(ctx, models.EntityNotification, n.ID)
}

// settledOrOpen returns the notification's status, brought up to date, and the
// delivery if it is still open.
func (h txDeliveries) settledOrOpen(ctx context.Context, n models.Notification, deliveryID string) (models.Progress, error) {
	d, err := one[models.Delivery]("read delivery", h.tx.rows(ctx), deliveryID)
	if err != nil {
		return models.Progress{}, err
	}
	if !d.State.Final() {
		return models.Progress{Status: n.Status, Pending: []models.Delivery{d}}, nil
	}
	status, _, err := h.tx.Notifications().settle(ctx, n)
	return models.Progress{Status: status}, err
}

// bounce remembers that a provider says the address does not exist, unless it was
// changed meanwhile; the first time it ends its invitation and tells the account.
// Index: primary key.
func (tx *Tx) bounce(ctx context.Context, end models.AttemptEnd) error {
	scope, now := tx.In(end.Delivery.AccountID), tx.Now()
	if err := scope.Invitations().holdContact(ctx, end.Delivery.ContactID); err != nil {
		return err
	}
	result := scope.rows(ctx).Model(&models.Address{}).
		Where("id = ? AND value_key = ? AND state <> ?", end.Delivery.AddressID, end.Delivery.AddressKey, models.AddressFailed).
		Updates(map[string]any{
			"state": models.AddressFailed, "reason": models.ReasonRecipientInvalid, "state_at": now, "updated_at": now,
		})
	if result.Error != nil || result.RowsAffected == 0 {
		return failed("flag address", result.Error)
	}
	if err := scope.Invitations().cancel(ctx, end.Delivery.AddressID); err != nil || end.Notice == nil {
		return err
	}
	_, err := tx.Accept(ctx, []models.Acceptance{*end.Notice})
	return err
}

// affect stores what an attempt taught about its destination, and accepts the
// alarm if this is what suspended it. The row is locked last: it is shared by
// all deliveries to the destination. Index: primary key.
func (tx *Tx) affect(ctx context.Context, e models.DestinationEffect) error {
	if e.Destination == "" {
		return nil
	}
	scope := tx.In(e.AccountID)
	if err := scope.Destinations().ensure(ctx, e.Destination); err != nil {
		return err
	}
	if err := scope.Destinations().update(ctx, e); err != nil {
		return err
	}
	if e.SuspendFor == "" {
		return tx.warn(ctx, e)
	}
	suspending := scope.rows(ctx).Model(&models.DestinationState{}).Where("destination = ? AND suspended_at IS NULL", e.Destination)
	if e.IfFailing {
		suspending = suspending.Where("failing_since <= ?", e.FailingSince)
	}
	result := suspending.Updates(map[string]any{"suspended_at": tx.Now(), "reason": e.SuspendFor})
	if result.Error != nil || result.RowsAffected == 0 || e.Alarm == nil {
		return failed("suspend destination", result.Error)
	}
	_, err := tx.Accept(ctx, []models.Acceptance{*e.Alarm})
	return err
}

func (h TxDestinations) update(ctx context.Context, e models.DestinationEffect) error {
	now := h.tx.now()
	change := map[string]any{"updated_at": now}
	switch {
	case e.Succeeded:
		change["failures"], change["failing_since"], change["last_success_at"] = 0, nil, now
	case e.Used:
		change["last_failure_at"] = now
	default:
		change["failures"], change["last_failure_at"] = increment("failures"), now
		if !e.FailingSince.IsZero() {
			change["failing_since"] = failingSince(e.FailingSince, now)
		}
	}
	if e.PausedUntil != nil {
		change["paused_until"] = latest("paused_until", *e.PausedUntil)
	}
	err := h.tx.rows(ctx).Model(&models.DestinationState{}).Where("destination = ?", e.Destination).Updates(change).Error
	return failed("update destination", err)
}
