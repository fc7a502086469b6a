package process

import (
	"context"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/all"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/worker"
	"belfry.dev/belfry/workflows"
)

// DialTemporal returns a client that connects when it is first used: the API
// accepts notifications while Temporal is down.
func (p *Process) DialTemporal(address, namespace string) (client.Client, error) {
	c, err := client.NewLazyClient(client.Options{
		HostPort: address, Namespace: namespace,
		Logger: sdklog.NewStructuredLogger(slog.New(atLeast{p.log.Handler(), slog.LevelWarn})),
	})
	if err != nil {
		return nil, err
	}
	p.Started(StageClient, func(context.Context) error { c.Close(); return nil })
	return c, nil
}

// atLeast drops what is below a level: the SDK tells its own life at info.
type atLeast struct {
	slog.Handler
	level slog.Level
}

// Enabled reports whether the level is high enough for both.
func (h atLeast) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= h.level && h.Handler.Enabled(ctx, level)
}

// WithAttrs keeps the level.
func (h atLeast) WithAttrs(attrs []slog.Attr) slog.Handler {
	return atLeast{h.Handler.WithAttrs(attrs), h.level}
}

// WithGroup keeps the level.
func (h atLeast) WithGroup(name string) slog.Handler {
	return atLeast{h.Handler.WithGroup(name), h.level}
}

// WorkerParts are what the background part of a process works with.
type WorkerParts struct {
	Store      *store.Store
	Temporal   client.Client
	Engine     *workflows.Client
	Channels   *channels.Registry
	Site       catalog.Site
	Activities activities.Config
}

// RunWorker runs the background part until the stage is stopped; what is under way
// then comes to its end.
func (p *Process) RunWorker(ctx context.Context, parts WorkerParts) {
	w := worker.New(worker.Config{}, worker.Dependencies{
		Temporal: parts.Temporal,
		Activities: activities.New(parts.Activities, activities.Dependencies{
			Store: parts.Store, Channels: parts.Channels, Links: links{parts.Site.URL, parts.Store.Vault()},
			Renderer: catalog.NewRenderer(parts.Site), Now: time.Now, Logger: p.log,
		}),
		Store:  parts.Store,
		Engine: parts.Engine,
		Seal: func(ctx context.Context) error {
			_, err := parts.Store.SealOperations(ctx)
			return err
		},
		Logger: p.log,
	})
	p.run(ctx, StageWorker, w.Run)
}

// OpenChannels returns the channel adapters over one guarded client.
func (p *Process) OpenChannels(g Outgoing) (*channels.Registry, error) {
	guard, err := g.config()
	if err != nil {
		return nil, err
	}
	registry, err := all.New(channels.NewClient(guard), g.MailDomain, time.Now)
	if err != nil {
		return nil, err
	}
	p.Started(StageChannels, func(context.Context) error { return registry.Close() })
	return registry, nil
}
