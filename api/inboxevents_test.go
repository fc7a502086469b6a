package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/store"
)

const eventsPath = "/v1/inbox/events"

// eventHouse is a harness behind a real HTTP server, with a hub that polls when
// the test says so.
type eventHouse struct {
	*harness
	url   string
	ticks chan time.Time
	stop  func()
}

func newEventHouse(t *testing.T, configure ...func(*operation.Config)) *eventHouse {
	t.Helper()
	ticks := make(chan time.Time)
	h := newHarness(t, append(configure, func(c *operation.Config) { c.Events.Ticks, c.Events.Recheck = ticks, 1 })...)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.server.Run(ctx) }()
	stop := func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run() = %v", err)
		}
		ended <- nil
	}
	server := httptest.NewServer(h.server)
	t.Cleanup(server.Close)
	t.Cleanup(stop)
	return &eventHouse{harness: h, url: server.URL, ticks: ticks, stop: stop}
}

// tick lets the hub poll once; it returns when the hub is done.
func (h *eventHouse) tick() {
	h.ticks <- time.Time{}
	h.ticks <- time.Time{} // taken when the first has been worked off
}

// listener is an open stream.
type listener struct {
	t     *testing.T
	lines *bufio.Scanner
}

// event is one event as it was received.
type event struct{ name, id, data string }

func (h *eventHouse) request(t *testing.T, p person, path, lastEventID string) *http.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+p.token)
	request.Header.Set("Accept", "text/event-stream")
	if lastEventID != "" {
		request.Header.Set("Last-Event-ID", lastEventID)
	}
	return request
}

func (h *eventHouse) listen(t *testing.T, p person, path, lastEventID string) *listener {
	t.Helper()
	return h.listenTo(t, h.request(t, p, path, lastEventID))
}

func (h *eventHouse) listenTo(t *testing.T, request *http.Request) *listener {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if kind := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("listen: %d %s", response.StatusCode, kind)
	}
	return &listener{t: t, lines: bufio.NewScanner(response.Body)}
}

// next returns the next event, and false at the end of the stream. Comments and
// times to wait are passed over.
func (l *listener) next() (event, bool) {
	var e event
	for l.lines.Scan() {
		name, value, _ := strings.Cut(l.lines.Text(), ": ")
		switch name {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			e.data = value
		case "":
			if e.name != "" {
				return e, true
			}
		}
	}
	return e, false
}

// wants fails unless the next events are these: "name id" and a part of the data.
func (l *listener) wants(events ...[2]string) {
	l.t.Helper()
	for _, want := range events {
		got, ok := l.next()
		if !ok || strings.TrimSpace(got.name+" "+got.id) != want[0] || !strings.Contains(got.data, want[1]) {
			l.t.Fatalf("got event %+v (%v), want %v", got, ok, want)
		}
	}
}

// wantsEnd fails unless the stream ends for the reason.
func (l *listener) wantsEnd(reason string) {
	l.t.Helper()
	l.wants([2]string{"end", reason})
	if e, more := l.next(); more {
		l.t.Fatalf("after the end came %+v", e)
	}
}

func TestAStreamTellsOfMessagesAndCounts(t *testing.T) {
	t.Parallel()
	h := newEventHouse(t)
	h.deliver(h.a.Account.ID, "", "account.low: Zero")
	shared, personal := h.listen(t, h.full, eventsPath, ""), h.listen(t, h.full, "/v1/me/inbox/events", "")
	shared.wants([2]string{"counts 1", `"unread":1`})
	personal.wants([2]string{"counts 0", `"unread":0`})
	h.tick() // changes nothing, so nothing is said
	h.deliver(h.a.Account.ID, "", "account.low: One", "product.new: Two")
	h.deliver(h.b.Account.ID, "", "account.low: Foreign")
	h.deliver(h.a.Account.ID, h.full.id, "account.low: Personal")
	h.tick()
	shared.wants([2]string{"message 2", `"title":"One"`}, [2]string{"message 3", `"category":"product"`}, [2]string{"counts 3", `"unread":3`})
	personal.wants([2]string{"message 1", `"title":"Personal"`}, [2]string{"counts 1", `"unread":1`})
	h.as(h.full).sweep("/read-all", object{"up_to": 2})
	h.tick()
	shared.wants([2]string{"counts 3", `"unread":1`})
}

func TestAStreamIsTakenUpWhereItBroke(t *testing.T) {
	t.Parallel()
	h := newEventHouse(t, func(c *operation.Config) { c.Events.Replay = 2 })
	h.deliver(h.a.Account.ID, "", "account.low: One", "account.low: Two", "account.low: Three")
	h.listen(t, h.full, eventsPath, "1").wants([2]string{"message 2", "Two"}, [2]string{"message 3", "Three"}, [2]string{"counts 3", `"unread":3`})
	h.listen(t, h.full, eventsPath+"?last_event_id=2", "").wants([2]string{"message 3", "Three"}, [2]string{"counts 3", ""})
	h.listen(t, h.full, eventsPath+"?last_event_id=1", "2").wants([2]string{"message 3", "Three"}, [2]string{"counts 3", ""})
	h.listen(t, h.full, eventsPath, "3").wants([2]string{"counts 3", ""})
	h.listen(t, h.full, eventsPath, "0").wants([2]string{"reset 3", `"up_to":3`}, [2]string{"counts 3", ""})
	h.listen(t, h.full, eventsPath, "9").wants([2]string{"reset 3", ""}, [2]string{"counts 3", ""})
	h.as(h.full).with("Last-Event-ID", "x").get(eventsPath).wants(422)
}

// TestNothingIsMissedOrRepeatedWhileListenersComeAndGo has listeners begin at any
// moment while messages arrive.
func TestNothingIsMissedOrRepeatedWhileListenersComeAndGo(t *testing.T) {
	t.Parallel()
	const messages = 40
	h := newEventHouse(t)
	var group errgroup.Group
	for range 6 {
		group.Go(func() error {
			l := h.listen(t, h.full, eventsPath, "0")
			for want := 1; want <= messages; {
				e, open := l.next()
				if !open {
					return fmt.Errorf("the stream ended before message %d", want)
				}
				if e.name != "message" {
					continue
				}
				var m message
				if err := json.Unmarshal([]byte(e.data), &m); err != nil || m.Seq != int64(want) {
					return fmt.Errorf("got message %d, want %d (%w)", m.Seq, want, err)
				}
				want++
			}
			return nil
		})
	}
	for range messages {
		h.deliver(h.a.Account.ID, "", "account.low: Message")
		h.ticks <- time.Time{}
	}
	done := make(chan error, 1)
	go func() { done <- group.Wait() }()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			return
		case h.ticks <- time.Time{}:
		}
	}
}

func TestStreamsEndWhenTheirRightEnds(t *testing.T) {
	t.Parallel()
	for name, revoke := range map[string]func(*eventHouse){
		"session revoked": func(h *eventHouse) {
			h.as(h.full).delete("/v1/me/sessions/current").wants(204)
		},
		"grant revoked": func(h *eventHouse) {
			h.write(func(tx *store.Tx) error {
				grants, _, err := tx.In(h.a.Account.ID).Grants().List(h.t.Context(), h.full.id, store.Page{})
				if err != nil {
					return err
				}
				_, err = tx.In(h.a.Account.ID).Grants().Delete(h.t.Context(), grants[0].ID)
				return err
			})
		},
		"user disabled": func(h *eventHouse) {
			h.as(h.root).patch("/v1/users/"+h.full.id, object{"enabled": false}).wants(200)
		},
		"user deleted":    func(h *eventHouse) { h.as(h.root).delete("/v1/users/" + h.full.id).wants(204) },
		"session idle":    func(h *eventHouse) { h.clock.advance(25 * time.Hour) },
		"session expired": func(h *eventHouse) { h.clock.advance(8 * 24 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newEventHouse(t)
			l := h.listen(t, h.full, eventsPath, "")
			l.wants([2]string{"counts 0", ""})
			h.tick() // changes nothing, and ends nothing
			revoke(h)
			h.tick()
			l.wantsEnd("revoked")
		})
	}
}

func TestStreamsEndWhenTheProcessStops(t *testing.T) {
	t.Parallel()
	h := newEventHouse(t)
	l := h.listen(t, h.full, eventsPath, "")
	l.wants([2]string{"counts 0", ""})
	h.stop()
	l.wantsEnd("shutdown")
	h.as(h.full).get(eventsPath).wants(503)
}

func TestStreamsAreLimited(t *testing.T) {
	t.Parallel()
	h := newEventHouse(t, func(c *operation.Config) { c.Events.PerAccount = 1 })
	l := h.listen(t, h.full, eventsPath, "")
	l.wants([2]string{"counts 0", ""})
	answer := h.as(h.root).get("/v1/me/inbox/events").wants(429)
	if answer.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	h.as(h.stranger).get(eventsPath).wants(200)
}

func TestStreamsOfForeignPagesAreRefused(t *testing.T) {
	t.Parallel()
	h := newEventHouse(t)
	for origin, want := range map[string]int{"https://evil.example": 403, "null": 403, "https://belfry.example.com": 200} {
		anonymous := h.as(h.anonymous).with("Cookie", "__Host-belfry="+h.full.token).with("Origin", origin)
		anonymous.get(eventsPath).wants(want)
	}
	h.as(h.anonymous).get(eventsPath).wants(401)
	h.as(h.full).with("Accept", "application/json").get(eventsPath).wants(406)
}

func TestTheDocumentDescribesTheStreams(t *testing.T) {
	t.Parallel()
	document, err := newHarness(t).server.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Paths map[string]struct {
			Get struct {
				Responses map[string]struct {
					Content map[string]struct {
						Schema struct {
							OneOf []struct {
								Properties struct {
									Event struct{ Enum []string }
								}
							}
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal(document, &parsed); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{eventsPath, "/v1/me/inbox/events"} {
		var names []string
		for _, variant := range parsed.Paths[path].Get.Responses["200"].Content["text/event-stream"].Schema.OneOf {
			names = append(names, variant.Properties.Event.Enum...)
		}
		if !slices.Equal(names, []string{"message", "counts", "reset", "end"}) {
			t.Errorf("%s documents the events %v", path, names)
		}
	}
}
