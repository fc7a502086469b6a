package store_test

import (
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// TestLiveCredentialsFollowEverythingThatTakesRightsAway changes one thing after
// another and looks at a session and a key of a sub-user with a grant.
func TestLiveCredentialsFollowEverythingThatTakesRightsAway(t *testing.T) {
	t.Parallel()
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		var now atomic.Int64
		cfg.Now = func() time.Time { return start.Add(time.Duration(now.Load())) }
		p := newPrincipal(t, storetest.Open(t, cfg), start)
		p.want(t, []models.Role{models.RoleMember, models.RoleFullAccess}, p.session, p.key, p.user)
		now.Store(int64(2 * time.Hour))
		p.want(t, []models.Role{models.RoleMember}, p.session, p.key, p.user) // the grant has ended
		p.change(t, func(tx store.TxScope) error {
			_, err := tx.Sessions().Revoke(t.Context(), p.user, p.session)
			return err
		})
		p.want(t, []models.Role{models.RoleMember}, p.key, p.user)
		p.enable(t, false)
		p.want(t, nil)
		p.enable(t, true)
		p.want(t, []models.Role{models.RoleMember}, p.key, p.user)
		now.Store(int64(4 * time.Hour))
		p.want(t, []models.Role{models.RoleMember}, p.user) // the key has ended
	})
}

func TestManyLiveCredentialsAreReadInChunks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := newPrincipal(t, s, s.Now())
		ids := make([]string, 450)
		for i := range ids {
			ids[i] = store.NewID(models.KindSession)
		}
		found, err := s.Platform().Credentials().States(t.Context(), append(ids, p.session), append(ids, p.key), append(ids, p.user))
		if err != nil || len(found) != 3 {
			t.Fatalf("States() = %v, %v; want the session's, the key's and the user's", found, err)
		}
	})
}

// principal is a sub-user with full access for an hour, a session for a day and a
// key for three hours.
type principal struct {
	s                  *store.Store
	account            models.AccountID
	user, session, key string
}

func newPrincipal(t *testing.T, s *store.Store, now time.Time) *principal {
	t.Helper()
	p := &principal{s: s, account: storetest.Account(t, s, "acme").Account.ID}
	hour, hours := now.Add(time.Hour), now.Add(3*time.Hour)
	user := models.User{Kind: models.UserSub, Name: "ann", Enabled: true}
	session := models.Session{Hash: make([]byte, 32), ExpiresAt: now.Add(24 * time.Hour)}
	key := models.AccessKey{OwnerKind: models.ActorUser, Name: "key", Hash: make([]byte, 32), ExpiresAt: &hours}
	p.change(t, func(tx store.TxScope) error {
		if err := tx.Users().Create(t.Context(), &user); err != nil {
			return err
		}
		session.UserID, key.OwnerID = user.ID, user.ID
		if err := tx.Grants().Create(t.Context(), &models.Grant{UserID: user.ID, Role: models.RoleFullAccess, ExpiresAt: &hour}); err != nil {
			return err
		}
		if err := tx.Sessions().Create(t.Context(), &session); err != nil {
			return err
		}
		return tx.AccessKeys().Create(t.Context(), &key)
	})
	p.user, p.session, p.key = user.ID, session.ID, key.ID
	return p
}

func (p *principal) change(t *testing.T, fn func(store.TxScope) error) {
	t.Helper()
	if err := p.s.Write(t.Context(), func(tx *store.Tx) error { return fn(tx.In(p.account)) }); err != nil {
		t.Fatalf("Write() = %v", err)
	}
}

func (p *principal) enable(t *testing.T, enabled bool) {
	t.Helper()
	p.change(t, func(tx store.TxScope) error {
		_, _, err := tx.Users().Update(t.Context(), p.user, 0, func(u *models.User) error {
			u.Enabled = enabled
			return nil
		})
		return err
	})
}

// want fails unless exactly these credentials stand, with these roles.
func (p *principal) want(t *testing.T, roles []models.Role, credentials ...string) {
	t.Helper()
	found, err := p.s.Platform().Credentials().States(t.Context(), []string{p.session}, []string{p.key}, []string{p.user})
	if err != nil {
		t.Fatalf("States() = %v", err)
	}
	if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, slices.Sorted(slices.Values(credentials))) {
		t.Fatalf("these stand: %v, want %v", got, credentials)
	}
	for id, credential := range found {
		if !slices.Equal(credential.Roles, roles) || credential.UserID != p.user || credential.AccountID != p.account {
			t.Errorf("%s stands as %+v, want the user with %v", id, credential, roles)
		}
	}
}
