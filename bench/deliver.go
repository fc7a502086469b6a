//go:build bench

package main

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"belfry.dev/belfry/bench/report"
)

// width is how many workflows are open at the same time where the engine is
// saturated.
const width = 64

// inboxOnly is P1.
func (b *bench) inboxOnly(ctx context.Context, s *stage) error {
	f, err := interleave(ctx, b.times, s.through(typeInbox, s.plain, width, b.many(2000)), b.limit.saturated(b.many(2000)))
	if err != nil {
		return err
	}
	f.ID, f.Name, f.Database, f.Unit, f.Bound, f.Budget = "P1", "submit → inbox → finished", s.db.kind, "/s", report.AtLeast, 0.6
	b.add(f)
	return nil
}

// everywhere is P2.
func (b *bench) everywhere(ctx context.Context, s *stage) error {
	f, err := interleave(ctx, b.times, s.through(typeFull, s.full, width, b.many(1500)), b.limit.saturated(b.many(2000)))
	if err != nil {
		return err
	}
	f.ID, f.Name, f.Database, f.Unit, f.Bound, f.Budget = "P2", "submit → inbox, e-mail, webhook delivered", s.db.kind, "/s", report.AtLeast, 0.4
	b.add(f)
	return nil
}

// latency is P4: two percentiles of the same repetitions.
func (b *bench) latency(ctx context.Context, s *stage) error {
	const rate = 20
	number := b.many(400)
	ours, limit := s.toWebhook(rate, number), b.limit.paced(rate, number)
	var samples [2][2][]float64 // ours and the limit's, by percentile
	for i := range b.times + 1 {
		for side, measure := range []func(context.Context) ([]time.Duration, error){ours, limit} {
			times, err := measure(ctx)
			if err != nil {
				return err
			}
			for k, p := range []float64{0.5, 0.99} {
				if i > 0 {
					samples[side][k] = append(samples[side][k], percentile(times, p))
				}
			}
		}
	}
	for k, each := range []struct {
		name   string
		budget float64
	}{{"p50", 3}, {"p99", 4}} {
		bare := report.Of(samples[1][k])
		b.add(report.Figure{
			ID: "P4", Name: "accept → webhook received, at 20/s, " + each.name, Database: s.db.kind, Unit: "ms",
			Ours: report.Of(samples[0][k]), Limit: &bare, Bound: report.AtMost, Budget: each.budget,
		})
	}
	return nil
}

// toWebhook is how long it takes from sending the submission to the webhook.
func (s *stage) toWebhook(rate, number int) func(context.Context) ([]time.Duration, error) {
	c := s.caller(64)
	return func(ctx context.Context) ([]time.Duration, error) {
		a := &arrivals{sent: make([]time.Time, number), times: make([]time.Duration, number), left: number, done: make(chan struct{})}
		s.sinks.observe(a.note)
		defer s.sinks.observe(nil)
		err := pace(ctx, rate, number, func(ctx context.Context, i int) error {
			a.begin(i)
			_, err := c.submit(ctx, typeFull, s.full[i%len(s.full)], mark(i))
			return err
		})
		if err != nil {
			return nil, err
		}
		select {
		case <-a.done:
		case <-time.After(time.Minute):
			return nil, fmt.Errorf("%d webhooks did not arrive within a minute", a.left)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		return a.times, nil
	}
}

// arrivals knows when each webhook came.
type arrivals struct {
	mu    sync.Mutex
	sent  []time.Time
	times []time.Duration
	left  int
	done  chan struct{}
}

func mark(i int) string { return "mark-" + strconv.Itoa(i) + "-" }

func (a *arrivals) begin(i int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent[i] = time.Now()
}

// note finds the mark in a webhook's body.
func (a *arrivals) note(at time.Time, body []byte) {
	_, rest, found := bytes.Cut(body, []byte("mark-"))
	digits, _, _ := bytes.Cut(rest, []byte("-"))
	i, err := strconv.Atoi(string(digits))
	a.mu.Lock()
	defer a.mu.Unlock()
	if !found || err != nil || i >= len(a.times) || a.times[i] != 0 {
		return
	}
	a.times[i] = at.Sub(a.sent[i])
	if a.left--; a.left == 0 {
		close(a.done)
	}
}

// neighbours is P13: how long B waits while A's messages hang on a tarpit.
func (b *bench) neighbours(ctx context.Context, s *stage) error {
	const rate = 10
	flood := b.many(10_000)
	noisy, err := cast{s}.reachable(ctx, "noisy", "http://127.0.0.1:"+s.sinks.hookPort+"/slow")
	if err != nil {
		return err
	}
	number := b.many(150)
	measure := func(ctx context.Context) (float64, error) {
		times, err := s.toWebhook(rate, number)(ctx)
		if err != nil {
			return 0, err
		}
		return percentile(times, 0.95), nil
	}
	var alone, beside []float64
	for i := range b.times + 1 {
		v, err := measure(ctx)
		if err != nil {
			return err
		}
		if i > 0 {
			alone = append(alone, v)
		}
	}
	c := s.caller(submitters)
	err = share(ctx, submitters, flood, func(ctx context.Context, _ int) error {
		_, err := c.submit(ctx, typeInbox, noisy, "noise")
		return err
	})
	if err == nil {
		err = s.none(ctx, 10*time.Minute, "SELECT COUNT(*) FROM notifications WHERE status = 'pending' AND planned_at IS NULL")
	}
	for i := 0; i < b.times && err == nil; i++ {
		var v float64
		v, err = measure(ctx)
		beside = append(beside, v)
	}
	if err != nil {
		return err
	}
	limit := report.Of(alone)
	b.add(report.Figure{
		ID: "P13", Name: fmt.Sprintf("p95 of B's webhooks while %d of A's hang on a tarpit", flood), Database: s.db.kind, Unit: "ms",
		Ours: report.Of(beside), Limit: &limit, Bound: report.AtMost, Budget: 2,
		Note: "not interleaved: B alone first, then beside A, once all of A's are planned.",
	})
	return nil
}
