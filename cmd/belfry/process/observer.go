package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/cmd/belfry/metrics"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// Observing says where a process can be looked at.
type Observing struct {
	MetricsListen string `name:"metrics-listen" env:"BELFRY_METRICS_LISTEN" placeholder:"HOST:PORT" help:"Where /metrics, /healthz and /readyz are, for operators only: nobody is asked who they are. When left out, 127.0.0.1:9464 or the next free port of ten; off for nowhere." group:"Metrics"`
}

// metricsPort is where others look for metrics of this kind, too; the ports after
// it are for further processes of one machine.
const metricsPort = 9464

// Observed is what a process is looked at for.
type Observed struct {
	Version  string
	Store    *store.Store
	Temporal client.Client
	// TaskQueue is the one that the workers of the database take tasks from.
	TaskQueue string
	Channels  *channels.Registry
	// Categories are those of the shipped message types.
	Categories []models.Category
}

// Observe serves metrics and health on a listener of its own. The parts that are
// started after it are counted.
func (p *Process) Observe(ctx context.Context, o Observing, what Observed) error {
	if o.MetricsListen == "off" {
		return nil
	}
	listener, err := o.listen(ctx)
	if err != nil {
		return err
	}
	p.metrics = metrics.New(what.Version)
	p.metrics.Watch(ctx, what.Store.Figures())
	p.metrics.WatchTemporal(ctx, taskQueue(what.Temporal, p.namespace, what.TaskQueue))
	p.metrics.WatchSDK(p.sdk)
	p.metrics.Expect(channelsOf(what.Channels), keysOf(what.Categories))
	p.observe(listener, &health{database: what.Store.Ping, storage: what.Store.Writable, temporal: reachable(what.Temporal)})
	p.log.InfoContext(ctx, "metrics started", "metrics_address", listener.Addr().String())
	return nil
}

// channelsOf are the channels that the adapters write to, each once.
func channelsOf(r *channels.Registry) []models.Channel {
	var all []models.Channel
	for _, d := range r.Descriptors() {
		if !slices.Contains(all, d.Channel) {
			all = append(all, d.Channel)
		}
	}
	return all
}

func keysOf(categories []models.Category) []string {
	var keys []string
	for _, c := range categories {
		keys = append(keys, c.Key)
	}
	return keys
}

// taskQueue asks Temporal who works on the queue, and what waits there.
func taskQueue(c client.Client, namespace, name string) metrics.Engine {
	kinds := map[string]enums.TaskQueueType{"workflow": enums.TASK_QUEUE_TYPE_WORKFLOW, "activity": enums.TASK_QUEUE_TYPE_ACTIVITY}
	return func(ctx context.Context) ([]metrics.Queue, error) {
		if err := reachable(c)(ctx); err != nil {
			return nil, err
		}
		var all []metrics.Queue
		for kind, t := range kinds {
			queue, err := c.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
				Namespace: namespace, TaskQueue: &taskqueue.TaskQueue{Name: name}, TaskQueueType: t, ReportStats: true,
			})
			if err != nil {
				return nil, err
			}
			waiting := queue.GetStats().GetApproximateBacklogAge().AsDuration()
			all = append(all, metrics.Queue{Kind: kind, Pollers: len(queue.GetPollers()), Backlog: waiting})
		}
		return all, nil
	}
}

func (p *Process) observe(listener net.Listener, h *health) {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", p.metrics)
	mux.HandleFunc("GET /healthz", h.live)
	mux.HandleFunc("GET /readyz", h.ready)
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
		ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelDebug),
	}
	var serving errgroup.Group
	serving.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			p.fail(StageObserver, err)
		}
		return nil
	})
	p.Started(StageObserver, func(ctx context.Context) error {
		return errors.Join(server.Shutdown(ctx), serving.Wait())
	})
}

func (o Observing) listen(ctx context.Context) (net.Listener, error) {
	var l net.ListenConfig
	if o.MetricsListen != "" {
		listener, err := l.Listen(ctx, "tcp", o.MetricsListen)
		if err != nil {
			return nil, fmt.Errorf("BELFRY_METRICS_LISTEN cannot be used: %w", err)
		}
		return listener, nil
	}
	for port := metricsPort; port < metricsPort+10; port++ {
		listener, err := l.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return listener, nil
		}
	}
	return nil, errors.New("the ports for metrics are all in use: set BELFRY_METRICS_LISTEN, to off for none")
}

// health answers for a process, also one that has no API, in the API's form.
type health struct {
	database, storage, temporal func(context.Context) error
}

// healthTime bounds the checks of one answer.
const healthTime = 2 * time.Second

type healthAnswer struct {
	Status string            `json:"status"`
	Parts  map[string]string `json:"parts,omitempty"`
}

func (h *health) live(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, healthAnswer{Status: "ok"})
}

// ready answers 503 without the database, and when that takes no writes; without Temporal
// the process is degraded.
func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), healthTime)
	defer cancel()
	var database, storage, temporal error
	var asking errgroup.Group
	asking.Go(func() error { database = h.database(ctx); return nil })
	asking.Go(func() error { storage = h.storage(ctx); return nil })
	asking.Go(func() error { temporal = h.temporal(ctx); return nil })
	_ = asking.Wait() // all keep their errors
	parts := map[string]string{"database": word(database), "storage": word(storage), "temporal": word(temporal)}
	status, body := http.StatusOK, healthAnswer{Status: "ok", Parts: parts}
	if temporal != nil {
		body.Status = "degraded"
	}
	if database != nil || storage != nil {
		status, body.Status = http.StatusServiceUnavailable, "failed"
		w.Header().Set("Retry-After", "2")
	}
	answer(w, status, body)
}

func word(err error) string {
	if err != nil {
		return "failed"
	}
	return "ok"
}

func answer(w http.ResponseWriter, status int, body healthAnswer) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the caller may be gone
}
