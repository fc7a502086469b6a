package store_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/signin"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

func claim(key, body string) store.Claim {
	return store.Claim{Scope: sha256.Sum256([]byte(key)), Action: "user.create", Fingerprint: sha256.Sum256([]byte(body))}
}

// create makes a user once per claim and returns what was answered.
func create(t *testing.T, s *store.Store, account models.AccountID, c store.Claim, name string) (store.Answer, bool, error) {
	var answer store.Answer
	var replayed bool
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		stored, err := tx.In(account).Answers().Claim(t.Context(), c)
		if err != nil {
			return err
		}
		if replayed = stored != nil; replayed {
			answer = *stored
			return nil
		}
		u := models.User{Name: name, Kind: models.UserSub}
		if err := tx.In(account).Users().Create(t.Context(), &u); err != nil {
			return err
		}
		answer = store.Answer{Status: 201, Header: map[string]string{"Location": "/v1/users/" + u.ID}, Body: []byte(`{"secret":"s3cr3t"}`)}
		return tx.In(account).Answers().Store(t.Context(), c, answer)
	})
	return answer, replayed, err
}

func TestFiftyParallelRequestsWithOneKeyActOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		account := storetest.Account(t, s, "acme").Account.ID
		before := s.Figures().Counts().Repeats
		var mu sync.Mutex
		answers, acted := map[string]int{}, 0
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				answer, replayed, err := create(t, s, account, claim("k", "b"), fmt.Sprintf("user%d", i))
				mu.Lock()
				defer mu.Unlock()
				if models.CodeOf(err) == models.CodeInProgress {
					return // an honest answer, too
				}
				if err != nil {
					t.Errorf("parallel request: %v", err)
				}
				answers[answer.Header["Location"]]++
				if !replayed {
					acted++
				}
			})
		}
		wg.Wait()
		users, _, err := s.In(account).Users().List(t.Context(), store.Page{})
		if err != nil || len(users) != 2 || acted != 1 || len(answers) != 1 {
			t.Errorf("%d users, %d acted, answers %v, %v; want root and one more, one, the same for all", len(users), acted, answers, err)
		}
		if n := s.Figures().Counts().Repeats - before; n != 0 {
			t.Errorf("%d transactions were repeated: whoever finds the key taken must not fight for its row", n)
		}
	})
}

func TestReplayNeedsTheSameBodyAndAccount(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		a, b := storetest.Account(t, s, "aaa").Account.ID, storetest.Account(t, s, "bbb").Account.ID
		if stored, err := s.In(a).Answers().Replay(t.Context(), claim("k", "b")); stored != nil || err != nil {
			t.Fatalf("Replay() = %v, %v before the request", stored, err)
		}
		want, _, err := create(t, s, a, claim("k", "b"), "one")
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.In(a).Answers().Replay(t.Context(), claim("k", "b"))
		if err != nil || got == nil || got.Status != 201 || string(got.Body) != string(want.Body) || got.Header["Location"] != want.Header["Location"] {
			t.Errorf("Replay() = %+v, %v, want %+v", got, err, want)
		}
		_, err = s.In(a).Answers().Replay(t.Context(), claim("k", "other"))
		wantCode(t, err, models.CodeMismatch)
		_, _, err = create(t, s, a, claim("k", "other"), "two")
		wantCode(t, err, models.CodeMismatch)
		if got, err := s.In(b).Answers().Replay(t.Context(), claim("k", "b")); got != nil || err != nil {
			t.Errorf("Replay() = %v, %v for another account, want nothing", got, err)
		}

		c.Advance(store.IdempotencyLife - time.Microsecond)
		if got, _ := s.In(a).Answers().Replay(t.Context(), claim("k", "b")); got == nil {
			t.Error("the answer is gone before its time")
		}
		c.Advance(time.Microsecond)
		if got, err := s.In(a).Answers().Replay(t.Context(), claim("k", "b")); got != nil || err != nil {
			t.Errorf("Replay() = %v, %v after seven days, want nothing", got, err)
		}
		if _, replayed, err := create(t, s, a, claim("k", "new body"), "three"); replayed || err != nil {
			t.Errorf("an expired key cannot be used again: %v, %v", replayed, err)
		}
		if got, err := s.In(a).Answers().Replay(t.Context(), claim("k", "new body")); got == nil || err != nil {
			t.Errorf("Replay() = %v, %v for the key's second life", got, err)
		}
	})
}

func TestFailedRequestFreesItsKey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		account := storetest.Account(t, s, "acme").Account.ID
		_, _, err := create(t, s, account, claim("k", "b"), "root") // taken
		wantCode(t, err, models.CodeConflict)
		if _, replayed, err := create(t, s, account, claim("k", "b"), "free"); replayed || err != nil {
			t.Errorf("second try: replayed %v, %v, want a fresh one", replayed, err)
		}
		err = s.Write(t.Context(), func(tx *store.Tx) error {
			return tx.In(account).Answers().Store(t.Context(), claim("never claimed", "b"), store.Answer{})
		})
		wantCode(t, err, models.CodeInternal)
	})
}

func TestHitsAreCountedExactlyInParallel(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		var mu sync.Mutex
		allowed := 0
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				wait, err := s.Limits().Hit(t.Context(), "sign-in:acme/root", 10, time.Minute)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Errorf("Hit: %v", err)
				}
				if wait == 0 {
					allowed++
				}
			})
		}
		wg.Wait()
		if allowed != 10 {
			t.Errorf("%d of 30 parallel hits were allowed, want 10", allowed)
		}
		hit := func(key string, want time.Duration) {
			t.Helper()
			if wait, err := s.Limits().Hit(t.Context(), key, 10, time.Minute); wait != want || err != nil {
				t.Errorf("Hit(%s) = %v, %v, want %v", key, wait, err, want)
			}
		}
		c.Advance(20 * time.Second)
		hit("sign-in:acme/root", 40*time.Second)
		hit("sign-in:acme/Root", 0)
		hit("sign-in:"+strings.Repeat("长", 500)+"\x00é", 0)
		c.Advance(40 * time.Second)
		hit("sign-in:acme/root", 0)
		for range 10 {
			_, _ = s.Limits().Hit(t.Context(), "sign-in:acme/root", 10, time.Minute)
		}
		hit("sign-in:acme/root", time.Minute)
		inTx(t, s, func(ctx context.Context, tx *store.Tx) error {
			return tx.Return(ctx, signin.Allowance{Key: "sign-in:acme/root", Clears: true})
		})
		hit("sign-in:acme/root", 0)
	})
}

func TestWriteRollsBackOnErrorAndPanic(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		account := storetest.Account(t, s, "acme").Account.ID
		boom := errors.New("boom")
		try := func(end func() error) (err error) {
			defer func() {
				if recover() != nil {
					err = boom
				}
			}()
			return s.Write(t.Context(), func(tx *store.Tx) error {
				if err := tx.In(account).Users().Create(t.Context(), &models.User{Name: "x", Kind: models.UserSub}); err != nil {
					return err
				}
				return end()
			})
		}
		for _, end := range []func() error{func() error { return boom }, func() error { panic("boom") }} {
			if err := try(end); !errors.Is(err, boom) {
				t.Errorf("Write() = %v, want %v", err, boom)
			}
			_, err := s.In(account).Users().ByName(t.Context(), "x")
			wantCode(t, err, models.CodeNotFound)
		}
	})
}
