package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHealthTellsLivingFromReady(t *testing.T) {
	t.Parallel()
	s := serving(t, "--drain-delay", "0s")
	listen := strings.TrimPrefix(s.metrics, "http://")
	code, out, complaint := belfry(t, "health", "--metrics-listen", listen)
	require.Zero(t, code, complaint)
	require.Equal(t, "ok\n", out)
	code, out, complaint = belfry(t, "health", "--ready", "--url", s.metrics+"/")
	require.Zero(t, code, complaint)
	require.Equal(t, "degraded database=ok storage=ok temporal=failed\n", out, "accepting goes on without Temporal")

	s.stop()
	require.Zero(t, <-s.ended)
	code, out, complaint = belfry(t, "health", "--metrics-listen", listen)
	require.Equal(t, 1, code)
	require.Empty(t, out)
	require.Contains(t, complaint, "refused")
}

// answering is a process that gives one answer to everything.
func answering(t *testing.T, status int, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestHealthFailsWithTheReason(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		status     int
		body, want string
	}{
		"a process whose database is away": {http.StatusServiceUnavailable, `{"status":"failed","parts":{"database":"failed","storage":"ok"}}`, "failed database=failed storage=ok"},
		"somebody else at that address":    {http.StatusOK, `<html>`, "not in the form of Belfry"},
		"somebody else who speaks JSON":    {http.StatusOK, `{}`, "not in the form of Belfry"},
		"an answer that is no success":     {http.StatusTeapot, `{"status":"ok"}`, "418"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, complaint := belfry(t, "health", "--ready", "--url", answering(t, c.status, c.body))
			require.Equal(t, 1, code)
			require.Empty(t, out)
			require.Contains(t, complaint, c.want)
		})
	}
}

func TestHealthLooksWhereMetricsAre(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		"": "127.0.0.1:9464", ":9000": "127.0.0.1:9000", "0.0.0.0:9000": "127.0.0.1:9000", "[::]:9000": "127.0.0.1:9000", "10.0.0.7:9000": "10.0.0.7:9000",
	} {
		var c healthCommand
		c.MetricsListen = listen
		got, err := c.address()
		require.NoError(t, err)
		require.Equal(t, want, got, "BELFRY_METRICS_LISTEN=%s", listen)
	}
	for listen, want := range map[string]string{"off": "--url", "9464": "no address"} {
		code, _, complaint := belfry(t, "health", "--metrics-listen", listen)
		require.Equal(t, 1, code)
		require.Contains(t, complaint, want)
	}
}
