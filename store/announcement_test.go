package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/announcement"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// onAudience runs the test on both databases with accounts of these aliases, each a
// minute younger than the one before.
func onAudience(t *testing.T, aliases []string, test func(t *testing.T, all []tenant)) {
	t.Helper()
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		c := &tenantClock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
		cfg.Now = c.Now
		s := storetest.Open(t, cfg)
		var all []tenant
		for _, alias := range aliases {
			all = append(all, newTenant(t, s, c, alias))
			c.advance(time.Minute)
		}
		test(t, all)
	})
}

func announce(t *testing.T, s *store.Store, change func(*announcement.Announcement), list ...models.AccountID) announcement.Announcement {
	t.Helper()
	a := announcement.Announcement{
		Type: "activity.launch", TypeVersion: 1, Category: "activity", Severity: models.SeverityInfo, Fingerprint: []byte("one"),
		Variables: map[string]string{"product_name": "X2"}, Audience: announcement.Audience{Listed: list != nil, Accounts: len(list)},
	}
	if change != nil {
		change(&a)
	}
	var stored announcement.Announcement
	inTx(t, s, func(ctx context.Context, tx *store.Tx) (err error) {
		stored, err = tx.Announcing().Create(ctx, a, list)
		return err
	})
	return stored
}

// pageOf makes the next page of up to limit accounts.
func pageOf(t *testing.T, s *store.Store, a announcement.Announcement, limit int) announcement.Page {
	t.Helper()
	accounts, err := s.Rollouts().NextAccounts(t.Context(), a, limit)
	require.NoError(t, err)
	p := announcement.Page{From: a.Reached, Reached: a.Reached, Last: len(accounts) < limit}
	for _, account := range accounts {
		p.Reached = account.ID
		p.Acceptances = append(p.Acceptances, models.Acceptance{
			Notification: models.Notification{
				AccountID: account.ID, Type: a.Type, TypeVersion: 1, Category: a.Category, Severity: a.Severity, Source: models.SourceAnnouncement,
				ProductID: a.ProductID, SubjectID: a.ID, Language: account.Language, ExternalID: a.ID + "/" + string(account.ID),
				Fingerprint: a.Fingerprint, ExpiresAt: s.Now().Add(time.Hour),
			},
			Inbox: models.Rendered{Locale: models.LocaleEN, Title: "X2"},
		})
	}
	return p
}

func begin(t *testing.T, s *store.Store, a announcement.Announcement) announcement.Announcement {
	t.Helper()
	begun, err := s.Rollouts().BeginAnnouncement(t.Context(), a)
	require.NoError(t, err)
	require.Equal(t, announcement.Running, begun.State)
	return begun
}

func told(t *testing.T, n tenant) int {
	t.Helper()
	list, err := n.s.In(n.id).Inbox("").After(t.Context(), 0, 100)
	require.NoError(t, err)
	return len(list)
}

func TestAPageAndItsCursorAreOneTransaction(t *testing.T) {
	t.Parallel()
	onAudience(t, []string{"aa1", "aa2", "aa3", "aa4", "aa5"}, func(t *testing.T, all []tenant) {
		s := all[0].s
		a := begin(t, s, announce(t, s, nil))
		assert.Equal(t, int64(5), a.Total)
		page := pageOf(t, s, a, 2)
		var racers sync.WaitGroup
		for range 5 { // two workers, and those that were thought dead
			racers.Go(func() {
				_, err := s.Rollouts().AdvanceAnnouncement(t.Context(), a, page)
				assert.NoError(t, err)
			})
		}
		racers.Wait()
		for i := range 3 {
			now, err := s.Rollouts().OpenAnnouncement(t.Context(), a.ID)
			require.NoError(t, err)
			assert.Equal(t, int64(min(2*(i+1), 5)), now.Accepted)
			_, err = s.Rollouts().AdvanceAnnouncement(t.Context(), now, pageOf(t, s, now, 2))
			require.NoError(t, err)
		}
		end, err := s.Rollouts().OpenAnnouncement(t.Context(), a.ID)
		require.NoError(t, err)
		assert.Equal(t, announcement.Done, end.State)
		assert.Nil(t, end.NextAt)
		assert.NotNil(t, end.FinishedAt)
		assert.Equal(t, []int64{5, 5}, []int64{end.Total, end.Accepted})
		for _, each := range all {
			assert.Equal(t, 1, told(t, each), "each account exactly once")
		}
	})
}

func TestAPageOfWhatWasPausedCountsForNothing(t *testing.T) {
	t.Parallel()
	onAudience(t, []string{"aa1", "aa2", "aa3"}, func(t *testing.T, all []tenant) {
		s := all[0].s
		a := begin(t, s, announce(t, s, nil))
		page := pageOf(t, s, a, 2)
		move := func(by store.Announcer, fn func(announcement.Announcement) (announcement.Announcement, error)) error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.Announcing().Update(t.Context(), by, a.ID, fn)
				return err
			})
		}
		pause := func(a announcement.Announcement) (announcement.Announcement, error) { return a.Paused("") }
		resume := func(a announcement.Announcement) (announcement.Announcement, error) { return a.Resumed(s.Now()) }
		cancel := func(a announcement.Announcement) (announcement.Announcement, error) { return a.Cancelled(s.Now()) }
		every := store.Announcer{All: true}
		assert.Equal(t, models.CodeNotFound, models.CodeOf(move(store.Announcer{Product: "prd_2"}, pause)))
		require.NoError(t, move(every, pause))
		assert.Equal(t, models.CodeConflict, models.CodeOf(move(every, pause)))
		after, err := s.Rollouts().AdvanceAnnouncement(t.Context(), a, page)
		require.NoError(t, err)
		assert.Equal(t, announcement.Paused, after.State)
		assert.Equal(t, 0, told(t, all[0]))
		due, err := s.Wakeups().OpenEntities(t.Context(), typeOf(t, models.EntityAnnouncement), "", models.Due{}, 10)
		require.NoError(t, err)
		assert.Empty(t, due, "nothing looks after it")
		require.NoError(t, move(every, resume))
		after, err = s.Rollouts().AdvanceAnnouncement(t.Context(), a, page)
		require.NoError(t, err)
		assert.Equal(t, int64(2), after.Accepted)
		require.NoError(t, move(every, cancel))
		assert.Equal(t, models.CodeConflict, models.CodeOf(move(every, resume)))
		after, err = s.Rollouts().AdvanceAnnouncement(t.Context(), after, pageOf(t, s, after, 2))
		require.NoError(t, err)
		assert.Equal(t, announcement.Cancelled, after.State)
		assert.Equal(t, []int{1, 1, 0}, []int{told(t, all[0]), told(t, all[1]), told(t, all[2])})
	})
}

func TestAudiences(t *testing.T) {
	t.Parallel()
	onAudience(t, []string{"aa1", "aa2", "bb1"}, func(t *testing.T, all []tenant) {
		s := all[0].s
		inTx(t, s, func(ctx context.Context, tx *store.Tx) error {
			_, _, err := tx.In(all[1].id).Account().Update(ctx, 0, func(a *models.Account) error {
				a.Language, a.TimeZone = models.LocaleZH, "Asia/Shanghai"
				return nil
			})
			return err
		})
		second := time.Date(2026, 3, 1, 12, 1, 0, 0, time.UTC)
		for name, c := range map[string]struct {
			audience announcement.Audience
			list     []models.AccountID
			want     []int
		}{
			"all":                {want: []int{0, 1, 2}},
			"a language":         {audience: announcement.Audience{Language: models.LocaleZH}, want: []int{1}},
			"a time zone":        {audience: announcement.Audience{TimeZone: "UTC"}, want: []int{0, 2}},
			"a prefix":           {audience: announcement.Audience{AliasPrefix: "aa"}, want: []int{0, 1}},
			"made from":          {audience: announcement.Audience{CreatedFrom: &second}, want: []int{1, 2}},
			"made before":        {audience: announcement.Audience{CreatedTo: &second}, want: []int{0}},
			"a list":             {list: []models.AccountID{all[2].id, all[0].id}, want: []int{0, 2}},
			"a list of nobody":   {list: []models.AccountID{"acc_gone"}, want: []int{}},
			"a list and a range": {list: []models.AccountID{all[2].id, all[0].id}, audience: announcement.Audience{AliasPrefix: "b"}, want: []int{2}},
		} {
			a := begin(t, s, announce(t, s, func(a *announcement.Announcement) {
				listed := a.Audience.Listed
				a.Audience = c.audience
				a.Audience.Listed = listed
			}, c.list...))
			rows, err := s.Rollouts().NextAccounts(t.Context(), a, 10)
			require.NoError(t, err)
			got := []models.AccountID{}
			for _, row := range rows {
				got = append(got, row.ID)
			}
			want := []models.AccountID{}
			for _, i := range c.want {
				want = append(want, all[i].id)
			}
			assert.Equal(t, want, got, name)
			assert.Equal(t, int64(len(want)), a.Total, name)
		}
	})
}

func TestAnExternalIDIsOneAnnouncement(t *testing.T) {
	t.Parallel()
	onAudience(t, []string{"aa1"}, func(t *testing.T, all []tenant) {
		s := all[0].s
		named := func(a *announcement.Announcement) { a.ExternalID, a.ProductID = "x2", "prd_1" }
		first := announce(t, s, named, all[0].id)
		assert.Equal(t, first.ID, announce(t, s, named, all[0].id).ID)
		other := announce(t, s, func(a *announcement.Announcement) { a.ExternalID, a.ProductID = "x2", "prd_2" })
		assert.NotEqual(t, first.ID, other.ID, "each product has its own")
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			a := announcement.Announcement{ExternalID: "x2", ProductID: "prd_1", Fingerprint: []byte("two")}
			_, err := tx.Announcing().Create(t.Context(), a, nil)
			return err
		})
		assert.Equal(t, models.CodeConflict, models.CodeOf(err))
		wakeups, err := s.Wakeups().ClaimWakeups(t.Context(), time.Minute, 10)
		require.NoError(t, err)
		assert.Len(t, wakeups, 2)
	})
}

// TestAProductCannotStopItsAnnouncement: whatever it does with external ids, the other
// accounts are told.
func TestAProductCannotStopItsAnnouncement(t *testing.T) {
	t.Parallel()
	onAudience(t, []string{"aa1", "aa2", "aa3"}, func(t *testing.T, all []tenant) {
		s := all[0].s
		a := begin(t, s, announce(t, s, func(a *announcement.Announcement) { a.ProductID = "prd_1" }))
		all[1].accept(t, func(n *models.Notification) {
			n.ExternalID, n.Fingerprint = a.ID+"/"+string(n.AccountID), []byte("other")
		})
		after, err := s.Rollouts().AdvanceAnnouncement(t.Context(), a, pageOf(t, s, a, 10))
		require.NoError(t, err)
		assert.Equal(t, announcement.Done, after.State)
		assert.Equal(t, []int64{2, 1}, []int64{after.Accepted, after.Refused})
		for _, each := range all {
			assert.Equal(t, 1, told(t, each))
		}
	})
}

func TestPagesOfAccountsReadTheirKey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for i := range 40 {
			storetest.Account(t, s, fmt.Sprintf("acme-%02d", i))
		}
		a := begin(t, s, announce(t, s, nil))
		stop := store.Record(t, s)
		_, err := s.Rollouts().NextAccounts(t.Context(), a, 10)
		require.NoError(t, err)
		_, _, err = s.Platform().Announcements().List(t.Context(), store.Announcer{Product: "prd_1"}, store.AnnouncementFilter{}, store.Page{})
		require.NoError(t, err)
		_, _, err = s.Platform().Announcements().List(t.Context(), store.Announcer{All: true}, store.AnnouncementFilter{}, store.Page{})
		require.NoError(t, err)
		for _, statement := range stop() {
			store.WantIndex(t, s, statement)
		}
	})
}
