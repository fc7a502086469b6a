//go:build e2e

package e2e_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
	"belfry.dev/belfry/cmd/belfry/drill/ledger"
)

// submitKeyed submits one notification; the same key is the same submission.
func submitKeyed(ctx context.Context, c *client.Client, key string) (string, error) {
	var accepted struct {
		ID string `json:"id"`
	}
	err := c.Once(key).Post(ctx, "/v1/notifications", map[string]any{
		"type": "account.low_balance", "account": "acme", "variables": map[string]string{"balance": "CNY " + key},
	}, &accepted)
	return accepted.ID, err
}

// note writes down that the key was accepted, and returns how many are by now.
func note(log *ledger.Log, key, id string) int {
	log.Sent(key, "", time.Now())
	return log.Answered(key, id, time.Now())
}

// ended waits until every notification of the log has ended, and checks all
// promises: what was submitted and answered, what the account's reports and inbox
// say, and what the sinks caught. It returns the reports by id.
func ended(t *testing.T, m *machine, log *ledger.Log, limit time.Duration) map[string]ledger.Report {
	t.Helper()
	root := m.root(t)
	over := time.Now().Add(limit)
	for _, s := range log.Submissions() {
		require.NotEmpty(t, s.IDs, "key %s was never accepted", s.Key)
		finished(t, root, s.IDs[0], time.Until(over))
	}
	b := books(t, m, log)
	sum := ledger.Close(b)
	for _, breach := range sum.Broken {
		t.Errorf("%s is broken: %s", breach.Promise, breach.About)
	}
	require.Equal(t, log.Accepted(), sum.Accepted)
	out := map[string]ledger.Report{}
	for _, r := range b.Reports {
		out[r.ID] = r
	}
	return out
}

func books(t *testing.T, m *machine, log *ledger.Log) ledger.Books {
	t.Helper()
	root := m.root(t)
	var me struct {
		Account struct {
			ID string `json:"id"`
		} `json:"account"`
	}
	require.NoError(t, root.Get(t.Context(), "/v1/me", &me))
	b := ledger.Books{Submissions: log.Submissions(), Copies: copies(t, m), Inboxes: map[string]int{}}
	for i := range b.Submissions {
		b.Submissions[i].Account = me.Account.ID
	}
	for _, each := range inbox(t, root) {
		b.Inboxes[each.NotificationID]++
	}
	for _, id := range listed(t, root) {
		var r ledger.Report
		require.NoError(t, root.Get(t.Context(), "/v1/notifications/"+id, &r))
		b.Reports = append(b.Reports, r)
	}
	return b
}

// copies are what the sinks caught.
func copies(t *testing.T, m *machine) []ledger.Copy {
	t.Helper()
	var out []ledger.Copy
	for _, each := range m.mails(t) {
		out = append(out, ledger.Copy{Channel: "email", Key: deliveryOf(each)})
	}
	for _, each := range m.texts(t) {
		out = append(out, ledger.Copy{Channel: "sms", Key: each.Key})
	}
	for _, each := range m.webhooks(t) {
		require.True(t, each.Verified, each.Problem)
		out = append(out, ledger.Copy{Channel: "webhook", Key: each.Key})
	}
	return out
}

// listed are the ids of all notifications about the account.
func listed(t *testing.T, root *client.Client) []string {
	t.Helper()
	var ids []string
	cursor := ""
	for {
		var page struct {
			Items []struct {
				ID string `json:"id"`
			} `json:"items"`
			NextCursor string `json:"next_cursor"`
		}
		require.NoError(t, root.Get(t.Context(), "/v1/notifications?"+url.Values{"limit": {"100"}, "cursor": {cursor}}.Encode(), &page))
		for _, each := range page.Items {
			ids = append(ids, each.ID)
		}
		if cursor = page.NextCursor; cursor == "" {
			return ids
		}
	}
}
