package inbox

import (
	"cmp"
	"context"
	"slices"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

type countsOut struct {
	Body countsView
}

type countsView struct {
	Total      int64               `json:"total"`
	Unread     int64               `json:"unread"`
	Categories []categoryCountView `json:"categories" doc:"Sorted by category; they add up to total and unread. Empty with a filter."`
	More       bool                `json:"more" doc:"The filter selects more than 10,000; the newest 10,000 were counted."`
	UpTo       int64               `json:"up_to" doc:"The seq of the newest message that was counted, or could have been."`
}

type categoryCountView struct {
	Category string `json:"category" example:"account"`
	Total    int64  `json:"total"`
	Unread   int64  `json:"unread"`
}

type countMessagesIn struct {
	Selecting
	UpTo int64 `query:"up_to" minimum:"0" doc:"The bound of a list: newer messages are not counted, as operations on all do not touch them."`
}

func (b mailbox) counts(ctx context.Context, c *operation.Call, in *countMessagesIn) (*countsOut, error) {
	head, err := b.inbox(c).Head(ctx)
	if err != nil {
		return nil, err
	}
	filter, err := in.filter()
	if err != nil {
		return nil, err
	}
	if filter != (models.InboxFilter{}) || in.UpTo != 0 {
		return b.selected(ctx, c, filter, cmp.Or(in.UpTo, head.Seq))
	}
	counts, err := b.inbox(c).Counts(ctx)
	if err != nil {
		return nil, err
	}
	out := &countsOut{Body: countsView{Categories: []categoryCountView{}, UpTo: head.Seq}}
	for _, count := range counts {
		out.Body.Categories = append(out.Body.Categories, categoryCountView(count))
		out.Body.Total += count.Total
		out.Body.Unread += count.Unread
	}
	return out, nil
}

// selected counts what the filter selects.
func (b mailbox) selected(ctx context.Context, c *operation.Call, filter models.InboxFilter, upTo int64) (*countsOut, error) {
	count, more, err := b.inbox(c).Selected(ctx, filter, upTo)
	return &countsOut{Body: countsView{Total: count.Total, Unread: count.Unread, Categories: []categoryCountView{}, More: more, UpTo: upTo}}, err
}

type messageIn struct {
	ID string `path:"id" pattern:"^msg_[0-9a-f]{32}$"`
}

type messageOut struct {
	Body openedView
}

// openedView is a message with its body.
type openedView struct {
	MessageView
	Text string `json:"body" doc:"Plain text with line breaks."`
}

func (b mailbox) out(m models.Message) *messageOut {
	return &messageOut{Body: openedView{MessageView: b.view(m), Text: m.Body}}
}

// get opens a message. It is shown even where it cannot be marked because the
// database takes no changes now.
func (b mailbox) get(ctx context.Context, c *operation.Call, in *messageIn) (*messageOut, error) {
	m, err := b.inbox(c).Message(ctx, in.ID)
	if err != nil || m.ReadState == models.Read || b.s.Rbac.Allow(ctx, c.Actor, b.noun+".read", c.Account()) != nil {
		return b.out(m), err
	}
	out, err := operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[messageOut], error) {
		if _, _, err := b.inboxIn(c, tx).Mark(ctx, []string{in.ID}, reader(c)); err != nil {
			return nil, err
		}
		opened, err := b.inboxIn(c, tx).Message(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return operation.Did(b.out(opened), operation.Of("message", in.ID, ""), readView{Read: false}, readView{Read: true}), nil
	})
	if models.CodeOf(err) == models.CodeUnavailable {
		return b.out(m), nil
	}
	return out, err
}

// readView is what the operation log shows of a message that was read.
type readView struct {
	Read bool `json:"read"`
}

type messageIDsIn struct {
	Body struct {
		IDs []string `json:"ids" minItems:"1" maxItems:"100" doc:"Ids of messages."`
	}
}

type batchOut struct {
	Body struct {
		Items []batchItem `json:"items" doc:"In the order of the ids."`
	}
}

type batchItem struct {
	ID     string `json:"id"`
	Result string `json:"result" enum:"read,already_read,deleted,not_found"`
}

// touchedView is what the operation log shows of a change to several messages.
type touchedView struct {
	IDs []string `json:"ids"`
}

func outBatch(ids []string, result func(id string) string) *batchOut {
	out := &batchOut{}
	for _, id := range ids {
		out.Body.Items = append(out.Body.Items, batchItem{ID: id, Result: result(id)})
	}
	return out
}

func (b mailbox) read(ctx context.Context, c *operation.Call, in *messageIDsIn) (*batchOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[batchOut], error) {
		marked, found, err := b.inboxIn(c, tx).Mark(ctx, in.Body.IDs, reader(c))
		if err != nil {
			return nil, err
		}
		out := outBatch(in.Body.IDs, func(id string) string {
			switch {
			case slices.Contains(marked, id):
				return "read"
			case slices.Contains(found, id):
				return "already_read"
			}
			return "not_found"
		})
		return operation.Did(out, messages(marked), nil, touchedView{IDs: marked}), nil
	})
}

func (b mailbox) delete(ctx context.Context, c *operation.Call, in *messageIDsIn) (*batchOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[batchOut], error) {
		deleted, err := b.inboxIn(c, tx).Delete(ctx, in.Body.IDs)
		if err != nil {
			return nil, err
		}
		gone := []string{}
		for _, m := range deleted {
			gone = append(gone, m.ID)
		}
		out := outBatch(in.Body.IDs, func(id string) string {
			if slices.Contains(gone, id) {
				return "deleted"
			}
			return "not_found"
		})
		return operation.Did(out, messages(gone), touchedView{IDs: gone}, nil), nil
	})
}

// messages are several in one row of the operation log, which lists their ids.
func messages(ids []string) operation.Object {
	if len(ids) == 1 {
		return operation.Of("message", ids[0], "")
	}
	return operation.Of("message", "", "")
}

type sweepIn struct {
	Body struct {
		UpTo   int64         `json:"up_to" minimum:"0" doc:"The bound from a list or an event: newer messages are not touched."`
		Filter messageFilter `json:"filter,omitzero" doc:"Which messages; without it all."`
	}
}

type sweepOut struct {
	Body sweptView
}

type sweptView struct {
	Changed int64 `json:"changed" doc:"The number of messages."`
	More    bool  `json:"more" doc:"One request changes a bounded number, newest first; there are more."`
}

// sweptEntry is what the operation log shows of a change to all messages that a
// filter selects.
type sweptEntry struct {
	UpTo    int64         `json:"up_to"`
	Filter  messageFilter `json:"filter"`
	Changed int64         `json:"changed"`
}

func (b mailbox) readAll(ctx context.Context, c *operation.Call, in *sweepIn) (*sweepOut, error) {
	return b.sweep(ctx, c, in, func(inbox store.TxInbox, filter models.InboxFilter) (store.Swept, error) {
		return inbox.MarkAll(ctx, filter, in.Body.UpTo, reader(c))
	})
}

func (b mailbox) deleteAll(ctx context.Context, c *operation.Call, in *sweepIn) (*sweepOut, error) {
	return b.sweep(ctx, c, in, func(inbox store.TxInbox, filter models.InboxFilter) (store.Swept, error) {
		return inbox.DeleteAll(ctx, filter, in.Body.UpTo)
	})
}

func (b mailbox) sweep(ctx context.Context, c *operation.Call, in *sweepIn, change func(store.TxInbox, models.InboxFilter) (store.Swept, error)) (*sweepOut, error) {
	filter, err := newFilter(in.Body.Filter, "#/filter/to")
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[sweepOut], error) {
		swept, err := change(b.inboxIn(c, tx), filter)
		if err != nil {
			return nil, err
		}
		out := &sweepOut{Body: sweptView{Changed: swept.Changed, More: swept.More}}
		return operation.Did(out, operation.Of("inbox", b.owner(c), ""), nil,
			sweptEntry{UpTo: in.Body.UpTo, Filter: in.Body.Filter, Changed: swept.Changed}), nil
	})
}
