package store_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

func newProvider(t *testing.T, s *store.Store, channel models.Channel, name string, position int) models.Provider {
	t.Helper()
	p := models.Provider{Channel: channel, Kind: "smtp", Name: name, Position: position, Enabled: true, Settings: map[string]string{"host": "mail.example.com"}}
	writeTx(t, s, func(ctx context.Context, tx *store.Tx) error {
		return tx.Platform().Providers().Create(ctx, &p, map[string]string{"password": "canary"})
	})
	return p
}

func TestProvidersAreListedInTheOrderTheyAreTried(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		second := newProvider(t, s, models.ChannelEmail, "second", 20)
		first := newProvider(t, s, models.ChannelEmail, "first", 10)
		newProvider(t, s, models.ChannelSMS, "sms", 0)
		list, err := s.Platform().Providers().List(t.Context(), models.ChannelEmail)
		if err != nil || len(list) != 2 || list[0].ID != first.ID || list[1].ID != second.ID {
			t.Errorf("Providers(email) = %v, %v, want first, second", list, err)
		}
		if list, err = s.Platform().Providers().List(t.Context(), ""); err != nil || len(list) != 3 {
			t.Errorf("Providers() = %d, %v, want all three", len(list), err)
		}
	})
}

func TestProviderSecretsAreSealed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := newProvider(t, s, models.ChannelEmail, "relay", 1)
		if bytes.Contains(p.Secrets, []byte("canary")) {
			t.Error("a secret is stored in the clear")
		}
		writeTx(t, s, func(ctx context.Context, tx *store.Tx) error {
			_, _, err := tx.Platform().Providers().Update(ctx, p.ID, p.Version, func(p *models.Provider, secrets map[string]string) error {
				p.Settings["port"], secrets["token"] = "587", "new"
				return nil
			})
			return err
		})
		stored, err := s.Platform().Providers().ByID(t.Context(), p.ID)
		if err != nil || stored.Settings["port"] != "587" || stored.Version != 2 {
			t.Errorf("Provider() = %+v, %v", stored, err)
		}
		secrets, err := s.Platform().Providers().Secrets(stored)
		if err != nil || secrets["password"] != "canary" || secrets["token"] != "new" {
			t.Errorf("ProviderSecrets() = %v, %v", secrets, err)
		}
		err = s.Write(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.Platform().Providers().Update(t.Context(), p.ID, 1, func(*models.Provider, map[string]string) error { return nil })
			return err
		})
		if models.CodeOf(err) != models.CodeStale {
			t.Errorf("UpdateProvider() of an old version = %v, want stale-version", err)
		}
	})
}

func TestResumingAProviderWakesItsChannelInAllAccounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := newProvider(t, s, models.ChannelEmail, "relay", 1)
		var want []string
		for _, alias := range []string{"one", "two"} {
			account := storetest.Account(t, s, alias).Account.ID
			for _, channel := range []models.Channel{models.ChannelEmail, models.ChannelSMS} {
				id := addPending(t, s, account)
				addDelivery(t, s, models.Delivery{AccountID: account, NotificationID: id, Channel: channel, State: models.DeliveryPending})
				if channel == models.ChannelEmail {
					want = append(want, id)
				}
			}
		}
		suspendDestination(t, s, models.Platform, models.ProviderDestination(p.ID))
		writeTx(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Platform().Providers().Resume(ctx, p) })
		wantWoken(t, s, want...)
		writeTx(t, s, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Platform().Providers().Delete(ctx, p.ID)
			return err
		})
		if _, err := s.Platform().Providers().ByID(t.Context(), p.ID); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("Provider() after deletion = %v, want not-found", err)
		}
		if state, err := s.In(models.Platform).Destinations().States(t.Context(), models.ProviderDestination(p.ID)); err != nil || len(state) != 0 {
			t.Errorf("after deleting: %v, %v, want no state", state, err)
		}
	})
}

// addPending stores a pending notification without an outbox row.
func addPending(t *testing.T, s *store.Store, account models.AccountID) string {
	t.Helper()
	n := models.Notification{
		ID: store.NewID(models.KindNotification), AccountID: account, Type: "account.low_balance", TypeVersion: 1, Category: "account",
		Severity: models.SeverityInfo, Source: models.SourceProduct, Language: models.LocaleEN, Status: models.StatusPending,
		ExpiresAt: s.Now().Add(time.Hour), CreatedAt: s.Now(),
	}
	writeTx(t, s, func(ctx context.Context, tx *store.Tx) error { return store.Insert(ctx, tx.In(account), &n) })
	return n.ID
}

func addDelivery(t *testing.T, s *store.Store, d models.Delivery) {
	t.Helper()
	d.ID, d.CreatedAt = store.NewID(models.KindDelivery), s.Now()
	d.Slot = d.ID
	writeTx(t, s, func(ctx context.Context, tx *store.Tx) error { return store.Insert(ctx, tx.In(d.AccountID), &d) })
}

func suspendDestination(t *testing.T, s *store.Store, account models.AccountID, destination string) {
	t.Helper()
	now := s.Now()
	later := now.Add(time.Hour)
	row := models.DestinationState{
		Destination: destination, AccountID: account, SuspendedAt: &now, PausedUntil: &later, Reason: "gone", Failures: 7, UpdatedAt: now,
	}
	writeTx(t, s, func(ctx context.Context, tx *store.Tx) error { return store.Insert(ctx, tx.In(account), &row) })
}
