package store

import (
	"context"
	"errors"

	"belfry.dev/belfry/models"
)

// maxWoken bounds how many waiting notifications one call wakes; the others look
// at their destination by themselves within minutes.
const maxWoken = 1000

// Destinations reads what is known of the bots and providers that the account's deliveries go to.
type Destinations struct{ sc Scope }

// Destinations returns what is known of the bots and providers that the account's deliveries go to.
func (sc Scope) Destinations() Destinations { return Destinations{sc: sc} }

// TxDestinations reads and changes what is known of the bots and providers that the account's deliveries go to, in a transaction.
type TxDestinations struct {
	Destinations
	tx TxScope
}

// Destinations returns what is known of the bots and providers that the account's deliveries go to, inside the transaction.
func (tx TxScope) Destinations() TxDestinations {
	return TxDestinations{Destinations: tx.Scope.Destinations(), tx: tx}
}

// States returns what is known about the destinations of the account (the
// platform's are the providers'), by name; those that were never used are
// missing. Index: primary key.
func (h Destinations) States(ctx context.Context, names ...string) (map[string]models.DestinationState, error) {
	known := make(map[string]models.DestinationState, len(names))
	if len(names) == 0 {
		return known, nil
	}
	var rows []models.DestinationState
	if err := h.sc.rows(ctx).Where("destination IN ?", names).Find(&rows).Error; err != nil {
		return nil, failed("read destinations", err)
	}
	for _, row := range rows {
		known[row.Destination] = row
	}
	return known, nil
}

// Resume ends the bot's suspension and pause and wakes the notifications
// that wait for it. Resuming what runs changes nothing.
func (h TxBots) Resume(ctx context.Context, id string) error {
	if err := h.tx.Destinations().resume(ctx, models.BotDestination(id)); err != nil {
		return err
	}
	return h.wake(ctx, id)
}

// Resume is ResumeBot for a provider: it wakes the notifications of all
// accounts that wait on the channel.
func (h TxProviders) Resume(ctx context.Context, p models.Provider) error {
	if err := h.tx.in(models.Platform).Destinations().resume(ctx, models.ProviderDestination(p.ID)); err != nil {
		return err
	}
	return h.wakeChannel(ctx, p.Channel)
}

// in returns the rows of an account in the platform's transaction.
func (tx TxPlatform) in(account models.AccountID) TxScope {
	return TxScope{Scope{account: account, db: tx.db, vault: tx.vault, now: tx.now}}
}

func (h TxDestinations) resume(ctx context.Context, destination string) error {
	err := h.tx.rows(ctx).Model(&models.DestinationState{}).Where("destination = ?", destination).Updates(map[string]any{
		"paused_until": nil, "suspended_at": nil, "reason": "", "failures": 0, "failing_since": nil, "updated_at": h.tx.now(),
	}).Error
	return failed("resume destination", err)
}

// wake tells the workflows with open deliveries to the bot. Index:
// deliveries_bot.
func (h TxBots) wake(ctx context.Context, id string) error {
	return h.tx.Destinations().wakeOpen(ctx, "bot_id = ? AND state = ?", id)
}

// wakeOpen tells the workflows with open deliveries to one recipient, as which names it.
func (h TxDestinations) wakeOpen(ctx context.Context, which, id string) error {
	var waiting []string
	err := h.tx.rows(ctx).Model(&models.Delivery{}).Where(which, id, models.DeliveryPending).
		Distinct("notification_id").Order("notification_id").Limit(maxWoken).Pluck("notification_id", &waiting).Error
	if err != nil {
		return failed("find waiting notifications", err)
	}
	if err := h.tx.wakes().wake(ctx, models.EntityNotification, waiting...); err != nil {
		return err
	}
	var envelopes []string
	err = h.tx.rows(ctx).Model(&models.Delivery{}).Where(which, id, models.DeliveryPending).Where("merged_into LIKE ?", string(models.KindEnvelope)+"%").
		Distinct("merged_into").Order("merged_into").Pluck("merged_into", &envelopes).Error
	if err != nil {
		return failed("find waiting envelopes", err)
	}
	return h.tx.wakes().wake(ctx, models.EntityEnvelope, envelopes...)
}

// wakeChannel tells the workflows with open deliveries over the channel, those
// that expire first before others. Indexes: notifications_open,
// deliveries_notification, envelopes_due.
func (h TxProviders) wakeChannel(ctx context.Context, channel models.Channel) error {
	var waiting []struct {
		ID        string
		AccountID models.AccountID
	}
	err := h.tx.rows(ctx, "a provider serves all accounts").Model(&models.Notification{}).
		Joins("JOIN deliveries ON deliveries.account_id = notifications.account_id AND deliveries.notification_id = notifications.id").
		Where("notifications.status = ? AND deliveries.state = ? AND deliveries.channel = ?", models.StatusPending, models.DeliveryPending, channel).
		Select("notifications.id AS id, notifications.account_id AS account_id").
		Group("notifications.id, notifications.account_id, notifications.expires_at").
		Order("notifications.expires_at, notifications.id").Limit(maxWoken).Scan(&waiting).Error
	if err != nil {
		return failed("find waiting notifications", err)
	}
	for _, each := range waiting {
		if err := h.tx.in(each.AccountID).wakes().wake(ctx, models.EntityNotification, each.ID); err != nil {
			return err
		}
	}
	var envelopes []models.Envelope
	err = h.tx.rows(ctx, "a provider serves all accounts").Select("id", "account_id").
		Where("next_at IS NOT NULL AND channel = ? AND reason = ?", channel, models.ReasonSuspended).
		Order("next_at, id").Limit(maxWoken).Find(&envelopes).Error
	for _, e := range envelopes {
		err = errors.Join(err, h.tx.in(e.AccountID).wakes().wake(ctx, models.EntityEnvelope, e.ID))
	}
	return failed("wake envelopes", err)
}
