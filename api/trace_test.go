package api_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"belfry.dev/belfry/api"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/rbac"
)

// traced is the harness's server once more, with traces.
func (h *harness) traced() (*api.Server, *tracetest.InMemoryExporter) {
	h.t.Helper()
	kept := tracetest.NewInMemoryExporter()
	guard, err := rbac.New(rbac.Config{Grants: h.store.Roles(), Now: h.clock.Now})
	if err != nil {
		h.t.Fatal(err)
	}
	deps := h.deps(guard)
	deps.Tracer = sdktrace.NewTracerProvider(sdktrace.WithSyncer(kept)).Tracer("test")
	server, err := api.New(operation.Config{}, deps)
	if err != nil {
		h.t.Fatal(err)
	}
	return server, kept
}

func TestASubmissionCarriesItsTraceToTheDispatcher(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	server, kept := h.traced()
	body := `{"type":"account.low_balance","account":"alpha","variables":{"balance":"CNY 86.50"}}`
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/notifications", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+h.product.token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	answer := httptest.NewRecorder()
	if server.ServeHTTP(answer, r); answer.Code != http.StatusAccepted {
		t.Fatalf("submit: %d %s", answer.Code, answer.Body)
	}
	var names []string
	for _, span := range kept.GetSpans() {
		names = append(names, span.Name)
		if got := span.SpanContext.TraceID().String(); got != "4bf92f3577b34da6a3ce929d0e0e4736" {
			t.Errorf("%s is of trace %s, not of the caller's", span.Name, got)
		}
		for _, a := range span.Attributes {
			if value := a.Value.String(); strings.Contains(value, "86.50") || strings.Contains(value, h.product.token) {
				t.Errorf("%s: %s = %s", span.Name, a.Key, value)
			}
		}
	}
	if want := []string{"accept", "POST /v1/notifications"}; !slices.Equal(names, want) {
		t.Errorf("spans = %v, want %v", names, want)
	}
	h.clock.advance(time.Minute)
	rows, err := h.store.Wakeups().ClaimWakeups(t.Context(), time.Second, 10)
	if err != nil || len(rows) != 1 || !strings.HasPrefix(rows[0].Trace, "00-4bf92f3577b34da6a3ce929d0e0e4736-") {
		t.Errorf("ClaimWakeups() = %+v, %v; the dispatcher would begin another trace", rows, err)
	}
}

func TestStreamsAndProbesHaveNoSpans(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	server, kept := h.traced()
	for _, path := range []string{"/healthz", "/readyz", "/v1/inbox/events", "/no/such/path"} {
		server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	}
	if spans := kept.GetSpans(); len(spans) != 0 {
		t.Errorf("%d spans, of %s", len(spans), spans[0].Name)
	}
}
