//go:build e2e

package e2e_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestBehindNginx is everything that a proxy could break, behind Debian's nginx with the
// very file that deploy/nginx has.
func TestBehindNginx(t *testing.T) {
	t.Parallel()
	needNginx(t)
	c := newCluster(t, "mariadb", binary, "BELFRY_TRUSTED_PROXIES=127.0.0.1")
	c.populate(t)
	p := startNginx(t, c)
	browser := p.signsIn(t)
	p.editsWork(t)
	p.streamsAreNotCollected(t, c)
	p.uploadsWork(t, c)
	p.oneProcessIsEnough(t, c, browser)
}

// signsIn signs in with a cookie from another address than nginx's; what it says of its own
// address counts for nothing.
func (p *proxy) signsIn(t *testing.T) *http.Cookie {
	t.Helper()
	in := p.from(t, "127.0.0.9").do(t, http.MethodPost, "/v1/sessions", `{"account":"acme","name":"root","password":"`+clusterPassword+`","cookie":true}`,
		"X-Forwarded-For", "192.0.2.66", "X-Real-IP", "192.0.2.66", "Forwarded", "for=192.0.2.66")
	require.Equal(t, http.StatusCreated, in.status, in.text)
	require.Contains(t, in.text, `"ip":"127.0.0.9"`, "the source is the address that nginx saw")
	require.Equal(t, "max-age=31536000", in.header.Get("Strict-Transport-Security"))
	for _, cookie := range in.cookies {
		if cookie.Name == "__Host-belfry" {
			me := p.do(t, http.MethodGet, "/v1/me", "", "Cookie", cookie.Name+"="+cookie.Value)
			require.Equal(t, http.StatusOK, me.status, me.text)
			return cookie
		}
	}
	require.Fail(t, "no session's cookie came through")
	return nil
}

// editsWork edits with the ETags as nginx's gzip leaves them.
func (p *proxy) editsWork(t *testing.T) {
	t.Helper()
	made := p.do(t, http.MethodPost, "/v1/contacts", `{"name":"AdaLovelace","addresses":[{"channel":"email","value":"ada@acme.example"},{"channel":"sms","value":"+8613800138001"}]}`)
	require.Equal(t, http.StatusCreated, made.status, made.text)
	var contact struct {
		ID string `json:"id"`
	}
	require.NoError(t, json.Unmarshal([]byte(made.text), &contact))
	path := "/v1/contacts/" + contact.ID
	read := p.do(t, http.MethodGet, path, "")
	require.Equal(t, "gzip", read.header.Get("Content-Encoding"), "nginx packs what is of some length: %s", read.text)
	weak := read.header.Get("ETag")
	require.Regexp(t, `^W/"\d+"$`, weak)
	edit := func(name, match string) *reply {
		return p.do(t, http.MethodPatch, path, `{"name":"`+name+`"}`, "If-Match", match)
	}
	edited := edit("Ada", weak)
	require.Equal(t, http.StatusOK, edited.status, "an edit with the ETag as it came: %s", edited.text)
	require.Equal(t, http.StatusPreconditionFailed, edit("Bob", weak).status, "it is of another version now")
	current := edited.header.Get("ETag")
	require.Equal(t, http.StatusOK, edit("Countess", weak+", "+current).status, "one of several ETags is the version")
	require.Equal(t, http.StatusPreconditionFailed, edit("Bob", weak+", "+current).status)
	none := p.do(t, http.MethodPost, "/v1/inbox/messages/read-all", "")
	require.Less(t, none.status, http.StatusUnsupportedMediaType, "an empty body needs no type: %s", none.text)
	chunked := p.send(t, http.MethodPost, "/v1/bots/bot_00000000000000000000000000000000/resume", unsized(""))
	require.Equal(t, http.StatusNotFound, chunked.status, "an empty body of unknown length needs no type: %s", chunked.text)
}

// streamsAreNotCollected listens through nginx: a message arrives at once.
func (p *proxy) streamsAreNotCollected(t *testing.T, c *cluster) {
	t.Helper()
	stream := p.open(t, http.MethodGet, "/v1/inbox/events", http.NoBody, "Accept", "text/event-stream")
	defer func() { require.NoError(t, stream.Body.Close()) }()
	require.Equal(t, http.StatusOK, stream.StatusCode)
	require.Empty(t, stream.Header.Get("Content-Encoding"), "events are not packed")
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scan := bufio.NewScanner(stream.Body); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	arrives(t, lines, "event: counts")
	made := p.do(t, http.MethodPost, "/v1/notifications", `{"account":"acme","type":"exception.monitor_alert","variables":{
		"alert_name":"High CPU usage","fired_at":"now","resource_name":"web-prod-03","status":"Firing"}}`, "Authorization", "Bearer "+c.productKey)
	require.Equal(t, http.StatusAccepted, made.status, made.text)
	arrives(t, lines, "event: message")
}

// arrives waits until the line comes, for less than the time between two heartbeats.
func arrives(t *testing.T, lines <-chan string, wanted string) {
	t.Helper()
	late := time.After(10 * time.Second)
	for {
		select {
		case line, open := <-lines:
			require.True(t, open, "the stream ended before %q", wanted)
			if line == wanted {
				return
			}
		case <-late:
			require.Fail(t, "nginx collects events", "no %q", wanted)
		}
	}
}

// uploadsWork sends bodies of a megabyte, of known and of unknown length, and too large ones.
func (p *proxy) uploadsWork(t *testing.T, c *cluster) {
	t.Helper()
	feed := func(items, padding int) string {
		var b strings.Builder
		for i := range items {
			fmt.Fprintf(&b, `%s{"account":"acme","kind":"server","external_id":"r-%d","name":"%s","expires_at":"2030-01-01T00:00:00Z"}`,
				map[bool]string{true: ",", false: ""}[i > 0], i, strings.Repeat("n", 100))
		}
		return `{"items":[` + b.String() + `]` + strings.Repeat(" ", padding) + `}`
	}
	product := []string{"Authorization", "Bearer " + c.productKey, "Content-Type", "application/json"}
	for what, body := range map[string]io.Reader{"sized": strings.NewReader(feed(500, 1<<20)), "chunked": unsized(feed(500, 1<<20))} {
		up := p.send(t, http.MethodPost, "/v1/resources/batch", body, product...)
		require.Equal(t, http.StatusOK, up.status, "%s: %.300s", what, up.text)
		require.Equal(t, "gzip", up.header.Get("Content-Encoding"))
	}
	for _, size := range []int{3 << 20, 5 << 20} { // Belfry's bound, then nginx's
		up := p.send(t, http.MethodPost, "/v1/resources/batch", strings.NewReader(feed(1, size)), product...)
		require.Equal(t, http.StatusRequestEntityTooLarge, up.status, up.text)
		require.Contains(t, up.text, `"type":"/problems/too-large"`)
		require.Equal(t, "application/problem+json", up.header.Get("Content-Type"))
	}
}

// oneProcessIsEnough kills one process and then the other.
func (p *proxy) oneProcessIsEnough(t *testing.T, c *cluster, browser *http.Cookie) {
	t.Helper()
	c.serves[0].kill(t)
	for range 4 {
		me := p.do(t, http.MethodGet, "/v1/me", "", "Cookie", browser.Name+"="+browser.Value)
		require.Equal(t, http.StatusOK, me.status, me.text)
	}
	c.serves[1].kill(t)
	eventually(t, 10*time.Second, func() error {
		gone := p.do(t, http.MethodGet, "/v1/me", "")
		if gone.status != http.StatusServiceUnavailable || gone.header.Get("Retry-After") == "" || !strings.Contains(gone.text, "/problems/unavailable") {
			return errors.New(gone.text)
		}
		return nil
	})
}
