//go:build e2e

package e2e_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
)

// TestADigestOutlivesAKillAtItsClosing: fifty submissions are one mail and one call of the bot
// that list all of them; what was under way when the process died may be there twice, under
// the same key, and nothing is lost.
func TestADigestOutlivesAKillAtItsClosing(t *testing.T) {
	t.Parallel()
	m := newMachine(t, quick()...)
	m.start(t)
	m.fault(t, "webhooks", map[string]any{"times": -1, "keep": true, "delay_ms": 1500})
	root, product := m.root(t), m.product(t)
	closes := wantsDigests(t, root, 30*time.Second)
	ids := make([]string, 50)
	for i := range ids {
		var accepted struct {
			ID string `json:"id"`
		}
		require.NoError(t, product.Once(fmt.Sprint("digest-", i)).Post(t.Context(), "/v1/notifications", map[string]any{
			"type": "exception.monitor_alert", "account": "acme", "severity": "warning",
			"variables": map[string]string{"alert_name": fmt.Sprintf("alert-%02d", i), "fired_at": "now", "resource_name": "db-1", "status": "Firing"},
		}, &accepted))
		ids[i] = accepted.ID
	}
	eventually(t, time.Until(closes), func() error { return m.allWait(t, ids) })
	require.Empty(t, m.mails(t))
	eventually(t, time.Until(closes)+20*time.Second, func() error { // the call of the bot lasts for a while
		if len(m.mails(t))+len(m.webhooks(t)) == 0 {
			return fmt.Errorf("nothing has left yet")
		}
		return nil
	})
	m.kill(t)
	m.start(t)
	m.fault(t, "webhooks", map[string]any{"times": 0})
	for _, id := range ids {
		for _, d := range finished(t, root, id, 2*time.Minute).Deliveries {
			if d.State != "suppressed" && d.Reason != "outcome_unknown" { // a text of unknown outcome is not repeated
				require.Equal(t, "delivered", d.State, "%s: %s", d.Channel, d.Reason)
			}
		}
	}
	var keys []string
	for _, each := range m.mails(t) {
		require.Contains(t, each.Subject, "50")
		requireAll(t, each.Text)
		keys = append(keys, each.Headers["Message-Id"]+each.Headers["Message-ID"])
	}
	requireCopies(t, keys)
	keys = nil
	for _, each := range m.webhooks(t) {
		requireAll(t, each.Body)
		keys = append(keys, each.Key)
	}
	requireCopies(t, keys)
}

// wantsDigests has the account contact and its bots want their alerts at a full minute, so
// late at least that the submissions until then fit in, and returns when that is.
func wantsDigests(t *testing.T, root *client.Client, later time.Duration) time.Time {
	t.Helper()
	var account struct {
		TimeZone string `json:"time_zone"`
	}
	require.NoError(t, root.Get(t.Context(), "/v1/account", &account))
	zone, err := time.LoadLocation(account.TimeZone)
	require.NoError(t, err)
	closes := time.Now().Add(later).Truncate(time.Minute).Add(time.Minute)
	prefersDigests(t, root, map[string]any{"category": "exception", "daily_at": closes.In(zone).Format("15:04")})
	return closes
}

// prefersDigests sets the digests of the account contact and of its bots.
func prefersDigests(t *testing.T, root *client.Client, rules ...map[string]any) {
	t.Helper()
	var contact struct {
		ID string `json:"id"`
	}
	require.NoError(t, root.Get(t.Context(), "/v1/account/contact", &contact))
	var bots struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	require.NoError(t, root.Get(t.Context(), "/v1/bots", &bots))
	paths := []string{"/v1/contacts/" + contact.ID}
	for _, b := range bots.Items {
		paths = append(paths, "/v1/bots/"+b.ID)
	}
	for _, path := range paths {
		require.NoError(t, root.Call(t.Context(), http.MethodPatch, path+"/preferences", map[string]any{"digests": append([]map[string]any{}, rules...)}, nil))
	}
}

// allWait complains unless what is open of the notifications is in envelopes.
func (m *machine) allWait(t *testing.T, ids []string) error {
	for _, id := range ids {
		r, err := readReport(t, m.root(t), id)
		if err != nil {
			return err
		}
		held := 0
		for _, d := range r.Deliveries {
			if d.State == "pending" && d.Envelope != nil {
				held++
			}
		}
		if held == 0 {
			return fmt.Errorf("%s is not planned, or not held: %+v", id, r.Deliveries)
		}
	}
	return nil
}

func requireAll(t *testing.T, text string) {
	t.Helper()
	for i := range 50 {
		require.Contains(t, text, fmt.Sprintf("alert-%02d", i))
	}
}

// requireCopies wants one message, or two of one key.
func requireCopies(t *testing.T, keys []string) {
	t.Helper()
	require.NotEmpty(t, keys)
	require.LessOrEqual(t, len(keys), 2)
	for _, key := range keys {
		require.Equal(t, keys[0], key)
	}
}
