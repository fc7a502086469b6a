package schedule_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
)

// TestAResourceLivesByItsTable has products say everything in every state: what becomes of
// the resource is a row of its life, and no row that a product brings about is missing.
func TestAResourceLivesByItsTable(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	states := []models.ResourceState{models.ResourceActive, models.ResourceWillNotRenew, models.ResourceReleased, models.ResourceDeleted}
	type change struct{ from, to models.ResourceState }
	seen, rows := map[change]bool{}, map[change]models.Instant{}
	for _, row := range models.ResourceLife() {
		rows[change{row.In, row.To}] = row.Next
	}
	check := func(from models.ResourceState, after models.Resource) {
		what := change{from, after.State}
		seen[what] = true
		next, known := rows[what]
		if !known {
			assert.Equal(t, from, after.State, "no row leads from %q to %q", from, after.State)
			return
		}
		assert.Equal(t, next == models.Never, after.NextAt == nil, "from %q to %q", from, after.State)
	}
	said := schedule.Wish{Name: "a", Expires: now.Add(40 * 24 * time.Hour)}
	for _, to := range states {
		said.State = to
		check("", said.New(models.Resource{}, time.UTC, now))
	}
	for _, from := range states {
		for _, to := range states {
			said.State = to
			before := models.Resource{State: from, Name: "b", ExpiresAt: now.Add(20 * 24 * time.Hour), Reached: schedule.Unreached}
			after, _, err := said.Apply(before, time.UTC, now)
			require.NoError(t, err)
			check(from, after)
		}
	}
	for row := range rows {
		assert.True(t, seen[row], "nothing leads from %q to %q", row.from, row.to)
	}
}

// TestAnInvitationLivesByItsTable wants an event for each act that is due, and an instant
// for each state that is not over.
func TestAnInvitationLivesByItsTable(t *testing.T) {
	t.Parallel()
	for act, event := range map[schedule.InvitationAct]models.Event{
		schedule.InvitationSend: models.EventSend, schedule.InvitationRemind: models.EventRemind, schedule.InvitationExpire: models.EventExpire,
	} {
		_, happens := models.InvitationLife().At(models.InvitationPending, event)
		assert.True(t, happens, "%s is due, and does not happen", act)
	}
	for _, row := range models.InvitationLife() {
		assert.Equal(t, row.To != models.InvitationPending, row.Next == models.Never, "%s in %q", row.On, row.In)
		assert.NotEqual(t, models.InvitationConfirmed, row.In, "what has ended stays")
	}
}
