package workflows_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/quiethours"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/workflows"
)

// fate is all that chance decides about one notification.
type fate struct {
	answers  map[models.Channel][]*channels.Error
	schedule time.Duration
	life     time.Duration
	// cancelAt is zero for no cancellation; repairs end suspensions.
	cancelAt time.Duration
	repairs  []time.Duration
	// quietFrom and quietTo are the account contact's quiet hours; "" for none.
	quietFrom, quietTo string
	wakes              []time.Duration
}

func drawFate(t *rapid.T) fate {
	failures := rapid.SampledFrom([]*channels.Error{
		nil, world.Fail(channels.Retry, "busy"), world.Fail(channels.Retry, models.ReasonUnknownCode),
		world.Fail(channels.Permanent, models.ReasonRecipientInvalid), world.Fail(channels.Ambiguous, "timeout"),
		world.Fail(channels.Misconfigured, "auth"), world.Wait(0), world.Wait(20 * time.Second), world.Wait(30 * time.Hour),
	})
	moment := rapid.Map(rapid.IntRange(1, 4000), func(s int) time.Duration { return time.Duration(s) * time.Second })
	f := fate{
		answers: map[models.Channel][]*channels.Error{},
		life:    rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 24 * time.Hour}).Draw(t, "life"),
		repairs: rapid.SliceOfN(moment, 0, 3).Draw(t, "repairs"),
		wakes:   rapid.SliceOfN(moment, 0, 3).Draw(t, "wakes"),
	}
	for _, c := range []models.Channel{models.ChannelEmail, models.ChannelSMS, models.ChannelWebhook} {
		f.answers[c] = rapid.SliceOfN(failures, 0, 8).Draw(t, string(c))
	}
	if rapid.Bool().Draw(t, "quiet") {
		f.quietFrom = rapid.SampledFrom([]string{"11:00", "12:00", "12:01", "12:20"}).Draw(t, "from")
		f.quietTo = rapid.SampledFrom([]string{"10:00", "12:02", "12:30", "13:00"}).Draw(t, "to")
	}
	if rapid.Bool().Draw(t, "scheduled") {
		f.schedule = moment.Draw(t, "schedule")
	}
	if rapid.Bool().Draw(t, "cancelled") {
		f.cancelAt = moment.Draw(t, "cancel")
	}
	return f
}

// answer plays the drawn answers of each channel; later calls succeed.
func (f fate) answer() world.Answer {
	var mu sync.Mutex
	return func(_ context.Context, c world.Call) *channels.Error {
		mu.Lock()
		defer mu.Unlock()
		list := f.answers[c.Channel]
		if len(list) == 0 {
			return nil
		}
		f.answers[c.Channel] = list[1:]
		return list[0]
	}
}

func TestNoFateBreaksTheBooks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		f := drawFate(rt)
		s := newStage(t, everywhere)
		s.AddProvider(models.ChannelEmail, "second")
		s.Sink.Answer(f.answer())
		if f.quietFrom != "" {
			quiet(s.World, f.quietFrom, f.quietTo)
		}
		start := s.Now()
		s.accept(func(n *models.Notification) {
			if f.schedule > 0 {
				due := start.Add(f.schedule)
				n.ScheduleAt = &due
			}
			n.Severity, n.ExpiresAt = models.SeverityWarning, start.Add(f.schedule+f.life)
		})
		b := &books{rt: rt, s: s, start: start, f: f}
		b.live()
		b.close()
	})
}

// books watches one notification from outside, as an auditor would.
type books struct {
	rt    *rapid.T
	s     *stage
	f     fate
	start time.Time
	last  store.Report
	// wrong is the first thing that does not add up: it is told when the workflow
	// has ended, because a test must not fail inside of one.
	wrong string
}

func (b *books) failf(format string, args ...any) {
	if b.wrong == "" {
		b.wrong = fmt.Sprintf(format, args...)
	}
}

// live runs the workflow through its fate and looks at the books on the way.
func (b *books) live() {
	s := b.s
	s.open()
	for i := range 14 {
		s.at(time.Duration(i*i*i*i)*100*time.Millisecond, b.look)
	}
	for _, at := range b.f.repairs {
		s.at(at, func() { b.repair(); s.env.SignalWorkflow("wake", nil) })
	}
	for _, at := range b.f.wakes {
		s.at(at, s.signal("wake"))
	}
	if b.f.cancelAt > 0 {
		s.at(b.f.cancelAt, func() {
			if !s.Report(s.id).Notification.Status.Final() {
				s.Cancel(s.id)
				s.env.SignalWorkflow("cancel", nil)
			}
		})
	}
	s.env.ExecuteWorkflow("Notification", workflows.NotificationInput{AccountID: s.Account, NotificationID: s.id})
	if !s.env.IsWorkflowCompleted() || s.env.GetWorkflowError() != nil {
		b.rt.Fatalf("the workflow did not complete: %v", s.env.GetWorkflowError())
	}
}

func (b *books) repair() {
	b.s.Write(func(ctx context.Context, tx *store.Tx) error {
		for _, p := range b.s.Providers {
			if err := tx.Platform().Providers().Resume(ctx, p); err != nil {
				return err
			}
		}
		bots, _, err := b.s.Store.In(b.s.Account).Bots().List(ctx, store.Page{})
		if err != nil {
			return err
		}
		for _, bot := range bots {
			if err := tx.In(b.s.Account).Bots().Resume(ctx, bot.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// look compares what is recorded now with what was recorded before: terminal
// states and outcomes never change, and attempts are numbered without gaps.
func (b *books) look() {
	r := b.s.Report(b.s.id)
	before := map[string]models.Delivery{}
	for _, d := range b.last.Deliveries {
		before[d.ID] = d
	}
	if b.last.Notification.ID != "" && b.last.Notification.Status.Final() && r.Notification.Status != b.last.Notification.Status {
		b.failf("a final status changed: %s, then %s", b.last.Notification.Status, r.Notification.Status)
	}
	for _, d := range r.Deliveries {
		old, known := before[d.ID]
		delete(before, d.ID)
		if known && old.State.Final() && (old.State != d.State || old.Reason != d.Reason) {
			b.failf("a final delivery changed: %s %s, then %s %s", old.State, old.Reason, d.State, d.Reason)
		}
		b.checkAttempts(r.Attempts[d.ID], b.last.Attempts[d.ID], d)
	}
	if len(before) > 0 {
		b.failf("deliveries vanished: %v", before)
	}
	b.last = r
}

func (b *books) checkAttempts(now, before []models.Attempt, d models.Delivery) {
	if len(now) != d.Attempts || len(now) < len(before) {
		b.failf("%s says %d attempts, there are %d, there were %d", d.Slot, d.Attempts, len(now), len(before))
	}
	for i, a := range now {
		if a.Number != i+1 {
			b.failf("%s: attempt %d has number %d", d.Slot, i+1, a.Number)
		}
		if i < len(before) && before[i].Outcome != "" && before[i].Outcome != a.Outcome {
			b.failf("%s: the outcome of attempt %d changed: %s, then %s", d.Slot, a.Number, before[i].Outcome, a.Outcome)
		}
		if a.Outcome == "" && i < len(now)-1 {
			b.failf("%s: attempt %d has no outcome, but is not the last", d.Slot, a.Number)
		}
	}
}

// close checks the books at the end: everything is final, adds up, and agrees
// with what the providers saw.
func (b *books) close() {
	b.look()
	r := b.last
	status, reason := models.SumUp(r.Deliveries)
	unplanned := r.Notification.PlannedAt == nil && r.Notification.Status == models.StatusCancelled
	if !unplanned && (status != r.Notification.Status || reason != r.Notification.Reason) {
		b.failf("status %s %q does not sum up its deliveries: %s %q", r.Notification.Status, r.Notification.Reason, status, reason)
	}
	copies := map[string]int{}
	for _, c := range b.s.Sink.Calls("") {
		copies[c.Message.Key]++
		if c.At.Before(b.start.Add(b.f.schedule)) || !c.At.Before(r.Notification.ExpiresAt) {
			b.failf("a call at %s, outside the notification's life", c.At)
		}
		wishes := models.Preferences{QuietFrom: b.f.quietFrom, QuietTo: b.f.quietTo}
		if until, held := quiethours.Until(c.At, wishes, "UTC"); held && c.Bot == "" {
			b.failf("a call at %s, in quiet hours until %s", c.At, until)
		}
	}
	counts := map[models.DeliveryState]int{}
	for _, d := range r.Deliveries {
		counts[d.State]++
		if d.Channel != models.ChannelInbox {
			b.checkCopies(d, r.Attempts[d.ID], copies[d.ID])
		}
	}
	if counts[models.DeliveryPending] > 0 {
		b.failf("the notification is %s with open deliveries", r.Notification.Status)
	}
	sum := counts[models.DeliveryDelivered] + counts[models.DeliveryFailed] + counts[models.DeliveryCancelled] + counts[models.DeliverySuppressed]
	if sum != len(r.Deliveries) {
		b.failf("deliveries %d, but %v", len(r.Deliveries), counts)
	}
	if r.Notification.FinishedAt == nil || !unplanned && r.MessageID == "" {
		b.failf("a finished notification has a time, and a message in the inbox")
	}
	if b.wrong != "" {
		b.rt.Fatal(b.wrong)
	}
}

func (b *books) checkCopies(d models.Delivery, attempts []models.Attempt, copies int) {
	delivered := 0
	for _, a := range attempts {
		if a.Outcome == models.OutcomeDelivered {
			delivered++
		}
	}
	want := fmt.Sprintf("%s (%s) has %d attempts, %d of them delivered, and %d copies", d.Slot, d.State, len(attempts), delivered, copies)
	switch {
	case copies != len(attempts):
		b.failf("every call has an attempt and the other way round: %s", want)
	case d.State == models.DeliveryDelivered && delivered != 1:
		b.failf("delivered once: %s", want)
	case d.State != models.DeliveryDelivered && delivered != 0:
		b.failf("a delivered copy must end the delivery: %s", want)
	case d.State == models.DeliverySuppressed && copies != 0:
		b.failf("what is suppressed was never tried: %s", want)
	}
}
