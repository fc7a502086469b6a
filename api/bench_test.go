package api_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkSmallGet is what a small read costs: a session, a permission, one row.
func BenchmarkSmallGet(b *testing.B) {
	h := newHarness(b)
	for name, p := range map[string]person{"session": h.root, "key": h.product, "public": h.anonymous} {
		path := map[string]string{"session": "/v1/grants/grt_" + "00000000000000000000000000000000", "key": "/v1/me", "public": "/healthz"}[name]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
				if p.token != "" {
					r.Header.Set("Authorization", "Bearer "+p.token)
				}
				h.server.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}
