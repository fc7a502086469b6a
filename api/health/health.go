// Package health is how the platform is doing, for its operators: what waits, what is
// broken, and who works.
package health

import (
	"context"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/announcement"
	"belfry.dev/belfry/store"
)

// maxShown bounds each list of an answer.
const maxShown = 100

// Worker is a process that takes tasks.
type Worker struct {
	// Identity is "<pid>@<host>".
	Identity string
	// Version is the release that it runs; "" for those that do not say.
	Version string
	// SeenAt is when it last asked for a task.
	SeenAt time.Time
}

// Sources know what the database does not.
type Sources struct {
	// Parts says of each dependency of this process whether it works.
	Parts func(context.Context) map[string]bool
	// Workers are those of the task queue.
	Workers func(context.Context) ([]Worker, error)
	// Streams counts the event streams of this process.
	Streams func() int
}

// Register adds the room's operations.
func Register(s *operation.Core, from Sources) {
	operation.Table(s, []operation.Row{
		operation.Serve("GET /v1/health", "health.get", 200, from.get),
	}, map[string]operation.Operation{
		"health.get": {
			Summary:     "Show how the platform is doing",
			Description: "What waits, what must be repaired, who works, and which announcements are under way. Lists end after 100 items.",
		},
	})
}

type healthOut struct {
	Body platformHealth
}

type platformHealth struct {
	At            time.Time          `json:"at"`
	Parts         map[string]string  `json:"parts" doc:"ok or failed, by dependency of this process."`
	Notifications notificationsView  `json:"notifications"`
	Outbox        outboxView         `json:"outbox"`
	Overdue       map[string]float64 `json:"overdue_seconds" doc:"Of the oldest of each kind that waits for its workflow."`
	UnsealedAge   float64            `json:"unsealed_seconds" doc:"Of the oldest entry of an operation log without a seal."`
	Suspended     []suspendedView    `json:"suspended" doc:"Providers and bots to be repaired."`
	Workers       []workerView       `json:"workers" doc:"The processes that deliver."`
	Known         bool               `json:"workers_known" doc:"Whether Temporal says who delivers."`
	Announcements []openAnnouncement `json:"announcements" doc:"Those that have not ended, the newest first."`
	Streams       int                `json:"streams" doc:"That are open at this process."`
}

type notificationsView struct {
	Open     map[models.NotificationStatus]int64 `json:"open" doc:"How many have not ended, by status."`
	OldestAt *time.Time                          `json:"oldest_at" doc:"When the oldest pending one was accepted, of the 10,000 that expire first."`
	LateAt   *time.Time                          `json:"late_at" doc:"When the attempt was due that waits longest."`
}

type outboxView struct {
	Due     int64   `json:"due" doc:"Orders to workflows that are due."`
	Age     float64 `json:"age_seconds" doc:"Of the oldest, but for announcements."`
	BulkAge float64 `json:"bulk_age_seconds" doc:"Of the oldest of announcements."`
}

type suspendedView struct {
	Kind        string           `json:"kind" enum:"provider,bot"`
	ID          string           `json:"id"`
	Name        string           `json:"name" doc:"Empty for bots."`
	AccountID   models.AccountID `json:"account_id" doc:"Whose bot it is."`
	Reason      string           `json:"reason"`
	SuspendedAt *time.Time       `json:"suspended_at"`
}

type workerView struct {
	Identity string    `json:"identity" doc:"Process and host."`
	Version  string    `json:"version" doc:"Its release; empty for one that does not say."`
	SeenAt   time.Time `json:"seen_at" doc:"When it last asked for work."`
}

type openAnnouncement struct {
	ID       string             `json:"id"`
	Type     string             `json:"type"`
	State    announcement.State `json:"state" enum:"scheduled,running,paused"`
	Reason   string             `json:"reason" doc:"Why the platform paused it; else empty."`
	Total    int64              `json:"total"`
	Done     int64              `json:"done" doc:"How many accounts it is through with."`
	StartsAt *time.Time         `json:"schedule_at" doc:"When it begins; null means at once."`
}

func (from Sources) get(ctx context.Context, c *operation.Call, _ *struct{}) (*healthOut, error) {
	figures := c.Store.Figures()
	backlog, err := figures.Backlog(ctx)
	if err != nil {
		return nil, err
	}
	waiting, err := figures.Waiting(ctx)
	if err != nil {
		return nil, err
	}
	v := platformHealth{
		At: c.Store.Now(), Parts: map[string]string{}, Overdue: map[string]float64{}, UnsealedAge: backlog.UnsealedAge.Seconds(),
		Notifications: notificationsView{Open: backlog.Open, OldestAt: waiting.Oldest, LateAt: waiting.Late},
		Outbox:        outboxView{Due: backlog.OutboxDue, Age: backlog.OutboxAge.Seconds(), BulkAge: backlog.BulkAge.Seconds()},
		Streams:       from.Streams(),
	}
	for kind, age := range backlog.Overdue {
		v.Overdue[string(kind)] = age.Seconds()
	}
	for part, works := range from.Parts(ctx) {
		v.Parts[part] = "failed"
		if works {
			v.Parts[part] = "ok"
		}
	}
	v.Workers, v.Known = from.workers(ctx, c)
	if v.Suspended, err = suspended(ctx, c.Store); err != nil {
		return nil, err
	}
	v.Announcements, err = underWay(ctx, c.Store)
	return &healthOut{Body: v}, err
}

// workers asks for no longer than somebody waits for a page.
func (from Sources) workers(ctx context.Context, c *operation.Call) (views []workerView, known bool) {
	views = []workerView{}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	rows, err := from.Workers(ctx)
	if err != nil {
		c.Log.WarnContext(ctx, "workers are not known", "error", err)
		return views, false
	}
	for _, w := range rows {
		views = append(views, workerView(w))
	}
	return views, true
}

func suspended(ctx context.Context, s *store.Store) ([]suspendedView, error) {
	states, err := s.Figures().Suspended(ctx, maxShown)
	if err != nil {
		return nil, err
	}
	providers, err := s.Platform().Providers().List(ctx, "")
	if err != nil {
		return nil, err
	}
	named := map[string]models.Provider{}
	for _, p := range providers {
		named[models.ProviderDestination(p.ID)] = p
	}
	views := make([]suspendedView, 0, len(states))
	for _, state := range states {
		v := suspendedView{Kind: "bot", ID: state.Destination[len(models.BotDestination("")):], AccountID: state.AccountID, Reason: state.Reason, SuspendedAt: state.SuspendedAt}
		if state.AccountID == models.Platform {
			p, known := named[state.Destination]
			if !known {
				continue // it was deleted meanwhile
			}
			v.Kind, v.ID, v.Name = "provider", p.ID, p.Name
		}
		views = append(views, v)
	}
	return views, nil
}

// underWay are the announcements that have not ended.
func underWay(ctx context.Context, s *store.Store) ([]openAnnouncement, error) {
	views := []openAnnouncement{}
	for _, state := range []announcement.State{announcement.Running, announcement.Paused, announcement.Scheduled} {
		rows, _, err := s.Platform().Announcements().List(ctx, store.Announcer{All: true}, store.AnnouncementFilter{State: state}, store.Page{Limit: maxShown})
		if err != nil {
			return nil, err
		}
		for _, a := range rows {
			views = append(views, openAnnouncement{
				ID: a.ID, Type: a.Type, State: a.State, Reason: a.Reason, Total: a.Total, Done: a.Done(), StartsAt: a.ScheduleAt,
			})
		}
	}
	return views, nil
}
