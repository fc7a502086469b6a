package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

func TestAccountContactAddressesAreReplacedByValue(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		in, other := storetest.Account(t, s, "acme"), storetest.Account(t, s, "other")
		c.Advance(time.Minute)
		var before, after models.Contact
		write(t, s, func(tx *store.Tx) (err error) {
			before, after, err = tx.In(in.Account.ID).Contacts().UpdateOfAccount(t.Context(), 1, func(c *models.Contact) error {
				c.Name = "Finance"
				c.Addresses[0].State = models.AddressWaived
				c.Addresses = append(c.Addresses,
					models.Address{Channel: models.ChannelSMS, Value: "+86 138 0013 8000", ValueKey: "+8613800138000", State: models.AddressVerified},
					models.Address{Channel: models.ChannelEmail, Value: "Two@acme.example", ValueKey: "two@acme.example", State: models.AddressPending})
				return nil
			})
			return err
		})
		if len(before.Addresses) != 1 || before.Addresses[0].State != models.AddressVerified || len(after.Addresses) != 3 {
			t.Errorf("UpdateAccountContact() = %+v, %+v", before, after)
		}
		got, err := s.In(in.Account.ID).Contacts().OfAccount(t.Context())
		if err != nil || got.Name != "Finance" || got.Version != 2 || len(got.Addresses) != 3 {
			t.Fatalf("AccountContact() = %+v, %v", got, err)
		}
		if got.Addresses[0].ID != in.Contact.Addresses[0].ID || got.Addresses[0].State != models.AddressWaived {
			t.Errorf("kept address = %+v, want the same id and the new state", got.Addresses[0])
		}
		write(t, s, func(tx *store.Tx) error {
			_, _, err := tx.In(in.Account.ID).Contacts().UpdateOfAccount(t.Context(), 2, func(c *models.Contact) error {
				c.Addresses = c.Addresses[1:2]
				return nil
			})
			return err
		})
		got, err = s.In(in.Account.ID).Contacts().OfAccount(t.Context())
		if err != nil || len(got.Addresses) != 1 || got.Addresses[0].Channel != models.ChannelSMS {
			t.Errorf("AccountContact() = %+v, %v, want the SMS address only", got, err)
		}
		theirs, err := s.In(other.Account.ID).Contacts().OfAccount(t.Context())
		if err != nil || len(theirs.Addresses) != 1 || theirs.Version != 1 {
			t.Errorf("the other account's contact changed: %+v, %v", theirs, err)
		}
		wantCode(t, s.Write(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.In(in.Account.ID).Contacts().UpdateOfAccount(t.Context(), 1, func(*models.Contact) error { return nil })
			return err
		}), models.CodeStale)
		_, err = s.In("acc_none").Contacts().OfAccount(t.Context())
		wantCode(t, err, models.CodeNotFound)
	})
}

func TestOptOutsBelongToAccountAddressAndType(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a, b := storetest.Account(t, s, "aaa").Account.ID, storetest.Account(t, s, "bbb").Account.ID
		write(t, s, func(tx *store.Tx) error {
			for range 2 {
				if err := tx.In(a).OptOuts().Add(t.Context(), "one@x.example", "activity.offer"); err != nil {
					return err
				}
			}
			return tx.In(a).OptOuts().Add(t.Context(), "two@x.example", models.Every)
		})
		are := func(account models.AccountID, want map[string][]string) {
			t.Helper()
			got, err := s.In(account).OptOuts().AllOptOuts(t.Context())
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
		are(a, map[string][]string{"one@x.example": {"activity.offer"}, "two@x.example": {models.Every}})
		are(b, map[string][]string{})
		write(t, s, func(tx *store.Tx) error { return tx.In(a).OptOuts().Remove(t.Context(), "two@x.example", models.Every) })
		are(a, map[string][]string{"one@x.example": {"activity.offer"}})
	})
}

// TestWaivingEndsTheWaitForASuccessor: what the root user replaced stays in use until
// the successor is proven, and goes in the same transaction.
func TestWaivingEndsTheWaitForASuccessor(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		in := storetest.Account(t, s, "acme")
		c.Advance(time.Minute)
		var after models.Contact
		write(t, s, func(tx *store.Tx) (err error) {
			_, after, err = tx.In(in.Account.ID).Contacts().UpdateOfAccount(t.Context(), 0, func(c *models.Contact) (err error) {
				c.Addresses, err = models.Successors(c.Addresses, []models.Address{
					{Channel: models.ChannelEmail, Value: "new@acme.example", ValueKey: "new@acme.example", State: models.AddressPending},
				})
				return err
			})
			return err
		})
		got, err := s.In(in.Account.ID).Contacts().OfAccount(t.Context())
		if err != nil || len(got.Addresses) != 2 || !got.Addresses[0].Leaving || !got.Addresses[0].Deliverable() || got.Addresses[1].Leaving {
			t.Fatalf("AccountContact() = %+v, %v, want the old address leaving", got.Addresses, err)
		}
		c.Advance(time.Minute)
		write(t, s, func(tx *store.Tx) error {
			_, _, err := tx.In(in.Account.ID).Contacts().WaiveAddress(t.Context(), after.ID, after.Addresses[0].ID)
			return err
		})
		got, err = s.In(in.Account.ID).Contacts().OfAccount(t.Context())
		if err != nil || len(got.Addresses) != 1 || got.Addresses[0].State != models.AddressWaived || !got.Addresses[0].StateAt.Equal(c.Now()) {
			t.Errorf("AccountContact() = %+v, %v, want the new address only", got.Addresses, err)
		}
		wantCode(t, s.Write(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.In(in.Account.ID).Contacts().WaiveAddress(t.Context(), after.ID, "adr_none")
			return err
		}), models.CodeNotFound)
	})
}

func TestWhatIsOpenForAContactIsFoundByAnIndex(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		ann := mine.reachable(t, "Ann", "ann@mine.example")
		for i := range 200 {
			contact := fmt.Sprintf("ctc_%d", i)
			if i%50 == 0 {
				contact = ann.ID
			}
			_, err := mine.s.Deliveries().PlanNotification(t.Context(), mine.id, mine.accept(t, nil).ID, models.Plan{Deliveries: []models.Delivery{
				{Slot: "email:a", Channel: models.ChannelEmail, ContactID: contact, State: models.DeliveryPending},
			}})
			require.NoError(t, err)
		}
		stop := store.Record(t, mine.s)
		inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.In(mine.id).Contacts().Delete(ctx, ann.ID)
			return err
		})
		found := 0
		for _, statement := range stop() {
			if strings.HasPrefix(statement, "SELECT") && strings.Contains(statement, "deliveries") {
				store.WantKey(t, mine.s, statement, "deliveries_contact")
				found++
			}
		}
		assert.Equal(t, 2, found, "notifications, and the envelopes that some are in")
		rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Minute, 1000)
		require.NoError(t, err)
		woken := 0
		for _, row := range rows {
			if row.Call == models.CallWake {
				woken++
			}
		}
		assert.Equal(t, 4, woken)
	})
}
