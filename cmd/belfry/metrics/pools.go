package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"belfry.dev/belfry/store"
)

// pools reads the state of the database connections when it is asked.
type pools struct {
	source      Database
	connections *prometheus.Desc
	limit       *prometheus.Desc
	waits       *prometheus.Desc
	waiting     *prometheus.Desc
	commits     *prometheus.Desc
	flushes     *prometheus.Desc
	repeats     *prometheus.Desc
	statements  *prometheus.Desc
}

func newPools(source Database) *pools {
	pool := []string{"pool"}
	return &pools{
		source:      source,
		connections: prometheus.NewDesc("belfry_db_connections", "Open connections to the database.", []string{"pool", "state"}, nil),
		limit:       prometheus.NewDesc("belfry_db_connections_limit", "How many there may be.", pool, nil),
		waits:       prometheus.NewDesc("belfry_db_connection_waits_total", "How often somebody had to wait for a free connection.", pool, nil),
		waiting:     prometheus.NewDesc("belfry_db_connection_wait_seconds_total", "For how long, all in all.", pool, nil),
		commits:     prometheus.NewDesc("belfry_db_transactions_total", "Transactions that may write.", nil, nil),
		flushes:     prometheus.NewDesc("belfry_db_commits_total", "Commits that they took: fewer where several went into one.", nil, nil),
		repeats:     prometheus.NewDesc("belfry_db_transaction_repeats_total", "Those that ran again after a conflict with another.", nil, nil),
		statements:  prometheus.NewDesc("belfry_db_statements_total", "Statements, in transactions or not.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (p *pools) Describe(to chan<- *prometheus.Desc) {
	to <- p.connections
	to <- p.limit
	to <- p.waits
	to <- p.waiting
	to <- p.commits
	to <- p.flushes
	to <- p.repeats
	to <- p.statements
}

// Collect implements prometheus.Collector.
func (p *pools) Collect(to chan<- prometheus.Metric) {
	for _, each := range p.source.Pools() {
		p.collect(to, each)
	}
	counts := p.source.Counts()
	to <- prometheus.MustNewConstMetric(p.commits, prometheus.CounterValue, float64(counts.Transactions))
	to <- prometheus.MustNewConstMetric(p.flushes, prometheus.CounterValue, float64(counts.Commits))
	to <- prometheus.MustNewConstMetric(p.repeats, prometheus.CounterValue, float64(counts.Repeats))
	to <- prometheus.MustNewConstMetric(p.statements, prometheus.CounterValue, float64(counts.Statements))
}

func (p *pools) collect(to chan<- prometheus.Metric, each store.Pool) {
	to <- prometheus.MustNewConstMetric(p.connections, prometheus.GaugeValue, float64(each.InUse), each.Name, "used")
	to <- prometheus.MustNewConstMetric(p.connections, prometheus.GaugeValue, float64(each.Idle), each.Name, "idle")
	to <- prometheus.MustNewConstMetric(p.limit, prometheus.GaugeValue, float64(each.MaxOpenConnections), each.Name)
	to <- prometheus.MustNewConstMetric(p.waits, prometheus.CounterValue, float64(each.WaitCount), each.Name)
	to <- prometheus.MustNewConstMetric(p.waiting, prometheus.CounterValue, each.WaitDuration.Seconds(), each.Name)
}
