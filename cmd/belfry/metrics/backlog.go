package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// countTime bounds the counting for one scrape.
const countTime = 3 * time.Second

// backlog reads what waits when it is asked. All processes on one database tell
// the same: take the maximum, not the sum.
type backlog struct {
	ctx    func() (context.Context, context.CancelFunc)
	source Database
	due    *prometheus.Desc
	age    *prometheus.Desc
	open   *prometheus.Desc
	broken *prometheus.Desc
}

func newBacklog(ctx context.Context, source Database) *backlog {
	base := context.WithoutCancel(ctx)
	return &backlog{
		ctx:    func() (context.Context, context.CancelFunc) { return context.WithTimeout(base, countTime) },
		source: source,
		due:    prometheus.NewDesc("belfry_outbox_due", "What Temporal should have been told by now, in the database.", nil, nil),
		age:    prometheus.NewDesc("belfry_outbox_age_seconds", "For how long the oldest of that has been due.", nil, nil),
		open:   prometheus.NewDesc("belfry_open_notifications", "Notifications that have not ended, in the database; each has a workflow.", []string{"status"}, nil),
		broken: prometheus.NewDesc("belfry_suspended_providers", "Providers that nothing is sent over until an operator repairs them, in the database.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (b *backlog) Describe(to chan<- *prometheus.Desc) {
	to <- b.due
	to <- b.age
	to <- b.open
	to <- b.broken
}

// Collect implements prometheus.Collector. While the database does not answer these
// metrics are missing, and the others are there.
func (b *backlog) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := b.ctx()
	defer cancel()
	now, err := b.source.Backlog(ctx)
	if err != nil {
		return
	}
	to <- prometheus.MustNewConstMetric(b.due, prometheus.GaugeValue, float64(now.OutboxDue))
	to <- prometheus.MustNewConstMetric(b.age, prometheus.GaugeValue, now.OutboxAge.Seconds())
	for status, number := range now.Open {
		to <- prometheus.MustNewConstMetric(b.open, prometheus.GaugeValue, float64(number), string(status))
	}
	to <- prometheus.MustNewConstMetric(b.broken, prometheus.GaugeValue, float64(now.SuspendedProviders))
}
