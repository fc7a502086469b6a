// Package events tells listeners what happens in inboxes. One Hub per process
// polls the heads of all watched inboxes together, so that a thousand listeners
// cost a few queries a second and no broker is needed.
package events

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"belfry.dev/belfry/models"
)

// Store is what the hub reads.
type Store interface {
	// Heads returns the heads of those inboxes that have one, in any order.
	Heads(ctx context.Context, keys []models.InboxKey) ([]models.InboxHead, error)
	// After returns the messages whose Seq is greater than seq, oldest first, at
	// most limit; their bodies are left out.
	After(ctx context.Context, key models.InboxKey, seq int64, limit int) ([]models.Message, error)
	// Unread counts the unread messages.
	Unread(ctx context.Context, key models.InboxKey) (int64, error)
}

// Guard decides who may still listen.
type Guard interface {
	// Allowed says for each ticket whether its credential is still good and its
	// actor may still perform its action. An error decides nothing.
	Allowed(ctx context.Context, tickets []Ticket) ([]bool, error)
}

// Ticket is on whose behalf and by which right somebody listens.
type Ticket struct {
	Actor  models.Actor
	Action string
}

// key is equal for tickets that Guard must answer alike.
func (t Ticket) key() string {
	return t.Action + " " + t.Actor.Credential() + " " + t.Actor.ID + " " + strconv.FormatInt(t.Actor.BellUntil, 10)
}

// Config adjusts a Hub; zero values mean the defaults.
type Config struct {
	// Interval between two polls: 1 s.
	Interval time.Duration
	// Recheck is the number of polls between two questions to the Guard: 3.
	Recheck int
	// Grace bounds how long streams live on while the Guard cannot answer: 5 s.
	Grace time.Duration
	// Heartbeat is the number of polls between two heartbeats: 15.
	Heartbeat int
	// PerUser, PerAccount and PerProcess bound the listeners: 20, 2,000 and 10,000.
	PerUser    int
	PerAccount int
	PerProcess int
	// Buffer is how many updates a listener may be behind: 16.
	Buffer int
	// Replay is how many messages one update may carry; beyond that listeners
	// are told to read the list again: 500.
	Replay int
	// Now is the clock: time.Now. Ticks are the moments to poll: a ticker's of
	// Interval.
	Now    func() time.Time
	Ticks  <-chan time.Time
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	c.Interval = orElse(c.Interval, time.Second)
	c.Recheck = orElse(c.Recheck, 3)
	c.Grace = orElse(c.Grace, 5*time.Second)
	c.Heartbeat = orElse(c.Heartbeat, 15)
	c.PerUser = orElse(c.PerUser, 20)
	c.PerAccount = orElse(c.PerAccount, 2000)
	c.PerProcess = orElse(c.PerProcess, 10_000)
	c.Buffer = orElse(c.Buffer, 16)
	c.Replay = orElse(c.Replay, 500)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func orElse[T time.Duration | int](value, otherwise T) T {
	if value > 0 {
		return value
	}
	return otherwise
}

// Update is what a listener receives.
type Update struct {
	// Heartbeat says that nothing happened; all else is zero then.
	Heartbeat bool
	// Messages are the new ones with After < Seq ≤ Through, oldest first; Reset
	// says instead that there were too many.
	Messages       []models.Message
	Reset          bool
	After, Through int64
	// Unread is the number of unread messages, Revision the inbox's.
	Unread   int64
	Revision int64
}

// End is why a listener receives nothing any more.
type End string

// Ends.
const (
	EndLeft     End = "left"     // the listener left
	EndSlow     End = "slow"     // it did not keep up
	EndRevoked  End = "revoked"  // its credential or its right is gone, or cannot be proven
	EndShutdown End = "shutdown" // the process stops
)

// Listener is one stream's subscription.
type Listener struct {
	key     models.InboxKey
	ticket  Ticket
	updates chan Update
	end     End // written before updates is closed
}

// Updates delivers what happens; it is closed at the end.
func (l *Listener) Updates() <-chan Update { return l.updates }

// End says why Updates was closed; it is only valid after that.
func (l *Listener) End() End { return l.end }
