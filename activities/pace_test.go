package activities_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/pacing"
	"belfry.dev/belfry/store"
)

var errKilled = errors.New("killed")

// mortal is the store of a worker that dies before it records the end of a call.
type mortal struct {
	activities.Store
	dead *atomic.Bool
}

func (m mortal) FinishAttempt(ctx context.Context, end models.AttemptEnd) (models.Progress, error) {
	if m.dead.Load() {
		return models.Progress{}, errKilled
	}
	return m.Store.FinishAttempt(ctx, end)
}

func (m mortal) AnswerSlot(ctx context.Context, t pacing.Ticket) error {
	if m.dead.Load() {
		return errKilled
	}
	return m.Store.AnswerSlot(ctx, t)
}

// group is a chat group that takes 20 messages a minute, and three workers that send to it.
type group struct {
	*world.World
	t       *testing.T
	bot     models.Bot
	workers []*activities.Activities
	dead    atomic.Bool
	// texts and arrivals are what the group got.
	texts    []string
	arrivals []time.Time
	limited  int
	// during happens while a call is under way, once.
	during func()
	answer *channels.Error
	all    []models.Notification
}

func newGroup(t *testing.T, size int) *group {
	t.Helper()
	g := &group{World: world.New(t), t: t}
	g.Sink.Limit(pacing.Rate{Windows: []pacing.Window{{Length: time.Minute, Most: 20}}}, size)
	g.AddProvider(models.ChannelWebhook, "http")
	g.bot = g.AddBot("group")
	g.Wrap = func(s activities.Store) activities.Store { return mortal{s, &g.dead} }
	for range 3 {
		g.workers = append(g.workers, g.Activities(world.Config()))
	}
	g.Sink.Answer(g.take)
	return g
}

// take plays the platform.
func (g *group) take(_ context.Context, c world.Call) *channels.Error {
	recent := 1
	for _, at := range g.arrivals {
		if g.Now().Sub(at) < time.Minute {
			recent++
		}
	}
	if recent > 20 {
		g.limited++
		return world.Wait(10 * time.Minute)
	}
	d := c.Message.Rendered.Document
	g.texts, g.arrivals = append(g.texts, d.Title+"\n"+document.Plain(d.Blocks)+"\n"+d.Link), append(g.arrivals, g.Now())
	if then := g.during; then != nil {
		g.during = nil
		then()
	}
	g.Advance(200 * time.Millisecond)
	return g.answer
}

// submit accepts alerts, every twentieth critical, and returns their deliveries to the group.
func (g *group) submit(n int) []string {
	g.t.Helper()
	var ids []string
	for range n {
		k := len(g.all)
		sent := g.Accept(func(n *models.Notification) {
			n.Severity = models.SeverityWarning
			if k%20 == 7 {
				n.Severity = models.SeverityCritical
			}
			n.Variables["alert_name"] = fmt.Sprintf("alert %03d", k)
		})
		g.all = append(g.all, sent)
		_, err := g.workers[k%3].Plan(g.t.Context(), activities.NotificationRef{AccountID: g.Account, NotificationID: sent.ID})
		require.NoError(g.t, err)
		d, _ := g.Delivery(sent.ID, models.ChannelWebhook)
		ids = append(ids, d.ID)
	}
	return ids
}

func (g *group) attempt(id string) activities.AttemptResult {
	g.t.Helper()
	r, err := g.workers[0].Attempt(g.t.Context(), activities.AttemptInput{AccountID: g.Account, DeliveryID: id})
	require.NoError(g.t, err)
	return r
}

// drain does what the dispatcher and the envelopes' workflows do until nothing waits.
func (g *group) drain() {
	g.t.Helper()
	due := map[string]time.Time{}
	for steps := 0; ; steps++ {
		require.Less(g.t, steps, 2000, "it never ends")
		g.wake(due)
		if len(due) == 0 {
			return
		}
		first := ""
		for id, at := range due {
			if first == "" || at.Before(due[first]) {
				first = id
			}
		}
		g.Advance(max(due[first].Sub(g.Now()), 0))
		r, err := g.workers[steps%3].StepEnvelope(g.t.Context(), activities.AttemptInput{AccountID: g.Account, DeliveryID: first})
		switch {
		case err != nil && g.dead.Swap(false): // another worker goes on, when the engine notices
			due[first] = g.Now().Add(time.Second)
		case err != nil:
			g.t.Fatal(err)
		case r.Done:
			delete(due, first)
		default:
			due[first] = r.NextAt
		}
	}
}

// wake reads which envelopes are to be looked at.
func (g *group) wake(due map[string]time.Time) {
	g.t.Helper()
	rows, err := g.Store.Work().ClaimWakeups(g.t.Context(), time.Hour, 1000)
	require.NoError(g.t, err)
	for _, w := range rows {
		if w.Kind == models.EntityEnvelope {
			due[w.EntityID] = g.Now()
		}
	}
	require.NoError(g.t, g.Store.Work().ReleaseWakeups(g.t.Context(), rows, time.Hour))
}

// told counts the messages that tell of the alert, and those that are marked.
func (g *group) told(k int) (copies, marked int) {
	for _, text := range g.texts {
		if strings.Contains(text, fmt.Sprintf("alert %03d", k)) {
			copies++
			if strings.Contains(text, "Possibly sent before") {
				marked++
			}
		}
	}
	return copies, marked
}

// TestPAC1FiveHundredArriveWhole: at once, three workers of which one dies in a call.
func TestPAC1FiveHundredArriveWhole(t *testing.T) {
	t.Parallel()
	g := newGroup(t, 4096)
	ids := g.submit(500)
	begin := g.Now()
	g.during = func() {
		for _, id := range ids[1:] {
			r := g.attempt(id)
			require.True(t, r.Done, "it waits in the envelope")
			require.Equal(t, models.StatusPending, r.Status)
		}
		g.during = func() { g.dead.Store(true) }
	}
	g.attempt(ids[0])
	g.drain()

	assert.Zero(t, g.limited)
	assert.Less(t, g.Now().Sub(begin), 100*time.Second)
	twice := 0
	for k, n := range g.all {
		copies, marked := g.told(k)
		if copies == 2 {
			twice++
			assert.Equal(t, 1, marked, "alert %d: what may have come twice says so", k)
			continue
		}
		require.Equal(t, 1, copies, "alert %d", k)
		assert.Zero(t, marked)
		if k%100 == 0 {
			d, _ := g.Delivery(n.ID, models.ChannelWebhook)
			assert.Equal(t, models.DeliveryDelivered, d.State)
		}
	}
	assert.Positive(t, twice, "the provider had the envelope of the worker that died")
	assert.LessOrEqual(t, twice, pacing.MostQueued)
	assert.LessOrEqual(t, len(g.texts), 25)
	for _, text := range g.texts {
		assert.NotContains(t, text, "more")
	}
	assert.Contains(t, g.texts[1], "https://belfry.example/console/inbox?account=acme", "the link leads to Belfry's own page")
	assert.Contains(t, g.texts[1], "critical", "critical ones leave first: %s", g.texts[1])
	assert.Contains(t, g.texts[1], "alert 007")
}

// TestPAC7WhatIsCancelledWhileItWaitsIsNotTold, and what waits says for what.
func TestPAC7WhatIsCancelledWhileItWaitsIsNotTold(t *testing.T) {
	t.Parallel()
	g := newGroup(t, 20000)
	ids := g.submit(4)
	g.during = func() {
		for _, id := range ids[1:] {
			g.attempt(id)
		}
	}
	g.attempt(ids[0])
	d, _ := g.Delivery(g.all[1].ID, models.ChannelWebhook)
	assert.Equal(t, models.ReasonQueued, d.Reason)
	assert.NotEmpty(t, d.EnvelopeID)
	g.Cancel(g.all[2].ID)
	g.drain()
	require.Len(t, g.texts, 2)
	assert.NotContains(t, g.texts[1], "alert 002")
	assert.Contains(t, g.texts[1], "alert 001")
	assert.Contains(t, g.texts[1], "alert 003")
}

// TestPAC6AGroupThatIsGoneIsCalledOnce: with many that wait for it.
func TestPAC6AGroupThatIsGoneIsCalledOnce(t *testing.T) {
	t.Parallel()
	g := newGroup(t, 20000)
	ids := g.submit(30)
	g.answer = world.Fail(channels.Misconfigured, "gone")
	g.during = func() {
		for _, id := range ids[1:] {
			g.attempt(id)
		}
	}
	g.attempt(ids[0])
	for range 3 {
		due := map[string]time.Time{}
		g.wake(due)
		for id := range due {
			_, err := g.workers[1].StepEnvelope(t.Context(), activities.AttemptInput{AccountID: g.Account, DeliveryID: id})
			require.NoError(t, err)
		}
		g.Advance(time.Minute)
	}
	assert.Len(t, g.texts, 1)

	g.answer = nil // repaired: what waits leaves together
	g.Write(func(ctx context.Context, tx *store.Tx) error { return tx.In(g.Account).Bots().Resume(ctx, g.bot.ID) })
	g.drain()
	assert.Len(t, g.texts, 2)
	assert.Contains(t, g.texts[1], "29 messages")
}

// TestABotThatNobodyWaitsForIsWrittenToAtOnce, message by message.
func TestABotThatNobodyWaitsForIsWrittenToAtOnce(t *testing.T) {
	t.Parallel()
	g := newGroup(t, 20000)
	for _, id := range g.submit(5) {
		r := g.attempt(id)
		assert.True(t, r.Done)
		assert.Equal(t, models.StatusDelivered, r.Status)
	}
	assert.Len(t, g.texts, 5)
	due := map[string]time.Time{}
	g.wake(due)
	assert.Empty(t, due)
}
