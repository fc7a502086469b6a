package process

import (
	"context"
	"maps"
	"slices"
	"strings"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	apihealth "belfry.dev/belfry/api/health"
)

// workersOf asks Temporal which processes took tasks from the queue lately.
func workersOf(c client.Client, namespace, queue string) func(context.Context) ([]apihealth.Worker, error) {
	return func(ctx context.Context) ([]apihealth.Worker, error) {
		if err := reachable(c)(ctx); err != nil {
			return nil, err
		}
		found := map[string]apihealth.Worker{}
		for _, kind := range []enums.TaskQueueType{enums.TASK_QUEUE_TYPE_WORKFLOW, enums.TASK_QUEUE_TYPE_ACTIVITY} {
			answer, err := c.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
				Namespace: namespace, TaskQueue: &taskqueue.TaskQueue{Name: queue}, TaskQueueType: kind,
			})
			if err != nil {
				return nil, err
			}
			for _, p := range answer.GetPollers() {
				w := workerOf(p)
				if known, there := found[p.GetIdentity()]; there && known.SeenAt.After(w.SeenAt) {
					continue
				}
				found[p.GetIdentity()] = w
			}
		}
		all := []apihealth.Worker{}
		for _, identity := range slices.Sorted(maps.Keys(found)) {
			all = append(all, found[identity])
		}
		return all, nil
	}
}

// workerOf reads what identity wrote; processes of releases before it name no version.
func workerOf(p *taskqueue.PollerInfo) apihealth.Worker {
	w := apihealth.Worker{Identity: p.GetIdentity(), SeenAt: p.GetLastAccessTime().AsTime()}
	if version, process, ok := strings.Cut(p.GetIdentity(), " "); ok {
		w.Identity, w.Version = process, version
	}
	return w
}
