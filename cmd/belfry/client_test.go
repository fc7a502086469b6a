package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// fake answers as the API would, path by path.
func fake(t *testing.T, answers map[string]string) (url string, bodies map[string]string) {
	t.Helper()
	bodies = map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // of this test's own call
		at := r.Method + " " + r.URL.RequestURI()
		bodies[at] = string(body)
		answer, ok := answers[at]
		if !ok || r.Header.Get("Authorization") != "Bearer bk_1" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, answer) // a broken connection fails the test below
	}))
	t.Cleanup(server.Close)
	return server.URL, bodies
}

func TestSendSubmitsWhatTheFlagsSay(t *testing.T) {
	t.Parallel()
	url, bodies := fake(t, map[string]string{
		"POST /v1/notifications":      `{"id":"ntf_1","status":"pending"}`,
		"GET /v1/notifications/ntf_1": `{"id":"ntf_1","status":"delivered","finished_at":"2026-01-02T03:04:05Z"}`,
	})
	code, out, complaint := belfry(t, "send", "account.low_balance", "--url", url, "--key", "bk_1", "--account", "acme",
		"--var", "balance=a=b; c", "--var", "days_left=3", "--at", "2026-01-31T09:00:00+08:00", "--ttl", "2h", "--wait", "1s")
	require.Zero(t, code, complaint)
	require.JSONEq(t, `{"type":"account.low_balance","account":"acme","variables":{"balance":"a=b; c","days_left":"3"},
		"schedule_at":"2026-01-31T09:00:00+08:00","ttl_seconds":7200}`, bodies["POST /v1/notifications"])
	require.Contains(t, out, `"status": "delivered"`)

	code, _, complaint = belfry(t, "send", "account.low_balance", "--url", url, "--key", "bk_2", "--account", "acme")
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "404")
	require.NotContains(t, complaint, "bk_2", "a complaint must not repeat the key")
}

func TestInboxShowsOneLinePerMessage(t *testing.T) {
	t.Parallel()
	url, _ := fake(t, map[string]string{
		"GET /v1/inbox/messages?category=account&limit=5&state=unread": `{"items":[{"title":"Low balance","category":"account",
			"severity":"warning","read":false,"created_at":"2026-01-02T03:04:05Z"}]}`,
	})
	code, out, complaint := belfry(t, "inbox", "--url", url, "--key", "bk_1", "--unread", "--category", "account", "--limit", "5")
	require.Zero(t, code, complaint)
	require.Regexp(t, `^• 2026-01-0\d \d\d:04:05  account  WARNING  Low balance\n$`, out)
}
