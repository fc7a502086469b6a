package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"belfry.dev/belfry/cmd/belfry/client"
)

// access says how a client command reaches the API.
type access struct {
	URL string `env:"BELFRY_URL" default:"http://127.0.0.1:8080" help:"Address of Belfry, for client commands." group:"Client"`
	Key string `env:"BELFRY_KEY" needed:"" placeholder:"KEY" help:"Access key for client commands." group:"Client"`
}

func (a access) client() *client.Client { return client.New(a.URL, a.Key) }

// sendCommand submits one notification with a product's access key.
type sendCommand struct {
	access
	Type       string            `arg:"" help:"Message type, such as account.low_balance."`
	Account    string            `required:"" help:"The account that it is about: its alias or id." placeholder:"ACCOUNT"`
	Var        map[string]string `mapsep:"none" help:"A variable of the message type; repeat for more." placeholder:"NAME=VALUE"`
	Link       string            `help:"Where the message leads."`
	Severity   string            `help:"info, warning or critical; the message type's own when left out."`
	ExternalID string            `name:"external-id" help:"Your own id of it."`
	DedupKey   string            `name:"dedup-key" help:"What equal events have in common: within the message type's window they count on the first." placeholder:"KEY"`
	At         *time.Time        `help:"When it is due, such as 2026-01-31T09:00:00+08:00; at once when left out."`
	TTL        time.Duration     `name:"ttl" help:"How long it is worth sending; the message type's own deadline when left out."`
	OnceKey    string            `name:"idempotency-key" help:"Makes a repeat within 7 days the same submission; a random one when left out." placeholder:"KEY"`
	Wait       time.Duration     `help:"How long to wait for the end; the report is printed then." placeholder:"DURATION"`
}

// submission is the body of notification.create.
type submission struct {
	Type       string            `json:"type"`
	Account    string            `json:"account"`
	Variables  map[string]string `json:"variables,omitempty"`
	Link       string            `json:"link,omitempty"`
	Severity   string            `json:"severity,omitempty"`
	ExternalID string            `json:"external_id,omitempty"`
	DedupKey   string            `json:"dedup_key,omitempty"`
	ScheduleAt *time.Time        `json:"schedule_at,omitempty"`
	TTLSeconds int64             `json:"ttl_seconds,omitempty"`
}

// notification is what the command reads of a report.
type notification struct {
	ID         string     `json:"id"`
	Status     string     `json:"status"`
	FinishedAt *time.Time `json:"finished_at"`
}

// Run is the command. It prints the notification's id, or the report in JSON.
func (c *sendCommand) Run(ctx context.Context, o outside) error {
	key := c.OnceKey
	if key == "" {
		key = rand.Text()
	}
	var accepted notification
	err := c.client().Once(key).Post(ctx, "/v1/notifications", submission{
		Type: c.Type, Account: c.Account, Variables: c.Var, Link: c.Link, Severity: c.Severity,
		ExternalID: c.ExternalID, DedupKey: c.DedupKey, ScheduleAt: c.At, TTLSeconds: int64(c.TTL / time.Second),
	}, &accepted)
	if err != nil {
		return err
	}
	if c.Wait <= 0 {
		_, err := fmt.Fprintln(o.out, accepted.ID)
		return err
	}
	text, err := c.report(ctx, accepted.ID)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(o.out, text)
	return err
}

// report waits for the notification's end and returns its report, indented. When
// the wait is over before, it returns the report as it stands.
func (c *sendCommand) report(ctx context.Context, id string) (string, error) {
	const pause = 200 * time.Millisecond
	over := time.NewTimer(c.Wait)
	defer over.Stop()
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		var raw json.RawMessage
		if err := c.client().Get(ctx, "/v1/notifications/"+url.PathEscape(id), &raw); err != nil {
			return "", err
		}
		var n notification
		if err := json.Unmarshal(raw, &n); err != nil {
			return "", fmt.Errorf("read the report: %w", err)
		}
		if n.FinishedAt != nil {
			return indent(raw)
		}
		select {
		case <-tick.C:
		case <-over.C:
			return indent(raw)
		case <-ctx.Done():
			return "", errors.New("interrupted; the notification " + id + " goes on")
		}
	}
}

func indent(raw json.RawMessage) (string, error) {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(value, "", "  ")
	return strings.TrimSpace(string(text)), err
}
