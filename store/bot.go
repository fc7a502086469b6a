package store

import (
	"context"
	"encoding/json"
	"maps"
	"time"

	"belfry.dev/belfry/models"
)

// Bots reads the account's bots.
type Bots struct{ sc Scope }

// Bots returns the account's bots.
func (sc Scope) Bots() Bots { return Bots{sc: sc} }

// TxBots reads and changes the account's bots, in a transaction.
type TxBots struct {
	Bots
	tx TxScope
}

// Bots returns the account's bots, inside the transaction.
func (tx TxScope) Bots() TxBots { return TxBots{Bots: tx.Scope.Bots(), tx: tx} }

// ByID returns one bot. Index: primary key.
func (h Bots) ByID(ctx context.Context, id string) (models.Bot, error) {
	return byID[models.Bot](ctx, h.sc, id)
}

// List returns a page of the account's bots, newest first. Index: bots_newest.
func (h Bots) List(ctx context.Context, page Page) ([]models.Bot, string, error) {
	return h.Find(ctx, NamedFilter{}, page)
}

// Find is List for those that the filter selects. Index: bots_newest.
func (h Bots) Find(ctx context.Context, f NamedFilter, page Page) ([]models.Bot, string, error) {
	return newest(f.Apply(h.sc.rows(ctx), "name"), page, func(b models.Bot) (time.Time, string) { return b.CreatedAt, b.ID })
}

// BotsBy returns the bots that the users made and that are switched on, oldest first; empty,
// never nil. Index: bots_newest.
func (h Bots) BotsBy(ctx context.Context, users ...string) ([]models.Bot, error) {
	made := []models.Bot{}
	err := h.sc.rows(ctx).Where("created_by IN ? AND enabled = ?", users, true).Order("created_at, id").Find(&made).Error
	return made, failed("read bots of their maker", err)
}

// Secrets decrypts the bot's secrets; empty, never nil.
func (h Bots) Secrets(bot models.Bot) (map[string]string, error) {
	return h.sc.vault.OpenSecrets(bot.ID, bot.Secrets)
}

// Create inserts the bot with its secrets; it fills in id, account, version
// and times. Code limit-reached: the account has as many as it may; its row is
// locked, so that parallel calls cannot pass the limit together.
func (h TxBots) Create(ctx context.Context, b *models.Bot, secrets map[string]string) error {
	account, err := h.tx.Account().lock(ctx)
	if err != nil {
		return err
	}
	var n int64
	if err := h.tx.rows(ctx).Model(&models.Bot{}).Count(&n).Error; err != nil {
		return failed("count bots", err)
	}
	if n >= int64(account.MaxBots) {
		return models.Errorf(models.CodeLimit, "The account has %d bots already; the limit is %d.", n, account.MaxBots)
	}
	b.ID, b.AccountID, b.Version = NewID(models.KindBot), h.tx.account, 1
	sealed, err := h.tx.vault.SealSecrets(b.ID, secrets)
	if err != nil {
		return err
	}
	b.Secrets = sealed
	return failed("create bot", h.tx.insert(ctx, b))
}

// Update changes the bot and its secrets, which fn gets decrypted and may
// edit. Codes: see change.
func (h TxBots) Update(ctx context.Context, id string, ifVersion int64, fn func(*models.Bot, map[string]string) error) (before, after models.Bot, err error) {
	return change(h.tx.rows(ctx), id, ifVersion, func(b *models.Bot) *int64 { return &b.Version },
		func(b *models.Bot) error {
			sealed, err := h.tx.vault.EditSecrets(b.ID, b.Secrets, func(s map[string]string) error { return fn(b, s) })
			b.Secrets = sealed
			return err
		})
}

// Delete deletes the bot and what is known about it as a destination, wakes
// the notifications that wait for it, and returns it. Code not-found.
func (h TxBots) Delete(ctx context.Context, id string) (models.Bot, error) {
	b, err := one[models.Bot]("lock bot", forUpdate(h.tx.rows(ctx)), id)
	if err != nil {
		return b, err
	}
	if _, _, err := h.tx.Subscriptions().Leave(ctx, id, byBelfry("bot.delete")); err != nil {
		return b, err
	}
	if err := h.tx.rows(ctx).Where("id = ?", id).Delete(&models.Bot{}).Error; err != nil {
		return b, failed("delete bot", err)
	}
	destination := models.BotDestination(id)
	if err := h.tx.rows(ctx).Where("destination = ?", destination).Delete(&models.DestinationState{}).Error; err != nil {
		return b, failed("delete bot's state", err)
	}
	return b, h.wake(ctx, id)
}

// move stores and logs where the bot's group is now, unless the bot is gone or was changed since the attempt began.
func (tx *Tx) move(ctx context.Context, end models.AttemptEnd) error {
	scope := tx.In(end.Delivery.AccountID)
	b, err := scope.Bots().ByID(ctx, end.Delivery.BotID)
	if models.CodeOf(err) == models.CodeNotFound || b.UpdatedAt.After(end.Attempt.StartedAt) {
		return nil
	}
	_, after, err := scope.Bots().Update(ctx, b.ID, 0, func(b *models.Bot, _ map[string]string) error {
		maps.Copy(b.Settings, end.Moved)
		return nil
	})
	if err != nil {
		return err
	}
	op := models.Operation{ActorKind: models.ActorSystem, Action: "bot.update", ObjectKind: "bot", ObjectID: b.ID, ObjectName: b.Name, Result: models.ResultSucceeded}
	op.Before, _ = json.Marshal(map[string]any{"settings": b.Settings}) // texts always encode
	op.After, _ = json.Marshal(map[string]any{"settings": after.Settings})
	return scope.OperationLog().Append(ctx, &op)
}
