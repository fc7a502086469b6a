package store_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// operation returns a filled row; n makes it different from others.
func operation(n int) models.Operation {
	return models.Operation{
		ActorKind: models.ActorUser, ActorID: fmt.Sprintf("usr_%d", n%2), ActorName: "Sué 😀", Credential: "ses_1",
		Roles: []string{"Root", "Member"}, IP: "2001:db8::1", UserAgent: "curl/8", RequestID: fmt.Sprintf("req-%d", n),
		Action: []string{"bot.create", "bot.update", "user.create"}[n%3], ObjectKind: "bot", ObjectID: fmt.Sprintf("bot_%d", n), ObjectName: "Ops",
		Result: models.ResultSucceeded, Before: nil, After: json.RawMessage(fmt.Sprintf(`{ "n": %d, "html": "<b>&" }`, n)),
	}
}

func appendOperations(t *testing.T, s *store.Store, account models.AccountID, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		op := operation(n)
		write(t, s, func(tx *store.Tx) error { return tx.In(account).OperationLog().Append(t.Context(), &op) })
	}
}

func TestOperationComesBackAsWritten(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		account := storetest.Account(t, s, "acme").Account.ID
		op := operation(1)
		op.UserAgent = strings.Repeat("长", 600) + "\xff"
		op.ObjectID = "ключ with spaces " + strings.Repeat("x", 200)
		op.Before = json.RawMessage(" null ")
		write(t, s, func(tx *store.Tx) error { return tx.In(account).OperationLog().Append(t.Context(), &op) })
		got, err := s.In(account).OperationLog().ByID(t.Context(), 1)
		if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", op) {
			t.Errorf("Operation() =\n%+v, %v, want\n%+v", got, err, op)
		}
		if !got.At.Equal(c.Now()) || got.Seq != 1 || got.Before != nil || len([]rune(got.UserAgent)) != 512 || len(got.Hash) != 32 {
			t.Errorf("Operation() = %+v", got)
		}
		_, err = s.In(account).OperationLog().ByID(t.Context(), 2)
		wantCode(t, err, models.CodeNotFound)
	})
}

func TestOperationFiltersAreExactOnBothDatabases(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		account := storetest.Account(t, s, "acme").Account.ID
		appendOperations(t, s, account, 0, 1)
		for _, f := range []store.OperationFilter{
			{Action: "bot.create "},
			{Actor: "usr_0 "},
			{ObjectKind: "bot "},
			{ObjectID: "bot_0 "},
			{Result: "succeeded "},
			{Action: "Bot.create"},
			{ObjectID: "BOT_0"},
			{Actor: "usr_%"},
		} {
			rows, _, err := s.In(account).OperationLog().List(t.Context(), f, store.Page{})
			if err != nil || len(rows) != 0 {
				t.Errorf("Operations(%+v) = %d rows, %v, want none", f, len(rows), err)
			}
		}
	})
}

func TestOperationWithBrokenDocumentIsRefused(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	account := storetest.Account(t, s, "acme").Account.ID
	for _, document := range []string{"{", "{} {}", "\"\xff\""} {
		op := operation(1)
		op.After = json.RawMessage(document)
		err := s.Write(t.Context(), func(tx *store.Tx) error { return tx.In(account).OperationLog().Append(t.Context(), &op) })
		wantCode(t, err, models.CodeInternal)
	}
}

func TestOperationsFilterAndPage(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		account, other := storetest.Account(t, s, "acme").Account.ID, storetest.Account(t, s, "other").Account.ID
		start := c.Now()
		for n := range 12 {
			appendOperations(t, s, account, n, n+1)
			appendOperations(t, s, other, n, n+1)
			c.Advance(time.Minute)
		}
		denied := operation(0)
		denied.Result, denied.Code = models.ResultDenied, models.CodeForbidden
		write(t, s, func(tx *store.Tx) error { return tx.In(account).OperationLog().Append(t.Context(), &denied) })
		at := func(minutes int) *time.Time { v := start.Add(time.Duration(minutes) * time.Minute); return &v }
		for name, each := range map[string]struct {
			filter store.OperationFilter
			want   []int64
		}{
			"all":     {store.OperationFilter{}, []int64{13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}},
			"actor":   {store.OperationFilter{Actor: "usr_1"}, []int64{12, 10, 8, 6, 4, 2}},
			"action":  {store.OperationFilter{Action: "bot.update"}, []int64{11, 8, 5, 2}},
			"object":  {store.OperationFilter{ObjectKind: "bot", ObjectID: "bot_0"}, []int64{13, 1}},
			"result":  {store.OperationFilter{Result: models.ResultDenied}, []int64{13}},
			"time":    {store.OperationFilter{From: at(3), To: at(6)}, []int64{6, 5, 4}},
			"several": {store.OperationFilter{Action: "bot.create", From: at(3), Actor: "usr_1"}, []int64{10, 4}},
			"nothing": {store.OperationFilter{Action: "é😀' OR 1=1"}, []int64{}},
		} {
			got := []int64{}
			page := store.Page{Limit: 4}
			for {
				list, next, err := s.In(account).OperationLog().List(t.Context(), each.filter, page)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				for _, op := range list {
					got = append(got, op.Seq)
					if op.AccountID != account || op.After != nil {
						t.Errorf("%s: row %+v of another account, or with its document", name, op)
					}
				}
				if page.After = next; next == "" {
					break
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(each.want) {
				t.Errorf("%s: rows %v, want %v", name, got, each.want)
			}
		}
	})
}

func TestParallelAppendsMakeOneChain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		account := storetest.Account(t, s, "acme").Account.ID
		var wg sync.WaitGroup
		for n := range 20 {
			wg.Go(func() {
				op := operation(n)
				if err := s.Write(t.Context(), func(tx *store.Tx) error { return tx.In(account).OperationLog().Append(t.Context(), &op) }); err != nil {
					t.Errorf("append: %v", err)
				}
			})
		}
		wg.Wait()
		v, err := s.Seals().Verify(t.Context(), account)
		if err != nil || v.Bad != nil || v.Rows != 20 {
			t.Errorf("Verify() = %+v, %v, want 20 good rows", v, err)
		}
	})
}
