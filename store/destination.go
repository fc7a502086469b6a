package store

import (
	"context"

	"belfry.dev/belfry/models"
)

// maxWoken bounds how many waiting notifications one call wakes; the others look
// at their destination by themselves within minutes.
const maxWoken = 1000

// Destinations returns what is known about the destinations of the account (the
// platform's are the providers'), by name; those that were never used are
// missing. Index: primary key.
func (sc Scope) Destinations(ctx context.Context, names ...string) (map[string]models.DestinationState, error) {
	known := make(map[string]models.DestinationState, len(names))
	if len(names) == 0 {
		return known, nil
	}
	var rows []models.DestinationState
	if err := sc.rows(ctx).Where("destination IN ?", names).Find(&rows).Error; err != nil {
		return nil, failed("read destinations", err)
	}
	for _, row := range rows {
		known[row.Destination] = row
	}
	return known, nil
}

// ResumeBot ends the bot's suspension and pause and wakes the notifications
// that wait for it. Resuming what runs changes nothing.
func (tx TxScope) ResumeBot(ctx context.Context, id string) error {
	if err := tx.resume(ctx, models.BotDestination(id)); err != nil {
		return err
	}
	return tx.wakeBot(ctx, id)
}

// ResumeProvider is ResumeBot for a provider: it wakes the notifications of all
// accounts that wait on the channel.
func (tx TxPlatform) ResumeProvider(ctx context.Context, p models.Provider) error {
	if err := tx.in(models.Platform).resume(ctx, models.ProviderDestination(p.ID)); err != nil {
		return err
	}
	return tx.wakeChannel(ctx, p.Channel)
}

// in returns the rows of an account in the platform's transaction.
func (tx TxPlatform) in(account models.AccountID) TxScope {
	return TxScope{Scope{account: account, db: tx.db, vault: tx.vault, now: tx.now}}
}

func (tx TxScope) resume(ctx context.Context, destination string) error {
	err := tx.rows(ctx).Model(&models.DestinationState{}).Where("destination = ?", destination).Updates(map[string]any{
		"paused_until": nil, "suspended_at": nil, "reason": "", "failures": 0, "updated_at": tx.now(),
	}).Error
	return failed("resume destination", err)
}

// wakeBot tells the workflows with open deliveries to the bot. Index:
// deliveries_bot.
func (tx TxScope) wakeBot(ctx context.Context, id string) error {
	return tx.wakeOpen(ctx, "bot_id = ? AND state = ?", id)
}

// wakeOpen tells the workflows with open deliveries to one recipient, as which names it.
func (tx TxScope) wakeOpen(ctx context.Context, which, id string) error {
	var waiting []string
	err := tx.rows(ctx).Model(&models.Delivery{}).Where(which, id, models.DeliveryPending).
		Distinct("notification_id").Order("notification_id").Limit(maxWoken).Pluck("notification_id", &waiting).Error
	if err != nil {
		return failed("find waiting notifications", err)
	}
	return tx.wake(ctx, models.EntityNotification, waiting...)
}

// wakeChannel tells the workflows with open deliveries over the channel, those
// that expire first before others. Indexes: notifications_open,
// deliveries_notification.
func (tx TxPlatform) wakeChannel(ctx context.Context, channel models.Channel) error {
	var waiting []struct {
		ID        string
		AccountID models.AccountID
	}
	err := tx.rows(ctx, "a provider serves all accounts").Model(&models.Notification{}).
		Joins("JOIN deliveries ON deliveries.account_id = notifications.account_id AND deliveries.notification_id = notifications.id").
		Where("notifications.status = ? AND deliveries.state = ? AND deliveries.channel = ?", models.StatusPending, models.DeliveryPending, channel).
		Select("notifications.id AS id, notifications.account_id AS account_id").
		Group("notifications.id, notifications.account_id, notifications.expires_at").
		Order("notifications.expires_at, notifications.id").Limit(maxWoken).Scan(&waiting).Error
	if err != nil {
		return failed("find waiting notifications", err)
	}
	for _, each := range waiting {
		if err := tx.in(each.AccountID).wake(ctx, models.EntityNotification, each.ID); err != nil {
			return err
		}
	}
	return nil
}
