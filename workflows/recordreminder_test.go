package workflows_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	sdkworker "go.temporal.io/sdk/worker"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
	"belfry.dev/belfry/worker"
	"belfry.dev/belfry/workflows"
)

// TestRecordReminders records the executions of a resource: one that ends with a
// rung, one that a change ends, and the last one. See TestRecordHistories.
func TestRecordReminders(t *testing.T) { //nolint:paralleltest // one recording at a time
	if *record == "" {
		t.Skip("records only with -record and a Temporal server")
	}
	c, err := client.Dial(client.Options{HostPort: *record, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)), Identity: "recorder"})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	s := newWatch(t, "UTC", "2026-03-01 12:00:00")
	s.SetClock(func() time.Time { return time.Now().UTC() })
	const queue = "record-reminder"
	each := sdkworker.New(c, queue, sdkworker.Options{})
	worker.Register(each, workflows.Policies{}, s.Activities(activities.Config{}))
	require.NoError(t, each.Start())
	defer each.Stop()

	id := s.register("acme.example", schedule.Wish{
		Expires: s.Now().Add(time.Hour), Ladder: &models.Ladder{Expiry: []models.Span{3598, 10}},
	})
	engine := workflows.NewClient(c, workflows.ClientConfig{TaskQueue: queue})
	wake := func() {
		require.NoError(t, engine.Wake(t.Context(), models.Entity{Kind: models.EntityResource, AccountID: s.Account, ID: id}))
	}
	wake()
	s.wait(func() bool { // the second execution sleeps
		h := historyOf(t, c, "resource/"+id, "")
		return h.Events[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId() != "" &&
			slices.ContainsFunc(h.Events, func(e *history.HistoryEvent) bool { return e.GetTimerStartedEventAttributes() != nil })
	})
	s.wish(id, func(w *schedule.Wish) { w.Expires = s.Now().Add(2 * time.Second) })
	wake()
	require.NoError(t, c.GetWorkflow(t.Context(), "resource/"+id, "").Get(t.Context(), nil))

	var runs []*history.History
	for run := ""; ; {
		h := historyOf(t, c, "resource/"+id, run)
		runs = append([]*history.History{h}, runs...)
		started := h.Events[0].GetWorkflowExecutionStartedEventAttributes()
		if run = started.GetContinuedExecutionRunId(); run == "" {
			break
		}
	}
	require.GreaterOrEqual(t, len(runs), 3, "each stage is an execution")
	save(t, *release+"_reminder_rung", runs[0])
	save(t, *release+"_reminder_changed", runs[1])
	save(t, *release+"_reminder_ended", runs[len(runs)-1])
}

// wait waits for the database to say so: this is real time.
func (s *watch) wait(ok func() bool) {
	s.t.Helper()
	require.Eventually(s.t, ok, 20*time.Second, 20*time.Millisecond)
}

func historyOf(t *testing.T, c client.Client, id, run string) *history.History {
	t.Helper()
	events := c.GetWorkflowHistory(context.WithoutCancel(t.Context()), id, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	h := &history.History{}
	for events.HasNext() {
		e, err := events.Next()
		require.NoError(t, err)
		h.Events = append(h.Events, e)
	}
	return h
}
