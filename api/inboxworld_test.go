package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// deliver puts messages into an inbox, the way that a plan does. Each is written
// "type: title".
func (h *harness) deliver(account models.AccountID, owner string, messages ...string) {
	h.t.Helper()
	for _, each := range messages {
		kind, title, _ := strings.Cut(each, ": ")
		due := h.clock.Now().Add(time.Hour)
		n := models.Notification{
			ID: store.NewID(models.KindNotification), AccountID: account, Type: kind, TypeVersion: 1, Category: models.CategoryOf(kind),
			Severity: models.SeverityInfo, Source: models.SourcePlatform, Language: models.LocaleEN,
			Fingerprint: make([]byte, 32), ScheduleAt: &due, ExpiresAt: due.Add(time.Hour),
		}
		h.write(func(tx *store.Tx) error {
			_, err := tx.Accept(h.t.Context(), []models.Acceptance{{Notification: n}})
			return err
		})
		text := models.Rendered{Locale: models.LocaleEN, Title: title, Body: "body of " + title}
		plan := models.Plan{Messages: []models.Message{models.MessageOf(n, owner, text)}}
		if _, err := h.store.Deliveries().PlanNotification(h.t.Context(), account, n.ID, plan); err != nil {
			h.t.Fatalf("plan %q: %v", each, err)
		}
	}
}

// message is what clients see of a message.
type message struct {
	ID         string     `json:"id"`
	Seq        int64      `json:"seq"`
	Title      string     `json:"title"`
	Body       string     `json:"body"`
	Read       bool       `json:"read"`
	ReadAt     *time.Time `json:"read_at"`
	ReadBy     string     `json:"read_by"`
	ReadByName string     `json:"read_by_name"`
}

// messagePage is what clients see of a list of messages.
type messagePage struct {
	Items      []message `json:"items"`
	NextCursor string    `json:"next_cursor"`
	UpTo       int64     `json:"up_to"`
}

func (p messagePage) titles() string {
	var list []string
	for _, m := range p.Items {
		list = append(list, m.Title)
	}
	return strings.Join(list, ",")
}

// inboxCounts is what clients see of the counts.
type inboxCounts struct {
	Total      int64 `json:"total"`
	Unread     int64 `json:"unread"`
	UpTo       int64 `json:"up_to"`
	Categories []struct {
		Category string `json:"category"`
		Total    int64  `json:"total"`
		Unread   int64  `json:"unread"`
	} `json:"categories"`
}

// swept is what clients see of an operation on all messages.
type swept struct {
	Changed int64 `json:"changed"`
	More    bool  `json:"more"`
}

// decoded is the answer's body.
func decoded[T any](a *answer) T {
	a.t.Helper()
	var value T
	a.into(&value)
	return value
}

func (c client) messages(query string) messagePage {
	c.h.t.Helper()
	return decoded[messagePage](c.get(inboxPath + query).wants(200))
}

func (c client) counts() inboxCounts {
	c.h.t.Helper()
	return decoded[inboxCounts](c.get("/v1/inbox/counts").wants(200))
}

func (c client) sweep(path string, body any) swept {
	c.h.t.Helper()
	return decoded[swept](c.post(inboxPath+path, body).wants(200))
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Fatalf("%s: got %s, want %s", what, g, w)
	}
}
