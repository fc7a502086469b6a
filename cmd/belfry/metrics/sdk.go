package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// SDK has what Temporal's SDK measures in this process, of that what tells whether the
// workers are enough: under the SDK's own names, by the one label named here. It may be
// used by many goroutines, also before anybody watches it.
type SDK struct {
	counters map[string]*labelled[*prometheus.CounterVec]
	gauges   map[string]*labelled[*prometheus.GaugeVec]
	timers   map[string]*labelled[*prometheus.HistogramVec]
}

// labelled is a vector with the tag of the SDK that is its only label; "" for none.
type labelled[V prometheus.Collector] struct {
	vector V
	label  string
}

// value is that of the label; what the SDK calls none is empty.
func (l labelled[V]) value(tags map[string]string) []string {
	if l.label == "" {
		return nil
	}
	return []string{tags[l.label]}
}

// NewSDK returns a place for what the SDK will measure.
func NewSDK() *SDK {
	return &SDK{
		counters: map[string]*labelled[*prometheus.CounterVec]{
			"temporal_request_failure":                countedBy("temporal_request_failure_total", "Calls of Temporal that failed.", "operation"),
			"temporal_long_request_failure":           countedBy("temporal_long_request_failure_total", "Waits for tasks of Temporal that failed.", "operation"),
			"temporal_workflow_task_execution_failed": countedBy("temporal_workflow_task_execution_failed_total", "Steps of workflows that failed: a code that does not replay, mostly.", "failure_reason"),
			"temporal_sticky_cache_miss":              countedBy("temporal_sticky_cache_miss_total", "Workflows whose history had to be read again.", ""),
		},
		gauges: map[string]*labelled[*prometheus.GaugeVec]{
			"temporal_worker_task_slots_available": shownBy("temporal_worker_task_slots_available", "Tasks that this worker could take on at once.", "worker_type"),
			"temporal_worker_task_slots_used":      shownBy("temporal_worker_task_slots_used", "Tasks that this worker is at.", "worker_type"),
			"temporal_sticky_cache_size":           shownBy("temporal_sticky_cache_size", "Workflows that this worker remembers.", ""),
		},
		timers: map[string]*labelled[*prometheus.HistogramVec]{
			"temporal_workflow_task_schedule_to_start_latency": timedBy("temporal_workflow_task_schedule_to_start_latency_seconds", "For how long steps of workflows waited for a worker.", "workflow_type"),
			"temporal_activity_schedule_to_start_latency":      timedBy("temporal_activity_schedule_to_start_latency_seconds", "For how long activities waited for a worker.", "activity_type"),
			"temporal_request_latency":                         timedBy("temporal_request_latency_seconds", "How long calls of Temporal take.", "operation"),
		},
	}
}

// labels of a vector: one, or none.
func labels(label string) []string {
	if label == "" {
		return nil
	}
	return []string{label}
}

func countedBy(name, help, label string) *labelled[*prometheus.CounterVec] {
	return &labelled[*prometheus.CounterVec]{prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels(label)), label}
}

func shownBy(name, help, label string) *labelled[*prometheus.GaugeVec] {
	return &labelled[*prometheus.GaugeVec]{prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels(label)), label}
}

func timedBy(name, help, label string) *labelled[*prometheus.HistogramVec] {
	return &labelled[*prometheus.HistogramVec]{prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: short[:]}, labels(label)), label}
}

// Count adds to a counter of the SDK; one that is not kept is dropped, and so are others.
func (s *SDK) Count(name string, tags map[string]string, n int64) {
	if c, ok := s.counters[name]; ok && n > 0 {
		c.vector.WithLabelValues(c.value(tags)...).Add(float64(n))
	}
}

// Show sets a gauge of the SDK.
func (s *SDK) Show(name string, tags map[string]string, value float64) {
	if g, ok := s.gauges[name]; ok {
		g.vector.WithLabelValues(g.value(tags)...).Set(value)
	}
}

// Time adds to a timer of the SDK.
func (s *SDK) Time(name string, tags map[string]string, took time.Duration) {
	if t, ok := s.timers[name]; ok {
		t.vector.WithLabelValues(t.value(tags)...).Observe(took.Seconds())
	}
}

// WatchSDK adds what the SDK measures.
func (m *Metrics) WatchSDK(s *SDK) {
	for _, each := range s.counters {
		m.registry.MustRegister(each.vector)
	}
	for _, each := range s.gauges {
		m.registry.MustRegister(each.vector)
	}
	for _, each := range s.timers {
		m.registry.MustRegister(each.vector)
	}
}
