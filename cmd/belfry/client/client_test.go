package client_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
)

func serve(t *testing.T, handler http.HandlerFunc) *client.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return client.New(server.URL+"/", "bk_1_2")
}

func TestCallSendsTheCredentialAndTheKey(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // of this test's own call
		_, _ = io.WriteString(w, `{"id":"`+r.Header.Get("Authorization")+"|"+r.Header.Get("Idempotency-Key")+"|"+r.URL.Path+`"}`)
		if string(body) != `{"a":1}` {
			t.Errorf("body = %s", body)
		}
	})
	var out struct{ ID string }
	require.NoError(t, c.Once("k1").Post(t.Context(), "/v1/x", map[string]int{"a": 1}, &out))
	require.Equal(t, "Bearer bk_1_2|k1|/v1/x", out.ID)
}

func TestProblemsAreErrorsWithTheirStatus(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/redirect" {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"title":"Invalid input","status":422,"detail":"No.","request_id":"r1","errors":[{"pointer":"#/type","detail":"must be given"}]}`)
	})
	err := c.Post(t.Context(), "/v1/x", nil, nil)
	require.Equal(t, http.StatusUnprocessableEntity, client.StatusOf(err))
	require.EqualError(t, err, "422 Invalid input: No.\n  #/type must be given (request r1)")
	require.Equal(t, http.StatusFound, client.StatusOf(c.Get(t.Context(), "/redirect", nil)), "a redirect would carry the key elsewhere")
	require.Zero(t, client.StatusOf(io.EOF))
}

func TestEventsAreReadOneByOne(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Last-Event-ID") != "7" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, ": hello\n\nid: 8\nevent: messages\ndata: {\"a\":\ndata: 1}\n\ndata: plain\n\ndata: unfinished\n")
	})
	var got []client.Event
	var end error
	for e, err := range c.Events(t.Context(), "/v1/inbox/events", "7") {
		if err != nil {
			end = err
			break
		}
		got = append(got, e)
	}
	require.ErrorIs(t, end, io.EOF)
	require.Equal(t, []client.Event{{ID: "8", Name: "messages", Data: "{\"a\":\n1}"}, {ID: "8", Name: "message", Data: "plain"}}, got)

	for _, err := range c.Events(t.Context(), "/v1/inbox/events", "") {
		require.Equal(t, http.StatusForbidden, client.StatusOf(err))
	}
}
