package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/workflows"
)

// watch is a stage whose account has resources.
type watch struct {
	*stage
	zone *time.Location
}

func newWatch(t *testing.T, zone string, at string) *watch {
	t.Helper()
	s := &watch{stage: newStage(t, nil), zone: schedule.Zone(zone)}
	start, err := time.ParseInLocation(time.DateTime, at, s.zone)
	require.NoError(t, err)
	s.SetClock(func() time.Time { return start })
	s.Write(func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.In(s.Account).Account().Update(ctx, 0, func(a *models.Account) error { a.TimeZone = zone; return nil })
		return err
	})
	return s
}

// register is what a product's feed does.
func (s *watch) register(name string, w schedule.Wish) string {
	s.t.Helper()
	w.Name, w.State = name, models.ResourceActive
	r := w.New(models.Resource{ID: store.NewID(models.KindResource), AccountID: s.Account, ExternalID: name}, s.zone, s.Now())
	s.Write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.In(s.Account).Resources().LockAll(ctx, "prd_1", []models.Resource{r})
		return err
	})
	return r.ID
}

// wish changes the resource as its product would.
func (s *watch) wish(id string, change func(*schedule.Wish)) {
	s.t.Helper()
	s.Write(func(ctx context.Context, tx *store.Tx) error {
		r, err := tx.In(s.Account).Resources().Lock(ctx, id)
		if err != nil {
			return err
		}
		w := schedule.WishOf(r)
		change(&w)
		after, _, err := w.Apply(r, s.zone, s.Now())
		if err != nil {
			return err
		}
		return tx.In(s.Account).Resources().Store(ctx, []models.Resource{after}, []string{id})
	})
}

func (s *watch) rungs(id string) []schedule.Rung {
	s.t.Helper()
	r, err := s.Store.Remindings().Resource(context.WithoutCancel(s.t.Context()), s.Account, id)
	require.NoError(s.t, err)
	return schedule.EndingOf(r, s.zone).Rungs()
}

// look runs executions of the resource's workflow until it ends, or until the time
// has come, when the worker dies. It reports whether the workflow ended.
func (s *watch) look(id string, until time.Time) bool {
	s.t.Helper()
	for s.Now().Before(until) {
		s.open()
		s.at(until.Sub(s.env.Now()), s.env.CancelWorkflow)
		s.env.ExecuteWorkflow("Reminder", workflows.EntityInput{AccountID: s.Account, ID: id})
		require.True(s.t, s.env.IsWorkflowCompleted())
		err, at := s.env.GetWorkflowError(), s.env.Now()
		s.SetClock(func() time.Time { return at })
		_, renewed := errors.AsType[*workflow.ContinueAsNewError](err)
		switch {
		case err == nil:
			return true
		case temporal.IsCanceledError(err):
			return false
		case !renewed:
			require.NoError(s.t, err)
		}
	}
	return false
}

// told is one notification: its type without "product.", and the local time.
func (s *watch) told() []string {
	s.t.Helper()
	rows, _, err := s.Store.In(s.Account).Notifications().List(context.WithoutCancel(s.t.Context()), store.NotificationFilter{}, store.Page{Limit: 500})
	require.NoError(s.t, err)
	lines := []string{}
	for _, n := range slices.Backward(rows) {
		require.Equal(s.t, models.SourceReminder, n.Source)
		require.NotEmpty(s.t, n.SubjectID)
		lines = append(lines, strings.TrimPrefix(n.Type, "product.")+" "+n.CreatedAt.In(s.zone).Format("01-02 15:04:05"))
	}
	return lines
}

// due is told, as the rungs say it.
func (s *watch) due(rungs []schedule.Rung) []string {
	lines := []string{}
	for _, r := range rungs {
		lines = append(lines, strings.TrimPrefix(r.Type, "product.")+" "+r.At.In(s.zone).Format("01-02 15:04:05"))
	}
	return lines
}

// TestFortyDaysWithARestartEachDay walks through all rungs of a resource while the
// worker dies once a day, in zones whose clocks change meanwhile.
func TestFortyDaysWithARestartEachDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, start string }{
		{"Asia/Shanghai", "2026-02-10 14:00:00"},
		{"Europe/Berlin", "2026-03-01 02:30:00"},
		{"Europe/Berlin", "2026-09-25 23:59:59"},
		{"America/New_York", "2026-02-20 08:00:00"},
		{"America/New_York", "2026-10-10 08:00:00"},
	} {
		t.Run(c.zone+" "+c.start, func(t *testing.T) {
			t.Parallel()
			s := newWatch(t, c.zone, c.start)
			expires := s.Now().Add(33*24*time.Hour + 5*time.Hour)
			release := expires.Add(6 * 24 * time.Hour)
			id := s.register("db", schedule.Wish{Expires: expires, Release: &release})
			rungs := s.rungs(id)
			require.Len(t, rungs, 9)
			ended := false
			for day := s.Now(); !ended; day = day.Add(24 * time.Hour) {
				require.True(t, day.Before(release.Add(48*time.Hour)), "the workflow never ends")
				ended = s.look(id, day.Add(time.Duration(rand.Int64N(int64(24*time.Hour)))))
			}
			assert.Equal(t, s.due(rungs), s.told(), "what fires is what was forecast")
			for _, line := range s.told()[:5] {
				assert.Contains(t, line, " 09:", "a quarter of an hour after nine at most")
			}
			r, err := s.Store.Remindings().Resource(t.Context(), s.Account, id)
			require.NoError(t, err)
			assert.Equal(t, models.ResourceReleased, r.State)
		})
	}
}

func TestAfterDownTimeOnlyTheNewestMissedRungIsSent(t *testing.T) {
	t.Parallel()
	s := newWatch(t, "Asia/Shanghai", "2026-03-01 12:00:00")
	expires := s.Now().Add(31 * 24 * time.Hour)
	id := s.register("db", schedule.Wish{Expires: expires})
	down := s.Now().Add(30*24*time.Hour - 12*time.Hour) // 30, 15, 7 and 3 days before are missed
	s.SetClock(func() time.Time { return down })
	s.look(id, expires.Add(time.Hour))
	assert.Equal(t, []string{"expiry_3 " + down.In(s.zone).Format("01-02 15:04:05")}, s.told()[:1])
	assert.Equal(t, s.due(s.rungs(id)[4:]), s.told()[1:])
}

func TestRenewalCancelsAndStartsTheNewLadder(t *testing.T) {
	t.Parallel()
	for _, day := range []int{0, 2, 16, 29, 31, 33, 37, 39} {
		t.Run(fmt.Sprint("day ", day), func(t *testing.T) {
			t.Parallel()
			s := newWatch(t, "Europe/Berlin", "2026-03-01 12:00:00")
			expires := s.Now().Add(32 * 24 * time.Hour)
			release := expires.Add(7 * 24 * time.Hour)
			id := s.register("db", schedule.Wish{Expires: expires, Release: &release})
			at := s.Now().Add(time.Duration(day) * 24 * time.Hour)
			s.look(id, at)
			before := s.told()
			s.wish(id, func(w *schedule.Wish) {
				later := release.Add(365 * 24 * time.Hour)
				w.Expires, w.Release, w.State = expires.Add(365*24*time.Hour), &later, models.ResourceActive
			})
			rungs := s.rungs(id)
			assert.True(t, s.look(id, release.Add(400*24*time.Hour)))
			assert.Equal(t, append(before, s.due(rungs)...), s.told())
		})
	}
}

func TestDeadlinesThatMove(t *testing.T) {
	t.Parallel()
	s := newWatch(t, "UTC", "2026-03-01 12:00:00")
	id := s.register("db", schedule.Wish{Expires: s.Now().Add(5 * 24 * time.Hour)})
	first := s.Now()
	s.look(id, first.Add(time.Hour))
	assert.Equal(t, []string{"expiry_7 03-01 12:00:00"}, s.told(), "registered late: the most urgent rung that is due, once")
	for _, days := range []int{40, 2, 60, 4, 3} {
		s.wish(id, func(w *schedule.Wish) { w.Expires = first.Add(time.Duration(days) * 24 * time.Hour) })
	}
	rungs := s.rungs(id)
	assert.True(t, s.look(id, first.Add(100*24*time.Hour)))
	assert.Equal(t, append([]string{"expiry_7 03-01 12:00:00"}, s.due(rungs[len(rungs)-2:])...), s.told(), "only future rungs, of the last deadline")
}

func TestWhatIsReleasedOrDeletedIsNotRemindedOf(t *testing.T) {
	t.Parallel()
	for _, state := range []models.ResourceState{models.ResourceReleased, models.ResourceDeleted} {
		for _, day := range []int{0, 10, 31, 35} {
			s := newWatch(t, "UTC", "2026-03-01 12:00:00")
			release := s.Now().Add(39 * 24 * time.Hour)
			id := s.register("db", schedule.Wish{Expires: s.Now().Add(32 * 24 * time.Hour), Release: &release})
			s.look(id, s.Now().Add(time.Duration(day)*24*time.Hour))
			before := s.told()
			s.wish(id, func(w *schedule.Wish) { w.State = state })
			assert.True(t, s.look(id, release.Add(time.Hour)), "its workflow ends")
			assert.Equal(t, before, s.told(), "%s on day %d", state, day)
		}
	}
}

func TestWillNotRenewLeavesOneNotice(t *testing.T) {
	t.Parallel()
	s := newWatch(t, "UTC", "2026-03-01 12:00:00")
	expires := s.Now().Add(32 * 24 * time.Hour)
	release := expires.Add(7 * 24 * time.Hour)
	id := s.register("db", schedule.Wish{Expires: expires, Release: &release})
	s.look(id, s.Now().Add(3*24*time.Hour))
	require.Len(t, s.told(), 1)
	s.wish(id, func(w *schedule.Wish) { w.State = models.ResourceWillNotRenew })
	assert.True(t, s.look(id, release.Add(time.Hour)))
	assert.Equal(t, "expired 04-02 12:00:00", strings.Join(s.told()[1:], ", "))
}

func TestChangesWakeTheSleeper(t *testing.T) {
	t.Parallel()
	s := newWatch(t, "UTC", "2026-03-01 12:00:00")
	id := s.register("db", schedule.Wish{Expires: s.Now().Add(300 * 24 * time.Hour)})
	start := s.Now()
	s.open()
	s.at(24*time.Hour, func() {
		s.wish(id, func(w *schedule.Wish) { w.Expires = start.Add(25 * time.Hour) })
		s.env.SignalWorkflow("wake", nil)
	})
	s.env.ExecuteWorkflow("Reminder", workflows.EntityInput{AccountID: s.Account, ID: id})
	_, renewed := errors.AsType[*workflow.ContinueAsNewError](s.env.GetWorkflowError())
	assert.True(t, renewed, "another deadline is another execution")
	at := s.env.Now()
	assert.WithinDuration(t, start.Add(24*time.Hour), at, time.Second)
	s.SetClock(func() time.Time { return at })
	assert.True(t, s.look(id, start.Add(48*time.Hour)))
	assert.Equal(t, []string{"expired 03-02 13:00:00"}, s.told())
}

// TestClocksThatJump: an activity's clock a day ahead, an hour behind, and two
// workers that do not agree.
func TestClocksThatJump(t *testing.T) {
	t.Parallel()
	for name, jump := range map[string]time.Duration{"a day ahead": 24 * time.Hour, "an hour behind": -time.Hour, "five minutes ahead": 5 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newWatch(t, "UTC", "2026-03-01 12:00:00")
			expires := s.Now().Add(12 * 24 * time.Hour)
			id := s.register("db", schedule.Wish{Expires: expires})
			begin := s.Now()
			s.look(id, begin.Add(4*24*time.Hour))
			s.jump(jump)
			s.look(id, begin.Add(7*24*time.Hour+jump))
			s.jump(-jump)
			s.look(id, expires.Add(48*time.Hour))
			names := []string{}
			for _, line := range s.told() {
				kind, _, _ := strings.Cut(line, " ")
				names = append(names, kind)
			}
			assert.Equal(t, []string{"expiry_15", "expiry_7", "expiry_3", "expiry_1", "expired"}, names, "each once, in order")
		})
	}
}

// jump sets the world's clock.
func (s *watch) jump(d time.Duration) {
	at := s.Now().Add(d)
	s.SetClock(func() time.Time { return at })
}

// TestTwoHundredResourcesOfOneDayAreOneMessage, and two workers at the same moment do
// not change that.
func TestTwoHundredResourcesOfOneDayAreOneMessage(t *testing.T) {
	t.Parallel()
	s := newWatch(t, "Asia/Shanghai", "2026-03-01 12:00:00")
	ids := make([]string, 200)
	for i := range ids {
		ids[i] = s.register(fmt.Sprintf("db-%03d", i), schedule.Wish{Expires: s.Now().Add(31*24*time.Hour + time.Duration(i)*time.Minute)})
	}
	rungs := s.rungs(ids[0])
	for _, rung := range rungs[:5] {
		s.SetClock(func() time.Time { return rung.At })
		s.twoWorkers(ids)
	}
	assert.Equal(t, s.due(rungs[:5]), s.told())
	s.SetClock(func() time.Time { return rungs[5].At })
	s.twoWorkers(ids)
	require.Len(t, s.told(), 6, "the first has expired, the others have not")

	page, _, err := s.Store.In(s.Account).Inbox("").Messages(t.Context(), models.InboxFilter{}, store.Page{})
	require.NoError(t, err)
	require.Len(t, page, 6)
	assert.Contains(t, page[5].Title, "db-000 and 199 more expire on 2026-04-01")
	report := s.Report(page[5].NotificationID)
	assert.Equal(t, "150", report.Notification.Variables["unlisted"])
	assert.Equal(t, 50, strings.Count(report.Notification.Variables["resource_list"], "•"))
	assert.Equal(t, ids[0], report.Notification.SubjectID)
	reminders, err := s.Store.In(s.Account).Resources().Reminders(t.Context(), ids...)
	require.NoError(t, err)
	assert.Len(t, reminders, 5*200+1)
}

// twoWorkers have all workflows look at their rows at once.
func (s *watch) twoWorkers(ids []string) {
	s.t.Helper()
	var all sync.WaitGroup
	for range 2 {
		a := s.Activities(world.Config())
		all.Go(func() {
			for _, id := range ids {
				_, err := a.StepResource(context.WithoutCancel(s.t.Context()), activities.EntityRef{AccountID: s.Account, ID: id})
				assert.NoError(s.t, err)
			}
		})
	}
	all.Wait()
}

func TestWhatWasRegisteredLaterIsAnotherMessage(t *testing.T) {
	t.Parallel()
	s := newWatch(t, "UTC", "2026-03-01 12:00:00")
	a := s.Activities(world.Config())
	for range 2 {
		var last string
		for i := range 3 {
			last = s.register(fmt.Sprint(store.NewID("x"), i), schedule.Wish{Expires: s.Now().Add(5 * 24 * time.Hour)})
		}
		for range 2 {
			step, err := a.StepResource(t.Context(), activities.EntityRef{AccountID: s.Account, ID: last})
			require.NoError(t, err)
			assert.False(t, step.Done)
		}
	}
	assert.Len(t, s.told(), 2)
}

func TestDisabledTypesAndAccountsAreNotReminded(t *testing.T) {
	t.Parallel()
	s := newWatch(t, "UTC", "2026-03-01 12:00:00")
	expires := s.Now().Add(31 * 24 * time.Hour)
	id := s.register("db", schedule.Wish{Expires: expires})
	s.Write(func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.In(s.Account).Account().Update(ctx, 0, func(a *models.Account) error { a.Enabled = false; return nil })
		return err
	})
	s.look(id, s.Now().Add(20*24*time.Hour))
	assert.Empty(t, s.told())
	s.Write(func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.In(s.Account).Account().Update(ctx, 0, func(a *models.Account) error { a.Enabled = true; return nil })
		return err
	})
	assert.True(t, s.look(id, expires.Add(time.Hour)))
	assert.Equal(t, s.due(s.rungs(id)[2:]), s.told())
	past, err := s.Store.In(s.Account).Resources().Reminders(t.Context(), id)
	require.NoError(t, err)
	assert.Len(t, past, 6)
	assert.Empty(t, past[0].NotificationID, "it was due, and nobody was told")
}

func TestAnAccountThatMovesIsRemindedAtItsNewHour(t *testing.T) {
	t.Parallel()
	s := newWatch(t, "America/New_York", "2026-03-10 12:00:00")
	expires := s.Now().Add(20 * 24 * time.Hour)
	id := s.register("db", schedule.Wish{Expires: expires})
	s.look(id, s.Now().Add(6*24*time.Hour)) // 30 (late) and 15 are told
	require.Len(t, s.told(), 2)
	s.zone = schedule.Zone("Asia/Shanghai")
	s.Write(func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.In(s.Account).Account().Update(ctx, 0, func(a *models.Account) error { a.TimeZone = "Asia/Shanghai"; return nil })
		return err
	})
	assert.True(t, s.look(id, expires.Add(time.Hour)))
	assert.Equal(t, s.due(s.rungs(id)[2:]), s.told()[2:])
}

func TestTheInboxKeepsAMessageForEachResourceIfTheAccountWants(t *testing.T) {
	t.Parallel()
	s := newWatch(t, "UTC", "2026-03-01 12:00:00")
	s.AddProvider(models.ChannelEmail, "mail")
	s.Write(func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.In(s.Account).Account().Update(ctx, 0, func(a *models.Account) error { a.InboxPerResource = true; return nil })
		return err
	})
	var ids []string
	for i := range 20 {
		ids = append(ids, s.register(fmt.Sprintf("db-%02d", i), schedule.Wish{Expires: s.Now().Add(5 * 24 * time.Hour)}))
	}
	s.twoWorkers(ids)
	rows, _, err := s.Store.In(s.Account).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
	require.NoError(t, err)
	require.Len(t, rows, 1, "what leaves Belfry is one message")
	messages, _, err := s.Store.In(s.Account).Inbox("").Messages(t.Context(), models.InboxFilter{}, store.Page{Limit: 100})
	require.NoError(t, err)
	require.Len(t, messages, 20)
	for i, m := range slices.Backward(messages) {
		assert.Equal(t, rows[0].ID, m.NotificationID)
		assert.Equal(t, fmt.Sprintf("db-%02d expires on 2026-03-06 12:00 (UTC+00:00) (days left: 5)", 19-i), m.Title)
		assert.Equal(t, "/console/resources/"+ids[19-i]+"?account=acme", m.Link)
	}
	s.id = rows[0].ID
	assert.Equal(t, models.StatusDelivered, s.run())
	require.Len(t, s.Sink.Calls(models.ChannelEmail), 1)
	assert.Contains(t, s.Sink.Calls(models.ChannelEmail)[0].Message.Rendered.Subject, "db-00 (")
}
