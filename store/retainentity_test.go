package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func TestEndedInvitationsGoByTheRuleOfAccountMessages(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		mine.toToday()
		done, open := mine.invite(t, models.ChannelEmail, "ada@x.example"), mine.invite(t, models.ChannelEmail, "bob@x.example")
		letter := done.send(t)
		require.NoError(t, done.follow(t, letter.Token))
		open.send(t)
		foreign := other.invite(t, models.ChannelEmail, "eve@x.example")
		mine.keep(t, models.RetentionRule{}, models.RetentionRule{Days: 300, Categories: map[string]int{models.InvitationCategory: 10}})
		mine.now.advance(10*day - time.Second)
		assert.Zero(t, mine.retain(t, models.RetainInvitations))
		mine.now.advance(time.Second)
		assert.Equal(t, 1, mine.retain(t, models.RetainInvitations))
		a, i := done.now(t)
		assert.Equal(t, models.AddressVerified, a.State, "the address keeps its state")
		assert.Empty(t, i.ID)
		assert.Equal(t, models.CodeNotFound, models.CodeOf(done.follow(t, letter.Token)))
		for _, each := range []invitee{open, foreign} {
			_, i := each.now(t)
			assert.Equal(t, models.InvitationPending, i.State, "what is open stays, whatever its age")
		}
	})
}

// registers feeds a resource whose days are over within a month.
func (n tenant) registers(t *testing.T, external string) models.Resource {
	t.Helper()
	now := n.now.Now()
	release := now.Add(20 * day)
	r := models.Resource{
		ID: store.NewID(models.KindResource), ExternalID: external, ExpiresAt: now.Add(10 * day), ReleaseAt: &release, State: models.ResourceActive, FeedVersion: 7,
	}
	r.CreatedAt, r.UpdatedAt = now, now
	inTx(t, n.s, func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.In(n.id).Resources().LockAll(ctx, "prd_1", []models.Resource{r})
		r = rows[external]
		return err
	})
	return r
}

// forget is what the deletion of a resource stores.
func (n tenant) forget(t *testing.T, r models.Resource) {
	t.Helper()
	inTx(t, n.s, func(ctx context.Context, tx *store.Tx) error {
		r.State, r.NextAt = models.ResourceDeleted, nil
		return tx.In(n.id).Resources().Store(ctx, []models.Resource{r}, nil)
	})
}

// remind records a reminder of the deadline.
func (n tenant) remind(t *testing.T, r models.Resource, deadline time.Time) {
	t.Helper()
	rows, err := n.s.Remindings().Resource(t.Context(), n.id, r.ID)
	require.NoError(t, err)
	done, err := n.s.Remindings().Remind(t.Context(), n.id, models.Reminding{Steps: []models.ReminderStep{{
		Resource: rows, Reminder: &models.Reminder{ResourceID: r.ID, Deadline: deadline, Rung: "expired", DueAt: deadline}, Acceptance: -1,
	}}})
	require.NoError(t, err)
	require.True(t, done)
}

func TestDeletedResourcesAreForgottenOnceNoFeedCanBringThemBack(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		mine.toToday()
		gone, stays, theirs := mine.registers(t, "gone"), mine.registers(t, "stays"), other.registers(t, "gone")
		for _, r := range []models.Resource{gone, stays} {
			mine.remind(t, r, r.ExpiresAt)
		}
		other.remind(t, theirs, theirs.ExpiresAt)
		mine.keep(t, models.RetentionRule{}, models.RetentionRule{Days: 7})
		gone, err := mine.s.Remindings().Resource(t.Context(), mine.id, gone.ID)
		require.NoError(t, err)
		mine.forget(t, gone)
		reminders := func(of tenant, r models.Resource) int {
			list, err := of.s.In(of.id).Resources().Reminders(t.Context(), r.ID)
			require.NoError(t, err)
			return len(list)
		}
		mine.now.advance(17*day - time.Second)
		assert.Zero(t, mine.retain(t, models.RetainResources))
		mine.now.advance(time.Second) // a week after the expiry
		assert.Equal(t, 3, mine.retain(t, models.RetainResources), "the reminders of a deadline that is over, whoever's they are")
		assert.Zero(t, reminders(mine, stays)+reminders(other, theirs))
		mine.remind(t, stays, *stays.ReleaseAt)
		mine.now.advance(33*day - time.Second) // the last end is 30 days ago, but for a second
		_, err = mine.s.Remindings().Resource(t.Context(), mine.id, gone.ID)
		require.NoError(t, err)
		assert.Equal(t, 1, mine.retain(t, models.RetainResources), "only the reminder of the release")
		mine.now.advance(time.Second)
		assert.Equal(t, 1, mine.retain(t, models.RetainResources))
		_, err = mine.s.Remindings().Resource(t.Context(), mine.id, gone.ID)
		assert.Equal(t, models.CodeNotFound, models.CodeOf(err))
		assert.NotEqual(t, gone.ID, mine.registers(t, "gone").ID, "it can be registered again")
		for of, r := range map[tenant]models.Resource{mine: stays, other: theirs} {
			_, err = of.s.Remindings().Resource(t.Context(), of.id, r.ID)
			assert.NoError(t, err, "what is there stays, whatever its age")
		}
	})
}
