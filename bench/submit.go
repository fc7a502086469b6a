//go:build bench

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"belfry.dev/belfry/bench/report"
	"belfry.dev/belfry/models"
)

// caller calls the API as a product does, over connections that stay open.
type caller struct {
	http *http.Client
	base string
	key  string
}

func (s *stage) caller(clients int) *caller {
	return &caller{base: s.base, key: s.key, http: &http.Client{
		Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConns: clients, MaxIdleConnsPerHost: clients},
	}}
}

// submit returns the id of the accepted notification.
func (c *caller) submit(ctx context.Context, kind string, account models.AccountID, summary string) (string, error) {
	return c.submitTitled(ctx, kind, account, "Serverless Database", summary)
}

// submitTitled is submit with what stands in the title.
func (c *caller) submitTitled(ctx context.Context, kind string, account models.AccountID, title, summary string) (string, error) {
	var accepted struct {
		ID string `json:"id"`
	}
	err := c.post(ctx, "/v1/notifications", map[string]any{"type": kind, "account": account, "variables": map[string]string{
		"product_name": title, "launch_on": "2026-04-08", "summary": summary,
	}}, &accepted)
	return accepted.ID, err
}

// as is the caller with another credential.
func (c *caller) as(key string) *caller { return &caller{http: c.http, base: c.base, key: key} }

// post sends in and reads the answer into out; nil drops it.
func (c *caller) post(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return c.call(ctx, http.MethodPost, path, bytes.NewReader(body), out)
}

// get reads into out; nil drops the answer.
func (c *caller) get(ctx context.Context, path string, out any) error {
	return c.call(ctx, http.MethodGet, path, nil, out)
}

func (c *caller) call(ctx context.Context, method, path string, body io.Reader, out any) error {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.key)
	request.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(response.Body)
	_ = response.Body.Close() // all was read
	if err != nil || response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %d %s: %w", method, path, response.StatusCode, text, err)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// openOnes counts the notifications that have not ended. Index: notifications_open.
const openOnes = "SELECT COUNT(*) FROM notifications WHERE status = 'pending'"

// finished waits until no notification is open, and returns when that was so.
func (s *stage) finished(ctx context.Context, patience time.Duration) (time.Time, error) {
	err := s.none(ctx, patience, openOnes)
	return time.Now(), err
}

// none waits until the query counts nothing. It asks every 5 ms at first, and then
// ever more seldom, so that asking is little beside what is measured: what it waits too
// long is half a percent.
func (s *stage) none(ctx context.Context, patience time.Duration, query string, args ...any) error {
	for began := time.Now(); ; {
		n, err := s.db.count(ctx, query, args...)
		if err != nil || n == 0 {
			return err
		}
		waited := time.Since(began)
		if waited > patience {
			return fmt.Errorf("%s: still %d after %s", query, n, patience)
		}
		rest(ctx, max(5*time.Millisecond, waited/200))
	}
}

// through submits number notifications so that about width of them are open at any
// time, and measures until all have ended.
func (s *stage) through(kind string, accounts []models.AccountID, width, number int) trial {
	const clients = 16
	c := s.caller(clients)
	return func(ctx context.Context) (run, error) {
		m, err := s.meter(ctx)
		if err != nil {
			return run{}, err
		}
		gate, leave := s.gate(ctx, width)
		defer leave()
		ids := make([]string, number)
		err = share(ctx, clients, number, func(ctx context.Context, i int) error {
			select {
			case <-gate:
			case <-ctx.Done():
				return ctx.Err()
			}
			ids[i], err = c.submit(ctx, kind, accounts[i%len(accounts)], strconv.Itoa(i))
			return err
		})
		if err != nil {
			return run{}, err
		}
		end, err := s.finished(ctx, 2*time.Minute)
		if err != nil {
			return run{}, err
		}
		took := end.Sub(m.began)
		costs, err := m.costs(ctx, number)
		if err != nil {
			return run{}, err
		}
		costs.HistoryEvents, err = historyLength(ctx, s.temporal, "notification/"+ids[number/2])
		return run{value: float64(number) / took.Seconds(), costs: costs}, err
	}
}

// gate lets somebody through whenever fewer than width notifications are open.
func (s *stage) gate(ctx context.Context, width int) (<-chan struct{}, func()) {
	ctx, cancel := context.WithCancel(ctx)
	gate := make(chan struct{})
	go func() {
		for ctx.Err() == nil {
			open, err := s.db.count(ctx, openOnes)
			if err != nil {
				return // the context ended
			}
			for range max(0, width-open) {
				select {
				case gate <- struct{}{}:
				case <-ctx.Done():
				}
			}
			time.Sleep(2 * time.Millisecond)
		}
	}()
	return gate, cancel
}

// meter knows what was counted when a measurement began.
type meter struct {
	s                        *stage
	began                    time.Time
	cpu, server              time.Duration
	transactions, statements int64
	commits                  int64
	flushes                  int64
}

func (s *stage) meter(ctx context.Context) (meter, error) {
	flushes, err := s.db.flushes(ctx)
	counts := s.store.Figures().Counts()
	return meter{
		s: s, began: time.Now(), cpu: cpuTime(), server: s.db.cpu(ctx), flushes: flushes,
		commits: counts.Commits, transactions: counts.Transactions, statements: counts.Statements,
	}, err
}

// costs is what each of number pieces cost since then.
func (m meter) costs(ctx context.Context, number int) (report.Costs, error) {
	flushes, err := m.s.db.flushes(ctx)
	counts := m.s.store.Figures().Counts()
	each := func(v int64) float64 { return float64(v) / float64(number) }
	c := report.Costs{
		CPUMillis:    millis(cpuTime()-m.cpu+m.s.db.cpu(ctx)-m.server) / float64(number),
		Transactions: each(counts.Transactions - m.transactions), Statements: each(counts.Statements - m.statements),
		Flushes: each(flushes - m.flushes),
	}
	if m.s.db.kind == onSQLite {
		c.Flushes = each(counts.Commits - m.commits) // one each, checkpoints aside
	}
	return c, err
}
