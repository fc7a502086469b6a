package events_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"belfry.dev/belfry/api/events"
	"belfry.dev/belfry/models"
)

var (
	shared   = models.InboxKey{AccountID: "acc_a"}
	personal = models.InboxKey{AccountID: "acc_a", Owner: "usr_1"}
	foreign  = models.InboxKey{AccountID: "acc_b"}
)

// inboxes is a store in memory.
type inboxes struct {
	mu       sync.Mutex
	heads    map[models.InboxKey]models.InboxHead
	messages map[models.InboxKey][]models.Message
	asked    int
	err      error
}

func newInboxes() *inboxes {
	return &inboxes{heads: map[models.InboxKey]models.InboxHead{}, messages: map[models.InboxKey][]models.Message{}}
}

func (s *inboxes) add(key models.InboxKey, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	head := s.heads[key]
	head.AccountID, head.Owner = key.AccountID, key.Owner
	for range n {
		head.Seq++
		s.messages[key] = append(s.messages[key], models.Message{Seq: head.Seq})
	}
	head.Revision++
	s.heads[key] = head
}

func (s *inboxes) Heads(_ context.Context, keys []models.InboxKey) ([]models.InboxHead, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	var heads []models.InboxHead
	for _, key := range keys {
		if head, ok := s.heads[key]; ok {
			heads = append(heads, head)
		}
	}
	return heads, s.err
}

func (s *inboxes) After(_ context.Context, key models.InboxKey, seq int64, limit int) ([]models.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []models.Message
	for _, m := range s.messages[key] {
		if m.Seq > seq && len(found) < limit {
			found = append(found, m)
		}
	}
	return found, nil
}

func (s *inboxes) Unread(_ context.Context, key models.InboxKey) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(len(s.messages[key])), nil
}

// guard lets everybody listen but the revoked credentials.
type guard struct {
	mu      sync.Mutex
	revoked []string
	asked   []int
	err     error
}

func (g *guard) Allowed(_ context.Context, tickets []events.Ticket) ([]bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = append(g.asked, len(tickets))
	allowed := make([]bool, len(tickets))
	for i, ticket := range tickets {
		allowed[i] = !slices.Contains(g.revoked, ticket.Actor.SessionID)
	}
	return allowed, g.err
}

func ticket(session string) events.Ticket {
	return events.Ticket{Actor: models.Actor{Kind: models.ActorUser, ID: "usr_1", Account: "acc_a", SessionID: session}, Action: "inbox.events"}
}

func listen(t *testing.T, hub *events.Hub, session string, key models.InboxKey) *events.Listener {
	t.Helper()
	l, err := hub.Listen(ticket(session), key)
	if err != nil {
		t.Fatalf("Listen() = %v", err)
	}
	return l
}

// next returns the update that is already there.
func next(t *testing.T, l *events.Listener) events.Update {
	t.Helper()
	select {
	case update, open := <-l.Updates():
		if !open {
			t.Fatalf("the listener was ended: %s", l.End())
		}
		return update
	default:
		t.Fatal("no update is there")
		return events.Update{}
	}
}

func nothing(t *testing.T, l *events.Listener) {
	t.Helper()
	select {
	case update, open := <-l.Updates():
		t.Fatalf("got %+v (open: %v), want nothing", update, open)
	default:
	}
}

func ended(t *testing.T, l *events.Listener, want events.End) {
	t.Helper()
	for {
		select {
		case _, open := <-l.Updates():
			if open {
				continue
			}
			if l.End() != want {
				t.Fatalf("End() = %q, want %q", l.End(), want)
			}
			return
		default:
			t.Fatalf("the listener still listens, want end %q", want)
		}
	}
}

func seqs(update events.Update) []int64 {
	var numbers []int64
	for _, m := range update.Messages {
		numbers = append(numbers, m.Seq)
	}
	return numbers
}

func TestListenersHearOfTheirInboxOnly(t *testing.T) {
	t.Parallel()
	store := newInboxes()
	store.add(shared, 2)
	hub := events.NewHub(store, &guard{}, events.Config{})
	mine, own, theirs := listen(t, hub, "s1", shared), listen(t, hub, "s2", personal), listen(t, hub, "s3", foreign)
	hub.Tick(t.Context())
	if first := next(t, mine); first.After != 2 || first.Through != 2 || len(first.Messages) != 0 {
		t.Fatalf("first update = %+v, want the head without messages", first)
	}
	next(t, own)
	next(t, theirs)

	store.add(shared, 2)
	hub.Tick(t.Context())
	update := next(t, mine)
	if got := seqs(update); !slices.Equal(got, []int64{3, 4}) || update.After != 2 || update.Through != 4 || update.Unread != 4 || update.Revision != 2 {
		t.Fatalf("update = %+v, want messages 3 and 4", update)
	}
	nothing(t, own)
	nothing(t, theirs)
	hub.Tick(t.Context())
	nothing(t, mine)
}

func TestOnePollServesAllListeners(t *testing.T) {
	t.Parallel()
	store := newInboxes()
	hub := events.NewHub(store, &guard{}, events.Config{PerUser: 100})
	hub.Tick(t.Context())
	if store.asked != 0 {
		t.Fatal("the hub polls although nobody listens")
	}
	for range 100 {
		listen(t, hub, "s", shared)
	}
	hub.Tick(t.Context())
	if store.asked != 1 {
		t.Fatalf("a tick asked %d times for heads, want once", store.asked)
	}
}

func TestTooManyNewMessagesBecomeAReset(t *testing.T) {
	t.Parallel()
	store := newInboxes()
	hub := events.NewHub(store, &guard{}, events.Config{Replay: 3})
	l := listen(t, hub, "s1", shared)
	hub.Tick(t.Context())
	next(t, l)
	store.add(shared, 3)
	hub.Tick(t.Context())
	if update := next(t, l); update.Reset || len(update.Messages) != 3 {
		t.Fatalf("update = %+v, want three messages", update)
	}
	store.add(shared, 4)
	hub.Tick(t.Context())
	if update := next(t, l); !update.Reset || update.Messages != nil || update.Through != 7 {
		t.Fatalf("update = %+v, want a reset through 7", update)
	}
}

func TestAFailedPollIsMadeUpForByTheNext(t *testing.T) {
	t.Parallel()
	store := newInboxes()
	hub := events.NewHub(store, &guard{}, events.Config{})
	l := listen(t, hub, "s1", shared)
	hub.Tick(t.Context())
	next(t, l)
	store.add(shared, 1)
	store.err = errors.New("database is away")
	hub.Tick(t.Context())
	nothing(t, l)
	store.err = nil
	hub.Tick(t.Context())
	if got := seqs(next(t, l)); !slices.Equal(got, []int64{1}) {
		t.Fatalf("messages = %v, want 1", got)
	}
}

func TestASlowListenerIsEndedAndOthersAreNot(t *testing.T) {
	t.Parallel()
	store := newInboxes()
	hub := events.NewHub(store, &guard{}, events.Config{Buffer: 2})
	slow, quick := listen(t, hub, "s1", shared), listen(t, hub, "s2", shared)
	for range 4 {
		store.add(shared, 1)
		hub.Tick(t.Context())
		next(t, quick)
	}
	ended(t, slow, events.EndSlow)
	hub.Leave(slow) // harmless
}

func TestRevokedCredentialsEndTheirListeners(t *testing.T) {
	t.Parallel()
	watch := &guard{}
	hub := events.NewHub(newInboxes(), watch, events.Config{Recheck: 2})
	bad, also, good := listen(t, hub, "s1", shared), listen(t, hub, "s1", shared), listen(t, hub, "s2", shared)
	watch.revoked = []string{"s1"}
	hub.Tick(t.Context())
	next(t, good)
	hub.Tick(t.Context())
	ended(t, bad, events.EndRevoked)
	ended(t, also, events.EndRevoked)
	nothing(t, good)
	if !slices.Equal(watch.asked, []int{2}) {
		t.Fatalf("the guard was asked %v, want once about 2 tickets", watch.asked)
	}
}

func TestListenersEndWhenTheGuardCannotAnswerForTooLong(t *testing.T) {
	t.Parallel()
	now := time.Now()
	watch := &guard{err: errors.New("database is away")}
	hub := events.NewHub(newInboxes(), watch, events.Config{Recheck: 1, Grace: 5 * time.Second, Now: func() time.Time { return now }})
	l := listen(t, hub, "s1", shared)
	now = now.Add(4 * time.Second)
	hub.Tick(t.Context())
	next(t, l)
	now = now.Add(time.Second)
	hub.Tick(t.Context())
	ended(t, l, events.EndRevoked)
}

func TestListenersAreLimitedPerAccountAndProcess(t *testing.T) {
	t.Parallel()
	hub := events.NewHub(newInboxes(), &guard{}, events.Config{PerAccount: 2, PerProcess: 3})
	first := listen(t, hub, "s1", shared)
	listen(t, hub, "s2", personal)
	if _, err := hub.Listen(ticket("s3"), shared); models.CodeOf(err) != models.CodeRateLimited {
		t.Fatalf("third listener of an account: %v, want rate-limited", err)
	}
	listen(t, hub, "s4", foreign)
	if _, err := hub.Listen(ticket("s5"), models.InboxKey{AccountID: "acc_c"}); models.CodeOf(err) != models.CodeRateLimited {
		t.Fatalf("fourth listener of the process: %v, want rate-limited", err)
	}
	hub.Leave(first)
	hub.Leave(first)
	ended(t, first, events.EndLeft)
	listen(t, hub, "s6", shared)
}

// TestOneUserDoesNotUseUpAnAccountsListeners: a large account has more people than one may
// have listeners.
func TestOneUserDoesNotUseUpAnAccountsListeners(t *testing.T) {
	t.Parallel()
	hub := events.NewHub(newInboxes(), &guard{}, events.Config{PerUser: 2})
	first := listen(t, hub, "s1", shared)
	listen(t, hub, "s2", personal)
	if _, err := hub.Listen(ticket("s3"), shared); models.CodeOf(err) != models.CodeRateLimited {
		t.Fatalf("third listener of a user: %v, want rate-limited", err)
	}
	other := ticket("s4")
	other.Actor.ID = "usr_2"
	if _, err := hub.Listen(other, shared); err != nil {
		t.Fatalf("listener of another user: %v", err)
	}
	hub.Leave(first)
	listen(t, hub, "s5", shared)
}

func TestHeartbeatsComeAtTheirTime(t *testing.T) {
	t.Parallel()
	hub := events.NewHub(newInboxes(), &guard{}, events.Config{Heartbeat: 3})
	l := listen(t, hub, "s1", shared)
	hub.Tick(t.Context())
	next(t, l)
	hub.Tick(t.Context())
	nothing(t, l)
	hub.Tick(t.Context())
	if update := next(t, l); !update.Heartbeat {
		t.Fatalf("update = %+v, want a heartbeat", update)
	}
}

func TestRunPollsEverySecondUntilItIsStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newInboxes()
		hub := events.NewHub(store, &guard{}, events.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- hub.Run(ctx) }()
		l := listen(t, hub, "s1", shared)
		if update := <-l.Updates(); update.Heartbeat {
			t.Errorf("first update = %+v", update)
		}
		started := time.Now()
		store.add(shared, 1)
		<-l.Updates()
		if waited := time.Since(started); waited > time.Second {
			t.Errorf("a message was heard of after %v, want at most a second", waited)
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run() = %v", err)
		}
		ended(t, l, events.EndShutdown)
		if _, err := hub.Listen(ticket("s2"), shared); models.CodeOf(err) != models.CodeUnavailable {
			t.Errorf("Listen() after the end = %v, want unavailable", err)
		}
	})
}
