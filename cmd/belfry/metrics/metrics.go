// Package metrics counts what a process does, for Prometheus. Names and values of
// labels are few and known: no ids, no addresses, no texts.
package metrics

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// Metrics are those of one process. Its methods may be called by many goroutines.
type Metrics struct {
	registry    *prometheus.Registry
	submissions *counter
	repeats     *counter
	deliveries  *counter
	attempts    *counter
	checks      *counter
	requests    *counter
	seals       *counter
	attempting  *prometheus.HistogramVec
	toInbox     prometheus.Histogram
	toDelivery  *prometheus.HistogramVec
	answering   *prometheus.HistogramVec
}

// Buckets, in seconds. The budgets are 100 ms for an answer, 1 s to the inbox and
// 5 s to a provider.
var (
	short = [...]float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}
	long  = [...]float64{0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 6 * 3600, 24 * 3600}
)

// New returns the metrics of a process of the version.
func New(version string) *Metrics {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m := &Metrics{
		registry: r,
		submissions: newCounter(r, "belfry_submissions_total",
			"Notifications that were accepted, by who submitted, category and status (scheduled, or pending for at once).", "source", "category", "status"),
		repeats: newCounter(r, "belfry_deduplicated_events_total",
			"Events that were counted on the notification of an equal one instead of becoming one.", "source", "category"),
		deliveries: newCounter(r, "belfry_deliveries_total",
			"Deliveries that ended, but for those that ended because their notification was cancelled. What was accepted counts again when its receipt comes.", "channel", "category", "state", "reason"),
		attempts: newCounter(r, "belfry_attempts_total", "Calls to providers that ended.", "channel", "outcome", "reason"),
		checks:   newCounter(r, "belfry_permission_checks_total", "Questions whether somebody may do something.", "result"),
		requests: newCounter(r, "belfry_http_requests_total", "Requests that were answered.", "method", "route", "status"),
		seals: newCounter(r, "belfry_seal_runs_total",
			"Rounds of sealing the operation logs: sealed; broken when a log is not as it was written; failed when nobody could tell.", "result"),
		attempting: newHistogram(r, "belfry_attempt_duration_seconds", "How long calls to providers take.", short[:], "channel"),
		toInbox: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "belfry_inbox_latency_seconds", Help: "From accepting a notification to its message in the account's inbox, committed.", Buckets: short[:],
		}),
		toDelivery: newHistogram(r, "belfry_delivery_latency_seconds",
			"From when a notification was due to the success of a delivery, retries included.", long[:], "channel"),
		answering: newHistogram(r, "belfry_http_request_duration_seconds", "How long answers take, but for streams.", short[:], "method", "route"),
	}
	r.MustRegister(m.toInbox)
	for _, result := range []string{checkAllowed, checkDenied, checkFailed} {
		m.checks.expect(result)
	}
	for _, result := range []string{sealSealed, sealBroken, sealFailed} {
		m.seals.expect(result)
	}
	m.ExpectRoute("", "", http.StatusNotFound, http.StatusMethodNotAllowed) // what a stranger chose
	newGauge(r, "belfry_build_info", "The version, as a label.", "version").WithLabelValues(version).Set(1)
	return m
}

// ServeHTTP answers with all metrics.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}

// Requested counts an answered request; took is 0 for streams.
func (m *Metrics) Requested(method, route string, status int, took time.Duration) {
	m.requests.add(method, route, strconv.Itoa(status))
	if took > 0 {
		m.answering.WithLabelValues(method, route).Observe(took.Seconds())
	}
}

// Submitted counts an accepted notification.
func (m *Metrics) Submitted(n models.Notification, took time.Duration) {
	m.submissions.add(string(n.Source), n.Category, string(n.Status))
	if n.Status != models.StatusScheduled {
		m.deliveries.add(string(models.ChannelInbox), n.Category, string(models.DeliveryDelivered), "")
		m.toInbox.Observe(took.Seconds())
	}
}

// Deduplicated counts an event that was counted on the notification.
func (m *Metrics) Deduplicated(n models.Notification) {
	m.repeats.add(string(n.Source), n.Category)
}

// Attempted counts a call to a provider that ended.
func (m *Metrics) Attempted(channel models.Channel, outcome, reason string, took time.Duration) {
	m.attempts.add(string(channel), outcome, reason)
	if took > 0 {
		m.attempting.WithLabelValues(string(channel)).Observe(took.Seconds())
	}
}

// Ended counts a delivery that is final.
func (m *Metrics) Ended(n models.Notification, d models.Delivery, at time.Time) {
	m.deliveries.add(string(d.Channel), n.Category, string(d.State), d.Reason)
	if d.State != models.DeliveryDelivered {
		return
	}
	due := n.CreatedAt
	if n.ScheduleAt != nil && n.ScheduleAt.After(due) {
		due = *n.ScheduleAt
	}
	m.toDelivery.WithLabelValues(string(d.Channel)).Observe(max(0, at.Sub(due).Seconds()))
}

// Answers of a permission check.
const (
	checkAllowed = "allowed"
	checkDenied  = "denied"
	checkFailed  = "failed"
)

// Checked counts a permission check by its answer: nil allows.
func (m *Metrics) Checked(err error) {
	switch {
	case err == nil:
		m.checks.add(checkAllowed)
	case models.CodeOf(err) == models.CodeForbidden:
		m.checks.add(checkDenied)
	default:
		m.checks.add(checkFailed)
	}
}

// Results of a round of sealing.
const (
	sealSealed = "sealed"
	sealBroken = "broken"
	sealFailed = "failed"
)

// Sealed counts a round of sealing by its error.
func (m *Metrics) Sealed(err error) {
	_, broken := errors.AsType[*models.BrokenLogError](err)
	switch {
	case err == nil:
		m.seals.add(sealSealed)
	case broken:
		m.seals.add(sealBroken)
	default:
		m.seals.add(sealFailed)
	}
}

// Database tells what waits in the database, over all accounts, and what this
// process's connections to it do.
type Database interface {
	Backlog(ctx context.Context) (store.Backlog, error)
	Pools() []store.Pool
	Counts() store.Counts
}

// Watch adds what the database tells when somebody asks for the metrics.
func (m *Metrics) Watch(ctx context.Context, d Database) {
	m.registry.MustRegister(newBacklog(ctx, d), newPools(d))
}
