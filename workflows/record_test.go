package workflows_test

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	sdkworker "go.temporal.io/sdk/worker"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/worker"
	"belfry.dev/belfry/workflows"
)

// record makes TestRecordHistories record against a Temporal server:
//
//	go test ./workflows -run TestRecordHistories -record 127.0.0.1:7233 -release v1
//
// It only adds files; those of earlier releases stay.
var (
	record  = flag.String("record", "", "address of the Temporal server to record histories on")
	release = flag.String("release", "v1", "beginning of the names of recorded histories")
)

// canaries are contents of the recorded notifications: none may stand in a history.
func canaries() []string {
	return []string{"acme.example", "13800138000", "hooks.example", "https://", "cpu", "zeppelin"}
}

// take is one history to record: what the world is like and what happens.
type take struct {
	name    string
	prepare func(*world.World)
	change  func(*models.Notification)
	// during runs beside the workflow.
	during func(t *testing.T, r *recording)
}

// recording is a take while it runs.
type recording struct {
	*world.World
	client *workflows.Client
	id     string
	// events counts the history's so far.
	events func() int
}

func (r *recording) entity() models.Entity {
	return models.Entity{Kind: models.EntityNotification, AccountID: r.Account, ID: r.id}
}

// eventually waits for the database to say so: this is real time.
func (r *recording) eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	require.Eventually(t, ok, 20*time.Second, 20*time.Millisecond, what)
}

func (r *recording) waiting(reason string) func() bool {
	return func() bool {
		for _, d := range r.Report(r.id).Deliveries {
			if d.Reason == reason {
				return true
			}
		}
		return false
	}
}

func takes() []take {
	return []take{
		{name: "inbox_only"},
		{name: "delivered", prepare: everywhere},
		{name: "retried", prepare: func(w *world.World) {
			everywhere(w)
			w.Sink.Answer(world.Script(models.ChannelWebhook, world.Fail(channels.Retry, "http_503"), world.Fail(channels.Retry, "http_503")))
		}},
		{name: "rate_limited", prepare: func(w *world.World) {
			hook(w)
			w.Sink.Answer(world.Script(models.ChannelWebhook, world.Wait(2*time.Second)))
		}},
		{name: "given_up", prepare: func(w *world.World) {
			everywhere(w)
			w.Sink.Answer(world.Always(models.ChannelWebhook, world.Fail(channels.Retry, "http_503")))
		}},
		{name: "scheduled", prepare: hook, change: func(n *models.Notification) {
			due := time.Now().UTC().Add(2 * time.Second)
			n.ScheduleAt = &due
		}},
		{name: "held", prepare: func(w *world.World) {
			everywhere(w)
			quiet(w, "11:00", "20:00")
			begun, evening := time.Now(), evening().Add(-3*time.Second) // nobody waits for a real one
			w.SetClock(func() time.Time { return evening.Add(time.Since(begun)) })
		}, change: func(n *models.Notification) { n.Severity = models.SeverityWarning }},
		{
			name: "cancelled_before_due", prepare: hook, change: func(n *models.Notification) {
				due := time.Now().UTC().Add(time.Hour)
				n.ScheduleAt = &due
			},
			during: func(t *testing.T, r *recording) {
				r.eventually(t, "the workflow sleeps", func() bool { return r.events() > 5 })
				r.Cancel(r.id)
				require.NoError(t, r.client.Wake(t.Context(), r.entity()))
			},
		},
		{
			name: "cancelled_while_waiting", prepare: func(w *world.World) {
				everywhere(w)
				w.Sink.Answer(world.Always(models.ChannelWebhook, world.Wait(time.Hour)))
			},
			during: func(t *testing.T, r *recording) {
				r.eventually(t, "the webhook waits", r.waiting(models.ReasonRateLimited))
				r.Cancel(r.id)
				require.NoError(t, r.client.Wake(t.Context(), r.entity()))
			},
		},
		{
			name: "suspended_and_repaired", prepare: func(w *world.World) {
				hook(w)
				w.Sink.Answer(world.Script(models.ChannelWebhook, world.Fail(channels.Misconfigured, "auth")))
			},
			during: func(t *testing.T, r *recording) {
				r.eventually(t, "the webhook is suspended", r.waiting(models.ReasonSuspended))
				d, _ := r.Delivery(r.id, models.ChannelWebhook)
				r.Write(func(ctx context.Context, tx *store.Tx) error { return tx.In(r.Account).Bots().Resume(ctx, d.BotID) })
				require.NoError(t, r.client.Wake(t.Context(), r.entity()))
			},
		},
	}
}

func TestRecordHistories(t *testing.T) { //nolint:paralleltest // one recording at a time
	if *record == "" {
		t.Skip("records only with -record and a Temporal server")
	}
	quiet := log.NewStructuredLogger(slog.New(slog.DiscardHandler))
	c, err := client.Dial(client.Options{HostPort: *record, Logger: quiet, Identity: "recorder"})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	for _, each := range takes() {
		t.Run(each.name, func(t *testing.T) { each.record(t, c) })
	}
}

func (k take) record(t *testing.T, c client.Client) {
	w := world.New(t)
	w.SetClock(func() time.Time { return time.Now().UTC() })
	if k.prepare != nil {
		k.prepare(w)
	}
	retry := schedule.Retry{Delays: []time.Duration{500 * time.Millisecond, time.Second}, DefaultWait: time.Second, UnknownCodes: 3}
	queue := "record-" + k.name
	each := sdkworker.New(c, queue, sdkworker.Options{})
	worker.Register(each, workflows.Policies{}, w.Activities(activities.Config{
		DefaultRetry: retry, Retry: map[models.Channel]schedule.Retry{}, SuspendedFirst: time.Minute,
	}))
	require.NoError(t, each.Start())
	defer each.Stop()
	r := &recording{World: w, client: workflows.NewClient(c, workflows.ClientConfig{TaskQueue: queue, Eager: true})}
	r.id = w.Accept(k.change).ID
	r.events = func() int { return len(fetch(t, c, "notification/"+r.id).Events) }
	require.NoError(t, r.client.Start(t.Context(), r.entity()))
	if k.during != nil {
		k.during(t, r)
	}
	r.eventually(t, "the notification ends", func() bool { return r.Report(r.id).Notification.Status.Final() })
	require.NoError(t, c.GetWorkflow(t.Context(), "notification/"+r.id, "").Get(t.Context(), nil))
	save(t, *release+"_"+k.name, fetch(t, c, "notification/"+r.id))
}

func fetch(t *testing.T, c client.Client, id string) *history.History {
	t.Helper()
	events := c.GetWorkflowHistory(t.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	h := &history.History{}
	for events.HasNext() {
		e, err := events.Next()
		require.NoError(t, err)
		h.Events = append(h.Events, e)
	}
	return h
}

func save(t *testing.T, name string, h *history.History) {
	t.Helper()
	anonymise(t, h)
	text, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(h)
	require.NoError(t, err)
	path := filepath.Join("testdata", "replay", name+".json")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, append(text, '\n'), 0o644))
	t.Logf("%s: %d events", name, len(h.Events))
}

// anonymise takes the machine's name out: it stands in the names of sticky queues.
func anonymise(t *testing.T, h *history.History) {
	t.Helper()
	host, err := os.Hostname()
	require.NoError(t, err)
	for _, e := range h.Events {
		for _, queue := range []*taskqueue.TaskQueue{
			e.GetWorkflowTaskScheduledEventAttributes().GetTaskQueue(), e.GetWorkflowExecutionStartedEventAttributes().GetTaskQueue(),
		} {
			if queue != nil {
				queue.Name = strings.ReplaceAll(queue.Name, host, "recorder")
			}
		}
	}
}
