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
	"belfry.dev/belfry/store"
)

// fed is a resource of the tenant that is due after the time given.
func (n tenant) fed(external string, dueIn time.Duration) models.Resource {
	now := n.now.Now()
	next := now.Add(dueIn)
	return models.Resource{
		ID: store.NewID(models.KindResource), ExternalID: external, Name: external, State: models.ResourceActive,
		ExpiresAt: now.Add(40 * 24 * time.Hour), Ladder: &models.Ladder{Expiry: []models.Span{models.Day, 10}},
		Reached: -1 << 63, NextAt: &next, Timestamps: models.Timestamps{CreatedAt: now, UpdatedAt: now},
	}
}

func (n tenant) feed(t *testing.T, fresh ...models.Resource) map[string]models.Resource {
	t.Helper()
	var rows map[string]models.Resource
	inTx(t, n.s, func(ctx context.Context, tx *store.Tx) (err error) {
		rows, err = tx.In(n.id).Resources().LockAll(ctx, "prd_1", fresh)
		return err
	})
	return rows
}

// dealWith brings the resources forward by a day, with one notification for all.
func (n tenant) dealWith(rows []models.Resource) models.Reminding {
	out := models.Reminding{Acceptances: []models.Acceptance{n.draft(func(a *models.Notification) { a.ProductID, a.ExternalID = "", rows[0].ID })}}
	for _, r := range rows {
		step := models.ReminderStep{Resource: r, Reminder: &models.Reminder{ResourceID: r.ID, Deadline: r.ExpiresAt, Rung: "expiry-1d", DueAt: *r.NextAt}}
		next := r.NextAt.Add(24 * time.Hour)
		step.Resource.NextAt, step.Resource.Reached = &next, -int64(models.Day)
		out.Steps = append(out.Steps, step)
	}
	return out
}

func TestResourcesAreKnownByTheirProductsID(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		first := mine.feed(t, mine.fed("a", time.Hour), mine.fed("b", time.Hour))
		again := mine.feed(t, mine.fed("a", time.Hour), mine.fed("A", time.Hour))
		assert.Equal(t, first["a"], again["a"], "a row that is there stays")
		assert.NotEqual(t, first["a"].ID, again["A"].ID, "ids are compared exactly")
		other.feed(t, other.fed("a", time.Hour))
		for who, want := range map[tenant]int{mine: 3, other: 1} {
			list, _, err := who.s.In(who.id).Resources().List(t.Context(), store.ResourceFilter{}, store.Page{})
			require.NoError(t, err)
			assert.Len(t, list, want)
			for _, r := range list {
				assert.Equal(t, who.id, r.AccountID)
				assert.Equal(t, []models.Span{models.Day, 10}, r.Ladder.Expiry)
			}
		}
		_, err := other.s.In(other.id).Resources().ByID(t.Context(), first["a"].ID)
		assert.Equal(t, models.CodeNotFound, models.CodeOf(err))
		everywhere, _, err := mine.s.Platform().Registrations().List(t.Context(), "prd_1", store.ResourceFilter{}, store.Page{})
		require.NoError(t, err)
		assert.Len(t, everywhere, 4)
		account, err := mine.s.Platform().Registrations().AccountOfProducts(t.Context(), "prd_1", first["a"].ID)
		require.NoError(t, err)
		assert.Equal(t, mine.id, account)
		_, err = mine.s.Platform().Registrations().AccountOfProducts(t.Context(), "prd_2", first["a"].ID)
		assert.Equal(t, models.CodeNotFound, models.CodeOf(err))
	})
}

func TestParallelFeedsOfOneResourceAreOneRow(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				err := mine.s.Write(context.WithoutCancel(t.Context()), func(tx *store.Tx) error {
					fresh := []models.Resource{mine.fed("b", time.Hour), mine.fed("a", time.Hour)}
					rows, err := tx.In(mine.id).Resources().LockAll(t.Context(), "prd_1", fresh)
					if err != nil {
						return err
					}
					r := rows["a"]
					r.FeedVersion++
					return tx.In(mine.id).Resources().Store(t.Context(), []models.Resource{r}, []string{r.ID})
				})
				assert.NoError(t, err)
			})
		}
		all.Wait()
		list, _, err := mine.s.In(mine.id).Resources().List(t.Context(), store.ResourceFilter{ExternalID: "a"}, store.Page{})
		require.NoError(t, err)
		require.Len(t, list, 1)
		assert.Equal(t, int64(8), list[0].FeedVersion, "no change is lost")
		assert.Equal(t, int64(9), list[0].Version)
		assert.Len(t, claimWakeups(t, mine), 1)
	})
}

func TestManyResourcesAreStoredInFewStatements(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		var fresh []models.Resource
		for i := range 1200 {
			fresh = append(fresh, mine.fed(fmt.Sprintf("db-%04d", i), -time.Minute))
		}
		rows := mine.feed(t, fresh...)
		require.Len(t, rows, 1200)
		due, err := mine.s.Remindings().DueResources(t.Context(), mine.id, 5000)
		require.NoError(t, err)
		require.Len(t, due.Resources, 1200)
		done, err := mine.s.Remindings().Remind(t.Context(), mine.id, mine.dealWith(due.Resources))
		require.NoError(t, err)
		assert.True(t, done)
		again, err := mine.s.Remindings().DueResources(t.Context(), mine.id, 5000)
		require.NoError(t, err)
		assert.Empty(t, again.Resources)
	})
}

func TestOnlyOneWorkerRemindsOfWhatWasDue(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		mine.feed(t, mine.fed("a", -time.Minute), mine.fed("b", -time.Hour), mine.fed("later", time.Hour))
		other.feed(t, other.fed("a", -time.Minute))
		due, err := mine.s.Remindings().DueResources(t.Context(), mine.id, 10)
		require.NoError(t, err)
		require.Len(t, due.Resources, 2)
		assert.Equal(t, mine.id, due.Account.ID)
		var (
			all  sync.WaitGroup
			mu   sync.Mutex
			wins int
		)
		for range 6 {
			all.Go(func() {
				done, err := mine.s.Remindings().Remind(context.WithoutCancel(t.Context()), mine.id, mine.dealWith(due.Resources))
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				if done {
					wins++
				}
			})
		}
		all.Wait()
		assert.Equal(t, 1, wins)
		list, _, err := mine.s.In(mine.id).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
		require.NoError(t, err)
		require.Len(t, list, 1)
		past, err := mine.s.In(mine.id).Resources().Reminders(t.Context(), due.Resources[0].ID, due.Resources[1].ID)
		require.NoError(t, err)
		require.Len(t, past, 2)
		assert.Equal(t, list[0].ID, past[0].NotificationID)
		left, err := other.s.Remindings().DueResources(t.Context(), other.id, 10)
		require.NoError(t, err)
		assert.Len(t, left.Resources, 1, "another account's are its own")
	})
}

func TestAChangeMeanwhileStopsTheReminder(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		rows := mine.feed(t, mine.fed("a", -time.Minute), mine.fed("b", -time.Minute))
		due, err := mine.s.Remindings().DueResources(t.Context(), mine.id, 10)
		require.NoError(t, err)
		renewed := rows["a"]
		inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
			return tx.In(mine.id).Resources().Store(ctx, []models.Resource{renewed}, nil)
		})
		done, err := mine.s.Remindings().Remind(t.Context(), mine.id, mine.dealWith(due.Resources))
		require.NoError(t, err)
		assert.False(t, done, "the decision was made on an old row")
		list, _, err := mine.s.In(mine.id).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
		require.NoError(t, err)
		assert.Empty(t, list)
	})
}

func TestDeletedResourcesAreRemembered(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		r := mine.feed(t, mine.fed("a", time.Hour))["a"]
		r.State, r.NextAt = models.ResourceDeleted, nil
		inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
			return tx.In(mine.id).Resources().Store(ctx, []models.Resource{r}, []string{r.ID})
		})
		_, err := mine.s.In(mine.id).Resources().ByID(t.Context(), r.ID)
		assert.Equal(t, models.CodeNotFound, models.CodeOf(err))
		_, err = mine.s.Platform().Registrations().AccountOf(t.Context(), r.ID)
		assert.Equal(t, models.CodeNotFound, models.CodeOf(err))
		list, _, err := mine.s.In(mine.id).Resources().List(t.Context(), store.ResourceFilter{}, store.Page{})
		require.NoError(t, err)
		assert.Empty(t, list)
		assert.Equal(t, models.ResourceDeleted, mine.feed(t, mine.fed("a", time.Hour))["a"].State)
	})
}

func TestTheDispatcherAndTheReconcilerSeeResources(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		r := mine.feed(t, mine.fed("a", time.Hour))["a"]
		other.feed(t, other.fed("b", 2*time.Hour))
		open, err := mine.s.Wakeups().OpenEntities(t.Context(), typeOf(t, models.EntityResource), "", models.Due{}, 10)
		require.NoError(t, err)
		require.Len(t, open, 2)
		assert.Equal(t, r.ID, open[0].ID)
		mine.now.advance(90 * time.Minute)
		late, err := mine.s.Wakeups().OverdueEntities(t.Context(), typeOf(t, models.EntityResource), time.Minute, 10)
		require.NoError(t, err)
		require.Len(t, late, 1)
		assert.Equal(t, mine.id, late[0].AccountID)
	})
}

func TestAnotherTimeZoneHasResourcesLookedAtAgain(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		r := mine.feed(t, mine.fed("a", time.Hour))["a"]
		strange := other.feed(t, other.fed("a", time.Hour))["a"]
		inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
			_, _, err := tx.In(mine.id).Account().Update(ctx, 0, func(a *models.Account) error { a.TimeZone = "Asia/Tokyo"; return nil })
			return err
		})
		moved, err := mine.s.Remindings().Resource(t.Context(), mine.id, r.ID)
		require.NoError(t, err)
		assert.True(t, moved.NextAt.Equal(mine.now.Now()))
		same, err := other.s.Remindings().Resource(t.Context(), other.id, strange.ID)
		require.NoError(t, err)
		assert.Equal(t, strange, same)
		woken := claimWakeups(t, mine)
		require.Len(t, woken, 1)
		assert.Equal(t, r.ID, woken[0].EntityID)
	})
}

func TestOpenResourcesComeWithTheNextReminderFirst(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		over := mine.fed("over", 0)
		over.NextAt = nil
		fed := mine.feed(t, mine.fed("b", 2*time.Hour), over, mine.fed("c", 3*time.Hour), mine.fed("a", time.Hour))
		other.feed(t, other.fed("d", 4*time.Hour))
		stop := store.Record(t, mine.s)
		rows, err := mine.s.In(mine.id).Resources().Open(t.Context(), 2)
		require.NoError(t, err)
		require.Len(t, rows, 2)
		for i, name := range []string{"a", "b"} {
			got, want := rows[i], fed[name]
			assert.Equal(t, []any{want.ID, want.AccountID, want.ProductID, want.ExternalID, want.Name, want.ExpiresAt, want.ReleaseAt, want.Ladder, want.State, want.Reached, want.NextAt},
				[]any{got.ID, got.AccountID, got.ProductID, got.ExternalID, got.Name, got.ExpiresAt, got.ReleaseAt, got.Ladder, got.State, got.Reached, got.NextAt},
				"with all that a forecast is made of")
		}
		behind, err := mine.s.In(mine.id).Resources().NextBehind(t.Context(), 2)
		require.NoError(t, err)
		assert.Equal(t, fed["c"].NextAt, behind)
		behind, err = mine.s.In(mine.id).Resources().NextBehind(t.Context(), 3)
		require.NoError(t, err)
		assert.Nil(t, behind, "what others have is not counted, and nothing that is over")
		for _, statement := range stop() {
			store.WantKey(t, mine.s, statement, "resources_next")
			store.WantIndex(t, mine.s, statement)
		}
	})
}
