package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/api/operation"
)

// TestABodyThatComesTooSlowlyIsTooSlow sends the half of a body over a real connection, and
// waits for the answer.
func TestABodyThatComesTooSlowlyIsTooSlow(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *operation.Config) { c.RequestTimeout = 50 * time.Millisecond })
	server := httptest.NewServer(h.server)
	t.Cleanup(server.Close)
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	_, err = fmt.Fprintf(connection, "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"account\":")
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusRequestTimeout || !strings.Contains(string(body), "/problems/request-timeout") || !response.Close {
		t.Errorf("the answer is %d %s (closing: %v), want 408 request-timeout and the end of the connection", response.StatusCode, body, response.Close)
	}
}
