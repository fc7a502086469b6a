package process

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/client"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/all"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/worker"
	"belfry.dev/belfry/workflows"
)

// WorkerParts are what the background part of a process works with.
type WorkerParts struct {
	Store      *store.Store
	Temporal   client.Client
	Engine     *workflows.Client
	Channels   *channels.Registry
	Site       brand.Site
	Activities activities.Config
	Settings   Background
	// TaskQueue is workflows.TaskQueue unless set.
	TaskQueue string
}

// RunWorker runs the background part until the stage is stopped; what is under way
// then comes to its end.
func (p *Process) RunWorker(ctx context.Context, parts WorkerParts) {
	cfg := parts.Settings.config()
	cfg.TaskQueue = parts.TaskQueue
	work := activities.Dependencies{
		Store: parts.Store.Work(), Channels: parts.Channels, Links: links{parts.Site.URL, parts.Store.Vault()},
		Renderer: catalog.NewRenderer(parts.Site), Now: parts.Store.Now, Logger: p.log,
	}
	if p.metrics != nil {
		work.Meter = p.metrics
	}
	all := activities.New(parts.Activities, work)
	w := worker.New(cfg, worker.Dependencies{
		Temporal:   parts.Temporal,
		Activities: all,
		Store:      parts.Store.Work(),
		Engine:     workflows.NewBeginner(parts.Engine, tracedPlanner{all, p.tracer}),
		Nudged:     p.nudges,
		Seal: func(ctx context.Context) error {
			_, err := parts.Store.Seals().SealOperations(ctx)
			if p.metrics != nil && ctx.Err() == nil {
				p.metrics.Sealed(err)
			}
			return err
		},
		Logger: p.log,
	})
	p.run(ctx, StageWorker, w.Run)
}

// tracedPlanner shows plans in the traces of what was accepted; a nil tracer shows nothing.
type tracedPlanner struct {
	workflows.Planner
	tracer trace.Tracer
}

// PlanBeforeStart is the planner's, in a span where the context belongs to a trace.
func (p tracedPlanner) PlanBeforeStart(ctx context.Context, ref activities.NotificationRef) (activities.Progress, error) {
	if p.tracer == nil || !trace.SpanContextFromContext(ctx).IsValid() {
		return p.Planner.PlanBeforeStart(ctx, ref)
	}
	ctx, span := p.tracer.Start(ctx, "plan", trace.WithAttributes(attribute.String("belfry.notification_id", ref.NotificationID)))
	defer span.End()
	return p.Planner.PlanBeforeStart(ctx, ref)
}

// OpenChannels returns the channel adapters over one guarded client. now is the clock that
// they sign by.
func (p *Process) OpenChannels(g Outgoing, now func() time.Time) (*channels.Registry, error) {
	guard, err := g.config()
	if err != nil {
		return nil, err
	}
	client := channels.NewClient(guard)
	p.reportClosed(client.ListOwn())
	registry, err := all.New(client, g.MailDomain, now)
	if err != nil {
		return nil, err
	}
	p.Started(StageChannels, func(context.Context) error { return registry.Close() })
	return registry, nil
}

// reportClosed says at the start that the guard of outgoing calls will be closed, and why.
func (p *Process) reportClosed(err error) {
	if err != nil {
		p.log.Error("outgoing HTTP calls are closed but to allowed networks; under systemd RestrictAddressFamilies needs AF_NETLINK", "error", err)
	}
}
