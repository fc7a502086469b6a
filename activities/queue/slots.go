package queue

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/pacing"
)

// Slots is what the activities need to keep the limits of bots.
type Slots interface {
	TakeSlot(ctx context.Context, credential string, p pacing.Rate, urgent bool) (pacing.Ticket, time.Time, error)
	AnswerSlot(ctx context.Context, t pacing.Ticket) error
	RefuseSlot(ctx context.Context, t pacing.Ticket, p pacing.Rate, wait time.Duration) error
	QueueWaits(ctx context.Context, account models.AccountID, gathers string) (bool, error)
	Queue(ctx context.Context, d models.Delivery, g models.Gathering) error
	SendQueue(ctx context.Context, e models.Envelope, leave []string) (bool, error)
}
