//go:build e2e

package e2e_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// spans is a collector that keeps what it gets.
type spans struct {
	*httptest.Server
	mu   sync.Mutex
	list []*trace.Span
}

func newSpans(t *testing.T) *spans {
	t.Helper()
	s := &spans{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var request collector.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(body, &request)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, resource := range request.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				s.list = append(s.list, scope.GetSpans()...)
			}
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// of returns the spans of a trace, by id.
func (s *spans) of(traceID string) map[string]*trace.Span {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]*trace.Span{}
	for _, span := range s.list {
		if hex.EncodeToString(span.GetTraceId()) == traceID {
			found[string(span.GetSpanId())] = span
		}
	}
	return found
}

func (s *spans) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(s.list)
}

// wants waits until the trace has a span of each name, and returns its spans.
func (s *spans) wants(t *testing.T, traceID string, names ...string) map[string]*trace.Span {
	t.Helper()
	var found map[string]*trace.Span
	eventually(t, 30*time.Second, func() error {
		found = s.of(traceID)
		have := map[string]bool{}
		for _, span := range found {
			have[span.GetName()] = true
		}
		for _, name := range names {
			if !have[name] {
				return fmt.Errorf("no span %q in %v", name, have)
			}
		}
		return nil
	})
	return found
}

// submitTraced submits what belfry dev prints, as a product that has a trace already.
func (m *machine) submitTraced(t *testing.T, traceID string) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"type": "account.low_balance", "account": "acme", "variables": map[string]string{"balance": "CNY 86.50"}})
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.base()+"/v1/notifications", bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+m.secrets(t).ProductKey)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("traceparent", "00-"+traceID+"-00f067aa0ba902b7-01")
	response, err := new(http.Client).Do(request)
	require.NoError(t, err)
	var accepted struct {
		ID string `json:"id"`
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&accepted))
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusAccepted, response.StatusCode)
	return accepted.ID
}

// TestOneTraceLeadsFromTheRequestToTheProviders submits in a trace of the caller's.
func TestOneTraceLeadsFromTheRequestToTheProviders(t *testing.T) {
	t.Parallel()
	c := newSpans(t)
	m := newMachine(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_BSP_SCHEDULE_DELAY=100")
	m.start(t)
	const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
	finishedOver(t, m, m.submitTraced(t, traceID), "email", "sms", "webhook")
	found := c.wants(t, traceID, "POST /v1/notifications", "accept", "StartWorkflow:Notification", "RunWorkflow:Notification",
		"plan", "RunActivity:Attempt", "send email", "send sms", "send webhook")
	for _, span := range found {
		if span.GetName() == "POST /v1/notifications" {
			require.Equal(t, "00f067aa0ba902b7", hex.EncodeToString(span.GetParentSpanId()), "the caller's span is above ours")
			continue
		}
		require.Contains(t, found, string(span.GetParentSpanId()), "%s hangs in the air", span.GetName())
	}
	m.stop(t)
	personal, secret := m.canaries(t)
	text := c.text()
	for _, each := range append(personal, secret...) {
		require.NotContains(t, text, each, "a span holds what must stay in")
	}
}
