package activities

import (
	"context"

	"belfry.dev/belfry/activities/delivering"
)

// AttemptInput names the delivery to try, or the envelope.
type AttemptInput = delivering.Input

// AttemptResult is what follows.
type AttemptResult = delivering.Result

// Attempt brings the delivery one step further; see delivering.
func (a *Activities) Attempt(ctx context.Context, in AttemptInput) (AttemptResult, error) {
	return a.delivering.Attempt(ctx, in)
}

// StepEnvelope brings an envelope that has a row one step further, as Attempt does with a
// delivery.
func (a *Activities) StepEnvelope(ctx context.Context, in AttemptInput) (AttemptResult, error) {
	return a.delivering.Envelope(ctx, in)
}
