package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"belfry.dev/belfry/api/contract"
	"belfry.dev/belfry/api/events"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// writeTime bounds one write to a listener.
const writeTime = 10 * time.Second

// NewHub builds the hub over the store, with a guard of its own.
func NewHub(s *operation.Core) (*events.Hub, error) {
	guard, err := newStreamGuard(s.Store, s.Config.SessionIdle)
	if err != nil {
		return nil, err
	}
	settings := s.Config.Events
	settings.Logger = s.Log
	return events.NewHub(inboxReader{s.Store}, guard, settings), nil
}

// inboxReader is what the hub reads of the store.
type inboxReader struct{ store *store.Store }

func (r inboxReader) Heads(ctx context.Context, keys []models.InboxKey) ([]models.InboxHead, error) {
	return r.store.Platform().InboxHeads(ctx, keys)
}

func (r inboxReader) After(ctx context.Context, key models.InboxKey, seq int64, limit int) ([]models.Message, error) {
	return r.store.In(key.AccountID).Inbox(key.Owner).After(ctx, seq, limit)
}

func (r inboxReader) Unread(ctx context.Context, key models.InboxKey) (int64, error) {
	return r.store.In(key.AccountID).Inbox(key.Owner).Unread(ctx)
}

// Events of a stream, and the data that goes with each.
type (
	countsEvent struct {
		Unread   int64 `json:"unread" doc:"The number of unread messages."`
		Revision int64 `json:"revision" doc:"Grows with every change of the inbox: whoever shows a list reads it again when it differs."`
	}
	resetEvent struct {
		UpTo int64 `json:"up_to" doc:"Too much came since Last-Event-ID: read the list again."`
	}
	endEvent struct {
		Reason events.End `json:"reason" enum:"slow,revoked,shutdown"`
	}
)

// describeEvents says what the stream of an inbox is, by its action.
func (b mailbox) describeEvents(action, name string) map[string]operation.Operation {
	return map[string]operation.Operation{action: {
		Summary: "Listen to what happens in " + name, Description: eventsDescription, Produces: operation.EventStream, Streams: true, Bell: b.bell,
	}}
}

const eventsDescription = `Server-sent events (` + operation.EventStream + `):

- **message**: a new message, as in the list. Its id is the message's seq.
- **counts**: the number of unread messages, first of all and after every change.
- **reset**: too much was missed; read the list again.
- **end**: the last one, with the reason.

Comments are heartbeats. A browser's EventSource comes back by itself with **Last-Event-ID**, and gets what it missed.`

// documentEvents adds the answer to the document: huma knows nothing of a stream.
func documentEvents(document *huma.OpenAPI, path string) {
	described := contract.Described(document, http.MethodGet, path)
	variants := []*huma.Schema{}
	for _, each := range []struct {
		name string
		data any
	}{{"message", MessageView{}}, {"counts", countsEvent{}}, {"reset", resetEvent{}}, {"end", endEvent{}}} {
		variants = append(variants, &huma.Schema{
			Type: huma.TypeObject, Required: []string{"event", "data"},
			Properties: map[string]*huma.Schema{
				"event": {Type: huma.TypeString, Enum: []any{each.name}},
				"id":    {Type: huma.TypeString, Description: "For Last-Event-ID; not with end."},
				"data":  document.Components.Schemas.Schema(reflect.TypeOf(each.data), true, each.name+"Event"),
			},
		})
	}
	described.Responses["200"] = &huma.Response{
		Description: "The events, until one side hangs up.",
		Content:     map[string]*huma.MediaType{operation.EventStream: {Schema: &huma.Schema{OneOf: variants}}},
	}
}

type eventsIn struct {
	LastEventID string `header:"Last-Event-ID" pattern:"^[0-9]{0,18}$" maxLength:"18" doc:"The id of the last event that was received: what came after it is sent first."`
	Since       string `query:"last_event_id" pattern:"^[0-9]{0,18}$" maxLength:"18" doc:"The same, for the first request of a client that cannot set headers; the header goes first."`
}

// events subscribes before it reads the state to begin with, so that nothing is
// missed in between.
func (b mailbox) events(ctx context.Context, c *operation.Call, in *eventsIn) (*huma.StreamResponse, error) {
	key := models.InboxKey{AccountID: c.Account(), Owner: b.owner(c)}
	listener, err := b.hub.Listen(events.Ticket{Actor: c.Actor, Action: c.Action()}, key)
	if err != nil {
		return nil, err
	}
	stream := &stream{box: b, key: key}
	first, err := stream.begin(ctx, b.inbox(c), cmp.Or(in.LastEventID, in.Since))
	if err != nil {
		b.hub.Leave(listener)
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer b.hub.Leave(listener)
		stream.open(humagin.Unwrap(hc))
		if err := stream.serve(hc.Context(), first, listener); err != nil && hc.Context().Err() == nil {
			b.s.Log.Info("event stream broke", "request_id", c.Origin.RequestID, "error", err)
		}
	}}, nil
}

// stream is one listener's connection.
type stream struct {
	box mailbox
	key models.InboxKey
	// seen is the seq up to which the listener has been told everything.
	seen int64
	// counted is the revision of the counts it was told last; nil before the first.
	counted *int64
	out     http.ResponseWriter
	ctl     *http.ResponseController
}

// begin reads what the stream begins with: what the listener missed, and the count.
func (t *stream) begin(ctx context.Context, inbox store.Inbox, lastEventID string) (events.Update, error) {
	head, err := inbox.Head(ctx)
	if err != nil {
		return events.Update{}, err
	}
	first := events.Update{After: head.Seq, Through: head.Seq, Revision: head.Revision}
	if last, err := strconv.ParseInt(lastEventID, 10, 64); err == nil {
		first.After, first.Reset = last, last > head.Seq // from before the database was restored, say
	}
	t.seen = min(first.After, head.Seq)
	first.Unread, err = inbox.Unread(ctx)
	return first, err
}

// open sends the head of the answer, and how long a client waits before it comes
// back: not all in the same moment.
func (t *stream) open(c *gin.Context) {
	t.out, t.ctl = c.Writer, http.NewResponseController(c.Writer)
	_ = t.ctl.SetReadDeadline(time.Time{}) // the listener sends nothing more; not all writers can
	c.Header("Content-Type", operation.EventStream)
	c.Header("X-Accel-Buffering", "no") // proxies must not collect events
	c.Status(http.StatusOK)
}

// serve writes events until the listener's subscription or its connection ends.
func (t *stream) serve(ctx context.Context, first events.Update, listener *events.Listener) error {
	if err := t.write(fmt.Sprintf("retry: %d\n\n", 1000+rand.N(2000))); err != nil { //nolint:gosec // jitter is no secret
		return err
	}
	if err := t.follow(ctx, first); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case update, open := <-listener.Updates():
			if !open {
				return t.event("end", "", endEvent{Reason: listener.End()})
			}
			if err := t.follow(ctx, update); err != nil {
				return err
			}
		}
	}
}

// follow writes an update's events. What lies between what the listener has been
// told and the update is read here: the hub may have begun to watch later.
func (t *stream) follow(ctx context.Context, update events.Update) error {
	if update.Heartbeat {
		return t.write(": still here\n\n")
	}
	messages, reset := update.Messages, update.Reset
	if !reset && (update.After > t.seen || messages == nil) {
		var err error
		if messages, reset, err = t.box.hub.Between(ctx, t.key, t.seen, update.Through); err != nil {
			return err
		}
	}
	return t.send(messages, reset, update)
}

func (t *stream) send(messages []models.Message, reset bool, update events.Update) error {
	if reset {
		if err := t.event("reset", strconv.FormatInt(update.Through, 10), resetEvent{UpTo: update.Through}); err != nil {
			return err
		}
	}
	for _, m := range messages {
		if m.Seq <= t.seen {
			continue
		}
		if err := t.event("message", strconv.FormatInt(m.Seq, 10), t.box.view(m)); err != nil {
			return err
		}
	}
	if !reset && t.counted != nil && *t.counted == update.Revision {
		return nil // the hub's first look at an inbox, at what begin has read already
	}
	t.seen, t.counted = max(t.seen, update.Through), &update.Revision
	return t.event("counts", strconv.FormatInt(t.seen, 10), countsEvent{Unread: update.Unread, Revision: update.Revision})
}

// event writes one event; id is "" for none.
func (t *stream) event(name, id string, data any) error {
	encoded, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encode event %s: %w", name, err)
	}
	if id != "" {
		id = "id: " + id + "\n"
	}
	return t.write("event: " + name + "\n" + id + "data: " + string(encoded) + "\n\n")
}

// write sends the text at once, or fails when the listener takes too long.
func (t *stream) write(text string) error {
	err := t.ctl.SetWriteDeadline(time.Now().Add(writeTime))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := t.out.Write([]byte(text)); err != nil {
		return err
	}
	return t.ctl.Flush()
}
