package drill

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"belfry.dev/belfry/cmd/belfry/client"
	"belfry.dev/belfry/cmd/belfry/drill/ledger"
)

// readers is how many reports are read at the same time.
const readers = 8

// readReports reads the reports of the notifications.
func readReports(ctx context.Context, c *client.Client, ids []string) ([]ledger.Report, error) {
	out := make([]ledger.Report, len(ids))
	var group errgroup.Group
	group.SetLimit(readers)
	for i, id := range ids {
		group.Go(func() error {
			return c.Get(ctx, "/v1/notifications/"+url.PathEscape(id), &out[i])
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("read the reports: %w", err)
	}
	return out, nil
}

// pages reads a whole list, as the filter selects, and hands over the items of each page.
func pages[T any](ctx context.Context, c *client.Client, path string, filter url.Values, each func([]T)) error {
	query := url.Values{"limit": {"100"}}
	maps.Copy(query, filter)
	for {
		var page struct {
			Items      []T    `json:"items"`
			NextCursor string `json:"next_cursor"`
		}
		if err := c.Get(ctx, path+"?"+query.Encode(), &page); err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		each(page.Items)
		if page.NextCursor == "" {
			return nil
		}
		query.Set("cursor", page.NextCursor)
	}
}

// books reads everything that the API knows about the drill's accounts, and what
// the sinks took.
func (s *site) books(ctx context.Context, log *ledger.Log) (ledger.Books, error) {
	b := ledger.Books{Submissions: log.Submissions(), Copies: s.sinks.Copies(), Inboxes: map[string]int{}}
	for _, a := range s.cast.accounts {
		root := client.New(s.stage.Bases()[0], a.key)
		var ids []string
		err := pages(ctx, root, "/v1/notifications", nil, func(items []made) {
			for _, each := range items {
				ids = append(ids, each.ID)
			}
		})
		if err != nil {
			return b, err
		}
		reports, err := readReports(ctx, root, ids)
		if err != nil {
			return b, err
		}
		b.Reports = append(b.Reports, reports...)
		type message struct {
			NotificationID string `json:"notification_id"`
		}
		err = pages(ctx, root, "/v1/inbox/messages", nil, func(items []message) {
			for _, each := range items {
				b.Inboxes[each.NotificationID]++
			}
		})
		if err != nil {
			return b, err
		}
	}
	return b, nil
}

// count counts the notifications that have not ended.
func (s *site) count(ctx context.Context) (progress, error) {
	type line struct {
		Source string `json:"source"`
	}
	now := progress{at: time.Now()}
	for _, a := range s.cast.accounts {
		root := client.New(s.stage.Bases()[0], a.key)
		for _, status := range []string{"pending", "scheduled"} {
			err := pages(ctx, root, "/v1/notifications", url.Values{"status": {status}}, func(items []line) {
				now.open += len(items)
				for _, each := range items {
					if each.Source == "product" {
						now.submitted++
					}
				}
			})
			if err != nil {
				return now, err
			}
		}
	}
	return now, nil
}

// quiet waits until everything has ended, and reports whether it has: it gives up
// when nothing has moved for the time that is given. It says how far of the accepted
// ones everything is, and remembers it in last.
func (s *site) quiet(ctx context.Context, patience time.Duration, accepted int) (bool, error) {
	const often, sometimes = time.Second, 5 * time.Second
	var first progress
	moved, reported, before := time.Now(), time.Time{}, -1
	for {
		now, err := s.count(ctx)
		if err == nil {
			s.last = now
		}
		if err == nil && now.open == 0 {
			return true, nil
		}
		if first.at.IsZero() {
			first = s.last
		}
		copies := len(s.sinks.Copies())
		if s.last.open-copies != before {
			moved, before = time.Now(), s.last.open-copies
		}
		if time.Since(moved) > patience || ctx.Err() != nil {
			return false, err
		}
		if time.Since(reported) > sometimes {
			s.say("ended %d of %d, open %d; the sinks have %d messages%s", max(0, accepted-s.last.submitted), accepted, s.last.open, copies, s.last.left(first))
			reported = time.Now()
		}
		pause(ctx, often)
	}
}

// left says when everything will have ended if it goes on as since the first count.
func (s progress) left(first progress) string {
	done, took := first.open-s.open, s.at.Sub(first.at)
	if done <= 0 {
		return ""
	}
	rest := time.Duration(float64(took) / float64(done) * float64(s.open))
	return fmt.Sprintf("; about %s left", rest.Round(time.Second))
}

// witness reads reports again and again while the drill goes on: what it saw must
// not be taken back later.
type witness struct {
	mu   sync.Mutex
	seen []ledger.Report
}

// most is how many reports a witness keeps.
const most = 5000

// watch reads a few of the accepted notifications, now and then, until the context ends.
func (w *witness) watch(ctx context.Context, base, key string, log *ledger.Log) {
	const few = 10
	c := client.New(base, key)
	for ctx.Err() == nil {
		var ids []string
		for _, line := range log.Submissions() { // in no order
			if len(line.IDs) > 0 && len(ids) < few {
				ids = append(ids, line.IDs[0])
			}
		}
		limited, cancel := context.WithTimeout(ctx, answerTime)
		reports, err := readReports(limited, c, ids)
		cancel()
		w.mu.Lock()
		if err == nil && len(w.seen) < most {
			w.seen = append(w.seen, reports...)
		}
		w.mu.Unlock()
		pause(ctx, time.Second)
	}
}

func (w *witness) reports() []ledger.Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}
