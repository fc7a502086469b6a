package api_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestBrowsersAreSentToTheConsole asks for the address of the site as a browser and as a
// program do.
func TestBrowsersAreSentToTheConsole(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.server.ServeConsole(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("console " + r.URL.Path)) }))
	ask := func(path, accept string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		h.server.ServeHTTP(w, r)
		return w
	}
	browser := ask("/", "text/html,application/xhtml+xml,*/*;q=0.8")
	assert.Equal(t, http.StatusFound, browser.Code)
	assert.Equal(t, "/console/", browser.Header().Get("Location"))
	assert.Equal(t, http.StatusNotFound, ask("/", "*/*").Code, "a program asks for nothing that is there")
	for _, path := range []string{"/console", "/console/", "/console/inbox/msg_1"} {
		assert.Equal(t, "console "+path, ask(path, "text/html").Body.String())
	}
	assert.Equal(t, http.StatusNotFound, ask("/consoles", "text/html").Code)
}
