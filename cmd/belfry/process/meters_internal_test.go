package process

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/metrics"
)

// exposed is what a process answers to who asks for its metrics.
func exposed(t *testing.T, sdk *metrics.SDK) string {
	t.Helper()
	m := metrics.New("v1")
	m.WatchSDK(sdk)
	answer := httptest.NewRecorder()
	m.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	return answer.Body.String()
}

func TestTheSDKTellsWhetherWorkersAreEnough(t *testing.T) {
	t.Parallel()
	sdk := metrics.NewSDK()
	base := meters{to: sdk}.WithTags(map[string]string{"namespace": "belfry", "worker_type": "none"})
	worker := base.WithTags(map[string]string{"worker_type": "ActivityWorker", "task_queue": "belfry"})
	worker.Gauge("temporal_worker_task_slots_available").Update(98)
	worker.Gauge("temporal_worker_task_slots_used").Update(2)
	base.Gauge("temporal_sticky_cache_size").Update(7)
	base.WithTags(map[string]string{"workflow_type": "Notification"}).Timer("temporal_workflow_task_schedule_to_start_latency").Record(30 * time.Millisecond)
	failing := base.WithTags(map[string]string{"operation": "StartWorkflowExecution", "status_code": "UNAVAILABLE"})
	failing.Counter("temporal_request_failure").Inc(2)
	failing.WithTags(map[string]string{"status_code": "ABORTED"}).Counter("temporal_request_failure").Inc(1)
	base.Counter("temporal_never_heard_of").Inc(1)

	text := exposed(t, sdk)
	for _, line := range []string{
		`temporal_worker_task_slots_available{worker_type="ActivityWorker"} 98`,
		`temporal_worker_task_slots_used{worker_type="ActivityWorker"} 2`,
		`temporal_sticky_cache_size 7`,
		`temporal_workflow_task_schedule_to_start_latency_seconds_count{workflow_type="Notification"} 1`,
		`temporal_workflow_task_schedule_to_start_latency_seconds_bucket{workflow_type="Notification",le="0.05"} 1`,
		`temporal_workflow_task_schedule_to_start_latency_seconds_bucket{workflow_type="Notification",le="0.025"} 0`,
		`temporal_request_failure_total{operation="StartWorkflowExecution"} 3`,
	} {
		require.Contains(t, text, line+"\n")
	}
	require.NotContains(t, text, "never_heard_of", "what nobody looks at is not kept")
	require.NotContains(t, text, "namespace", "labels stay few")
}

func TestTagsOfOnePartDoNotReachAnother(t *testing.T) {
	t.Parallel()
	sdk := metrics.NewSDK()
	base := meters{to: sdk}.WithTags(map[string]string{"worker_type": "none"})
	_ = base.WithTags(map[string]string{"worker_type": "ActivityWorker"})
	base.Gauge("temporal_worker_task_slots_used").Update(1)
	require.Contains(t, exposed(t, sdk), `temporal_worker_task_slots_used{worker_type="none"} 1`+"\n")
}
