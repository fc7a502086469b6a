//go:build bench

package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"belfry.dev/belfry/bench/report"
	"belfry.dev/belfry/models"
)

// fedAtOnce is how many resources one request registers.
const fedAtOnce = 1000

// reminding is P11 for reminders: how fast resources are registered, until each has its
// workflow asleep, beside starting bare workflows that sleep; what each of them takes;
// and what is computed while nothing happens.
func (b *bench) reminding(ctx context.Context, s *stage) error {
	h := &holding{b: b, s: s, alone: s.alone(ctx)}
	before, err := s.db.size(ctx)
	if err != nil {
		return err
	}
	ours := &sleepers{start: h.register, turns: b.turns(1000, 9000)}
	bare := &sleepers{start: b.limit.sleepers, turns: b.turns(1000, 9000)}
	f, err := interleave(ctx, b.times, h.trial(ours), h.trial(bare))
	if err != nil {
		return err
	}
	after, err := s.db.size(ctx)
	if err != nil {
		return err
	}
	number := ours.made
	f.ID, f.Name, f.Database, f.Unit = "P11", fmt.Sprintf("%d resources registered until each has a workflow asleep", number), s.db.kind, "/s"
	f.Note = fmt.Sprintf("%d at a time; the API answers for %.0f a second, in requests of %d.", ours.each, report.Of(h.answered).Median, fedAtOnce)
	b.add(f)
	b.add(report.Figure{
		ID: "P11", Name: "a resource in Belfry's database", Database: s.db.kind, Unit: "bytes",
		Ours: report.Of([]float64{(after - before) / float64(number)}), Note: "with its indexes.",
	})
	bytes := report.Of(bare.bytes[1:])
	b.add(report.Figure{
		ID: "P11", Name: "an open reminder in Temporal's database", Database: s.db.kind, Unit: "bytes",
		Ours: report.Of(ours.bytes[1:]), Limit: &bytes, Bound: report.AtMost, Budget: 1.3,
	})
	b.addIdle(ctx, s, fmt.Sprintf("%d open reminders and %d bare workflows asleep", ours.made, bare.made), h.alone)
	return ctx.Err()
}

// addIdle adds what is computed while nothing happens, beyond what it was alone.
func (b *bench) addIdle(ctx context.Context, s *stage, what string, alone float64) {
	var extra []float64
	for range b.times {
		extra = append(extra, max(0, s.idle(ctx, time.Duration(b.many(20))*time.Second/2)-alone))
	}
	b.add(report.Figure{
		ID: "P11", Name: what + ", nothing happens", Database: s.db.kind, Unit: "% of a core",
		Ours: report.Of(extra), Bound: report.Within, Budget: 5,
		Note: fmt.Sprintf("what process and database compute with them, less the %.1f that they compute without; the embedded Temporal server is in it.", alone),
	})
}

// holding measures what it takes to make workflows sleep, and to hold them.
type holding struct {
	b *bench
	s *stage
	// alone is what was computed before, in percent of a core.
	alone float64
	// answered is how many resources the API answered for in a second.
	answered []float64
}

// sleepers are workflows that one side makes sleep.
type sleepers struct {
	start func(context.Context, int) error
	*turns
	// bytes is what each takes in Temporal's databases, by repetition.
	bytes []float64
}

// trial is how many sleep in a second. They are still there afterwards.
func (h *holding) trial(x *sleepers) trial {
	return func(ctx context.Context) (run, error) {
		number := x.next()
		sleeping, err := h.b.files.sleeping(ctx)
		if err != nil {
			return run{}, err
		}
		before, err := h.b.files.size(ctx)
		if err != nil {
			return run{}, err
		}
		m, err := h.s.meter(ctx)
		if err != nil {
			return run{}, err
		}
		if err = x.start(ctx, number); err == nil {
			err = h.b.files.asleep(ctx, sleeping+number)
		}
		r, err := m.rate(ctx, number, err)
		if err != nil {
			return r, err
		}
		x.over(number, r.value)
		if err := h.s.calm(ctx, h.alone); err != nil {
			return r, err
		}
		after, err := h.b.files.size(ctx)
		x.bytes = append(x.bytes, (after-before)/float64(number))
		return r, err
	}
}

// register registers resources that expire in a year.
func (h *holding) register(ctx context.Context, number int) error {
	began := time.Now()
	err := feeding{h.s}.feed(ctx, number, h.s.plain, func(int, map[string]any) {})
	h.answered = append(h.answered, float64(number)/time.Since(began).Seconds())
	return err
}

// feed registers resources of the accounts, in turn, as their product does. Those that
// change leaves alone expire in a year.
func (s feeding) feed(ctx context.Context, number int, accounts []models.AccountID, change func(int, map[string]any)) error {
	product, series := s.caller(1), rand.Text()
	year := time.Now().Add(365 * 24 * time.Hour)
	for first := 0; first < number; first += fedAtOnce {
		items := make([]map[string]any, min(fedAtOnce, number-first))
		for i := range items {
			name := series + strconv.Itoa(first+i)
			items[i] = map[string]any{
				"account": accounts[(first+i)%len(accounts)], "external_id": name, "name": name, "kind": "instance", "expires_at": year,
			}
			change(first+i, items[i])
		}
		var out struct {
			Items []struct{ Status int }
		}
		if err := product.post(ctx, "/v1/resources/batch", map[string]any{"items": items}, &out); err != nil {
			return err
		}
		for _, item := range out.Items {
			if item.Status != http.StatusCreated {
				return fmt.Errorf("a resource was answered with %d", item.Status)
			}
		}
	}
	return nil
}
