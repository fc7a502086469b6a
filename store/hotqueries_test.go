package store_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// TestHotQueriesReadAnIndex runs what every request runs, and every list, and
// explains each statement.
func TestHotQueriesReadAnIndex(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		in, other := storetest.Account(t, s, "acme"), storetest.Account(t, s, "other")
		store.Fill(t, s, []models.AccountID{in.Account.ID, other.Account.ID}, 300)
		users, next, err := s.In(in.Account.ID).Users().List(t.Context(), store.Page{})
		if err != nil || next == "" {
			t.Fatalf("Users() = %q, %v", next, err)
		}
		stop := store.Record(t, s)
		ask(t, s, in, users[3].ID, next)
		statements := stop()
		if len(statements) < 20 {
			t.Errorf("only %d statements were recorded", len(statements))
		}
		for _, statement := range statements {
			store.WantIndex(t, s, statement)
		}
	})
}

// ask calls the reads and the change whose speed everybody feels.
func ask(t *testing.T, s *store.Store, in store.NewAccount, user, next string) {
	t.Helper()
	hash := sha256.Sum256([]byte(user))
	scope, page := s.In(in.Account.ID), store.Page{After: next}
	key := fmt.Sprint(200)
	calls := []func() error{
		func() error { _, err := s.Platform().Credentials().SignedIn(t.Context(), hash[:]); return err },
		func() error { _, err := s.Platform().Accounts().ByAlias(t.Context(), "acme"); return err },
		func() error { _, err := s.Roles().UserRoles(t.Context(), in.Account.ID, user); return err },
		func() error { _, err := scope.Users().ByName(t.Context(), "user7"); return err },
		func() error { _, err := scope.Users().Root(t.Context()); return err },
		func() error {
			_, err := scope.Answers().Replay(t.Context(), store.Claim{Scope: [32]byte{1}})
			return err
		},
		func() error { _, err := scope.Contacts().OfAccount(t.Context()); return err },
		func() error { _, _, err := scope.Users().List(t.Context(), page); return err },
		func() error {
			_, _, err := scope.Users().Find(t.Context(), store.NamedFilter{Search: "user7"}, page)
			return err
		},
		func() error {
			enabled := true
			_, _, err := s.Platform().Accounts().Find(t.Context(), store.AccountFilter{Enabled: &enabled}, store.Page{})
			return err
		},
		func() error {
			_, _, err := s.Platform().Accounts().Find(t.Context(), store.AccountFilter{Search: "ac"}, store.Page{})
			return err
		},
		func() error { _, _, err := scope.Contacts().List(t.Context(), store.ContactFilter{}, page); return err },
		func() error { _, err := scope.Contacts().OfUser(t.Context(), user); return err },
		func() error { _, err := scope.ContactGroups().Of(t.Context(), "ctc_1", "ctc_2"); return err },
		func() error { _, err := scope.Invitations().ByAddress(t.Context(), "adr_1", "adr_2"); return err },
		func() error { _, err := scope.ContactGroups().Sizes(t.Context(), "grp_1"); return err },
		func() error { _, _, err := scope.ContactGroups().List(t.Context(), page); return err },
		func() error {
			_, _, err := s.Platform().UserContacts().List(t.Context(), store.UserContactFilter{}, page)
			return err
		},
		func() error {
			_, _, err := s.Platform().UserContacts().List(t.Context(), store.UserContactFilter{AccountID: in.Account.ID}, page)
			return err
		},
		func() error {
			_, _, err := s.Platform().UserContacts().List(t.Context(), store.UserContactFilter{
				UserID: user, Addresses: []models.Address{{Channel: models.ChannelEmail, ValueKey: user}},
			}, store.Page{})
			return err
		},
		func() error {
			_, _, err := scope.OperationLog().List(t.Context(), store.OperationFilter{}, store.Page{After: key})
			return err
		},
		func() error {
			_, _, err := scope.OperationLog().List(t.Context(), store.OperationFilter{Action: "a.3"}, store.Page{After: key})
			return err
		},
		func() error {
			_, _, err := scope.OperationLog().List(t.Context(), store.OperationFilter{Actor: user}, store.Page{})
			return err
		},
		func() error {
			_, _, err := scope.OperationLog().List(t.Context(), store.OperationFilter{ObjectKind: "user", ObjectID: user}, store.Page{})
			return err
		},
		func() error {
			_, err := scope.OptOuts().AllOptOuts(t.Context())
			return err
		},
		func() error { _, err := scope.OptOuts().List(t.Context(), "a@b.example"); return err },
		func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.In(in.Account.ID).Users().Update(t.Context(), user, 0, func(u *models.User) error { u.Popups = true; return nil })
				if err != nil {
					return err
				}
				_, err = tx.In(in.Account.ID).Sessions().RevokeAll(t.Context(), user, "")
				if err != nil {
					return err
				}
				return tx.In(in.Account.ID).OperationLog().Append(t.Context(), &models.Operation{Action: "user.update"})
			})
		},
	}
	for i, call := range calls {
		if err := call(); err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
	}
}
