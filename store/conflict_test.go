package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

func rename(t *testing.T, tx *store.Tx, account models.AccountID) error {
	_, _, err := tx.In(account).Account().Update(t.Context(), 0, func(a *models.Account) error { a.Name += "x"; return nil })
	return err
}

// TestDeadlockIsRetriedInside locks two rows in opposite order. On MySQL the
// server ends one of the transactions, which must run again by itself; SQLite
// lets one wait for the other.
func TestDeadlockIsRetriedInside(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a, b := storetest.Account(t, s, "aaa").Account.ID, storetest.Account(t, s, "bbb").Account.ID
		var met sync.WaitGroup // both hold their first row, or the other cannot begin
		met.Add(2)
		var wg sync.WaitGroup
		for _, order := range [][2]models.AccountID{{a, b}, {b, a}} {
			wg.Go(func() {
				first := true
				err := s.Write(t.Context(), func(tx *store.Tx) error {
					if err := rename(t, tx, order[0]); err != nil {
						return err
					}
					if first {
						first = false
						met.Done()
						waitBriefly(&met)
					}
					return rename(t, tx, order[1])
				})
				if err != nil {
					t.Errorf("Write() = %v, want the conflict retried", err)
				}
			})
		}
		wg.Wait()
		for _, account := range []models.AccountID{a, b} {
			if got, err := s.In(account).Account().Read(t.Context()); err != nil || got.Version != 3 {
				t.Errorf("version = %d, %v, want both updates", got.Version, err)
			}
		}
	})
}

// waitBriefly waits for the group, but not for one that cannot come.
func waitBriefly(group *sync.WaitGroup) {
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(200 * time.Millisecond):
	}
}

func TestParallelUpdatesLoseNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		account := storetest.Account(t, s, "acme").Account.ID
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := s.Write(t.Context(), func(tx *store.Tx) error { return rename(t, tx, account) }); err != nil {
					t.Errorf("Write: %v", err)
				}
			})
		}
		wg.Wait()
		if got, err := s.In(account).Account().Read(t.Context()); err != nil || got.Version != 21 || len(got.Name) != len("The acme company")+20 {
			t.Errorf("Account() = %+v, %v, want 20 updates", got, err)
		}
	})
}

// TestRunningRequestIsInProgress holds a key for longer than the server lets a
// second request wait.
func TestRunningRequestIsInProgress(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, storetest.MySQL(t))
	account := storetest.Account(t, s, "acme").Account.ID
	claimed, release, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- s.Write(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.In(account).Answers().Claim(t.Context(), claim("k", "b")); err != nil {
				return err
			}
			close(claimed)
			<-release
			return tx.In(account).Answers().Store(t.Context(), claim("k", "b"), store.Answer{Status: 204})
		})
	}()
	<-claimed
	_, _, err := create(t, s, account, claim("k", "b"), "second")
	wantCode(t, err, models.CodeInProgress)
	if e, ok := errors.AsType[*models.Error](err); !ok || e.RetryAfter <= 0 {
		t.Errorf("error = %+v, want a wait announced", err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if answer, replayed, err := create(t, s, account, claim("k", "b"), "third"); err != nil || !replayed || answer.Status != 204 {
		t.Errorf("after it has ended: %+v, replayed %v, %v", answer, replayed, err)
	}
}

func TestDatabaseThatCannotAnswerIsUnavailable(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		account := storetest.Account(t, s, "acme").Account.ID
		late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer cancel()
		_, err := s.In(account).Account().Read(late)
		wantCode(t, err, models.CodeUnavailable)
		err = s.Write(late, func(*store.Tx) error { return nil })
		wantCode(t, err, models.CodeUnavailable)
		if e, ok := errors.AsType[*models.Error](err); !ok || e.RetryAfter <= 0 {
			t.Errorf("error = %+v, want a wait announced", err)
		}
	})
}

func TestOpenRefusesAnOldSchema(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]store.Config{
		"empty":         {DSN: "sqlite://" + t.TempDir() + "/b.db", SecretKey: storetest.Secret()},
		"short secret":  {DSN: storetest.SQLite(t).DSN, SecretKey: []byte("short"), AllowUnsafe: true},
		"unsafe":        {DSN: storetest.SQLite(t).DSN, SecretKey: storetest.Secret()},
		"nobody there":  {DSN: "mysql://u:p@tcp(127.0.0.1:1)/db", SecretKey: storetest.Secret()},
		"no such thing": {DSN: "oracle://x", SecretKey: storetest.Secret()},
	} {
		if s, err := store.Open(t.Context(), cfg); err == nil {
			t.Errorf("%s: Open succeeds", name)
			_ = s.Close() // the test failed already
		}
	}
}
