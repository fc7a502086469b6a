// These tests run on MySQL or MariaDB, too, where BELFRY_TEST_MYSQL_DSN names a server.
package store_test

import (
	"errors"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// write runs fn in a transaction that must succeed.
func write(t *testing.T, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), fn); err != nil {
		t.Fatalf("write: %v", err)
	}
}

// wantCode fails unless the error has the code.
func wantCode(t *testing.T, err error, want models.Code) {
	t.Helper()
	if got := models.CodeOf(err); got != want {
		t.Fatalf("code = %q (%v), want %q", got, err, want)
	}
}

// clock is a clock that tests move.
type clock struct{ at time.Time }

func newClock() *clock { return &clock{at: time.Date(2027, 3, 4, 5, 6, 7, 891_234_000, time.UTC)} }

func (c *clock) Now() time.Time          { return c.at }
func (c *clock) Advance(d time.Duration) { c.at = c.at.Add(d) }

// eachClock runs the test on both databases with a clock.
func eachClock(t *testing.T, test func(*testing.T, *store.Store, *clock)) {
	t.Helper()
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		c := newClock()
		cfg.Now = c.Now
		test(t, storetest.Open(t, cfg), c)
	})
}

func TestAccountStartsWithRootContactAndLog(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		in := storetest.Account(t, s, "acme")
		scope := s.In(in.Account.ID)
		account, err := scope.Account().Read(t.Context())
		if err != nil || account != in.Account {
			t.Fatalf("Account() = %+v, %v, want %+v", account, err, in.Account)
		}
		if !account.CreatedAt.Equal(c.Now()) || account.CreatedAt.Location() != time.UTC {
			t.Errorf("CreatedAt = %v, want the transaction's instant %v in UTC", account.CreatedAt, c.Now())
		}
		root, err := scope.Users().ByName(t.Context(), "root")
		if err != nil || root.Kind != models.UserRoot || root.ID != in.Root.ID {
			t.Errorf("root user = %+v, %v", root, err)
		}
		contact, err := scope.Contacts().OfAccount(t.Context())
		if err != nil || contact.Kind != models.ContactAccount || len(contact.Addresses) != 1 {
			t.Errorf("account contact = %+v, %v", contact, err)
		}
		write(t, s, func(tx *store.Tx) error {
			return tx.In(in.Account.ID).OperationLog().Append(t.Context(), &models.Operation{Action: "x.y", Result: models.ResultSucceeded})
		})
	})
}

func TestAccountHasOneRootAndOneAccountContact(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		in := storetest.Account(t, s, "acme")
		wantCode(t, s.Write(t.Context(), func(tx *store.Tx) error {
			return tx.In(in.Account.ID).Users().Create(t.Context(), &models.User{Name: "second", Kind: models.UserRoot})
		}), models.CodeConflict)
		wantCode(t, s.Write(t.Context(), func(tx *store.Tx) error {
			return tx.In(in.Account.ID).Contacts().Create(t.Context(), &models.Contact{Name: "second", Kind: models.ContactAccount})
		}), models.CodeConflict)
		write(t, s, func(tx *store.Tx) error {
			return errors.Join(
				tx.In(in.Account.ID).Users().Create(t.Context(), &models.User{Name: "a", Kind: models.UserSub}),
				tx.In(in.Account.ID).Users().Create(t.Context(), &models.User{Name: "b", Kind: models.UserSub}),
				tx.In(in.Account.ID).Contacts().Create(t.Context(), &models.Contact{Name: "a", Kind: models.ContactPerson}),
				tx.In(in.Account.ID).Contacts().Create(t.Context(), &models.Contact{Name: "b", Kind: models.ContactPerson}),
			)
		})
	})
}

func TestTakenAliasLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		storetest.Account(t, s, "acme")
		again := store.NewAccount{Account: models.Account{Alias: "acme"}, Root: models.User{Name: "root"}}
		wantCode(t, s.Write(t.Context(), func(tx *store.Tx) error {
			return tx.Platform().Accounts().Create(t.Context(), &again)
		}), models.CodeConflict)
		list, next, err := s.Platform().Accounts().List(t.Context(), store.Page{})
		if err != nil || len(list) != 1 || next != "" {
			t.Fatalf("Accounts() = %d rows, %q, %v, want the first one only", len(list), next, err)
		}
	})
}

func TestAccountsPageWithoutRepeatsOrGaps(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		var want []models.AccountID
		for _, alias := range []string{"a1", "a2", "a3", "a4", "a5"} {
			if alias != "a3" { // a2 and a3 are of the same instant
				c.Advance(time.Second)
			}
			want = append([]models.AccountID{storetest.Account(t, s, alias).Account.ID}, want...)
		}
		var got []models.AccountID
		page := store.Page{Limit: 2}
		for range want {
			list, next, err := s.Platform().Accounts().List(t.Context(), page)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range list {
				got = append(got, a.ID)
			}
			c.Advance(time.Second)
			storetest.Account(t, s, "late"+next[max(0, len(next)-8):]) // a new one must not disturb
			if page.After = next; next == "" {
				break
			}
		}
		if len(got) != len(want) {
			t.Fatalf("pages held %v, want %v", got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("pages held %v, want %v", got, want)
			}
		}
	})
}

func TestForgedPageKeyIsMalformed(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	for _, key := range []string{"x", "1", "1,", ",acc_1", "1,a b", "99999999999999999999,acc_1", "1,é"} {
		_, _, err := s.Platform().Accounts().List(t.Context(), store.Page{After: key})
		wantCode(t, err, models.CodeMalformed)
	}
	_, _, err := s.In("acc_1").OperationLog().List(t.Context(), store.OperationFilter{}, store.Page{After: "x"})
	wantCode(t, err, models.CodeMalformed)
}

func TestUpdateChecksTheVersion(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		in := storetest.Account(t, s, "acme")
		c.Advance(time.Minute)
		var before, after models.Account
		write(t, s, func(tx *store.Tx) (err error) {
			before, after, err = tx.Platform().Accounts().Update(t.Context(), in.Account.ID, 1, func(a *models.Account) error {
				a.Name, a.Enabled = "New", false
				return nil
			})
			return err
		})
		got, err := s.In(in.Account.ID).Account().Read(t.Context())
		if err != nil || got.Name != "New" || got.Enabled || got.Version != 2 || !got.UpdatedAt.Equal(c.Now()) || !got.CreatedAt.Equal(in.Account.CreatedAt) {
			t.Errorf("stored %+v, %v", got, err)
		}
		if before.Name != in.Account.Name || after != got {
			t.Errorf("UpdateAccount() = %+v, %+v, want what was and %+v", before, after, got)
		}
		wantCode(t, s.Write(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.In(in.Account.ID).Account().Update(t.Context(), 1, func(*models.Account) error { return nil })
			return err
		}), models.CodeStale)
		wantCode(t, s.Write(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.Platform().Accounts().Update(t.Context(), "acc_none", 0, func(*models.Account) error { return nil })
			return err
		}), models.CodeNotFound)
		refused := models.Errorf(models.CodeForbidden, "no")
		wantCode(t, s.Write(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.In(in.Account.ID).Account().Update(t.Context(), 0, func(*models.Account) error { return refused })
			return err
		}), models.CodeForbidden)
	})
}

func TestExactTextsOnBothDatabases(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		in := storetest.Account(t, s, "acme")
		scope := s.In(in.Account.ID)
		names := []string{"hello", "Hello", "héllo", "hello😀", "hello😁", "İ", "i", "ß", "ss"}
		for _, name := range names {
			write(t, s, func(tx *store.Tx) error {
				return tx.In(in.Account.ID).Users().Create(t.Context(), &models.User{Name: name, Kind: models.UserSub})
			})
		}
		for _, name := range names {
			u, err := scope.Users().ByName(t.Context(), name)
			if err != nil || u.Name != name {
				t.Errorf("UserByName(%q) = %q, %v", name, u.Name, err)
			}
		}
		for _, name := range []string{"hello ", " hello", "HELLO", "hëllo", "hello😂", "", "hello%", "h_llo", "ROOT", "root "} {
			_, err := scope.Users().ByName(t.Context(), name)
			wantCode(t, err, models.CodeNotFound)
		}
		for _, alias := range []string{"ACME", "acme ", "äcme", "acm€", "acme\x00", "'"} {
			_, err := s.Platform().Accounts().ByAlias(t.Context(), alias)
			wantCode(t, err, models.CodeNotFound)
		}
		for _, id := range []string{in.Root.ID + " ", "USR" + in.Root.ID[3:], in.Root.ID + "é", "usr_", "' OR 1=1 --", "😀", ""} {
			_, err := scope.Users().ByID(t.Context(), id)
			wantCode(t, err, models.CodeNotFound)
		}
	})
}

func TestTextsComeBackAsTheyWereStored(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		in := storetest.Account(t, s, "acme")
		text := "quote ' \" \\ ; -- /* % _ 😀 中文 \u202e tab\t nl\n nul\x00 end "
		u := models.User{Name: "x", Kind: models.UserSub, DisplayName: text}
		write(t, s, func(tx *store.Tx) error { return tx.In(in.Account.ID).Users().Create(t.Context(), &u) })
		got, err := s.In(in.Account.ID).Users().ByID(t.Context(), u.ID)
		if err != nil || got.DisplayName != text {
			t.Errorf("DisplayName = %q, %v, want %q", got.DisplayName, err, text)
		}
	})
}

func TestTimesKeepMicroseconds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		in := storetest.Account(t, s, "acme")
		for _, at := range []time.Time{
			time.Date(1970, 1, 1, 0, 0, 0, 1000, time.UTC), time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC),
			time.Date(2028, 2, 29, 23, 59, 59, 999_999_000, time.FixedZone("", 14*3600)),
			time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		} {
			key := models.AccessKey{OwnerKind: models.ActorUser, OwnerID: in.Root.ID, Hash: make([]byte, 32), ExpiresAt: &at}
			write(t, s, func(tx *store.Tx) error { return tx.In(in.Account.ID).AccessKeys().Create(t.Context(), &key) })
			got, err := s.In(in.Account.ID).AccessKeys().ByID(t.Context(), models.ActorUser, in.Root.ID, key.ID)
			if err != nil || got.ExpiresAt == nil || !got.ExpiresAt.Equal(at) || got.ExpiresAt.Location() != time.UTC {
				t.Errorf("ExpiresAt = %v, %v, want %v in UTC", got.ExpiresAt, err, at)
			}
		}
	})
}
