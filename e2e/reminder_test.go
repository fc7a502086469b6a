//go:build e2e

package e2e_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fed is what a product says of a resource.
type fed map[string]any

// shownResource is a resource as the account sees it.
type shownResource struct {
	ID        string  `json:"id"`
	State     string  `json:"state"`
	Next      *string `json:"next_reminder_at"`
	Reminders []struct {
		Rung           string `json:"rung"`
		NotificationID string `json:"notification_id"`
	} `json:"reminders"`
}

func (r shownResource) rungs() []string {
	var names []string
	for _, each := range r.Reminders {
		names = append(names, each.Rung)
	}
	return names
}

func showResource(t *testing.T, m *machine, id string) (r shownResource, err error) {
	return r, m.root(t).Call(t.Context(), http.MethodGet, "/v1/resources/"+id, nil, &r)
}

// TestALadderInSecondsOutlivesAKill: each rung at most once, the end in any case.
func TestALadderInSecondsOutlivesAKill(t *testing.T) {
	t.Parallel()
	m := newMachine(t, quick()...)
	m.start(t)
	now := time.Now()
	var made shownResource
	require.NoError(t, m.product(t).Call(t.Context(), http.MethodPost, "/v1/resources", fed{
		"account": "acme", "external_id": "db-1", "name": "orders-db", "version": 1,
		"expires_at": now.Add(14 * time.Second), "release_at": now.Add(20 * time.Second),
		"ladder": []string{"10s", "8s", "6s", "4s", "2s"}, "release_ladder": []string{"3s"},
	}, &made))
	eventually(t, 30*time.Second, func() error {
		r, err := showResource(t, m, made.ID)
		if err == nil && len(r.Reminders) == 0 {
			err = errors.New("no reminder yet")
		}
		return err
	})
	m.kill(t)
	m.start(t)
	var last shownResource
	eventually(t, 90*time.Second, func() (err error) {
		if last, err = showResource(t, m, made.ID); err == nil && last.State != "released" {
			err = fmt.Errorf("it is %s after %v", last.State, last.rungs())
		}
		return err
	})
	require.Nil(t, last.Next)
	rungs := last.rungs()
	require.Equal(t, "released", rungs[len(rungs)-1])
	ladder := []string{"expiry-10s", "expiry-8s", "expiry-6s", "expiry-4s", "expiry-2s", "expired", "release-3s", "released"}
	for _, rung := range rungs {
		at := slices.Index(ladder, rung)
		require.GreaterOrEqual(t, at, 0, "%s out of order or twice: %v", rung, rungs)
		ladder = ladder[at+1:]
	}
	for _, each := range last.Reminders {
		require.Equal(t, "delivered", finished(t, m.root(t), each.NotificationID, soon).Status)
	}
	require.Len(t, m.mails(t), len(rungs), "one mail for each reminder")
	require.Len(t, inbox(t, m.root(t)), len(rungs))
}

// TestTwoHundredResourcesAreOneMailAndARenewalIsNone shows same-day merging, renewal
// and the calendar on the real binary.
func TestTwoHundredResourcesAreOneMailAndARenewalIsNone(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.start(t)
	expires := time.Now().Add(12 * time.Second).Truncate(time.Second)
	items := make([]fed, 200)
	for i := range items {
		items[i] = fed{
			"account": "acme", "external_id": fmt.Sprintf("db-%03d", i), "name": fmt.Sprintf("db-%03d", i),
			"expires_at": expires, "ladder": []string{"4s"},
		}
	}
	var feed struct {
		Address string `json:"url"`
	}
	require.NoError(t, m.root(t).Call(t.Context(), http.MethodPost, "/v1/calendar-feeds", fed{"name": "phone"}, &feed))
	var answer struct {
		Items []struct {
			ID     string `json:"id"`
			Status int    `json:"status"`
		} `json:"items"`
	}
	require.NoError(t, m.product(t).Call(t.Context(), http.MethodPost, "/v1/resources/batch", fed{"items": items}, &answer))
	require.Len(t, answer.Items, 200)
	require.Equal(t, 2, strings.Count(m.calendar(t, feed.Address), "BEGIN:VEVENT"), "two messages to come")
	renewed := answer.Items[7].ID
	require.NoError(t, m.product(t).Call(t.Context(), http.MethodPost, "/v1/resources/"+renewed+"/renew",
		fed{"expires_at": expires.Add(365 * 24 * time.Hour)}, nil))

	eventually(t, time.Minute, func() error {
		if n := len(m.mails(t)); n < 2 {
			return fmt.Errorf("%d mails", n)
		}
		return nil
	})
	subjects := m.mails(t)[0].Subject + "\n" + m.mails(t)[1].Subject
	require.Contains(t, subjects, "db-000 (Shop) and 198 more expire on")
	require.Contains(t, subjects, "db-000 (Shop) and 198 more expired on")
	for _, id := range []string{answer.Items[0].ID, answer.Items[199].ID} {
		r, err := showResource(t, m, id)
		require.NoError(t, err)
		require.Equal(t, []string{"expiry-4s", "expired"}, r.rungs())
	}
	r, err := showResource(t, m, renewed)
	require.NoError(t, err)
	require.Empty(t, r.Reminders, "it was renewed in time")
	require.Len(t, m.mails(t), 2)
	require.Len(t, inbox(t, m.root(t)), 2)
	require.Equal(t, 2, strings.Count(m.calendar(t, feed.Address), "BEGIN:VEVENT"), "the renewed one's")
}

// calendar reads the feed as a calendar does, without a credential.
func (m *machine) calendar(t *testing.T, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.base()+address[strings.Index(address, "/v1/"):], nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, answer.Body.Close()) }()
	require.Equal(t, http.StatusOK, answer.StatusCode)
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return string(text)
}
