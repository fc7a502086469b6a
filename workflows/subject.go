package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/models"
)

// SubjectInput names the row that a workflow looks after.
type SubjectInput struct {
	AccountID models.AccountID `json:"account_id"`
	ID        string           `json:"id"`
}

// lookAfter has steps done until none is left: at once, when the row says, and when
// a signal says that the row was changed. What a step is, the activity knows.
func (w *Workflows) lookAfter(ctx workflow.Context, name string, in SubjectInput, step any) error {
	b := listen(ctx, signalWake)
	stage := ""
	for steps := 1; ; steps++ {
		heard := b.rung
		s, err := w.step(ctx, in, step)
		if err != nil {
			return err
		}
		if s.Done {
			if b.drain(); b.rung == heard {
				return nil
			}
			continue
		}
		if stage == "" {
			stage = s.Stage
		}
		if s.Renew || s.Stage != stage || steps >= maxSteps || workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			b.drain() // the next execution looks at the row in any case
			return workflow.NewContinueAsNewError(ctx, name, in)
		}
		if err := b.sleep(ctx, instant(ctx, s.NextAt, s.Wait), heard); err != nil {
			return err
		}
	}
}

func (w *Workflows) step(ctx workflow.Context, in SubjectInput, step any) (activities.Step, error) {
	var s activities.Step
	ref := activities.SubjectRef(in)
	err := workflow.ExecuteLocalActivity(w.policies.quickStep(ctx), step, ref).Get(ctx, &s)
	if err == nil || hopeless(err) {
		return s, err
	}
	err = workflow.ExecuteActivity(w.policies.patient(ctx), step, ref).Get(ctx, &s)
	return s, err
}

// bell counts the signals of some names. They carry nothing: the database says what
// happened.
type bell struct {
	signals []workflow.ReceiveChannel
	rung    int
}

// listen rings the bell for every signal of the names.
func listen(ctx workflow.Context, names ...string) *bell {
	b := &bell{}
	for _, name := range names {
		signals := workflow.GetSignalChannel(ctx, name)
		b.signals = append(b.signals, signals)
		workflow.Go(ctx, func(ctx workflow.Context) {
			for signals.Receive(ctx, nil) {
				b.rung++
			}
		})
	}
	return b
}

// drain hears the signals that arrived with the last step, so that none is lost
// when the execution ends.
func (b *bell) drain() {
	for _, signals := range b.signals {
		for signals.ReceiveAsync(nil) {
			b.rung++
		}
	}
}

// sleep waits until the instant, or until a bell that was not heard yet.
func (b *bell) sleep(ctx workflow.Context, until time.Time, heard int) error {
	left := until.Sub(workflow.Now(ctx))
	if left <= 0 {
		return nil
	}
	_, err := workflow.AwaitWithTimeout(ctx, left, func() bool { return b.rung != heard })
	return err
}
