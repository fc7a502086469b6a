package workflows

import (
	"context"
	"log/slog"
	"sync"

	"belfry.dev/belfry/models"
)

// Starter starts workflows in the background for callers that must not wait:
// whoever accepted a notification has done its duty already. What it cannot do,
// the dispatcher does.
type Starter struct {
	start func(ctx context.Context, account models.AccountID, id string) error
	queue chan NotificationInput
	log   *slog.Logger
}

// Bounds of the starter: calls at the same time, and notifications that wait.
const (
	starters   = 16
	startQueue = 1024
)

// NewStarter returns a starter over the client. Nothing starts until Run.
func NewStarter(c *Client, log *slog.Logger) *Starter {
	return &Starter{start: c.StartNotification, queue: make(chan NotificationInput, startQueue), log: log}
}

// Start asks for the notification's workflow to be started. It never waits; when
// the queue is full it does nothing.
func (s *Starter) Start(account models.AccountID, id string) {
	select {
	case s.queue <- NotificationInput{AccountID: account, NotificationID: id}:
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
		case in := <-s.queue:
			if err := s.start(ctx, in.AccountID, in.NotificationID); err != nil {
				s.log.DebugContext(ctx, "workflow not started yet; the dispatcher will", "notification_id", in.NotificationID, "error", err)
			}
		}
	}
}
