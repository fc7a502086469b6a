package store_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

func newBot(t *testing.T, s *store.Store, account models.AccountID, name string) models.Bot {
	t.Helper()
	b := models.Bot{Channel: models.ChannelWebhook, Name: name, Settings: map[string]string{"envelope": "standard"}, Hint: "https://example.com/…", Enabled: true}
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		return tx.In(account).Bots().Create(t.Context(), &b, map[string]string{"url": "https://example.com/canary", "secret": "whsec_canary"})
	})
	if err != nil {
		t.Fatalf("CreateBot() = %v", err)
	}
	return b
}

func TestBotsBelongToOneAccount(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mine, other := storetest.Account(t, s, "mine").Account.ID, storetest.Account(t, s, "other").Account.ID
		bot := newBot(t, s, mine, "ops")
		newBot(t, s, other, "theirs")
		list, next, err := s.In(mine).Bots().List(t.Context(), store.Page{})
		if err != nil || len(list) != 1 || list[0].ID != bot.ID || next != "" {
			t.Errorf("Bots() = %v, %q, %v, want only the account's own", list, next, err)
		}
		if _, err := s.In(other).Bots().ByID(t.Context(), bot.ID); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("Bot() of another account = %v, want not-found", err)
		}
		err = s.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.In(other).Bots().Delete(t.Context(), bot.ID)
			return err
		})
		if models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("DeleteBot() of another account = %v, want not-found", err)
		}
	})
}

func TestBotSecretsAreSealedAndStayUnlessChanged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		account := storetest.Account(t, s, "mine").Account.ID
		bot := newBot(t, s, account, "ops")
		if bytes.Contains(bot.Secrets, []byte("canary")) {
			t.Error("a secret is stored in the clear")
		}
		var before, after models.Bot
		edit := func(fn func(*models.Bot, map[string]string) error) {
			t.Helper()
			err := s.Write(t.Context(), func(tx *store.Tx) (err error) {
				before, after, err = tx.In(account).Bots().Update(t.Context(), bot.ID, 0, fn)
				return err
			})
			if err != nil {
				t.Fatalf("UpdateBot() = %v", err)
			}
		}
		edit(func(b *models.Bot, _ map[string]string) error { b.Name = "renamed"; return nil })
		if before.Name != "ops" || after.Name != "renamed" || after.Version != 2 || !bytes.Equal(before.Secrets, after.Secrets) {
			t.Errorf("renaming: before %+v, after %+v", before, after)
		}
		edit(func(_ *models.Bot, secrets map[string]string) error { secrets["secret"] = "whsec_new"; return nil })
		stored, err := s.In(account).Bots().ByID(t.Context(), bot.ID)
		if err != nil {
			t.Fatal(err)
		}
		secrets, err := s.In(account).Bots().Secrets(stored)
		if err != nil || secrets["secret"] != "whsec_new" || secrets["url"] != "https://example.com/canary" {
			t.Errorf("BotSecrets() = %v, %v", secrets, err)
		}
		stored.ID = "bot_other"
		if _, err := s.In(account).Bots().Secrets(stored); err == nil {
			t.Error("secrets of one row open under another id")
		}
	})
}

func TestBotLimitHoldsUnderParallelCalls(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		account := storetest.Account(t, s, "mine").Account.ID
		var wg sync.WaitGroup
		errs := make(chan error, 24)
		for range cap(errs) {
			wg.Go(func() {
				b := models.Bot{Channel: models.ChannelWebhook, Name: "b", Settings: map[string]string{}}
				errs <- s.Write(t.Context(), func(tx *store.Tx) error { return tx.In(account).Bots().Create(t.Context(), &b, nil) })
			})
		}
		wg.Wait()
		close(errs)
		made := 0
		for err := range errs {
			switch {
			case err == nil:
				made++
			case models.CodeOf(err) != models.CodeLimit || !strings.Contains(err.Error(), "20"):
				t.Errorf("CreateBot() beyond the limit = %v, want limit-reached and the number", err)
			}
		}
		if made != 20 {
			t.Errorf("%d bots were made, want 20", made)
		}
	})
}

// A stored delivery waits for the bot: resuming and deleting it wake the
// notification.
func TestResumingAndDeletingWakeWhatWaits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		account := storetest.Account(t, s, "mine").Account.ID
		bot := newBot(t, s, account, "ops")
		waiting := store.NewID(models.KindNotification)
		addDelivery(t, s, models.Delivery{AccountID: account, NotificationID: waiting, Channel: models.ChannelWebhook, BotID: bot.ID, State: models.DeliveryPending})
		addDelivery(t, s, models.Delivery{AccountID: account, NotificationID: store.NewID(models.KindNotification), Channel: models.ChannelWebhook, BotID: bot.ID, State: models.DeliveryDelivered})
		suspendDestination(t, s, account, models.BotDestination(bot.ID))
		writeTx(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.In(account).Bots().Resume(ctx, bot.ID) })
		state, err := s.In(account).Destinations().States(t.Context(), models.BotDestination(bot.ID))
		if got := state[models.BotDestination(bot.ID)]; err != nil || got.SuspendedAt != nil || got.PausedUntil != nil || got.Failures != 0 || got.Reason != "" {
			t.Errorf("after resuming: %+v, %v", got, err)
		}
		wantWoken(t, s, waiting)
		writeTx(t, s, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.In(account).Bots().Delete(ctx, bot.ID)
			return err
		})
		wantWoken(t, s, waiting)
		if state, err := s.In(account).Destinations().States(t.Context(), models.BotDestination(bot.ID)); err != nil || len(state) != 0 {
			t.Errorf("after deleting: %v, %v, want no state", state, err)
		}
	})
}

func writeTx(t *testing.T, s *store.Store, fn func(context.Context, *store.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), func(tx *store.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatalf("Write() = %v", err)
	}
}

// wantWoken takes what is due in the outbox: exactly a wake for each.
func wantWoken(t *testing.T, s *store.Store, notifications ...string) {
	t.Helper()
	slices.Sort(notifications)
	if got, err := store.TakeWakes(t.Context(), s); err != nil || !slices.Equal(got, notifications) {
		t.Errorf("woken: %v, %v, want %v", got, err, notifications)
	}
}

// TestAGroupThatMovedIsRemembered: by the bot and in the operation log, unless somebody
// changed the bot since.
func TestAGroupThatMovedIsRemembered(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		bot := newBot(t, mine.s, mine.id, "ops")
		theirs := newBot(t, other.s, other.id, "theirs")
		end := func(id, place string, began time.Time) {
			_, open := mine.planned(t, nil)
			mine.begin(t, open[1], 1)
			mine.finish(t, open[1], 1, models.OutcomeDelivered, models.DeliveryDelivered, func(e *models.AttemptEnd) {
				e.Delivery.BotID, e.Moved, e.Attempt.StartedAt = id, map[string]string{"chat_id": place}, began
			})
		}
		end(bot.ID, "-1009", mine.now.Now().Add(time.Second))
		end(bot.ID, "-1", mine.now.Now().Add(-time.Second))
		end(theirs.ID, "-2", mine.now.Now().Add(time.Second))
		for _, c := range []struct {
			s          tenant
			id, place  string
			operations int
		}{{mine, bot.ID, "-1009", 1}, {other, theirs.ID, "", 0}} {
			b, err := c.s.s.In(c.s.id).Bots().ByID(t.Context(), c.id)
			if err != nil || b.Settings["chat_id"] != c.place || b.Settings["envelope"] != "standard" {
				t.Errorf("the bot has %v, %v", b.Settings, err)
			}
			log, _, err := c.s.s.In(c.s.id).OperationLog().List(t.Context(), store.OperationFilter{ObjectID: c.id}, store.Page{})
			if err != nil || len(log) != c.operations || len(log) > 0 && (log[0].Action != "bot.update" || log[0].ActorKind != models.ActorSystem) {
				t.Errorf("the operation log has %+v, %v", log, err)
			}
		}
	})
}
