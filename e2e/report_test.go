//go:build e2e

package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
)

// report is what GET /v1/notifications/{id} says, as far as the tests care.
type report struct {
	ID         string     `json:"id"`
	Status     string     `json:"status"`
	Language   string     `json:"language"`
	Count      int        `json:"count"`
	CreatedAt  time.Time  `json:"created_at"`
	FinishedAt *time.Time `json:"finished_at"`
	MergedWith []string   `json:"merged_with"`
	Deliveries []delivery `json:"deliveries"`
}

type delivery struct {
	ID         string `json:"id"`
	Channel    string `json:"channel"`
	State      string `json:"state"`
	Reason     string `json:"reason"`
	Locked     bool   `json:"locked"`
	MergedInto *struct {
		DeliveryID     string `json:"delivery_id"`
		NotificationID string `json:"notification_id"`
	} `json:"merged_into"`
	Envelope *struct {
		ID    string `json:"id"`
		State string `json:"state"`
	} `json:"envelope"`
	Attempts []attempt `json:"attempts"`
}

type attempt struct {
	Number          int        `json:"number"`
	Provider        string     `json:"provider"`
	StartedAt       time.Time  `json:"started_at"`
	FinishedAt      *time.Time `json:"finished_at"`
	Outcome         string     `json:"outcome"`
	ProviderCode    string     `json:"provider_code"`
	ProviderMessage string     `json:"provider_message"`
	ProviderRef     string     `json:"provider_ref"`
}

func readReport(t *testing.T, c *client.Client, id string) (report, error) {
	t.Helper()
	var r report
	return r, c.Get(t.Context(), "/v1/notifications/"+id, &r)
}

// finished waits for the notification's end and returns its report.
func finished(t *testing.T, c *client.Client, id string, limit time.Duration) report {
	t.Helper()
	var r report
	eventually(t, limit, func() error {
		var err error
		r, err = readReport(t, c, id)
		if err == nil && r.FinishedAt == nil {
			err = fmt.Errorf("notification %s is still %s: %+v", id, r.Status, r.Deliveries)
		}
		return err
	})
	return r
}

// over returns the one delivery over the channel.
func (r report) over(t *testing.T, channel string) delivery {
	t.Helper()
	var found []delivery
	for _, d := range r.Deliveries {
		if d.Channel == channel {
			found = append(found, d)
		}
	}
	require.Len(t, found, 1, "deliveries over %s in %+v", channel, r.Deliveries)
	return found[0]
}

// message is what a list of an inbox says.
type message struct {
	ID             string `json:"id"`
	NotificationID string `json:"notification_id"`
	Title          string `json:"title"`
	Language       string `json:"language"`
	Read           bool   `json:"read"`
	Count          int    `json:"count"`
}

// inbox returns all messages of the account's inbox.
func inbox(t *testing.T, c *client.Client) []message {
	t.Helper()
	var all []message
	cursor := ""
	for {
		var page struct {
			Items      []message `json:"items"`
			NextCursor string    `json:"next_cursor"`
		}
		path := "/v1/inbox/messages?limit=100"
		if cursor != "" {
			path += "&cursor=" + cursor
		}
		require.NoError(t, c.Get(t.Context(), path, &page))
		all = append(all, page.Items...)
		if cursor = page.NextCursor; cursor == "" {
			return all
		}
	}
}
