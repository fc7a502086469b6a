package api_test

import (
	"fmt"
	"strings"
	"testing"

	"belfry.dev/belfry/api/operation"
)

// Some proxies write the caller's port, too, or leave a member empty.
func TestForwardedAddressesAreReadAsProxiesWriteThem(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *operation.Config) { c.TrustedProxies = []string{"192.0.2.0/24"} })
	for i, c := range []struct{ line, want string }{
		{"203.0.113.7:41234", "203.0.113.7"},
		{"6.6.6.6:1, 203.0.113.7:41234", "203.0.113.7"},
		{"[2001:db8::7]:443", "2001:db8::7"},
		{"[2001:db8::7]", "2001:db8::7"},
		{"203.0.113.7,,", "203.0.113.7"},
		{"unknown, 203.0.113.7", "203.0.113.7"},
		{"203.0.113.7, unknown", "192.0.2.1"},
		{":1234", "192.0.2.1"},
		{" , ", "192.0.2.1"},
	} {
		h.as(h.none).with("X-Forwarded-For", c.line).post("/v1/me/access-keys", object{"name": fmt.Sprint("k", i)}).wants(201)
		if ip := h.logged(h.a.Account.ID)[0].IP; ip != c.want {
			t.Errorf("%q: the operation log has the address %s, want %s", c.line, ip, c.want)
		}
	}
}

// What cannot be read excludes nothing, and the answer says what it is all the same.
func TestAnUnreadableAcceptIsNone(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for _, line := range []string{";;;,,", "/", "text/html;;q", "application/json;=", `"`} {
		for _, path := range []string{"/healthz", "/v1/me", "/v1/me/sessions", "/v1/nothing"} {
			got := h.as(h.root).with("Accept", line).get(path)
			if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "application/") || !strings.Contains(kind, "json") {
				t.Errorf("Accept: %s, GET %s = %d of type %q", line, path, got.status, kind)
			}
		}
	}
	if kind := h.as(h.root).with("Accept", "text/html,,application/json").get("/v1/me").wants(200).header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("an empty member of Accept makes the answer %q", kind)
	}
}
