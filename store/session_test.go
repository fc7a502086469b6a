package store_test

import (
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

func signIn(t *testing.T, s *store.Store, in store.NewAccount, token string) models.Session {
	t.Helper()
	hash := sha256.Sum256([]byte(token))
	session := models.Session{UserID: in.Root.ID, Hash: hash[:], IP: "2001:db8::1", ExpiresAt: s.Now().Add(time.Hour)}
	write(t, s, func(tx *store.Tx) error { return tx.In(in.Account.ID).Sessions().Create(t.Context(), &session) })
	return session
}

func TestSessionEndsByExpiryRevocationAndDisabling(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		in, other := storetest.Account(t, s, "acme"), storetest.Account(t, s, "other")
		first, second := signIn(t, s, in, "one"), signIn(t, s, in, "two")
		got, err := s.Platform().Credentials().SignedIn(t.Context(), first.Hash)
		if err != nil || got.Session.ID != first.ID || got.User.ID != in.Root.ID || got.Account.ID != in.Account.ID {
			t.Fatalf("SignedIn() = %+v, %v", got, err)
		}
		unknown := sha256.Sum256([]byte("three"))
		_, err = s.Platform().Credentials().SignedIn(t.Context(), unknown[:])
		wantCode(t, err, models.CodeNotFound)

		wantCode(t, s.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.In(other.Account.ID).Sessions().Revoke(t.Context(), in.Root.ID, first.ID)
			return err
		}), models.CodeNotFound)
		for range 2 { // repeating changes nothing
			write(t, s, func(tx *store.Tx) error {
				revoked, err := tx.In(in.Account.ID).Sessions().Revoke(t.Context(), in.Root.ID, first.ID)
				if err == nil && revoked.RevokedAt == nil {
					t.Error("RevokedAt = nil after the revocation")
				}
				return err
			})
		}
		_, err = s.Platform().Credentials().SignedIn(t.Context(), first.Hash)
		wantCode(t, err, models.CodeNotFound)
		list, _, err := s.In(in.Account.ID).Sessions().List(t.Context(), in.Root.ID, store.Page{})
		if err != nil || len(list) != 1 || list[0].ID != second.ID {
			t.Errorf("Sessions() = %+v, %v, want the live one", list, err)
		}

		setEnabled := func(enabled bool) {
			write(t, s, func(tx *store.Tx) error {
				_, _, err := tx.In(in.Account.ID).Account().Update(t.Context(), 0, func(a *models.Account) error { a.Enabled = enabled; return nil })
				return err
			})
		}
		setEnabled(false)
		_, err = s.Platform().Credentials().SignedIn(t.Context(), second.Hash)
		wantCode(t, err, models.CodeNotFound)
		setEnabled(true)
		c.Advance(time.Hour)
		_, err = s.Platform().Credentials().SignedIn(t.Context(), second.Hash)
		wantCode(t, err, models.CodeNotFound)
	})
}

func TestRevokeSessionsKeepsTheOneGiven(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		in, other := storetest.Account(t, s, "acme"), storetest.Account(t, s, "other")
		one, two, theirs := signIn(t, s, in, "one"), signIn(t, s, in, "two"), signIn(t, s, other, "three")
		write(t, s, func(tx *store.Tx) error {
			n, err := tx.In(in.Account.ID).Sessions().RevokeAll(t.Context(), in.Root.ID, one.ID)
			if n != 1 {
				t.Errorf("RevokeSessions() = %d, want 1", n)
			}
			return err
		})
		for session, live := range map[string]bool{string(one.Hash): true, string(two.Hash): false, string(theirs.Hash): true} {
			_, err := s.Platform().Credentials().SignedIn(t.Context(), []byte(session))
			if (err == nil) != live {
				t.Errorf("SignedIn() error = %v, want live = %v", err, live)
			}
		}
	})
}

func TestAccessKeyOfProduct(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		in, other := storetest.Account(t, s, "acme"), storetest.Account(t, s, "other")
		product := models.Product{Name: "billing", Types: []string{"account.*"}, Accounts: []string{string(in.Account.ID)}, Enabled: true}
		key := models.AccessKey{OwnerKind: models.ActorProduct, Name: "ci", Hash: make([]byte, 32)}
		write(t, s, func(tx *store.Tx) error {
			if err := tx.Platform().Products().Create(t.Context(), &product); err != nil {
				return err
			}
			key.OwnerID = product.ID
			return tx.In(models.Platform).AccessKeys().Create(t.Context(), &key)
		})
		roles := func(account models.AccountID, want ...models.Role) {
			t.Helper()
			got, err := s.Roles().KeyRoles(t.Context(), account, key.ID)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("KeyRoles(%s) = %v, %v, want %v", account, got, err, want)
			}
		}
		roles(in.Account.ID, models.RoleProduct)
		roles(models.Platform, models.RoleProduct)
		roles(other.Account.ID)
		holder, err := s.Platform().Credentials().OfKey(t.Context(), key.ID)
		if err != nil || holder.Product.ID != product.ID || !slices.Equal(holder.Product.Types, product.Types) {
			t.Fatalf("KeyHolder() = %+v, %v", holder, err)
		}

		write(t, s, func(tx *store.Tx) error { // the overlap of a rotation
			before, after, err := tx.In(models.Platform).AccessKeys().Rotate(t.Context(), models.ActorProduct, product.ID, key.ID, c.Now().Add(time.Hour))
			if before.ExpiresAt != nil || after.ExpiresAt == nil || !after.ExpiresAt.Equal(c.Now().Add(time.Hour)) {
				t.Errorf("RotateAccessKey() = %+v, %+v, want an end after the overlap", before, after)
			}
			return err
		})
		err = s.Write(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.In(models.Platform).AccessKeys().Rotate(t.Context(), models.ActorProduct, product.ID, key.ID, c.Now().Add(time.Hour))
			return err
		})
		wantCode(t, err, models.CodeConflict) // the key that would take its place would end with it
		roles(in.Account.ID, models.RoleProduct)
		write(t, s, func(tx *store.Tx) error { return tx.In(models.Platform).AccessKeys().Touch(t.Context(), key.ID) })
		got, err := s.In(models.Platform).AccessKeys().ByID(t.Context(), models.ActorProduct, product.ID, key.ID)
		if err != nil || got.LastUsedAt == nil || !got.LastUsedAt.Equal(c.Now()) {
			t.Errorf("LastUsedAt = %v, %v, want now", got.LastUsedAt, err)
		}
		c.Advance(time.Hour)
		roles(in.Account.ID)

		_, err = s.In(in.Account.ID).AccessKeys().ByID(t.Context(), models.ActorProduct, product.ID, key.ID)
		wantCode(t, err, models.CodeNotFound)
	})
}

func TestRevokedKeyAndDisabledProductConferNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		product := models.Product{Name: "billing", Types: []string{}, Accounts: []string{models.Every}, Enabled: true}
		keys := []models.AccessKey{{OwnerKind: models.ActorProduct, Hash: make([]byte, 32)}, {OwnerKind: models.ActorProduct, Hash: make([]byte, 32)}}
		write(t, s, func(tx *store.Tx) error {
			if err := tx.Platform().Products().Create(t.Context(), &product); err != nil {
				return err
			}
			for i := range keys {
				keys[i].OwnerID = product.ID
				if err := tx.In(models.Platform).AccessKeys().Create(t.Context(), &keys[i]); err != nil {
					return err
				}
			}
			_, err := tx.In(models.Platform).AccessKeys().Revoke(t.Context(), models.ActorProduct, product.ID, keys[0].ID)
			return err
		})
		list, _, err := s.In(models.Platform).AccessKeys().List(t.Context(), models.ActorProduct, product.ID, store.Page{})
		if err != nil || len(list) != 2 {
			t.Errorf("AccessKeys() = %d rows, %v, want both", len(list), err)
		}
		_, err = s.Platform().Credentials().OfKey(t.Context(), keys[0].ID)
		wantCode(t, err, models.CodeNotFound)
		if _, err = s.Platform().Credentials().OfKey(t.Context(), keys[1].ID); err != nil {
			t.Errorf("the other key: %v", err)
		}
		write(t, s, func(tx *store.Tx) error {
			_, _, err := tx.Platform().Products().Update(t.Context(), product.ID, 1, func(p *models.Product) error { p.Enabled = false; return nil })
			return err
		})
		_, err = s.Platform().Credentials().OfKey(t.Context(), keys[1].ID)
		wantCode(t, err, models.CodeNotFound)
		products, _, err := s.Platform().Products().List(t.Context(), store.Page{})
		if err != nil || len(products) != 1 || products[0].Version != 2 || !slices.Equal(products[0].Accounts, product.Accounts) {
			t.Errorf("Products() = %+v, %v", products, err)
		}
	})
}

func TestKeyOfDisabledUserIsUnknown(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	in := storetest.Account(t, s, "acme")
	u := sub(t, s, in.Account.ID, "sue")
	key := models.AccessKey{OwnerKind: models.ActorUser, OwnerID: u.ID, Hash: make([]byte, 32)}
	write(t, s, func(tx *store.Tx) error { return tx.In(in.Account.ID).AccessKeys().Create(t.Context(), &key) })
	holder, err := s.Platform().Credentials().OfKey(t.Context(), key.ID)
	if err != nil || holder.User.ID != u.ID || holder.Account.ID != in.Account.ID {
		t.Fatalf("KeyHolder() = %+v, %v", holder, err)
	}
	if roles, err := s.Roles().KeyRoles(t.Context(), in.Account.ID, key.ID); err != nil || roles != nil {
		t.Errorf("KeyRoles() = %v, %v, want none for a user's key", roles, err)
	}
	write(t, s, func(tx *store.Tx) error {
		_, _, err := tx.In(in.Account.ID).Users().Update(t.Context(), u.ID, 0, func(u *models.User) error { u.Enabled = false; return nil })
		return err
	})
	_, err = s.Platform().Credentials().OfKey(t.Context(), key.ID)
	wantCode(t, err, models.CodeNotFound)
}
