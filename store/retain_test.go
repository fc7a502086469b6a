package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

const day = 24 * time.Hour

// now makes the store's ids and its clock agree: they would not in the past.
func (n tenant) toToday() {
	n.now.advance(time.Until(n.now.Now()).Abs().Truncate(time.Microsecond))
}

// keep changes the policy.
func (n tenant) keep(t *testing.T, messages, notifications models.RetentionRule) {
	t.Helper()
	inTx(t, n.s, func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.Platform().Retention().Update(ctx, 0, func(p *models.RetentionPolicy) error {
			p.Messages, p.Notifications = messages, notifications
			return nil
		})
		return err
	})
}

// retain runs retention of the kind to its end and returns how many rows are gone.
func (n tenant) retain(t *testing.T, kind models.RetentionKind) int {
	t.Helper()
	deleted, after := 0, ""
	for range 100 {
		r, err := n.s.Attic().Retain(t.Context(), kind, after)
		require.NoError(t, err)
		deleted, after = deleted+r.Deleted, r.After
		if r.Done {
			return deleted
		}
	}
	require.Fail(t, "retention never ends")
	return 0
}

func TestOldMessagesGoByTheRuleOfTheirCategory(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		mine.toToday()
		accept := func(of tenant, category string) {
			of.accept(t, func(n *models.Notification) { n.Category, n.Type = category, category+".x" })
		}
		for range 3 {
			accept(mine, "activity")
			accept(mine, "account")
			accept(other, "activity")
		}
		mine.keep(t, models.RetentionRule{Days: 30, Categories: map[string]int{"activity": 10}}, models.RetentionRule{})
		before, err := mine.s.In(mine.id).Inbox("").Head(t.Context())
		require.NoError(t, err)
		assert.Zero(t, mine.retain(t, models.RetainMessages))
		mine.now.advance(10*day - time.Second)
		assert.Zero(t, mine.retain(t, models.RetainMessages), "a second too early")
		accept(mine, "activity")
		mine.now.advance(time.Second)
		assert.Equal(t, 6, mine.retain(t, models.RetainMessages))
		assert.Equal(t, 4, told(t, mine))
		assert.Equal(t, 0, told(t, other))
		after, err := mine.s.In(mine.id).Inbox("").Head(t.Context())
		require.NoError(t, err)
		assert.Greater(t, after.Revision, before.Revision, "listeners must count again")
		mine.now.advance(20 * day)
		assert.Equal(t, 4, mine.retain(t, models.RetainMessages))
		assert.Zero(t, mine.retain(t, models.RetainMessages))
	})
}

func TestOldNotificationsGoWholeAndOpenOnesStay(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		mine.toToday()
		ended, open := mine.planned(t, nil)
		for _, d := range open {
			mine.begin(t, d, 1)
			mine.finish(t, d, 1, models.OutcomePermanent, models.DeliveryFailed, nil)
		}
		pending, _ := other.planned(t, func(n *models.Notification) { n.ExternalID = "open" })
		unplanned := mine.accept(t, nil)
		far := mine.now.Now().Add(300 * day)
		scheduled := mine.accept(t, func(n *models.Notification) { n.ScheduleAt = &far })
		mine.keep(t, models.RetentionRule{}, models.RetentionRule{Days: 30})
		mine.now.advance(30*day - time.Second)
		assert.Zero(t, mine.retain(t, models.RetainNotifications))
		mine.now.advance(2 * time.Second)
		assert.Equal(t, 1, mine.retain(t, models.RetainNotifications))
		_, err := mine.s.In(mine.id).Notifications().Report(t.Context(), ended.ID)
		assert.Equal(t, models.CodeNotFound, models.CodeOf(err))
		mine.report(t, unplanned.ID)
		mine.report(t, scheduled.ID)
		assert.Len(t, other.report(t, pending.ID).Deliveries, 4)
		assert.Equal(t, 2, told(t, mine), "what stands in inboxes has a rule of its own")

		again := mine.planned1(t)
		mine.now.advance(300 * day)
		rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Minute, 100)
		require.NoError(t, err)
		assert.Equal(t, 1, mine.retain(t, models.RetainNotifications), again.ID)
		for _, row := range rows { // a dispatcher that was slower than retention
			require.NoError(t, mine.s.Wakeups().ReleaseWakeups(t.Context(), []models.Wakeup{row}, time.Minute))
		}
	})
}

// planned1 is a notification that ended at once.
func (n tenant) planned1(t *testing.T) models.Notification {
	t.Helper()
	stored := n.accept(t, nil)
	_, err := n.s.Deliveries().PlanNotification(t.Context(), n.id, stored.ID, models.Plan{})
	require.NoError(t, err)
	return stored
}

func TestKeptForEverIsKept(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		mine.toToday()
		mine.planned1(t)
		mine.now.advance(366 * day)
		mine.keep(t, models.RetentionRule{Days: 7, Categories: map[string]int{"account": 0}}, models.RetentionRule{})
		for _, kind := range models.RetentionKinds() {
			assert.Zero(t, mine.retain(t, kind), kind)
		}
		mine.keep(t, models.RetentionRule{Days: 365}, models.RetentionRule{Days: 365})
		assert.Equal(t, 1, mine.retain(t, models.RetainMessages))
		assert.Equal(t, 1, mine.retain(t, models.RetainNotifications))
		verdict, err := mine.s.Seals().Verify(t.Context(), models.Platform)
		require.NoError(t, err)
		assert.Nil(t, verdict.Bad, "operation logs are not touched")
	})
}

func TestRetentionGoesOnBehindWhatItLookedAt(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		mine.toToday()
		var many []models.Acceptance
		for i := range 450 {
			many = append(many, mine.draft(func(n *models.Notification) { n.Category = []string{"account", "other"}[i%2] }))
		}
		_, err := acceptAll(t, mine.s, many...)
		require.NoError(t, err)
		mine.keep(t, models.RetentionRule{Days: 365, Categories: map[string]int{"other": 7}}, models.RetentionRule{})
		mine.now.advance(8 * day)
		first, err := mine.s.Attic().Retain(t.Context(), models.RetainMessages, "")
		require.NoError(t, err)
		assert.Equal(t, models.Retained{After: first.After, Deleted: 100}, first, "one transaction is small")
		assert.NotEmpty(t, first.After)
		assert.Equal(t, 125, mine.retain(t, models.RetainMessages))
		assert.Equal(t, 225, func() int {
			head, err := mine.s.In(mine.id).Inbox("").Counts(t.Context())
			require.NoError(t, err)
			return int(head[0].Total)
		}())
	})
}

func TestEndedAnnouncementsGoWithTheirLists(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		mine.toToday()
		ended := begin(t, mine.s, announce(t, mine.s, nil, mine.id))
		_, err := mine.s.Rollouts().AdvanceAnnouncement(t.Context(), ended, pageOf(t, mine.s, ended, 10))
		require.NoError(t, err)
		paused := announce(t, mine.s, nil, mine.id)
		_, err = mine.s.Rollouts().HoldAnnouncement(t.Context(), paused, "x")
		require.NoError(t, err)
		mine.keep(t, models.RetentionRule{}, models.RetentionRule{Days: 7})
		mine.now.advance(8 * day)
		assert.Equal(t, 1, mine.retain(t, models.RetainAnnouncements))
		_, err = mine.s.Rollouts().OpenAnnouncement(t.Context(), ended.ID)
		assert.Equal(t, models.CodeNotFound, models.CodeOf(err))
		left, err := mine.s.Rollouts().OpenAnnouncement(t.Context(), paused.ID)
		require.NoError(t, err)
		accounts, err := mine.s.Rollouts().NextAccounts(t.Context(), left, 10)
		require.NoError(t, err)
		assert.Len(t, accounts, 1)
	})
}

func TestRetentionReadsIndexes(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		mine.toToday()
		for i := range 30 {
			mine.accept(t, func(n *models.Notification) { n.ExternalID = fmt.Sprint(i) })
			if i%3 == 0 {
				mine.planned1(t)
			}
		}
		mine.keep(t, models.RetentionRule{Days: 7}, models.RetentionRule{Days: 7})
		mine.now.advance(8 * day)
		var young []models.Acceptance // few rows are read whole
		for range 1000 {
			young = append(young, mine.draft(nil))
		}
		_, err := acceptAll(t, mine.s, young...)
		require.NoError(t, err)
		for range 30 {
			_, open := mine.planned(t, nil)
			require.True(t, mine.begin(t, open[1], 1))
		}
		store.Analyze(t, mine.s, "notifications, deliveries, attempts, messages, outbox")
		stop := store.Record(t, mine.s)
		for _, kind := range models.RetentionKinds() {
			mine.retain(t, kind)
		}
		for _, statement := range stop() {
			store.WantIndex(t, mine.s, statement)
		}
	})
}
