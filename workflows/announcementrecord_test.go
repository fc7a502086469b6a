package workflows_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	sdkworker "go.temporal.io/sdk/worker"

	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/announcement"
	"belfry.dev/belfry/worker"
	"belfry.dev/belfry/workflows"
)

// journey is an announcement whose history is recorded.
type journey struct {
	name   string
	change func(*announcement.Announcement)
	// during runs beside the workflow.
	during func(t *testing.T, r *recording)
	ends   announcement.State
}

func journeys() []journey {
	return []journey{
		{name: "announcement_told", ends: announcement.Done},
		{name: "announcement_throttled", change: func(a *announcement.Announcement) { a.PerMinute = 60 }, ends: announcement.Done},
		{name: "announcement_scheduled", ends: announcement.Done, change: func(a *announcement.Announcement) {
			due := time.Now().UTC().Add(2 * time.Second)
			a.ScheduleAt = &due
		}},
		{
			name: "announcement_paused", ends: announcement.Paused, change: func(a *announcement.Announcement) { a.PerMinute = 30 },
			during: func(t *testing.T, r *recording) {
				r.eventually(t, "it waits for its second page", func() bool { return r.Announcements().ByID(r.id).Accepted == 1 && r.events() > 5 })
				r.Announcements().Update(r.id, func(a announcement.Announcement) (announcement.Announcement, error) { return a.Paused("") })
				require.NoError(t, r.client.Wake(t.Context(), announcementOf(r.id)))
			},
		},
	}
}

func announcementOf(id string) models.Entity {
	return models.Entity{Kind: models.EntityAnnouncement, AccountID: models.Platform, ID: id}
}

// recorder connects to the server of the flag, or skips the test.
func recorder(t *testing.T) client.Client {
	t.Helper()
	if *record == "" {
		t.Skip("records only with -record and a Temporal server")
	}
	quiet := log.NewStructuredLogger(slog.New(slog.DiscardHandler))
	c, err := client.Dial(client.Options{HostPort: *record, Logger: quiet, Identity: "recorder"})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// employ runs a worker over the world on the queue until the test ends.
func employ(t *testing.T, c client.Client, w *world.World, queue string) *workflows.Client {
	t.Helper()
	w.SetClock(func() time.Time { return time.Now().UTC() })
	each := sdkworker.New(c, queue, sdkworker.Options{})
	worker.Register(each, workflows.Policies{}, w.Activities(world.Config()))
	require.NoError(t, each.Start())
	t.Cleanup(each.Stop)
	return workflows.NewClient(c, workflows.ClientConfig{TaskQueue: queue})
}

func TestRecordAnnouncements(t *testing.T) { //nolint:paralleltest // one recording at a time
	c := recorder(t)
	for _, j := range journeys() {
		t.Run(j.name, func(t *testing.T) {
			w := world.New(t)
			w.AddAccounts("more", 2)
			r := &recording{World: w, client: employ(t, c, w, "record-"+j.name)}
			r.id = w.Announcements().Create(j.change).ID
			id := "announcement/" + r.id
			r.events = func() int { return len(fetch(t, c, id).Events) }
			require.NoError(t, r.client.Wake(t.Context(), announcementOf(r.id)))
			if j.during != nil {
				j.during(t, r)
			}
			require.NoError(t, c.GetWorkflow(t.Context(), id, "").Get(t.Context(), nil))
			require.Equal(t, j.ends, w.Announcements().ByID(r.id).State)
			save(t, *release+"_"+j.name, fetch(t, c, id))
		})
	}
}

func TestRecordRetention(t *testing.T) { //nolint:paralleltest // one recording at a time
	c := recorder(t)
	w := world.New(t)
	employ(t, c, w, "record-retention")
	w.Accept(nil)
	o := client.StartWorkflowOptions{ID: "retention/record-retention", TaskQueue: "record-retention"}
	run, err := c.ExecuteWorkflow(t.Context(), o, workflows.NameRetention, workflows.RetentionInput{})
	require.NoError(t, err)
	require.NoError(t, run.Get(t.Context(), nil))
	save(t, *release+"_retention", fetch(t, c, o.ID))
}
