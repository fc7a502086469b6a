package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"belfry.dev/belfry/store"
)

// countTime bounds the counting for one scrape.
const countTime = 3 * time.Second

// bounded returns contexts for one scrape each, which outlive the process's start.
func bounded(ctx context.Context) func() (context.Context, context.CancelFunc) {
	base := context.WithoutCancel(ctx)
	return func() (context.Context, context.CancelFunc) { return context.WithTimeout(base, countTime) }
}

// backlog reads what waits when it is asked. All processes on one database tell
// the same: take the maximum, not the sum.
type backlog struct {
	ctx     func() (context.Context, context.CancelFunc)
	source  Database
	numbers []number
	open    *prometheus.Desc
	overdue *prometheus.Desc
}

// number is one figure of the backlog.
type number struct {
	desc *prometheus.Desc
	of   func(store.Backlog) float64
}

func newBacklog(ctx context.Context, source Database) *backlog {
	return &backlog{
		ctx:     bounded(ctx),
		source:  source,
		numbers: backlogNumbers(),
		open:    prometheus.NewDesc("belfry_open_notifications", "Notifications that have not ended, in the database; each has a workflow.", []string{"status"}, nil),
		overdue: prometheus.NewDesc("belfry_overdue_seconds", "For how long the oldest invitation, announcement, resource or envelope waits for what its workflow should have done by now, in the database; 0 when none does.", []string{"kind"}, nil),
	}
}

func backlogNumbers() []number {
	var all []number
	add := func(name, help string, of func(store.Backlog) float64) {
		all = append(all, number{desc: prometheus.NewDesc(name, help, nil, nil), of: of})
	}
	add("belfry_outbox_due", "What Temporal should have been told by now, in the database.",
		func(b store.Backlog) float64 { return float64(b.OutboxDue) })
	add("belfry_outbox_age_seconds", "For how long the oldest of that has been due.",
		func(b store.Backlog) float64 { return b.OutboxAge.Seconds() })
	add("belfry_outbox_bulk_age_seconds", "For how long the oldest of what announcements start has been due.",
		func(b store.Backlog) float64 { return b.BulkAge.Seconds() })
	add("belfry_suspended_providers", "Providers that nothing is sent over until an operator repairs them, in the database.",
		func(b store.Backlog) float64 { return float64(b.SuspendedProviders) })
	add("belfry_bots", "Bots that are switched on, in the database.",
		func(b store.Backlog) float64 { return float64(b.Bots) })
	add("belfry_suspended_bots", "Those that nothing is sent to until their account repairs them.",
		func(b store.Backlog) float64 { return float64(b.SuspendedBots) })
	add("belfry_unsealed_seconds", "For how long the oldest row of an operation log has waited for its seal, in the database.",
		func(b store.Backlog) float64 { return b.UnsealedAge.Seconds() })
	return all
}

// Describe implements prometheus.Collector.
func (b *backlog) Describe(to chan<- *prometheus.Desc) {
	for _, n := range b.numbers {
		to <- n.desc
	}
	to <- b.open
	to <- b.overdue
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
	for _, n := range b.numbers {
		to <- prometheus.MustNewConstMetric(n.desc, prometheus.GaugeValue, n.of(now))
	}
	for status, count := range now.Open {
		to <- prometheus.MustNewConstMetric(b.open, prometheus.GaugeValue, float64(count), string(status))
	}
	for kind, age := range now.Overdue {
		to <- prometheus.MustNewConstMetric(b.overdue, prometheus.GaugeValue, age.Seconds(), string(kind))
	}
}
