package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Queue is what Temporal knows of one kind of the task queue.
type Queue struct {
	// Kind is "workflow" or "activity".
	Kind string
	// Pollers are the workers that asked for tasks lately.
	Pollers int
	// Backlog is for how long the oldest task has waited for a worker.
	Backlog time.Duration
}

// Engine asks Temporal for its side of the work; an error says that it does not
// answer.
type Engine func(ctx context.Context) ([]Queue, error)

// WatchTemporal adds what Temporal tells when somebody asks for the metrics.
func (m *Metrics) WatchTemporal(ctx context.Context, e Engine) {
	m.registry.MustRegister(&queues{
		ctx:     bounded(ctx),
		ask:     e,
		up:      prometheus.NewDesc("belfry_temporal_up", "Whether Temporal answers this process: 1 or 0.", nil, nil),
		pollers: prometheus.NewDesc("belfry_temporal_pollers", "Workers that asked Temporal for tasks within the last minutes.", []string{"kind"}, nil),
		backlog: prometheus.NewDesc("belfry_temporal_backlog_seconds", "For how long the oldest task in Temporal has waited for a worker.", []string{"kind"}, nil),
	})
}

// queues asks when it is asked. All processes are told the same about the queue, but
// each may reach Temporal or not.
type queues struct {
	ctx                  func() (context.Context, context.CancelFunc)
	ask                  Engine
	up, pollers, backlog *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (q *queues) Describe(to chan<- *prometheus.Desc) {
	to <- q.up
	to <- q.pollers
	to <- q.backlog
}

// Collect implements prometheus.Collector. What Temporal does not tell is missing.
func (q *queues) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := q.ctx()
	defer cancel()
	all, err := q.ask(ctx)
	if err != nil {
		to <- prometheus.MustNewConstMetric(q.up, prometheus.GaugeValue, 0)
		return
	}
	to <- prometheus.MustNewConstMetric(q.up, prometheus.GaugeValue, 1)
	for _, each := range all {
		to <- prometheus.MustNewConstMetric(q.pollers, prometheus.GaugeValue, float64(each.Pollers), each.Kind)
		to <- prometheus.MustNewConstMetric(q.backlog, prometheus.GaugeValue, each.Backlog.Seconds(), each.Kind)
	}
}
