// Package inbox is the messages that people read in Belfry itself, and the streams
// that tell of new ones.
package inbox

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/api/events"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// mailbox is one of the two inboxes of a caller: the account's, which is shared,
// or the personal one. Their operations differ in nothing but the rights they need.
type mailbox struct {
	s   *operation.Core
	hub *events.Hub
	// noun begins the actions: "message" or "my_message".
	noun string
	// path is where the inbox is found.
	path string
	// bell is what tokens of bells call it.
	bell string
	// owner is whose inbox it is: "" for the account's.
	owner func(*operation.Call) string
}

// Register adds the operations of both inboxes, whose streams the hub serves.
func Register(s *operation.Core, hub *events.Hub) {
	shared := mailbox{s: s, hub: hub, noun: "message", path: "/v1/inbox", bell: "account", owner: func(*operation.Call) string { return "" }}
	personal := mailbox{s: s, hub: hub, noun: "my_message", path: "/v1/me/inbox", bell: "mine", owner: func(c *operation.Call) string { return c.Actor.ID }}
	operation.Table(s, slices.Concat(shared.rows(), personal.rows(), []operation.Row{
		operation.Serve("GET "+shared.path+"/events", "inbox.events", 200, shared.events),
		operation.Serve("GET "+personal.path+"/events", "my_inbox.events", 200, personal.events),
	}), shared.describe("the account's inbox"), personal.describe("the own inbox"),
		shared.describeEvents("inbox.events", "the account's inbox"), personal.describeEvents("my_inbox.events", "the own inbox"))
	documentEvents(s.Huma.OpenAPI(), shared.path+"/events")
	documentEvents(s.Huma.OpenAPI(), personal.path+"/events")
}

// rows are the operations on messages.
func (b mailbox) rows() []operation.Row {
	messages := b.path + "/messages"
	return []operation.Row{
		operation.Serve("GET "+messages, b.noun+".list", 200, b.list),
		operation.Serve("GET "+b.path+"/counts", b.noun+".counts", 200, b.counts),
		operation.Serve("GET "+messages+"/{id}", b.noun+".get", 200, b.get),
		operation.Serve("POST "+messages+"/read", b.noun+".read", 200, b.read),
		operation.Serve("POST "+messages+"/read-all", b.noun+".read_all", 200, b.readAll),
		operation.Serve("POST "+messages+"/delete", b.noun+".delete", 200, b.delete),
		operation.Serve("POST "+messages+"/delete-all", b.noun+".delete_all", 200, b.deleteAll),
	}
}

func (b mailbox) describe(name string) map[string]operation.Operation {
	return map[string]operation.Operation{
		b.noun + ".list": {
			Summary: "List the messages in " + name, Bell: b.bell,
			Description: "Newest first; all filters that are given must match. **up_to** is the bound to use with the operations on all messages: those that came later are not in the list and will not be touched.",
		},
		b.noun + ".counts": {
			Summary: "Count the messages in " + name, Bell: b.bell,
			Description: "By category, and together. A category without messages is left out. With a filter: how many it selects, up to 10,000, and no categories.",
		},
		b.noun + ".get": {
			Summary: "Open a message in " + name, Bell: b.bell,
			Description: "Opening an unread message marks it as read for those who may do that.",
		},
		b.noun + ".read": {
			Summary: "Mark messages in " + name + " as read", Bell: b.bell, Frequent: true,
			Description: "Who read a message first stays recorded.",
		},
		b.noun + ".read_all": {
			Summary: "Mark all messages in " + name + " that a filter selects as read", Bell: b.bell,
			Description: "Messages that are newer than **up_to** stay unread. Repeat the request while **more** is true.",
		},
		b.noun + ".delete": {
			Summary:     "Delete messages in " + name,
			Frequent:    true,
			Description: "Deletion is final. The records of their deliveries stay.",
		},
		b.noun + ".delete_all": {
			Summary:     "Delete all messages in " + name + " that a filter selects",
			Description: "Deletion is final. Messages that are newer than **up_to** stay. Repeat the request while **more** is true.",
		},
	}
}

// inbox is the caller's inbox for reading.
func (b mailbox) inbox(c *operation.Call) store.Inbox {
	return b.s.Store.In(c.Account()).Inbox(b.owner(c))
}

// inboxIn is the caller's inbox in a transaction.
func (b mailbox) inboxIn(c *operation.Call, tx *store.Tx) store.TxInbox {
	return tx.In(c.Account()).Inbox(b.owner(c))
}

func reader(c *operation.Call) store.Reader { return store.Reader{ID: c.Actor.ID, Name: c.Actor.Name} }

// MessageView is a message in a list.
type MessageView struct {
	ID             string     `json:"id"`
	Seq            int64      `json:"seq" doc:"Greater for later messages; the bound of what a client has seen."`
	NotificationID string     `json:"notification_id"`
	Type           string     `json:"type" example:"account.low_balance"`
	Category       string     `json:"category" example:"account"`
	Severity       string     `json:"severity" enum:"info,warning,critical"`
	Language       string     `json:"language" example:"en-US" doc:"The language of the texts."`
	Title          string     `json:"title"`
	Link           string     `json:"link" doc:"Where it leads: absolute; empty for none."`
	Read           bool       `json:"read"`
	ReadAt         *time.Time `json:"read_at" doc:"When somebody read it first; null while it is unread."`
	ReadBy         string     `json:"read_by" doc:"The id of the user who read it first; empty while it is unread."`
	ReadByName     string     `json:"read_by_name"`
	Count          int64      `json:"count" doc:"How many equal events it stands for; the text is the first one's."`
	LastSeenAt     time.Time  `json:"last_seen_at" doc:"When the newest of them was accepted."`
	CreatedAt      time.Time  `json:"created_at"`
}

// view shows a message; its link is made absolute here, so that it leads on when the
// platform moves. Where nobody said where that is, it stays as it was sent.
func (b mailbox) view(m models.Message) MessageView {
	return MessageView{
		ID: m.ID, Seq: m.Seq, NotificationID: m.NotificationID, Type: m.Type, Category: m.Category, Severity: string(m.Severity),
		Language: m.Language, Title: m.Title, Link: cmp.Or(b.s.Config.Site.Link(m.Link), m.Link),
		Count: m.Count(), LastSeenAt: m.LastSeenAt(),
		Read: m.ReadState == models.Read, ReadAt: m.ReadAt, ReadBy: m.ReadBy, ReadByName: m.ReadByName, CreatedAt: m.CreatedAt,
	}
}

// Selecting is embedded by the In types of what a filter selects messages for.
type Selecting struct {
	Category string    `query:"category" maxLength:"64" pattern:"^[a-z0-9_.-]*$" doc:"The category's key."`
	Type     string    `query:"type" maxLength:"128" pattern:"^[a-z0-9_.-]*$" doc:"The message type's key."`
	State    string    `query:"state" enum:"all,unread,read" default:"all"`
	From     time.Time `query:"from" doc:"Only messages of this time or later."`
	To       time.Time `query:"to" doc:"Only messages before this time."`
	Text     string    `query:"q" maxLength:"200" doc:"Found literally in title or body, in upper or lower case."`
	// Notification is what a link in a mail names.
	Notification string `query:"notification_id" maxLength:"36" pattern:"^(ntf_[0-9a-f]{32})?$" doc:"Only what tells of this notification."`
}

func (in *Selecting) filter() (models.InboxFilter, error) {
	filter, err := newFilter(messageFilter{Category: in.Category, Type: in.Type, State: in.State, From: in.From, To: in.To, Text: in.Text}, "query/to")
	filter.NotificationID = in.Notification
	return filter, err
}

// parts are everything that selects, in a fixed order.
func (in *Selecting) parts() []string {
	return []string{in.Category, in.Type, in.State, in.From.UTC().String(), in.To.UTC().String(), in.Text, in.Notification}
}

type listMessagesIn struct {
	operation.Listing
	Selecting
}

// messageFilter selects the messages that an operation on all of them is about.
type messageFilter struct {
	Category string    `json:"category,omitempty" maxLength:"64" pattern:"^[a-z0-9_.-]*$"`
	Type     string    `json:"type,omitempty" maxLength:"128" pattern:"^[a-z0-9_.-]*$"`
	State    string    `json:"state,omitempty" enum:"all,unread,read" default:"all"`
	From     time.Time `json:"from,omitzero"`
	To       time.Time `json:"to,omitzero"`
	Text     string    `json:"q,omitempty" maxLength:"200" format:"text" doc:"Found literally in title or body, in upper or lower case."`
}

// newFilter translates a filter; pointer is where its end stands.
func newFilter(f messageFilter, pointer string) (models.InboxFilter, error) {
	filter := models.InboxFilter{Category: f.Category, Type: f.Type, From: f.From.UTC(), To: f.To.UTC(), Text: f.Text}
	if !f.From.IsZero() && !f.To.IsZero() && f.To.Before(f.From) {
		return filter, models.Invalid(pointer, "too-early", "must not be before the beginning")
	}
	states := map[string]models.ReadState{"unread": models.Unread, "read": models.Read}
	if state, one := states[f.State]; one {
		filter.State = &state
	}
	return filter, nil
}

// messagePage is a page of a list of messages.
type messagePage struct {
	Items      []MessageView `json:"items" doc:"Newest first."`
	NextCursor string        `json:"next_cursor" doc:"For the next page; empty on the last one."`
	UpTo       int64         `json:"up_to" doc:"The seq up to which the client has seen the inbox: messages that came after the first page was read have a greater one."`
}

type messagesOut struct {
	Body messagePage
}

// list carries the bound of the first page along in the cursor: what comes later
// is not what the client has seen.
func (b mailbox) list(ctx context.Context, c *operation.Call, in *listMessagesIn) (*messagesOut, error) {
	filter, err := in.filter()
	if err != nil {
		return nil, err
	}
	p, err := c.Paging(in.Listing, in.parts()...)
	if err != nil {
		return nil, err
	}
	first := p.Page.After == ""
	after, upTo := splitPosition(p.Page.After)
	p.Page.After = after
	if first {
		head, err := b.inbox(c).Head(ctx)
		if err != nil {
			return nil, err
		}
		upTo = head.Seq
	}
	messages, next, err := b.inbox(c).Messages(ctx, filter, p.Page)
	if err != nil {
		return nil, err
	}
	if first && len(messages) > 0 {
		upTo = max(upTo, messages[0].Seq) // it may have come in between
	}
	page := operation.Listed(p, messages, joinPosition(next, upTo), b.view).Body
	return &messagesOut{Body: messagePage{Items: page.Items, NextCursor: page.NextCursor, UpTo: upTo}}, nil
}

// joinPosition adds the bound to the key of the next page; "" stays "".
func joinPosition(next string, upTo int64) string {
	if next == "" {
		return ""
	}
	return next + "," + strconv.FormatInt(upTo, 10)
}

func splitPosition(position string) (after string, upTo int64) {
	after, bound, _ := strings.Cut(position, ",")
	upTo, err := strconv.ParseInt(bound, 10, 64)
	if err != nil {
		return after, 0 // the first page; a signed position is one of ours
	}
	return after, upTo
}
