package metrics

import (
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// maxSeries bounds the combinations of label values of one counter that nobody
// expected. All sets are small; the bound is for what operators add, and for mistakes.
const maxSeries = 2000

// other stands for what is beyond the bound.
const other = "other"

// counter is a vector that stops growing.
type counter struct {
	vector *prometheus.CounterVec

	mu    sync.Mutex
	known map[string]prometheus.Counter
	// grown counts those that nobody expected.
	grown int
	over  prometheus.Counter
}

func newCounter(r *prometheus.Registry, name, help string, labels ...string) *counter {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	r.MustRegister(v)
	return &counter{vector: v, known: map[string]prometheus.Counter{}}
}

func (c *counter) add(values ...string) { c.of(values).Inc() }

// expect makes the combination, at 0; it does not count against the bound.
func (c *counter) expect(values ...string) {
	key := strings.Join(values, "\x00")
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.known[key]; !ok {
		c.known[key] = c.vector.WithLabelValues(values...)
	}
}

func (c *counter) of(values []string) prometheus.Counter {
	key := strings.Join(values, "\x00")
	c.mu.Lock()
	defer c.mu.Unlock()
	if one, ok := c.known[key]; ok {
		return one
	}
	if c.grown < maxSeries {
		c.grown++
		one := c.vector.WithLabelValues(values...)
		c.known[key] = one
		return one
	}
	if c.over == nil {
		all := make([]string, len(values))
		for i := range all {
			all[i] = other
		}
		c.over = c.vector.WithLabelValues(all...)
	}
	return c.over
}

func newHistogram(r *prometheus.Registry, name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	r.MustRegister(v)
	return v
}

func newGauge(r *prometheus.Registry, name, help string, labels ...string) *prometheus.GaugeVec {
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	r.MustRegister(v)
	return v
}
