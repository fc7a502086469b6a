package workflows_test

import (
	"context"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	sdkworker "go.temporal.io/sdk/worker"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/worker"
	"belfry.dev/belfry/workflows"
)

// invitationTake is the life of one invitation to record.
type invitationTake struct {
	name  string
	rules models.InvitationRules
	// during runs beside the workflow, once the first message was made.
	during func(t *testing.T, r *invitationRecording)
}

type invitationRecording struct {
	*world.World
	who    world.Invitee
	work   *activities.Activities
	client *workflows.Client
	rules  models.InvitationRules
}

func (r *invitationRecording) wake(t *testing.T) {
	t.Helper()
	_, i := r.who.Newest()
	require.NoError(t, r.client.Wake(t.Context(), models.Entity{Kind: models.EntityInvitation, AccountID: r.Account, ID: i.ID}))
}

func (r *invitationRecording) round(n int) func() bool {
	return func() bool { _, i := r.who.Newest(); return i.Round == n }
}

func invitationTakes() []invitationTake {
	confirm := func(t *testing.T, r *invitationRecording) {
		r.Deliver(r.work)
		calls := r.Sink.Calls(models.ChannelEmail)
		require.NotEmpty(t, calls)
		require.NoError(t, r.Prove(token(calls[len(calls)-1])))
		r.wake(t)
	}
	return []invitationTake{
		{name: "invitation_confirmed", during: confirm},
		{
			name: "invitation_expired", during: func(*testing.T, *invitationRecording) {},
			rules: models.InvitationRules{LinkLife: 6 * time.Second, Reminders: []time.Duration{2 * time.Second, 4 * time.Second}},
		},
		{
			name: "invitation_resent", rules: models.InvitationRules{CoolDown: time.Millisecond},
			during: func(t *testing.T, r *invitationRecording) {
				r.Write(func(ctx context.Context, tx *store.Tx) error {
					_, _, err := tx.Inviting().Resend(ctx, r.Account, r.who.Contact.ID, r.who.Address.ID, r.rules)
					return err
				})
				r.wake(t)
				require.Eventually(t, r.round(2), 20*time.Second, 20*time.Millisecond)
				confirm(t, r)
			},
		},
		{name: "invitation_cancelled", during: func(t *testing.T, r *invitationRecording) {
			r.Write(func(ctx context.Context, tx *store.Tx) error {
				_, _, err := tx.In(r.Account).Contacts().Update(ctx, r.who.Contact.ID, 0, func(c *models.Contact) error {
					c.Addresses[0].State = models.AddressWaived
					return nil
				})
				return err
			})
			r.wake(t)
		}},
	}
}

func TestRecordInvitations(t *testing.T) { //nolint:paralleltest // one recording at a time
	if *record == "" {
		t.Skip("records only with -record and a Temporal server")
	}
	quiet := log.NewStructuredLogger(slog.New(slog.DiscardHandler))
	c, err := client.Dial(client.Options{HostPort: *record, Logger: quiet, Identity: "recorder"})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	for _, each := range invitationTakes() {
		t.Run(each.name, func(t *testing.T) { each.record(t, c) })
	}
}

func (k invitationTake) record(t *testing.T, c client.Client) {
	w := world.New(t)
	w.SetClock(func() time.Time { return time.Now().UTC() })
	w.AddProvider(models.ChannelEmail, "first")
	rules := k.rules.WithDefaults()
	r := &invitationRecording{World: w, who: w.Invite(models.ChannelEmail, "ada@acme.example"), work: w.Activities(activities.Config{Invitations: rules}), rules: rules}
	queue := "record-" + k.name
	each := sdkworker.New(c, queue, sdkworker.Options{})
	worker.Register(each, workflows.Policies{}, r.work)
	require.NoError(t, each.Start())
	defer each.Stop()
	r.client = workflows.NewClient(c, workflows.ClientConfig{TaskQueue: queue})
	_, i := r.who.Newest()
	id := "invitation/" + i.ID
	r.wake(t)
	first, err := c.DescribeWorkflowExecution(t.Context(), id, "")
	require.NoError(t, err)
	require.Eventually(t, r.round(1), 20*time.Second, 20*time.Millisecond)
	k.during(t, r)
	require.NoError(t, c.GetWorkflow(t.Context(), id, "").Get(t.Context(), nil))
	run := first.GetWorkflowExecutionInfo().GetExecution().GetRunId()
	for n := 1; run != ""; n++ {
		var h *history.History
		h, run = fetchRun(t, c, id, run)
		save(t, *release+"_"+k.name+"_"+strconv.Itoa(n), h)
	}
}

// fetchRun returns one execution's history, and the execution that it continued as.
func fetchRun(t *testing.T, c client.Client, id, run string) (*history.History, string) {
	t.Helper()
	events := c.GetWorkflowHistory(t.Context(), id, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	h := &history.History{}
	for events.HasNext() {
		e, err := events.Next()
		require.NoError(t, err)
		h.Events = append(h.Events, e)
	}
	last := h.Events[len(h.Events)-1]
	return h, last.GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId()
}
