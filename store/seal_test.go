package store_test

import (
	"fmt"
	"testing"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// tampering is what somebody with access to the database might do to rows 1–10,
// sealed at 5 and 9, and which row must be named.
type tampering struct {
	statements []string
	bad        int64
}

func tamperings() map[string]tampering {
	all := map[string]tampering{
		"deleted in the middle": {[]string{"DELETE FROM operation_logs WHERE account_id = ? AND seq = 4"}, 4},
		"deleted first":         {[]string{"DELETE FROM operation_logs WHERE account_id = ? AND seq = 1"}, 1},
		"deleted last":          {[]string{"DELETE FROM operation_logs WHERE account_id = ? AND seq = 10"}, 10},
		"truncated with the head moved, before the last seal": {[]string{
			"DELETE FROM operation_logs WHERE account_id = ? AND seq > 6",
			"UPDATE operation_heads SET seq = 6, hash = (SELECT hash FROM operation_logs o WHERE o.account_id = operation_heads.account_id AND o.seq = 6) WHERE account_id = ?",
		}, 7},
		"emptied": {[]string{
			"DELETE FROM operation_logs WHERE account_id = ?",
			"UPDATE operation_heads SET seq = 0 WHERE account_id = ?",
		}, 1},
		"swapped": {[]string{
			"UPDATE operation_logs SET seq = 100 WHERE account_id = ? AND seq = 3",
			"UPDATE operation_logs SET seq = 3 WHERE account_id = ? AND seq = 4",
			"UPDATE operation_logs SET seq = 4 WHERE account_id = ? AND seq = 100",
		}, 3},
		"head deleted":  {[]string{"DELETE FROM operation_heads WHERE account_id = ?"}, 11},
		"head set back": {[]string{"UPDATE operation_heads SET seq = 8 WHERE account_id = ?"}, 9},
		"head's hash":   {[]string{"UPDATE operation_heads SET hash = 'x' WHERE account_id = ?"}, 10},
		"seal's hash":   {[]string{"UPDATE seals SET hash = 'x' WHERE account_id = ? AND seq = 5"}, 5},
		"seal's time":   {[]string{"UPDATE seals SET at = '2030-01-01 00:00:00' WHERE account_id = ? AND seq = 9"}, 9},
		"seal moved":    {[]string{"UPDATE seals SET seq = 6 WHERE account_id = ? AND seq = 5"}, 6},
		"seal's key":    {[]string{"UPDATE seals SET key_id = 'other' WHERE account_id = ? AND seq = 5"}, 5},
	}
	for column, value := range map[string]string{
		"at": "'2030-01-01 00:00:00'", "actor_kind": "'x'", "actor_id": "'x'", "actor_name": "'x'", "credential": "'x'",
		"roles": `'["Root"]'`, "ip": "'x'", "user_agent": "'x'", "request_id": "'x'", "action": "'x'", "object_kind": "'x'",
		"object_id": "'x'", "object_name": "'x'", "result": "'denied'", "code": "'x'", "`before`": "'{}'", "`after`": "'{}'",
		"prev_hash": "'x'", "hash": "'x'",
	} {
		all["edited "+column] = tampering{[]string{"UPDATE operation_logs SET " + column + " = " + value + " WHERE account_id = ? AND seq = 6"}, 6}
	}
	return all
}

func TestVerifyNamesTheFirstBadRow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := 0
		for name, each := range tamperings() {
			n++
			account := storetest.Account(t, s, fmt.Sprintf("acc%d", n)).Account.ID
			appendOperations(t, s, account, 0, 5)
			sealAll(t, s, 1)
			appendOperations(t, s, account, 5, 9)
			sealAll(t, s, 1)
			appendOperations(t, s, account, 9, 10)
			v, err := s.Seals().Verify(t.Context(), account)
			if err != nil || v.Bad != nil || v.Rows != 10 || v.Seals != 2 || v.SealedTo != 9 {
				t.Fatalf("Verify() = %+v, %v before anybody tampered", v, err)
			}
			for _, statement := range each.statements {
				store.Tamper(t, s, statement, account)
			}
			v, err = s.Seals().Verify(t.Context(), account)
			if err != nil || v.Bad == nil || v.Bad.Seq != each.bad {
				t.Errorf("%s: Verify() = %+v (bad %+v), %v, want row %d named", name, v, v.Bad, err, each.bad)
			}
			// What was tampered with is not sealed; repair is a person's decision.
			store.Tamper(t, s, "UPDATE operation_heads SET seq = 0 WHERE account_id = ?", account)
		}
	})
}

func sealAll(t *testing.T, s *store.Store, want int) {
	t.Helper()
	if n, err := s.Seals().SealOperations(t.Context()); n != want || err != nil {
		t.Fatalf("SealOperations() = %d, %v, want %d", n, err, want)
	}
}

func TestSealOnlyWhatMovedAndIsWhole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a, b := storetest.Account(t, s, "aaa").Account.ID, storetest.Account(t, s, "bbb").Account.ID
		sealAll(t, s, 0)
		appendOperations(t, s, a, 0, 3)
		appendOperations(t, s, b, 0, 3)
		appendOperations(t, s, models.Platform, 0, 1)
		sealAll(t, s, 3)
		sealAll(t, s, 0)
		appendOperations(t, s, a, 3, 5)
		appendOperations(t, s, b, 3, 5)
		store.Tamper(t, s, "UPDATE operation_logs SET actor_name = 'x' WHERE account_id = ? AND seq = 4", a)
		if n, err := s.Seals().SealOperations(t.Context()); n != 1 || err == nil {
			t.Errorf("SealOperations() = %d, %v, want one sealed and an error for the other", n, err)
		}
		list, _, err := s.In(b).OperationLog().Seals(t.Context(), store.Page{})
		if err != nil || len(list) != 2 || list[0].Seq != 5 || list[1].Seq != 3 || list[0].AccountID != b {
			t.Errorf("Seals() = %+v, %v", list, err)
		}
		bad := map[models.AccountID]int64{}
		err = s.Seals().VerifyAll(t.Context(), func(v store.Verification) error {
			bad[v.Account] = 0
			if v.Bad != nil {
				bad[v.Account] = v.Bad.Seq
			}
			return nil
		})
		if err != nil || len(bad) != 3 || bad[a] != 4 || bad[b] != 0 || bad[models.Platform] != 0 {
			t.Errorf("VerifyAll() told %v, %v", bad, err)
		}
	})
}

func TestSealsOfAnotherSecretAreNotGenuine(t *testing.T) {
	t.Parallel()
	cfg := storetest.SQLite(t)
	s := storetest.Open(t, cfg)
	account := storetest.Account(t, s, "acme").Account.ID
	appendOperations(t, s, account, 0, 2)
	sealAll(t, s, 1)
	store.Tamper(t, s, "DELETE FROM secret_checks") // or the other secret would be refused at once
	cfg.SecretKey = make([]byte, store.SecretSize)
	v, err := storetest.Open(t, cfg).Seals().Verify(t.Context(), account)
	if err != nil || v.Bad == nil || v.Bad.Seq != 2 {
		t.Errorf("Verify() = %+v, %v, want row 2 named", v, err)
	}
}

// TestVerifyLongLog crosses the bound of what is read at once.
func TestVerifyLongLog(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	account := storetest.Account(t, s, "acme").Account.ID
	write(t, s, func(tx *store.Tx) error {
		for n := range 1001 {
			op := operation(n)
			if err := tx.In(account).OperationLog().Append(t.Context(), &op); err != nil {
				return err
			}
		}
		return nil
	})
	sealAll(t, s, 1)
	v, err := s.Seals().Verify(t.Context(), account)
	if err != nil || v.Bad != nil || v.Rows != 1001 || v.Seals != 1 {
		t.Errorf("Verify() = %+v, %v", v, err)
	}
	store.Tamper(t, s, "DELETE FROM operation_logs WHERE account_id = ? AND seq = 501", account)
	v, err = s.Seals().Verify(t.Context(), account)
	if err != nil || v.Bad == nil || v.Bad.Seq != 501 {
		t.Errorf("Verify() = %+v, %v, want row 501 named", v, err)
	}
}
