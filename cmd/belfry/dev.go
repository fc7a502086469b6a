package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	temporal "go.temporal.io/sdk/client"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/cmd/belfry/client"
	"belfry.dev/belfry/cmd/belfry/demo"
	"belfry.dev/belfry/cmd/belfry/process"
	"belfry.dev/belfry/deploy/sandbox"
	"belfry.dev/belfry/deploy/standalone"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/workflows"
)

// devCommand runs everything in one process. What it keeps lies in one folder;
// a second start goes on where the first one ended, killed or not.
type devCommand struct {
	Fresh      bool   `help:"Forget everything and start over."`
	People     bool   `default:"true" negatable:"" help:"Give the demo's account contacts, a group, subscriptions and a resource, once."`
	SinkListen string `env:"BELFRY_SINK_LISTEN" placeholder:"HOST:PORT" help:"Where the sinks and their pages listen; 127.0.0.1:8025 or the next free port when left out." group:"Development"`
	MailListen string `env:"BELFRY_MAIL_LISTEN" placeholder:"HOST:PORT" help:"Where the mail catcher listens; 127.0.0.1:1025 or the next free port when left out." group:"Development"`
	embedded
	process.Web
	process.Outgoing
	process.Delivery
	process.Inviting
	process.Background
}

// devNamespace is the namespace of the embedded Temporal server.
const devNamespace = "belfry"

// loopback is what outgoing calls of a demo may reach beside the internet.
var loopback = [...]string{"127.0.0.0/8", "::1/128"}

// Run is the command.
func (c *devCommand) Run(ctx context.Context, o outside, log *slog.Logger) error {
	dir, err := openDataDir(c.Data)
	if err != nil {
		return err
	}
	defer func() { _ = dir.close() }() // the process ends
	if c.Fresh {
		if err := dir.wipe(); err != nil {
			return err
		}
	}
	p := process.New(log)
	d := &dev{devCommand: c, Process: p, log: log, dir: dir}
	err = d.start(ctx)
	if err == nil {
		err = d.announce(o.out)
	}
	if err == nil {
		err = p.Wait(ctx)
	}
	return errors.Join(err, p.Stop(ctx))
}

// dev is one run of the command.
type dev struct {
	*devCommand
	*process.Process
	log     *slog.Logger
	dir     *dataDir
	secrets demo.Secrets
	api     net.Listener
	sandbox *sandbox.Sandbox
	store   *store.Store
	server  *standalone.Server
	// temporal is a connection to server; engine speaks Belfry's words over it.
	temporal temporal.Client
	engine   *workflows.Client
	channels *channels.Registry
}

// start starts the parts, each on those before it.
func (d *dev) start(ctx context.Context) error {
	steps := []func(context.Context) error{
		d.prepare, d.startSandbox, d.openStore, d.startTracing, d.startTemporal, d.dial, d.startAPI, d.seed, d.startWorker,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// prepare reads the secrets, binds the API's address, and writes a configuration
// file for the other commands.
func (d *dev) prepare(ctx context.Context) error {
	var err error
	if d.secrets, err = d.dir.secrets(); err != nil {
		return err
	}
	if d.api, err = listen(ctx, "--listen", d.Listen, 8080); err != nil {
		return err
	}
	if d.PublicURL == "" {
		d.PublicURL = "http://" + d.api.Addr().String()
	}
	d.Allow = append(d.Allow, loopback[:]...)
	return d.dir.configure(d.key(), d.database())
}

func (d *dev) key() process.Secret { return process.Secret{Key: d.secrets.SecretKey} }
func (d *dev) database() process.Database {
	return process.Database{DSN: "sqlite://" + d.dir.join("belfry.db")}
}
func (d *dev) base() string { return "http://" + d.api.Addr().String() }

func (d *dev) startSandbox(ctx context.Context) error {
	folder, err := d.dir.folder("sandbox")
	if err != nil {
		return err
	}
	mail, err := free(ctx, "--mail-listen", d.MailListen, 1025)
	if err != nil {
		return err
	}
	web, err := free(ctx, "--sink-listen", d.SinkListen, 8025)
	if err != nil {
		return err
	}
	d.sandbox, err = sandbox.Start(ctx, sandbox.Config{
		Dir: folder, SMTPAddress: mail, HTTPAddress: web, WebhookSecret: d.secrets.WebhookSecret, Logger: d.log, Now: time.Now,
	})
	if err != nil {
		return err
	}
	d.Started(process.StageSandbox, d.sandbox.Stop)
	return nil
}

func (d *dev) openStore(ctx context.Context) error {
	var err error
	if d.store, err = prepare(ctx, d.database(), d.key(), d.log); err != nil {
		return err
	}
	d.Started(process.StageStore, func(context.Context) error { return d.store.Close() })
	return nil
}

func (d *dev) startTracing(ctx context.Context) error { return d.Trace(ctx, "dev", version()) }

func (d *dev) startTemporal(ctx context.Context) error {
	folder, err := d.dir.folder("temporal")
	if err != nil {
		return err
	}
	d.server, err = standalone.Start(ctx, standalone.Config{
		Dir: folder, Address: cmp.Or(d.TemporalListen, "127.0.0.1:0"), Namespace: devNamespace, Retention: temporalRetention, Logger: d.log,
	})
	if err != nil {
		return err
	}
	d.Started(process.StageTemporal, func(context.Context) error { return d.server.Stop() })
	return nil
}

func (d *dev) dial(context.Context) error {
	var err error
	if d.temporal, err = d.DialEmbedded(d.server.Address(), devNamespace); err != nil {
		return err
	}
	d.engine = workflows.NewClient(d.temporal, workflows.ClientConfig{Eager: true})
	d.channels, err = d.OpenChannels(d.Outgoing, d.store.Now)
	return err
}

func (d *dev) startAPI(ctx context.Context) error {
	config := d.Web.Config(version())
	config.Invitations = d.Rules()
	return d.ServeAPI(ctx, d.api, process.APIParts{
		Store: d.store, Temporal: d.temporal, Channels: d.channels, Config: config,
	})
}

func (d *dev) startWorker(ctx context.Context) error {
	work := d.Delivery.Config()
	work.Invitations = d.Rules()
	d.RunWorker(ctx, process.WorkerParts{
		Store: d.store, Temporal: d.temporal, Engine: d.engine, Channels: d.channels,
		Site: d.Catalog(), Activities: work, Settings: d.Background,
	})
	return nil
}

// seed makes what a demo needs, where it is missing.
func (d *dev) seed(ctx context.Context) error {
	err := makeOperator(ctx, d.store, demo.Operator, d.secrets.OperatorPassword)
	if err != nil && models.CodeOf(err) != models.CodeConflict {
		return fmt.Errorf("make the demo's operator: %w", err)
	}
	s := &demo.Seeder{Anyone: client.New(d.base(), ""), Secrets: d.secrets, Sandbox: d.sandbox, Populates: d.People}
	if err := s.Run(ctx); err != nil {
		return fmt.Errorf("make the demo data: %w", err)
	}
	if s.Secrets == d.secrets {
		return nil
	}
	d.secrets = s.Secrets
	return d.dir.keep(d.secrets)
}

// listen listens at the address that the flag gave, or at the preferred port of
// this machine or one of the next nine.
func listen(ctx context.Context, flag, address string, preferred int) (net.Listener, error) {
	var l net.ListenConfig
	if address != "" {
		listener, err := l.Listen(ctx, "tcp", address)
		if err != nil {
			return nil, fmt.Errorf("%s cannot be used (%w): choose another address with %s", address, err, flag)
		}
		return listener, nil
	}
	for port := preferred; port < preferred+10; port++ {
		listener, err := l.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return listener, nil
		}
	}
	return nil, fmt.Errorf("the ports %d to %d are all in use: choose an address with %s", preferred, preferred+9, flag)
}

// free is listen for a part that listens by itself.
func free(ctx context.Context, flag, address string, preferred int) (string, error) {
	if address != "" {
		return address, nil
	}
	listener, err := listen(ctx, flag, address, preferred)
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
