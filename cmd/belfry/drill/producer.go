package drill

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"belfry.dev/belfry/cmd/belfry/client"
	"belfry.dev/belfry/cmd/belfry/drill/ledger"
)

// order is one submission to be made.
type order struct {
	key     string
	account account
	due     time.Time
	// schedule is how long after it is due it is scheduled; 0 for at once.
	schedule time.Duration
	// cancel takes it back as soon as it is accepted.
	cancel bool
}

// producer submits orders with a product's access key, over all servers in turn,
// until each is answered.
type producer struct {
	bases []string
	key   string
	log   *ledger.Log
	// patient waits for an answer however long it takes; else a failure is final.
	patient bool
	turn    atomic.Int64
	// failures counts the tries that were not answered with 202; refused is the first
	// answer that said that the drill itself is wrong.
	failures atomic.Int64
	mu       sync.Mutex
	refused  error
}

// answerTime bounds one try.
const answerTime = 5 * time.Second

// run takes orders until the channel is closed, several at the same time.
func (p *producer) run(ctx context.Context, clients int, orders <-chan order) error {
	var senders sync.WaitGroup
	for range clients {
		senders.Go(func() {
			for o := range orders {
				p.place(ctx, o)
			}
		})
	}
	senders.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused
}

// place submits an order, and takes it back when it is of that kind.
func (p *producer) place(ctx context.Context, o order) {
	p.log.Sent(o.key, o.account.ID, o.due)
	id, ok := p.submit(ctx, o)
	if ok && o.cancel {
		p.insist(ctx, func(ctx context.Context, c *client.Client) error {
			return c.Once(o.key+"-cancel").Post(ctx, "/v1/notifications/"+id+"/cancel", nil, nil)
		})
	}
}

// submit returns the id that the answer named, and false when there was none.
func (p *producer) submit(ctx context.Context, o order) (string, bool) {
	body := map[string]any{
		"type": "account.low_balance", "account": o.account.ID, "variables": map[string]string{"balance": "CNY " + o.key},
	}
	if o.schedule > 0 {
		body["schedule_at"] = o.due.Add(o.schedule).UTC().Truncate(time.Millisecond)
	}
	var accepted made
	ok := p.insist(ctx, func(ctx context.Context, c *client.Client) error {
		return c.Once(o.key).Post(ctx, "/v1/notifications", body, &accepted)
	})
	if ok {
		p.log.Answered(o.key, accepted.ID, time.Now())
	}
	return accepted.ID, ok
}

// insist tries until it works, the context ends, or there is no point.
func (p *producer) insist(ctx context.Context, call func(context.Context, *client.Client) error) bool {
	for wait := 50 * time.Millisecond; ctx.Err() == nil; wait = min(2*wait, time.Second) {
		base := p.bases[int(p.turn.Add(1))%len(p.bases)]
		limited, cancel := context.WithTimeout(ctx, answerTime)
		err := call(limited, client.New(base, p.key))
		cancel()
		if err == nil {
			return true
		}
		p.failures.Add(1)
		if hopeless(err) {
			p.refuse(err)
			return false
		}
		if !p.patient {
			return false
		}
		pause(ctx, wait)
	}
	return false
}

// hopeless reports whether the answer will always be the same.
func hopeless(err error) bool {
	status := client.StatusOf(err)
	passing := status == http.StatusConflict || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
	return status >= http.StatusBadRequest && status < http.StatusInternalServerError && !passing
}

func (p *producer) refuse(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refused == nil {
		p.refused = fmt.Errorf("the API refused a submission: %w", err)
	}
}

// pace hands out orders at a rate (0: as fast as they are taken) until there are
// count of them or, if that is set, the time is over; then it closes the channel.
func pace(ctx context.Context, rate float64, count int, over time.Duration, next func(n int, due time.Time) order) <-chan order {
	orders := make(chan order)
	go func() {
		defer close(orders)
		began := time.Now()
		for n := range count {
			due := time.Now()
			if rate > 0 {
				due = began.Add(time.Duration(float64(n) / rate * float64(time.Second)))
				pause(ctx, time.Until(due))
			}
			if over > 0 && due.Sub(began) >= over {
				return
			}
			select {
			case orders <- next(n, due):
			case <-ctx.Done():
				return
			}
		}
	}()
	return orders
}

// pause waits for so long or until the context ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
