package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
)

// Bot returns one bot. Index: primary key.
func (sc Scope) Bot(ctx context.Context, id string) (models.Bot, error) {
	return byID[models.Bot](ctx, sc, id)
}

// Bots returns a page of the account's bots, newest first. Index: bots_newest.
func (sc Scope) Bots(ctx context.Context, page Page) ([]models.Bot, string, error) {
	return newest(sc.rows(ctx), page, func(b models.Bot) (time.Time, string) { return b.CreatedAt, b.ID })
}

// BotsBy returns the bots that the user made and that are switched on, oldest first; empty,
// never nil. Index: bots_newest.
func (sc Scope) BotsBy(ctx context.Context, user string) ([]models.Bot, error) {
	made := []models.Bot{}
	err := sc.rows(ctx).Where("created_by = ? AND enabled = ?", user, true).Order("created_at, id").Find(&made).Error
	return made, failed("read bots of their maker", err)
}

// BotSecrets decrypts the bot's secrets; empty, never nil.
func (sc Scope) BotSecrets(bot models.Bot) (map[string]string, error) {
	return sc.vault.openSecrets(bot.ID, bot.Secrets)
}

// CreateBot inserts the bot with its secrets; it fills in id, account, version
// and times. Code limit-reached: the account has as many as it may; its row is
// locked, so that parallel calls cannot pass the limit together.
func (tx TxScope) CreateBot(ctx context.Context, b *models.Bot, secrets map[string]string) error {
	account, err := tx.lockAccount(ctx)
	if err != nil {
		return err
	}
	var n int64
	if err := tx.rows(ctx).Model(&models.Bot{}).Count(&n).Error; err != nil {
		return failed("count bots", err)
	}
	if n >= int64(account.MaxBots) {
		return models.Errorf(models.CodeLimit, "The account has %d bots already; the limit is %d.", n, account.MaxBots)
	}
	b.ID, b.AccountID, b.Version = NewID(models.KindBot), tx.account, 1
	sealed, err := tx.vault.sealSecrets(b.ID, secrets)
	if err != nil {
		return err
	}
	b.Secrets = sealed
	return failed("create bot", tx.insert(ctx, b))
}

// UpdateBot changes the bot and its secrets, which fn gets decrypted and may
// edit. Codes: see change.
func (tx TxScope) UpdateBot(ctx context.Context, id string, ifVersion int64, fn func(*models.Bot, map[string]string) error) (before, after models.Bot, err error) {
	return change(tx.rows(ctx), id, ifVersion, func(b *models.Bot) *int64 { return &b.Version },
		func(b *models.Bot) error {
			sealed, err := tx.vault.edit(b.ID, b.Secrets, func(s map[string]string) error { return fn(b, s) })
			b.Secrets = sealed
			return err
		})
}

// DeleteBot deletes the bot and what is known about it as a destination, wakes
// the notifications that wait for it, and returns it. Code not-found.
func (tx TxScope) DeleteBot(ctx context.Context, id string) (models.Bot, error) {
	b, err := one[models.Bot]("lock bot", forUpdate(tx.rows(ctx)), id)
	if err != nil {
		return b, err
	}
	if _, _, err := tx.LeaveMatrix(ctx, id, byBelfry("bot.delete")); err != nil {
		return b, err
	}
	if err := tx.rows(ctx).Where("id = ?", id).Delete(&models.Bot{}).Error; err != nil {
		return b, failed("delete bot", err)
	}
	destination := models.BotDestination(id)
	if err := tx.rows(ctx).Where("destination = ?", destination).Delete(&models.DestinationState{}).Error; err != nil {
		return b, failed("delete bot's state", err)
	}
	return b, tx.wakeBot(ctx, id)
}
