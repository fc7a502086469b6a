package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	sdklog "go.temporal.io/sdk/log"
)

// Temporal says which Temporal service to use. What is left out here comes from
// where Temporal's own tools take it, the variables that begin with TEMPORAL_ and
// the configuration file that they name: address, namespace, API key, TLS.
type Temporal struct {
	Address   string `name:"temporal-address" env:"BELFRY_TEMPORAL_ADDRESS" placeholder:"HOST:PORT" help:"The Temporal service; what Temporal's own TEMPORAL_ADDRESS or configuration file says when left out. One of them is needed." group:"Temporal"`
	Namespace string `name:"temporal-namespace" env:"BELFRY_TEMPORAL_NAMESPACE" placeholder:"NAME" help:"Namespace, which must exist; TEMPORAL_NAMESPACE or default when left out." group:"Temporal"`
	TaskQueue string `name:"temporal-task-queue" env:"BELFRY_TEMPORAL_TASK_QUEUE" default:"belfry" placeholder:"NAME" help:"Task queue: the same for all processes on one database." group:"Temporal"`
}

// options reads the settings of Temporal's own tools and puts Belfry's above them.
func (t Temporal) options() (client.Options, error) {
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return client.Options{}, fmt.Errorf("read the settings of Temporal (TEMPORAL_…): %w", err)
	}
	if t.Address != "" {
		options.HostPort = t.Address
	}
	if t.Namespace != "" {
		options.Namespace = t.Namespace
	}
	if options.HostPort == "" {
		return client.Options{}, errors.New("BELFRY_TEMPORAL_ADDRESS is missing: the Temporal service, host:port (or TEMPORAL_ADDRESS)")
	}
	return options, nil
}

// DialTemporal returns a client for the configured service. It connects when it is
// first used: notifications are accepted while Temporal is down.
func (p *Process) DialTemporal(t Temporal) (client.Client, error) {
	options, err := t.options()
	if err != nil {
		return nil, err
	}
	return p.dial(options)
}

// DialEmbedded returns a client for a server of this machine, whatever the
// environment says about other Temporal services.
func (p *Process) DialEmbedded(address, namespace string) (client.Client, error) {
	return p.dial(client.Options{HostPort: address, Namespace: namespace})
}

func (p *Process) dial(options client.Options) (client.Client, error) {
	p.namespace = cmp.Or(options.Namespace, client.DefaultNamespace)
	options.Identity = identity()
	options.MetricsHandler = meters{to: p.sdk}
	options.Logger = sdklog.NewStructuredLogger(slog.New(atLeast{p.log.Handler(), slog.LevelWarn}))
	var err error
	if options.Interceptors, err = p.interceptors(); err != nil {
		return nil, err
	}
	c, err := client.NewLazyClient(options)
	if err != nil {
		return nil, fmt.Errorf("connect to Temporal: %w", err)
	}
	p.Started(StageClient, func(context.Context) error { c.Close(); return nil })
	return c, nil
}

// identity names the process to Temporal: its release, "<pid>@<host>".
func identity() string {
	release := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		release = info.Main.Version
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s %d@%s", release, os.Getpid(), host)
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
