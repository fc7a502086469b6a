//go:build e2e

package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestHeldDeliveriesSurviveAKill holds a mail until a minute that is about to begin:
// quiet hours know no seconds.
func TestHeldDeliveriesSurviveAKill(t *testing.T) {
	t.Parallel()
	m := newMachine(t, quick()...)
	m.start(t)
	root, c := m.root(t), m.product(t)
	var account struct {
		ID string `json:"id"`
	}
	require.NoError(t, root.Get(t.Context(), "/v1/account/contact", &account))
	ends := time.Now().UTC().Truncate(time.Minute).Add(time.Minute)
	if time.Until(ends) < 30*time.Second { // two starts must fit in
		ends = ends.Add(time.Minute)
	}
	require.NoError(t, root.Call(t.Context(), http.MethodPatch, "/v1/contacts/"+account.ID+"/preferences", map[string]any{
		"quiet_hours": map[string]string{"from": ends.Add(-time.Hour).Format("15:04"), "to": ends.Format("15:04"), "time_zone": "UTC"},
	}, nil))
	var accepted struct {
		ID string `json:"id"`
	}
	require.NoError(t, c.Post(t.Context(), "/v1/notifications", map[string]any{
		"type": "exception.monitor_alert", "account": "acme", "severity": "warning",
		"variables": map[string]string{"alert_name": "High CPU usage", "fired_at": "now", "resource_name": "db-1", "status": "Firing"},
	}, &accepted))
	eventually(t, 15*time.Second, func() error {
		r, err := readReport(t, c, accepted.ID)
		for _, d := range r.Deliveries {
			if d.State == "pending" && d.Reason != "quiet_hours" {
				return fmt.Errorf("the delivery over %s is still open: %s", d.Channel, d.Reason)
			}
		}
		if err == nil && len(r.Deliveries) < 2 {
			err = errors.New("nothing is planned")
		}
		return err
	})
	m.kill(t)
	m.start(t)
	held, err := readReport(t, c, accepted.ID)
	require.NoError(t, err)
	require.Equal(t, "pending quiet_hours", held.over(t, "email").State+" "+held.over(t, "email").Reason)
	require.Empty(t, m.mails(t))
	r := finished(t, c, accepted.ID, time.Until(ends)+45*time.Second)
	require.Equal(t, "delivered", r.Status)
	require.Len(t, r.over(t, "email").Attempts, 1)
	require.False(t, r.over(t, "email").Attempts[0].StartedAt.Before(ends), "it woke somebody")
	require.Len(t, m.mails(t), 1)
	require.Len(t, inbox(t, root), 1, "the inbox had it at once, and once")
}
