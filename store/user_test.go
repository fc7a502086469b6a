package store_test

import (
	"slices"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// sub creates a sub-user.
func sub(t *testing.T, s *store.Store, account models.AccountID, name string) models.User {
	t.Helper()
	u := models.User{Name: name, Kind: models.UserSub, Enabled: true}
	write(t, s, func(tx *store.Tx) error { return tx.In(account).Users().Create(t.Context(), &u) })
	return u
}

func TestUsersOfAnotherAccountDoNotExist(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a, b := storetest.Account(t, s, "aaa"), storetest.Account(t, s, "bbb")
		mine, theirs := sub(t, s, a.Account.ID, "same"), sub(t, s, b.Account.ID, "same")
		list, _, err := s.In(a.Account.ID).Users().List(t.Context(), store.Page{})
		if err != nil || len(list) != 2 || list[0].ID != mine.ID || list[1].ID != a.Root.ID {
			t.Fatalf("Users() = %+v, %v, want own ones, newest first", list, err)
		}
		root, err := s.In(b.Account.ID).Users().Root(t.Context())
		if err != nil || root.ID != b.Root.ID {
			t.Errorf("RootUser() = %+v, %v, want the account's own", root, err)
		}
		_, err = s.In(models.Platform).Users().Root(t.Context())
		wantCode(t, err, models.CodeNotFound)
		_, err = s.In(a.Account.ID).Users().ByID(t.Context(), theirs.ID)
		wantCode(t, err, models.CodeNotFound)
		wantCode(t, s.Write(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.In(a.Account.ID).Users().Update(t.Context(), theirs.ID, 0, func(u *models.User) error { u.Enabled = false; return nil })
			return err
		}), models.CodeNotFound)
		wantCode(t, s.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.In(a.Account.ID).Users().Delete(t.Context(), theirs.ID)
			return err
		}), models.CodeNotFound)
		if _, err := s.In(b.Account.ID).Users().ByID(t.Context(), theirs.ID); err != nil {
			t.Errorf("the other account's user is gone: %v", err)
		}
	})
}

func TestDeletedUserLeavesNoRights(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		in := storetest.Account(t, s, "acme")
		account, u := in.Account.ID, sub(t, s, in.Account.ID, "gone")
		session := models.Session{UserID: u.ID, Hash: make([]byte, 32), ExpiresAt: time.Now().Add(time.Hour)}
		key := models.AccessKey{OwnerKind: models.ActorUser, OwnerID: u.ID, Hash: make([]byte, 32)}
		write(t, s, func(tx *store.Tx) error {
			if err := tx.In(account).Sessions().Create(t.Context(), &session); err != nil {
				return err
			}
			if err := tx.In(account).AccessKeys().Create(t.Context(), &key); err != nil {
				return err
			}
			return tx.In(account).Grants().Create(t.Context(), &models.Grant{UserID: u.ID, Role: models.RoleFullAccess})
		})
		write(t, s, func(tx *store.Tx) error {
			_, err := tx.In(account).Users().Delete(t.Context(), u.ID)
			return err
		})
		_, err := s.Platform().Credentials().SignedIn(t.Context(), session.Hash)
		wantCode(t, err, models.CodeNotFound)
		_, err = s.Platform().Credentials().OfKey(t.Context(), key.ID)
		wantCode(t, err, models.CodeNotFound)
		grants, _, err := s.In(account).Grants().List(t.Context(), "", store.Page{})
		if err != nil || len(grants) != 0 {
			t.Errorf("Grants() = %+v, %v, want none", grants, err)
		}
		roles, err := s.Roles().UserRoles(t.Context(), account, u.ID)
		if err != nil || roles != nil {
			t.Errorf("UserRoles() = %v, %v, want none", roles, err)
		}
	})
}

func TestRolesFollowKindGrantsAndState(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		in, other := storetest.Account(t, s, "acme"), storetest.Account(t, s, "other")
		account, u := in.Account.ID, sub(t, s, in.Account.ID, "sue")
		wants := func(account models.AccountID, user string, want ...models.Role) {
			t.Helper()
			got, err := s.Roles().UserRoles(t.Context(), account, user)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("UserRoles() = %v, %v, want %v", got, err, want)
			}
		}
		grant := func(role models.Role, ends *time.Time) models.Grant {
			t.Helper()
			g := models.Grant{UserID: u.ID, Role: role, ExpiresAt: ends}
			write(t, s, func(tx *store.Tx) error { return tx.In(account).Grants().Create(t.Context(), &g) })
			return g
		}
		wants(account, in.Root.ID, models.RoleRoot, models.RoleMember)
		wants(account, u.ID, models.RoleMember)
		wants(other.Account.ID, u.ID)
		wants(models.Platform, u.ID)
		wants(account, "usr_nobody")
		wants(account, string(models.RoleRoot))
		wants("", u.ID)

		ends := c.Now().Add(time.Hour)
		grant(models.RoleReadOnly, &ends)
		full := grant(models.RoleFullAccess, nil)
		grant(models.RoleOperatorAdmin, nil) // does not count for a sub-user
		wants(account, u.ID, models.RoleMember, models.RoleFullAccess, models.RoleReadOnly)
		wantCode(t, s.Write(t.Context(), func(tx *store.Tx) error {
			return tx.In(account).Grants().Create(t.Context(), &models.Grant{UserID: u.ID, Role: models.RoleFullAccess})
		}), models.CodeConflict)
		wantCode(t, s.Write(t.Context(), func(tx *store.Tx) error {
			return tx.In(other.Account.ID).Grants().Create(t.Context(), &models.Grant{UserID: u.ID, Role: models.RoleFullAccess})
		}), models.CodeNotFound)

		c.Advance(time.Hour)
		wants(account, u.ID, models.RoleMember, models.RoleFullAccess)
		grant(models.RoleReadOnly, nil) // replaces the expired one
		wants(account, u.ID, models.RoleMember, models.RoleFullAccess, models.RoleReadOnly)
		write(t, s, func(tx *store.Tx) error {
			_, err := tx.In(account).Grants().Delete(t.Context(), full.ID)
			return err
		})
		wants(account, u.ID, models.RoleMember, models.RoleReadOnly)

		write(t, s, func(tx *store.Tx) error {
			_, _, err := tx.In(account).Users().Update(t.Context(), u.ID, 0, func(u *models.User) error { u.Enabled = false; return nil })
			return err
		})
		wants(account, u.ID)
		write(t, s, func(tx *store.Tx) error {
			_, _, err := tx.In(account).Account().Update(t.Context(), 0, func(a *models.Account) error { a.Enabled = false; return nil })
			return err
		})
		wants(account, in.Root.ID)
	})
}

func TestGrantsOfTwoAccountsStayApart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, alias := range []string{"aaa", "bbb"} {
			in := storetest.Account(t, s, alias)
			u := sub(t, s, in.Account.ID, "sue")
			g := models.Grant{UserID: u.ID, Role: models.RoleReadOnly, CreatedBy: in.Root.ID}
			write(t, s, func(tx *store.Tx) error { return tx.In(in.Account.ID).Grants().Create(t.Context(), &g) })
			list, _, err := s.In(in.Account.ID).Grants().List(t.Context(), "", store.Page{})
			if err != nil || len(list) != 1 || list[0] != g {
				t.Errorf("Grants() = %+v, %v, want %+v only", list, err, g)
			}
			list, _, err = s.In(in.Account.ID).Grants().List(t.Context(), in.Root.ID, store.Page{})
			if err != nil || len(list) != 0 {
				t.Errorf("Grants(root) = %+v, %v, want none", list, err)
			}
			_, err = s.In(models.Platform).Grants().ByID(t.Context(), g.ID)
			wantCode(t, err, models.CodeNotFound)
		}
	})
}
