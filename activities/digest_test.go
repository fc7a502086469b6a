package activities_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// gatherings is a world whose account contact and bot want what is of world.Type gathered for ten
// minutes.
type gatherings struct {
	*world.World
	t testing.TB
	a *activities.Activities
	// all were submitted, in this order.
	all []models.Notification
	// taken are the texts that the provider took.
	taken []string
}

func newGatherings(t testing.TB, prepare func(*world.World)) *gatherings {
	t.Helper()
	w := world.New(t)
	w.AddProvider(models.ChannelEmail, "relay")
	digest := func(p *models.Preferences) { p.Digests = []models.Digest{{Type: world.Type, WindowMinutes: 10}} }
	w.Prefer(w.AccountContact().ID, digest)
	if prepare != nil {
		prepare(w)
	}
	return &gatherings{World: w, t: t, a: w.Activities(world.Config())}
}

// submit accepts a warning and chooses its recipients.
func (g *gatherings) submit(change func(*models.Notification)) models.Notification {
	g.t.Helper()
	kind, err := g.Store.Catalogue().CurrentMessageType(g.t.Context(), world.Type)
	require.NoError(g.t, err)
	n := g.Accept(func(n *models.Notification) {
		n.Severity, n.ExpiresAt = models.SeverityWarning, g.Now().Add(time.Duration(kind.DeadlineSeconds)*time.Second)
		n.Variables["alert_name"] = fmt.Sprintf("alert %03d", len(g.all))
		if change != nil {
			change(n)
		}
	})
	g.all = append(g.all, n)
	g.look(n)
	return n
}

// look does what the notification's workflow does when it is woken.
func (g *gatherings) look(n models.Notification) activities.Progress {
	g.t.Helper()
	s, err := g.a.Plan(context.WithoutCancel(g.t.Context()), activities.NotificationRef{AccountID: g.Account, NotificationID: n.ID})
	require.NoError(g.t, err)
	return s
}

// envelopes are those that gather, or did, by the reports of the notifications.
func (g *gatherings) envelopes() []models.Envelope {
	g.t.Helper()
	var out []models.Envelope
	seen := map[string]bool{}
	for _, n := range g.all {
		for _, e := range g.Report(n.ID).Envelopes {
			if !seen[e.ID] {
				out, seen[e.ID] = append(out, e), true
			}
		}
	}
	return out
}

// step does what the envelope's workflow does.
func (g *gatherings) step(id string) activities.AttemptResult {
	g.t.Helper()
	r, err := g.a.StepEnvelope(context.WithoutCancel(g.t.Context()), activities.AttemptInput{AccountID: g.Account, DeliveryID: id})
	require.NoError(g.t, err)
	return r
}

// finish brings the envelope to its end, and lets the notifications see it.
func (g *gatherings) finish(id string) {
	g.t.Helper()
	for range 100 {
		r := g.step(id)
		if r.Done {
			for _, n := range g.all {
				g.look(n)
			}
			return
		}
		g.Advance(max(r.NextAt.Sub(g.Now()), 0))
	}
	g.t.Fatal("the envelope never ends")
}

func (g *gatherings) mail(n models.Notification) models.Delivery {
	g.t.Helper()
	d, _ := g.Delivery(n.ID, models.ChannelEmail)
	return d
}

func TestFiftySubmitsAreOneMessage(t *testing.T) {
	t.Parallel()
	g := newGatherings(t, nil)
	begin := g.Now()
	for range 50 {
		g.submit(nil)
		g.Advance(time.Second)
	}
	all := g.envelopes()
	require.Len(t, all, 1)
	assert.Equal(t, models.EnvelopeOpen, all[0].State)
	assert.Equal(t, begin.Add(10*time.Minute), all[0].ClosesAt, "the window begins with the first")
	assert.Equal(t, 50, all[0].Joined)
	waiting := g.look(g.all[49])
	assert.Empty(t, waiting.Open)
	assert.Equal(t, g.Report(g.all[49].ID).Notification.ExpiresAt, waiting.DueAt)
	assert.Equal(t, all[0].ClosesAt, g.step(all[0].ID).NextAt)
	g.finish(all[0].ID)

	calls := g.Sink.Calls("")
	require.Len(t, calls, 1)
	assert.Equal(t, all[0].ID, calls[0].Message.Key)
	assert.Contains(t, calls[0].Message.Rendered.Title, "50 messages: ")
	assert.Equal(t, "https://belfry.example/console/inbox?account=acme", calls[0].Message.Rendered.Link)
	assert.Len(t, calls[0].Message.Merged, 49)
	for i, n := range g.all {
		assert.Contains(t, calls[0].Message.Rendered.Text, fmt.Sprintf("alert %03d", i))
		assert.Equal(t, models.DeliveryDelivered, g.mail(n).State)
		r := g.Report(n.ID)
		assert.Equal(t, models.StatusDelivered, r.Notification.Status)
		assert.Len(t, r.Attempts[g.mail(n).ID], 1, "the attempt that told of it")
		assert.Equal(t, models.EnvelopeDelivered, r.Envelopes[all[0].ID].State)
	}
	g.submit(nil)
	assert.Len(t, g.envelopes(), 2, "the next one opens another")
}

func TestUrgentThingsAreNeverHeldForADigest(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*models.Notification){
		"critical": func(n *models.Notification) { n.Severity = models.SeverityCritical },
		"security": nil,
		"brief":    func(n *models.Notification) { n.ExpiresAt = n.CreatedAt },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGatherings(t, func(w *world.World) {
				w.Prefer(w.AccountContact().ID, func(p *models.Preferences) {
					p.Digests = append(p.Digests, models.Digest{Category: models.CategorySecurity, WindowMinutes: 10})
				})
			})
			n := g.submit(func(n *models.Notification) {
				switch name {
				case "critical":
					change(n)
				case "security":
					ofType(t, g.World, "security.vulnerability")(n)
					n.Severity = models.SeverityInfo
				case "brief":
					n.ExpiresAt = g.Now().Add(5 * time.Minute) // worth nothing when the digest leaves
				}
			})
			d := g.mail(n)
			assert.Empty(t, d.EnvelopeID)
			assert.Empty(t, d.Reason)
			assert.Equal(t, g.Now(), *d.NextAttemptAt)
		})
	}
}

func TestWhatMayNotBeSentAnyMoreLeavesTheDigest(t *testing.T) {
	t.Parallel()
	g := newGatherings(t, nil)
	kept, cancelled, late := g.submit(nil), g.submit(nil), g.submit(nil)
	id := g.mail(kept).EnvelopeID
	assert.Equal(t, models.StatusCancelled, g.Cancel(cancelled.ID).Status, "while it is open, at once")
	g.Advance(10 * time.Minute)
	g.Write(func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.Platform().MessageTypes().Update(ctx, world.Type, 0, "", func(*models.MessageType) error { return nil })
		return err
	})
	g.Prefer(g.AccountContact().ID, func(p *models.Preferences) { p.DenyWords = []string{"alert 002"} })
	g.finish(id)
	calls := g.Sink.Calls("")
	require.Len(t, calls, 1)
	assert.Contains(t, calls[0].Message.Rendered.Text, "alert 000")
	assert.NotContains(t, calls[0].Message.Rendered.Text, "alert 001")
	assert.NotContains(t, calls[0].Message.Rendered.Text, "alert 002")
	assert.Equal(t, models.DeliveryCancelled, g.mail(cancelled).State)
	assert.Equal(t, models.ReasonFiltered, g.mail(late).Reason)
	assert.Equal(t, models.DeliverySuppressed, g.mail(late).State)
	assert.Equal(t, models.StatusDelivered, g.Report(late.ID).Notification.Status, "its inbox has it")
}

func TestAnEmptyDigestDoesNotLeave(t *testing.T) {
	t.Parallel()
	g := newGatherings(t, nil)
	n := g.submit(nil)
	id := g.mail(n).EnvelopeID
	g.Cancel(n.ID)
	g.finish(id)
	assert.Empty(t, g.Sink.Calls(""))
	assert.Equal(t, models.EnvelopeCancelled, g.envelopes()[0].State)
	next := g.submit(nil)
	assert.NotEqual(t, id, g.mail(next).EnvelopeID)
}

func TestADigestCountsOnceAgainstLimits(t *testing.T) {
	t.Parallel()
	g := newGatherings(t, func(w *world.World) {
		w.Choose(world.Type, func(c *models.Choice) { c.Caps = map[models.Channel]int{models.ChannelEmail: 2} })
	})
	for digest := range 3 {
		for range 4 {
			g.submit(nil)
		}
		g.finish(g.mail(g.all[len(g.all)-1]).EnvelopeID)
		assert.Len(t, g.Sink.Calls(""), min(digest+1, 2))
	}
	for _, n := range g.all[8:] {
		assert.Equal(t, models.ReasonCapped, g.mail(n).Reason)
		assert.Equal(t, models.DeliverySuppressed, g.mail(n).State)
	}
}

func TestADigestWaitsForTheEndOfQuietHours(t *testing.T) {
	t.Parallel()
	g := newGatherings(t, nil)
	n := g.submit(nil)
	id := g.mail(n).EnvelopeID
	g.Prefer(g.AccountContact().ID, func(p *models.Preferences) { p.QuietFrom, p.QuietTo, p.QuietZone = "12:05", "20:00", "UTC" })
	later := g.submit(nil)
	assert.Equal(t, id, g.mail(later).EnvelopeID, "an open one stays as early as it was")
	g.Advance(10 * time.Minute)
	assert.Equal(t, evening(), g.step(id).NextAt, "quiet hours that came later hold it")
	g.finish(id)
	assert.Len(t, g.Sink.Calls(""), 1)
	assert.Equal(t, models.DeliveryDelivered, g.mail(n).State, "held is not lost")
}

func TestAFailedDigestFailsForAllAndIsSentAgainByEach(t *testing.T) {
	t.Parallel()
	g := newGatherings(t, nil)
	g.Sink.Answer(world.Always(models.ChannelEmail, world.Fail(channels.Permanent, "content_rejected")))
	first, second := g.submit(nil), g.submit(nil)
	g.finish(g.mail(first).EnvelopeID)
	require.Len(t, g.Sink.Calls(""), 1, "one attempt for all")
	for _, n := range g.all {
		assert.Equal(t, models.DeliveryFailed, g.mail(n).State)
		assert.Equal(t, "content_rejected", g.mail(n).Reason)
	}
	g.Write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.In(g.Account).Notifications().Resend(ctx, second.ID)
		return err
	})
	assert.Empty(t, g.mail(second).EnvelopeID, "by itself")
	assert.Len(t, g.look(second).Open, 1)
}

func TestAShorterWindowClosesTheOpenDigestEarlier(t *testing.T) {
	t.Parallel()
	g := newGatherings(t, func(w *world.World) {
		w.Prefer(w.AccountContact().ID, func(p *models.Preferences) { p.Digests = []models.Digest{{Type: world.Type, DailyAt: "09:00"}} })
	})
	n := g.submit(nil)
	assert.Equal(t, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), g.envelopes()[0].ClosesAt, "at nine by the account's clock")
	g.Prefer(g.AccountContact().ID, func(p *models.Preferences) { p.Digests = []models.Digest{{Type: world.Type, WindowMinutes: 5}} })
	g.submit(nil)
	assert.Equal(t, g.Now().Add(5*time.Minute), g.envelopes()[0].ClosesAt)
	g.finish(g.mail(n).EnvelopeID)
	assert.Len(t, g.Sink.Calls(""), 1)
}

func TestAFullEnvelopeClosesAtOnce(t *testing.T) {
	t.Parallel()
	g := newGatherings(t, nil)
	for range models.MostJoined + 1 {
		g.submit(nil)
	}
	assert.Equal(t, g.Now(), g.envelopes()[0].ClosesAt)
	id := g.mail(g.all[0]).EnvelopeID
	require.True(t, g.step(id).Done)
	require.Len(t, g.Sink.Calls(""), 1)
	assert.Contains(t, g.Sink.Calls("")[0].Message.Rendered.Title, fmt.Sprint(models.MostJoined+1)+" messages")
}

// lethal kills the process around what is recorded of envelopes: before it, or after it.
type lethal struct {
	activities.Store
	fate func() int
}

var errDead = errors.New("killed")

// around kills at random.
func (l *lethal) around(record func() error) error {
	switch l.fate() {
	case 0:
		return errDead
	case 1:
		if err := record(); err != nil {
			return err
		}
		return errDead
	}
	return record()
}

func (l *lethal) CloseEnvelope(ctx context.Context, e models.Envelope, in []models.Part, limits map[string][]models.Quota) (gone []models.Part, err error) {
	err = l.around(func() error { gone, err = l.Store.CloseEnvelope(ctx, e, in, limits); return err })
	return gone, err
}

func (l *lethal) BeginAttempt(ctx context.Context, a models.Attempt, n string, told ...string) (begun bool, err error) {
	err = l.around(func() error { begun, err = l.Store.BeginAttempt(ctx, a, n, told...); return err })
	return begun, err
}

func (l *lethal) FinishAttempt(ctx context.Context, end models.AttemptEnd) (p models.Progress, err error) {
	err = l.around(func() error { p, err = l.Store.FinishAttempt(ctx, end); return err })
	return p, err
}

func (l *lethal) SettleDelivery(ctx context.Context, d models.Delivery, heirs models.Heirs) (p models.Progress, err error) {
	err = l.around(func() error { p, err = l.Store.SettleDelivery(ctx, d, heirs); return err })
	return p, err
}

// TestKillsAroundADigestLoseNothing: whatever dies when, and whatever the provider says, each
// notification that was not cancelled is in a message that the provider took, or failed; and
// it is in two only when nobody could tell what became of the first.
func TestKillsAroundADigestLoseNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		l := &lethal{fate: func() int { return rapid.IntRange(0, 9).Draw(r, "fate") }}
		g := newGatherings(t, func(w *world.World) {
			w.Wrap = func(s activities.Store) activities.Store { l.Store = s; return l }
		})
		answers := rapid.SliceOfN(rapid.SampledFrom([]*channels.Error{nil, world.Fail(channels.Retry, "busy"), world.Fail(channels.Ambiguous, "timeout"), world.Fail(channels.Permanent, "no")}), 0, 3).Draw(r, "answers")
		g.answer(answers)
		for range rapid.IntRange(1, 4).Draw(r, "submits") {
			g.submit(nil)
		}
		id := g.mail(g.all[0]).EnvelopeID
		cancelAt := rapid.IntRange(0, 20).Draw(r, "cancel at")
		done := false
		for i := 0; i < 60 && !done; i++ {
			if i == cancelAt {
				g.tryCancel(g.all[0].ID)
			}
			result, err := g.a.StepEnvelope(context.WithoutCancel(t.Context()), activities.AttemptInput{AccountID: g.Account, DeliveryID: id})
			if done = err == nil && result.Done; !done {
				g.Advance(time.Minute)
			}
		}
		if !done {
			r.Fatal("the envelope never ends")
		}
		g.check(r)
	})
}

// answer has the provider answer these, and take everything then.
func (g *gatherings) answer(answers []*channels.Error) {
	g.Sink.Answer(func(_ context.Context, c world.Call) *channels.Error {
		var answer *channels.Error
		if len(answers) > 0 {
			answer, answers = answers[0], answers[1:]
		}
		if answer == nil {
			g.taken = append(g.taken, c.Message.Rendered.Text)
		}
		return answer
	})
}

func (g *gatherings) tryCancel(id string) {
	_ = g.Store.Write(context.WithoutCancel(g.t.Context()), func(tx *store.Tx) error { // it may be too late
		_, _, err := tx.In(g.Account).Notifications().Cancel(context.WithoutCancel(g.t.Context()), id)
		return err
	})
}

// check compares what was recorded with what the provider got.
func (g *gatherings) check(r *rapid.T) {
	for _, n := range g.all {
		g.look(n)
		d, attempts := g.Delivery(n.ID, models.ChannelEmail)
		copies := 0
		for _, text := range g.taken {
			copies += strings.Count(text, n.Variables["alert_name"])
		}
		unknown := 0
		for _, a := range attempts {
			if a.Outcome == models.OutcomeUnknown {
				unknown++
			}
		}
		switch {
		case !d.State.Final():
			r.Fatalf("%s is open: %s", n.ID, d.Reason)
		case d.State == models.DeliveryDelivered && copies == 0:
			r.Fatalf("%s is delivered, and nobody got it", n.ID)
		case copies > 1+unknown:
			r.Fatalf("%d copies of %s with %d unknown outcomes", copies, n.ID, unknown)
		case d.State != models.DeliveryDelivered && copies > unknown:
			r.Fatalf("%s is %s (%s), and somebody got it", n.ID, d.State, d.Reason)
		}
	}
}
