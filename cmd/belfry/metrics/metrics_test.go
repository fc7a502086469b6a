package metrics_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/metrics"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func exposed(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	m.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	require.Equal(t, 200, recorder.Code)
	return recorder.Body.String()
}

func TestWhatHappenedIsCounted(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1")
	created := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	n := models.Notification{
		ID: "ntf_secret", AccountID: "acc_secret", Category: "account", Source: models.SourceProduct, Status: models.StatusPending, CreatedAt: created,
	}
	m.Submitted(n, 20*time.Millisecond)
	m.Deduplicated(n)
	m.Attempted(models.ChannelEmail, "retry", "timeout", 3*time.Second)
	m.Ended(n, models.Delivery{ID: "dlv_secret", Channel: models.ChannelEmail, State: models.DeliveryDelivered}, created.Add(4*time.Second))
	m.Ended(n, models.Delivery{Channel: models.ChannelSMS, State: models.DeliverySuppressed, Reason: "unverified"}, created)
	m.Requested("POST", "/v1/notifications", 202, 10*time.Millisecond)
	m.Requested("GET", "/v1/inbox/events", 200, 0)
	m.Checked(nil)
	m.Checked(models.Errorf(models.CodeForbidden, "no"))
	m.Checked(errors.New("database is gone"))

	text := exposed(t, m)
	for _, line := range []string{
		`belfry_submissions_total{category="account",source="product",status="pending"} 1`,
		`belfry_deduplicated_events_total{category="account",source="product"} 1`,
		`belfry_attempts_total{channel="email",outcome="retry",reason="timeout"} 1`,
		`belfry_deliveries_total{category="account",channel="inbox",reason="",state="delivered"} 1`,
		`belfry_deliveries_total{category="account",channel="email",reason="",state="delivered"} 1`,
		`belfry_deliveries_total{category="account",channel="sms",reason="unverified",state="suppressed"} 1`,
		`belfry_delivery_latency_seconds_sum{channel="email"} 4`,
		`belfry_inbox_latency_seconds_count 1`,
		`belfry_http_requests_total{method="POST",route="/v1/notifications",status="202"} 1`,
		`belfry_http_requests_total{method="GET",route="/v1/inbox/events",status="200"} 1`,
		`belfry_permission_checks_total{result="allowed"} 1`,
		`belfry_permission_checks_total{result="denied"} 1`,
		`belfry_permission_checks_total{result="failed"} 1`,
		`belfry_build_info{version="v1"} 1`,
	} {
		require.Contains(t, text, line+"\n")
	}
	require.NotContains(t, text, "secret", "ids do not belong into labels")
	require.NotContains(t, text, `belfry_http_request_duration_seconds_count{method="GET"`, "a stream has no duration")
}

func TestLabelsStopGrowing(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1")
	for i := range 3000 {
		m.Attempted(models.ChannelEmail, "permanent", strconv.Itoa(i), 0)
	}
	text := exposed(t, m)
	require.LessOrEqual(t, strings.Count(text, "\nbelfry_attempts_total{"), 2001)
	require.Contains(t, text, `belfry_attempts_total{channel="other",outcome="other",reason="other"} 1000`)
}

// database is one that waits a little, or does not answer.
type database struct{ err error }

func (d database) Backlog(context.Context) (store.Backlog, error) {
	open := map[models.NotificationStatus]int64{models.StatusPending: 7}
	overdue := map[models.EntityKind]time.Duration{models.EntityResource: time.Minute, models.EntityAnnouncement: 0, models.EntityInvitation: 0}
	return store.Backlog{
		OutboxDue: 3, OutboxAge: 2 * time.Second, BulkAge: time.Hour, Overdue: overdue, Open: open,
		SuspendedProviders: 1, Bots: 4, SuspendedBots: 2, UnsealedAge: 90 * time.Second,
	}, d.err
}

// temporal is one that has a worker, or does not answer.
func temporal(err error) metrics.Engine {
	return func(context.Context) ([]metrics.Queue, error) {
		return []metrics.Queue{{Kind: "workflow", Pollers: 2, Backlog: 3 * time.Second}, {Kind: "activity"}}, err
	}
}

func (database) Pools() []store.Pool {
	stats := sql.DBStats{MaxOpenConnections: 32, InUse: 5, Idle: 2, WaitCount: 9, WaitDuration: 1500 * time.Millisecond}
	return []store.Pool{{Name: "writer", DBStats: stats}}
}

func (database) Counts() store.Counts {
	return store.Counts{Transactions: 11, Commits: 7, Repeats: 1, Statements: 99}
}

func TestTheBacklogIsMissingWhileTheDatabaseIs(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1")
	m.Watch(t.Context(), database{})
	text := exposed(t, m)
	require.Contains(t, text, "belfry_outbox_due 3\n")
	require.Contains(t, text, "belfry_outbox_age_seconds 2\n")
	require.Contains(t, text, `belfry_open_notifications{status="pending"} 7`+"\n")
	require.Contains(t, text, "belfry_suspended_providers 1\n")
	require.Contains(t, text, "belfry_outbox_bulk_age_seconds 3600\n")
	require.Contains(t, text, `belfry_overdue_seconds{kind="resource"} 60`+"\n")
	require.Contains(t, text, "belfry_bots 4\n")
	require.Contains(t, text, "belfry_suspended_bots 2\n")
	require.Contains(t, text, "belfry_unsealed_seconds 90\n")

	m = metrics.New("v1")
	m.Watch(t.Context(), database{err: errors.New("gone")})
	text = exposed(t, m)
	require.NotContains(t, text, "belfry_outbox_due 3")
	require.Contains(t, text, "belfry_build_info")
}

func TestTemporalTellsWhoWorks(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1")
	m.WatchTemporal(t.Context(), temporal(nil))
	text := exposed(t, m)
	require.Contains(t, text, "belfry_temporal_up 1\n")
	require.Contains(t, text, `belfry_temporal_pollers{kind="workflow"} 2`+"\n")
	require.Contains(t, text, `belfry_temporal_pollers{kind="activity"} 0`+"\n")
	require.Contains(t, text, `belfry_temporal_backlog_seconds{kind="workflow"} 3`+"\n")

	m = metrics.New("v1")
	m.WatchTemporal(t.Context(), temporal(errors.New("away")))
	text = exposed(t, m)
	require.Contains(t, text, "belfry_temporal_up 0\n")
	require.NotContains(t, text, "belfry_temporal_pollers{", "who cannot be asked says nothing, rather than 0")
}

func TestSealingIsCountedByItsResult(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1")
	m.Sealed(nil)
	m.Sealed(errors.New("database is gone"))
	m.Sealed(errors.Join(errors.New("another"), &models.BrokenLogError{Account: "acc_1", Seq: 3}))
	text := exposed(t, m)
	for _, result := range []string{"sealed", "failed", "broken"} {
		require.Contains(t, text, `belfry_seal_runs_total{result="`+result+`"} 1`+"\n")
	}
}

func TestConnectionsToTheDatabaseAreCounted(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1")
	m.Watch(t.Context(), database{err: errors.New("gone")})
	text := exposed(t, m)
	for _, line := range []string{
		`belfry_db_connections{pool="writer",state="used"} 5`, `belfry_db_connections{pool="writer",state="idle"} 2`,
		`belfry_db_connections_limit{pool="writer"} 32`,
		`belfry_db_connection_waits_total{pool="writer"} 9`, `belfry_db_connection_wait_seconds_total{pool="writer"} 1.5`,
		`belfry_db_transactions_total 11`, `belfry_db_commits_total 7`, `belfry_db_transaction_repeats_total 1`, `belfry_db_statements_total 99`,
	} {
		require.Contains(t, text, line+"\n")
	}
}
