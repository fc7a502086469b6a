//go:build bench

package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"belfry.dev/belfry/bench/report"
)

// listeners is how many streams are open where their cost is measured.
const listeners = 1000

// listening is P5: how soon a listener sees a message, and what a thousand cost.
func (b *bench) listening(ctx context.Context, s *stage) error {
	number := b.many(400)
	f, err := interleave(ctx, b.times, listened{s}.toListener(number), nil)
	if err != nil {
		return err
	}
	f.ID, f.Name, f.Database, f.Unit, f.Bound, f.Budget = "P5", "accept → seen by a listener, at 20/s, p99", s.db.kind, "ms", report.Within, 1200
	b.add(f)

	period := time.Duration(b.many(20)) * time.Second
	var extra []float64
	for range b.times {
		alone := s.idle(ctx, period)
		crowd, stop := context.WithCancel(ctx)
		opened, err := listened{s}.crowd(crowd)
		var beside float64
		if err == nil {
			beside = s.idle(ctx, period)
		}
		stop()
		opened.Wait()
		if err != nil {
			return err
		}
		extra = append(extra, beside-alone)
	}
	b.add(report.Figure{
		ID: "P5", Name: fmt.Sprintf("%d listeners, nothing happens", listeners), Database: s.db.kind, Unit: "% of a core",
		Ours: report.Of(extra), Bound: report.Within, Budget: 1,
		Note: "what the process and the database compute with them, less what they compute without; both ends of the streams are in it.",
	})
	return ctx.Err()
}

type listened struct{ *stage } // is a stage whose inboxes are listened to

// crowd opens the streams, spread over all accounts. They end with the context.
func (s listened) crowd(ctx context.Context) (*sync.WaitGroup, error) {
	opened := &sync.WaitGroup{}
	for i := range listeners {
		lines, err := s.stream(ctx, i%len(s.roots))
		if err != nil {
			return opened, err
		}
		opened.Go(func() {
			for lines.Scan() { // heartbeats
			}
		})
	}
	return opened, nil
}

// stream listens to the inbox of a plain account.
func (s listened) stream(ctx context.Context, account int) (*bufio.Scanner, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/v1/inbox/events", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+s.roots[account])
	response, err := s.streams.Do(request) //nolint:bodyclose // ends with the context
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("listen: status %d", response.StatusCode)
	}
	return bufio.NewScanner(response.Body), nil
}

// toListener is the 99th percentile from sending a submission to its event.
func (s listened) toListener(number int) trial {
	const rate = 20
	c := s.caller(64)
	return func(ctx context.Context) (run, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		lines, err := s.stream(ctx, 0)
		if err != nil {
			return run{}, err
		}
		a := &arrivals{sent: make([]time.Time, number), times: make([]time.Duration, number), left: number, done: make(chan struct{})}
		go func() {
			for lines.Scan() {
				if text := lines.Text(); strings.HasPrefix(text, "data:") {
					a.note(time.Now(), []byte(text))
				}
			}
		}()
		err = pace(ctx, rate, number, func(ctx context.Context, i int) error {
			a.begin(i)
			_, err := c.submitTitled(ctx, typeInbox, s.plain[0], mark(i), "summary")
			return err
		})
		if err != nil {
			return run{}, err
		}
		select {
		case <-a.done:
		case <-time.After(time.Minute):
			return run{}, fmt.Errorf("%s of %d events are missing", strconv.Itoa(a.left), number)
		}
		return run{value: percentile(a.times, 0.99)}, nil
	}
}
