package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// signals counts the signals of some names. They carry nothing: the database says what
// happened.
type signals struct {
	channels []workflow.ReceiveChannel
	received int
}

// listen counts every signal of the names.
func listen(ctx workflow.Context, names ...string) *signals {
	s := &signals{}
	for _, name := range names {
		channel := workflow.GetSignalChannel(ctx, name)
		s.channels = append(s.channels, channel)
		workflow.Go(ctx, func(ctx workflow.Context) {
			for channel.Receive(ctx, nil) {
				s.received++
			}
		})
	}
	return s
}

// drain counts the signals that arrived with the last step, so that none is lost when the
// execution ends.
func (s *signals) drain() {
	for _, channel := range s.channels {
		for channel.ReceiveAsync(nil) {
			s.received++
		}
	}
}

// sleep waits until the instant, or until something else ends it.
func sleep(ctx workflow.Context, until time.Time, over func() bool) error {
	left := until.Sub(workflow.Now(ctx))
	if left <= 0 {
		return nil
	}
	_, err := workflow.AwaitWithTimeout(ctx, left, over)
	return err
}

// instant is when the wait ends by the workflow's clock. An activity's clock may
// show another time: an instant of its own could be over here, and the workflow
// would ask again and again. Without a wait it is at: activities of earlier
// releases said no more.
func instant(ctx workflow.Context, at time.Time, wait time.Duration) time.Time {
	if wait <= 0 {
		return at
	}
	return workflow.Now(ctx).Add(wait)
}
