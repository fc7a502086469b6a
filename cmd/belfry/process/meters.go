package process

import (
	"maps"
	"time"

	"go.temporal.io/sdk/client"

	"belfry.dev/belfry/cmd/belfry/metrics"
)

// meters hand what Temporal's SDK measures, with the tags that it adds on the way, to the
// process's metrics.
type meters struct {
	to   *metrics.SDK
	tags map[string]string
}

// WithTags implements client.MetricsHandler.
func (m meters) WithTags(tags map[string]string) client.MetricsHandler {
	all := maps.Clone(m.tags)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, tags)
	return meters{to: m.to, tags: all}
}

// Counter implements client.MetricsHandler.
func (m meters) Counter(name string) client.MetricsCounter {
	return count(func(n int64) { m.to.Count(name, m.tags, n) })
}

// Gauge implements client.MetricsHandler.
func (m meters) Gauge(name string) client.MetricsGauge {
	return show(func(value float64) { m.to.Show(name, m.tags, value) })
}

// Timer implements client.MetricsHandler.
func (m meters) Timer(name string) client.MetricsTimer {
	return clock(func(took time.Duration) { m.to.Time(name, m.tags, took) })
}

type (
	count func(int64)
	show  func(float64)
	clock func(time.Duration)
)

// Inc implements client.MetricsCounter.
func (c count) Inc(n int64) { c(n) }

// Update implements client.MetricsGauge.
func (s show) Update(value float64) { s(value) }

// Record implements client.MetricsTimer.
func (c clock) Record(took time.Duration) { c(took) }
