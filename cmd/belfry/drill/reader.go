package drill

import (
	"context"
	"fmt"
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

// pages reads a whole list and hands over the items of each page.
func pages[T any](ctx context.Context, c *client.Client, path string, each func([]T)) error {
	cursor := ""
	for {
		var page struct {
			Items      []T    `json:"items"`
			NextCursor string `json:"next_cursor"`
		}
		if err := c.Get(ctx, path+"?"+url.Values{"limit": {"100"}, "cursor": {cursor}}.Encode(), &page); err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		each(page.Items)
		if cursor = page.NextCursor; cursor == "" {
			return nil
		}
	}
}

// books reads everything that the API knows about the drill's accounts, and what
// the sinks took.
func (s *site) books(ctx context.Context, log *ledger.Log) (ledger.Books, error) {
	b := ledger.Books{Submissions: log.Submissions(), Copies: s.sinks.Copies(), Inboxes: map[string]int{}}
	for _, a := range s.cast.accounts {
		root := client.New(s.stage.Bases()[0], a.key)
		var ids []string
		err := pages(ctx, root, "/v1/notifications", func(items []made) {
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
		err = pages(ctx, root, "/v1/inbox/messages", func(items []message) {
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

// open counts the notifications that have not ended: up to 100 of each account and
// status are counted, 0 means quiet.
func (s *site) open(ctx context.Context) (int, error) {
	open := 0
	for _, a := range s.cast.accounts {
		root := client.New(s.stage.Bases()[0], a.key)
		for _, status := range []string{"pending", "scheduled"} {
			var list struct {
				Items []made `json:"items"`
			}
			if err := root.Get(ctx, "/v1/notifications?limit=100&status="+status, &list); err != nil {
				return 0, err
			}
			open += len(list.Items)
		}
	}
	return open, nil
}

// quiet waits until everything has ended, and reports whether it has: it gives up
// when nothing has moved for the time that is given.
func (s *site) quiet(ctx context.Context, patience time.Duration) (bool, error) {
	const often, sometimes = 250 * time.Millisecond, 5 * time.Second
	began := time.Now()
	moved, told, before := began, began, -1
	for {
		open, err := s.open(ctx)
		if err == nil && open == 0 {
			return true, nil
		}
		now, copies := time.Now(), len(s.sinks.Copies())
		if open-copies != before {
			moved, before = now, open-copies
		}
		if now.Sub(moved) > patience || ctx.Err() != nil {
			return false, err
		}
		if now.Sub(told) > sometimes {
			s.say("open: %d notifications at least; the sinks have %d messages", open, copies)
			told = now
		}
		pause(ctx, often)
	}
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
