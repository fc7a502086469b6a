package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"belfry.dev/belfry/cmd/belfry/client"
)

// inboxCommand shows the account's inbox with a user's access key.
type inboxCommand struct {
	access
	Unread   bool   `help:"Only what nobody has read."`
	Category string `help:"Only one category, such as security." placeholder:"CATEGORY"`
	Limit    int    `default:"20" help:"At most so many, newest first: 1 to 100."`
	Watch    bool   `help:"Go on and print new messages as they come."`
}

// inboxMessage is what the command shows of a message.
type inboxMessage struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Category  string    `json:"category"`
	Severity  string    `json:"severity"`
	Read      bool      `json:"read"`
	Count     int64     `json:"count"`
	CreatedAt time.Time `json:"created_at"`
}

// Run is the command.
func (c *inboxCommand) Run(ctx context.Context, o outside) error {
	query := url.Values{"limit": {fmt.Sprint(c.Limit)}}
	if c.Unread {
		query.Set("state", "unread")
	}
	if c.Category != "" {
		query.Set("category", c.Category)
	}
	var list struct {
		Items []inboxMessage `json:"items"`
	}
	if err := c.client().Get(ctx, "/v1/inbox/messages?"+query.Encode(), &list); err != nil {
		return err
	}
	if err := show(o.out, list.Items); err != nil || !c.Watch {
		return err
	}
	return c.watch(ctx, o)
}

// watch prints what the stream brings until the context ends; a stream that
// breaks is taken up where it broke.
func (c *inboxCommand) watch(ctx context.Context, o outside) error {
	const pause = 2 * time.Second
	last := ""
	for {
		err := c.stream(ctx, o.out, &last)
		if status := client.StatusOf(err); status >= 400 && status < 500 {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
	}
}

// stream prints one stream's messages until it breaks; last is the last one seen.
func (c *inboxCommand) stream(ctx context.Context, w io.Writer, last *string) error {
	for event, err := range c.client().Events(ctx, "/v1/inbox/events", *last) {
		if err != nil {
			return err
		}
		if event.ID != "" {
			*last = event.ID
		}
		if err := showEvent(w, event); err != nil {
			return err
		}
	}
	return nil
}

// showEvent prints the message that an event brings; others bring none.
func showEvent(w io.Writer, e client.Event) error {
	if e.Name != "message" {
		return nil
	}
	var m inboxMessage
	if err := json.Unmarshal([]byte(e.Data), &m); err != nil {
		return fmt.Errorf("read an event: %w", err)
	}
	return show(w, []inboxMessage{m})
}

func show(w io.Writer, list []inboxMessage) error {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	var errs []error
	for _, m := range list {
		mark := "•"
		if m.Read {
			mark = " "
		}
		title := m.Title
		if m.Count > 1 {
			title = fmt.Sprintf("%s (×%d)", title, m.Count)
		}
		_, err := fmt.Fprintf(table, "%s %s\t%s\t%s\t%s\n", mark, m.CreatedAt.Local().Format(time.DateTime), m.Category,
			strings.ToUpper(m.Severity), title)
		errs = append(errs, err)
	}
	return errors.Join(errors.Join(errs...), table.Flush())
}
