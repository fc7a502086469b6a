package events

import (
	"context"
	"sync"
	"time"

	"belfry.dev/belfry/models"
)

// Hub serves all listeners of a process.
type Hub struct {
	store  Store
	guard  Guard
	config Config

	// Only Tick touches these.
	beat    int
	checked time.Time

	mu       sync.Mutex
	stopped  bool
	total    int
	accounts map[models.AccountID]int
	users    map[string]int
	inboxes  map[models.InboxKey]*inbox
}

// inbox is one that somebody watches.
type inbox struct {
	// head is what the listeners know; nil before the first poll.
	head      *models.InboxHead
	listeners map[*Listener]struct{}
}

// NewHub returns a hub; somebody must call Run.
func NewHub(store Store, guard Guard, config Config) *Hub {
	config = config.withDefaults()
	return &Hub{
		store: store, guard: guard, config: config, checked: config.Now(),
		accounts: map[models.AccountID]int{}, users: map[string]int{}, inboxes: map[models.InboxKey]*inbox{},
	}
}

// Run polls until ctx ends; then it ends all listeners and returns nil. A hub
// that was stopped stays stopped.
func (h *Hub) Run(ctx context.Context) error {
	defer h.stop()
	ticks := h.config.Ticks
	if ticks == nil {
		ticker := time.NewTicker(h.config.Interval)
		defer ticker.Stop()
		ticks = ticker.C
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks:
			h.Tick(ctx)
		}
	}
}

// Open is how many listeners there are.
func (h *Hub) Open() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.total
}

// Listen subscribes to an inbox. Everything that is committed after the call
// reaches the listener, what was committed shortly before may. Errors:
// rate-limited beyond the limits, unavailable once the hub has stopped.
func (h *Hub) Listen(ticket Ticket, key models.InboxKey) (*Listener, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return nil, &models.Error{Code: models.CodeUnavailable, Detail: "The service is stopping.", RetryAfter: time.Second}
	}
	if h.total >= h.config.PerProcess || h.accounts[key.AccountID] >= h.config.PerAccount || h.users[ticket.Actor.ID] >= h.config.PerUser {
		return nil, &models.Error{Code: models.CodeRateLimited, Detail: "Too many event streams are open.", RetryAfter: 30 * time.Second}
	}
	l := &Listener{key: key, ticket: ticket, updates: make(chan Update, h.config.Buffer)}
	box := h.inboxes[key]
	if box == nil {
		box = &inbox{listeners: map[*Listener]struct{}{}}
		h.inboxes[key] = box
	}
	box.listeners[l] = struct{}{}
	h.accounts[key.AccountID]++
	h.users[ticket.Actor.ID]++
	h.total++
	return l, nil
}

// Leave ends the subscription; leaving twice, or after an end, is harmless.
func (h *Hub) Leave(l *Listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(l, EndLeft)
}

// Tick is one beat: it asks the guard and sends heartbeats when it is time to, and
// polls. Run calls it; calls must not overlap.
func (h *Hub) Tick(ctx context.Context) {
	h.beat++
	ctx, cancel := context.WithTimeout(ctx, 2*h.config.Interval)
	defer cancel()
	if h.beat%h.config.Recheck == 0 {
		h.recheck(ctx)
	}
	h.poll(ctx)
	if h.beat%h.config.Heartbeat == 0 {
		h.toAll(Update{Heartbeat: true})
	}
}

// recheck ends the listeners that may not listen any more; all of them when that
// cannot be found out for too long.
func (h *Hub) recheck(ctx context.Context) {
	tickets := h.tickets()
	if len(tickets) == 0 {
		h.checked = h.config.Now()
		return
	}
	allowed, err := h.guard.Allowed(ctx, tickets)
	if err != nil {
		h.config.Logger.Warn("event streams could not be checked", "error", err)
		if h.config.Now().Sub(h.checked) >= h.config.Grace {
			h.endAll(EndRevoked)
		}
		return
	}
	h.checked = h.config.Now()
	revoked := map[string]bool{}
	for i, ticket := range tickets {
		if !allowed[i] {
			revoked[ticket.key()] = true
		}
	}
	h.endWhere(EndRevoked, func(l *Listener) bool { return revoked[l.ticket.key()] })
}

// tickets returns those in use, each once.
func (h *Hub) tickets() []Ticket {
	h.mu.Lock()
	defer h.mu.Unlock()
	var tickets []Ticket
	seen := map[string]bool{}
	for _, box := range h.inboxes {
		for l := range box.listeners {
			if key := l.ticket.key(); !seen[key] {
				seen[key] = true
				tickets = append(tickets, l.ticket)
			}
		}
	}
	return tickets
}

// poll publishes what changed since the last one. What cannot be read now is
// published by the next poll.
func (h *Hub) poll(ctx context.Context) {
	known := h.known()
	if len(known) == 0 {
		return
	}
	keys := make([]models.InboxKey, 0, len(known))
	for key := range known {
		keys = append(keys, key)
	}
	rows, err := h.store.Heads(ctx, keys)
	if err != nil {
		h.config.Logger.Warn("inbox heads could not be read", "error", err)
		return
	}
	heads := make(map[models.InboxKey]models.InboxHead, len(rows))
	for _, row := range rows {
		heads[row.Key()] = row
	}
	for key, before := range known {
		if err := h.follow(ctx, key, before, heads[key]); err != nil {
			h.config.Logger.Warn("inbox changes could not be read", "account_id", key.AccountID, "error", err)
			return
		}
	}
}

// known returns the watched inboxes with what their listeners know.
func (h *Hub) known() map[models.InboxKey]*models.InboxHead {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := make(map[models.InboxKey]*models.InboxHead, len(h.inboxes))
	for key, box := range h.inboxes {
		known[key] = box.head
	}
	return known
}

// follow publishes one inbox's change, if there is one.
func (h *Hub) follow(ctx context.Context, key models.InboxKey, before *models.InboxHead, now models.InboxHead) error {
	if before != nil && before.Revision == now.Revision {
		return nil
	}
	update := Update{After: now.Seq, Through: now.Seq, Revision: now.Revision}
	if before != nil {
		update.After = before.Seq
	}
	if err := h.read(ctx, key, &update); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	box := h.inboxes[key]
	if box == nil {
		return nil
	}
	box.head = &now
	for l := range box.listeners {
		h.send(l, update)
	}
	return nil
}

// read fills in the update's messages and its count.
func (h *Hub) read(ctx context.Context, key models.InboxKey, update *Update) error {
	var err error
	if update.Messages, update.Reset, err = h.Between(ctx, key, update.After, update.Through); err != nil {
		return err
	}
	update.Unread, err = h.store.Unread(ctx, key)
	return err
}

// Between returns the messages with after < Seq ≤ through, oldest first, or true
// when there are more than a listener is given at once.
func (h *Hub) Between(ctx context.Context, key models.InboxKey, after, through int64) ([]models.Message, bool, error) {
	if through <= after {
		return nil, false, nil
	}
	messages, err := h.store.After(ctx, key, after, h.config.Replay+1)
	if err != nil {
		return nil, false, err
	}
	for len(messages) > 0 && messages[len(messages)-1].Seq > through {
		messages = messages[:len(messages)-1]
	}
	if len(messages) > h.config.Replay {
		return nil, true, nil
	}
	return messages, false, nil
}

func (h *Hub) toAll(update Update) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, box := range h.inboxes {
		for l := range box.listeners {
			h.send(l, update)
		}
	}
}

// send never waits: a listener whose buffer is full is ended. The caller holds mu.
func (h *Hub) send(l *Listener, update Update) {
	select {
	case l.updates <- update:
	default:
		h.remove(l, EndSlow)
	}
}

// remove forgets a listener and closes its channel. The caller holds mu.
func (h *Hub) remove(l *Listener, end End) {
	box := h.inboxes[l.key]
	if box == nil {
		return
	}
	if _, present := box.listeners[l]; !present {
		return
	}
	delete(box.listeners, l)
	if len(box.listeners) == 0 {
		delete(h.inboxes, l.key)
	}
	if h.accounts[l.key.AccountID]--; h.accounts[l.key.AccountID] == 0 {
		delete(h.accounts, l.key.AccountID)
	}
	if h.users[l.ticket.Actor.ID]--; h.users[l.ticket.Actor.ID] == 0 {
		delete(h.users, l.ticket.Actor.ID)
	}
	h.total--
	l.end = end
	close(l.updates)
}

func (h *Hub) endAll(end End) { h.endWhere(end, func(*Listener) bool { return true }) }

func (h *Hub) endWhere(end End, matches func(*Listener) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, box := range h.inboxes {
		for l := range box.listeners {
			if matches(l) {
				h.remove(l, end)
			}
		}
	}
}

func (h *Hub) stop() {
	h.mu.Lock()
	h.stopped = true
	h.mu.Unlock()
	h.endAll(EndShutdown)
}
