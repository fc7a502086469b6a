package workflows

import (
	"context"
	"log/slog"
	"sync"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/tracing"
)

// Starter starts workflows in the background for callers that must not wait:
// whoever accepted a notification has done its duty already. What it cannot do,
// the dispatcher does.
type Starter struct {
	start func(context.Context, models.Entity) error
	queue chan start
	log   *slog.Logger
}

// start is one workflow to start, and the trace that it belongs to.
type start struct {
	entity models.Entity
	trace  string
}

// Bounds of the starter: calls at the same time, and notifications that wait.
const (
	starters   = 16
	startQueue = 1024
)

// NewStarter returns a starter over the client. Nothing starts until Run.
func NewStarter(c *Client, log *slog.Logger) *Starter {
	return &Starter{start: c.Start, queue: make(chan start, startQueue), log: log}
}

// Start asks for the notification's workflow to be started. It never waits; when
// the queue is full it does nothing.
// It remembers the context's trace, and nothing else of it.
func (s *Starter) Start(ctx context.Context, account models.AccountID, id string) {
	each := start{entity: models.Entity{Kind: models.EntityNotification, AccountID: account, ID: id}, trace: tracing.Carry(ctx)}
	select {
	case s.queue <- each:
	default:
	}
}

// Run starts workflows until the context ends, and returns when all calls are over.
func (s *Starter) Run(ctx context.Context) {
	var calls sync.WaitGroup
	for range starters {
		calls.Go(func() { s.serve(ctx) })
	}
	calls.Wait()
}

func (s *Starter) serve(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case each := <-s.queue:
			if err := s.start(tracing.Resume(ctx, each.trace), each.entity); err != nil {
				s.log.DebugContext(ctx, "workflow not started yet; the dispatcher will", "notification_id", each.entity.ID, "error", err)
			}
		}
	}
}
