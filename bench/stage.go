//go:build bench

package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/cmd/belfry/process"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/workflows"
)

// Message types of the benchmarks: one that reaches inboxes only, and one that
// goes out by e-mail, too. Webhooks get everything.
const (
	typeInbox = "activity.bench_inbox"
	typeFull  = "activity.launch"
)

// crowd is how many accounts share the load.
const crowd = 64

// hookSecret signs webhooks.
const hookSecret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

// stage is Belfry with everything in this process, as belfry all runs it, over one
// database and the benchmarks' Temporal server.
type stage struct {
	*process.Process
	db       *database
	store    *store.Store
	temporal client.Client
	channels *channels.Registry
	sinks    *sinks
	queue    string
	// base is the API's address, key a product's access key.
	base, key string
	// product is its owner.
	product string
	// plain accounts have an inbox only, full ones a mailbox and a webhook, too.
	plain, full []models.AccountID
	// roots are sessions of the plain accounts' root users.
	roots []string
	// streams is for connections that listen.
	streams *http.Client
}

// open builds a stage over a new database. Nothing works in the background until work.
func (b *bench) open(ctx context.Context, kind string) (*stage, error) {
	db, err := newDatabase(ctx, kind, b.dir)
	if err != nil {
		return nil, err
	}
	s := &stage{streams: &http.Client{Transport: &http.Transport{}}, Process: process.New(b.log), db: db, queue: "bench-" + strings.ToLower(rand.Text()[:8])}
	s.Started(process.StageSandbox, func(context.Context) error { return db.close() })
	if err := s.build(ctx, b); err != nil {
		return nil, errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	}
	return s, nil
}

func (s *stage) build(ctx context.Context, b *bench) error {
	var err error
	if s.store, err = store.Open(ctx, s.db.config()); err != nil {
		return err
	}
	s.Started(process.StageStore, func(context.Context) error { return s.store.Close() })
	if s.temporal, err = s.DialEmbedded(b.server.Address(), namespace); err != nil {
		return err
	}
	if s.sinks, err = startSinks(ctx); err != nil {
		return err
	}
	s.Started(process.StageTemporal, func(ctx context.Context) error { return s.sinks.stop(ctx) })
	s.channels, err = s.OpenChannels(process.Outgoing{
		Allow: []string{"127.0.0.0/8"}, AllowHTTP: true, ConnectTimeout: 5 * time.Second, Timeout: 15 * time.Second, MailDomain: "belfry.example",
	}, s.store.Now)
	if err != nil {
		return err
	}
	if err := (cast{s}).seed(ctx); err != nil {
		return fmt.Errorf("prepare the accounts: %w", err)
	}
	return s.serve(ctx)
}

func (s *stage) engine() *workflows.Client {
	return workflows.NewClient(s.temporal, workflows.ClientConfig{TaskQueue: s.queue, Eager: true})
}

func (s *stage) serve(ctx context.Context) error {
	var l net.ListenConfig
	listener, err := l.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.base = "http://" + listener.Addr().String()
	web := process.Web{EventsPerUser: 1000, EventsPerAccount: 1000, EventsPerProcess: 10_000, EventsInterval: time.Second}
	return s.ServeAPI(ctx, listener, process.APIParts{
		Store: s.store, Temporal: s.temporal, Channels: s.channels, Config: web.Config("bench"),
	})
}

// work starts the worker.
func (s *stage) work(ctx context.Context) {
	s.RunWorker(ctx, process.WorkerParts{
		Store: s.store, Temporal: s.temporal, Engine: s.engine(), Channels: s.channels, TaskQueue: s.queue,
		Site: brand.Site{URL: "https://belfry.example"},
	})
}

// idle is what the process and the database compute by themselves, in percent of a core.
func (s *stage) idle(ctx context.Context, period time.Duration) float64 {
	before := cpuTime() + s.db.cpu(ctx)
	rest(ctx, period)
	return 100 * float64(cpuTime()+s.db.cpu(ctx)-before) / float64(period)
}

// alone is what they compute before anything is asked of them: the least of a few looks,
// in percent of a core.
func (s *stage) alone(ctx context.Context) float64 {
	least := math.MaxFloat64
	for range 4 {
		least = min(least, s.idle(ctx, 2*time.Second))
	}
	return least
}

// calm waits until they compute hardly more than that, for 40 seconds at most: what was
// started has come to rest, and what is measured from now on is what stays.
func (s *stage) calm(ctx context.Context, alone float64) error {
	const looks, look, hardly = 20, 2 * time.Second, 5
	for range looks {
		if s.idle(ctx, look) < alone+hardly {
			break
		}
	}
	return ctx.Err()
}

// rest waits, not longer than the context lives.
func rest(ctx context.Context, period time.Duration) {
	select {
	case <-time.After(period):
	case <-ctx.Done():
	}
}

// write changes the database.
func (s *stage) write(ctx context.Context, fn func(*store.Tx) error) error {
	return s.store.Write(ctx, fn)
}

type cast struct{ *stage } // makes whom the stage is played by: accounts, providers, a product, what they may send

// seed makes accounts, providers and a product.
func (s cast) seed(ctx context.Context) error {
	if err := s.seedTypes(ctx); err != nil {
		return err
	}
	if err := s.seedProviders(ctx); err != nil {
		return err
	}
	for i := range crowd {
		plain, err := s.account(ctx, "plain"+strconv.Itoa(i), nil)
		if err != nil {
			return err
		}
		s.plain = append(s.plain, plain.Account.ID)
		session, err := s.signIn(ctx, plain.Root)
		if err != nil {
			return err
		}
		s.roots = append(s.roots, session)
		id, err := s.reachable(ctx, "full"+strconv.Itoa(i), s.sinks.hookURL)
		if err != nil {
			return err
		}
		s.full = append(s.full, id)
	}
	return s.seedProduct(ctx)
}

// seedTypes stores the shipped catalogue and a type for inboxes only.
func (s cast) seedTypes(ctx context.Context) error {
	shipped, err := catalog.Shipped()
	if err != nil {
		return err
	}
	for _, t := range shipped.Types {
		if t.Key == typeFull {
			t.Key, t.Default, t.Locked = typeInbox, []models.Channel{models.ChannelInbox}, nil
			shipped.Types = append(shipped.Types, t)
		}
	}
	return s.store.Catalogue().SeedCatalogue(ctx, shipped.Categories, shipped.Types)
}

func (s cast) seedProviders(ctx context.Context) error {
	host, port, err := net.SplitHostPort(s.sinks.mailAddress)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *store.Tx) error {
		mail := models.Provider{Channel: models.ChannelEmail, Kind: "smtp", Name: "mail", Enabled: true, Settings: map[string]string{
			"host": host, "port": port, "tls": "none", "auth": "none", "from": "belfry@belfry.example",
		}}
		hook := models.Provider{Channel: models.ChannelWebhook, Kind: "webhook", Name: "webhook", Enabled: true, Settings: map[string]string{
			"allow_http": "true", "ports": s.sinks.hookPort,
		}}
		return errors.Join(tx.Platform().Providers().Create(ctx, &mail, nil), tx.Platform().Providers().Create(ctx, &hook, nil))
	})
}

func (s cast) account(ctx context.Context, alias string, addresses []models.Address) (store.NewAccount, error) {
	in := store.NewAccount{
		Account: models.Account{Alias: alias, Name: alias, Language: models.LocaleEN, TimeZone: "UTC", Enabled: true},
		Root:    models.User{Name: "root", DisplayName: "root", Enabled: true, Popups: true},
		Contact: models.Contact{Name: alias, Enabled: true, Addresses: addresses},
	}
	return in, s.write(ctx, func(tx *store.Tx) error { return tx.Platform().Accounts().Create(ctx, &in) })
}

// reachable makes an account with a mailbox and a webhook.
func (s cast) reachable(ctx context.Context, alias, hook string) (models.AccountID, error) {
	email := "ops@" + alias + ".example"
	in, err := s.account(ctx, alias, []models.Address{{Channel: models.ChannelEmail, Value: email, ValueKey: email, State: models.AddressVerified}})
	if err != nil {
		return "", err
	}
	b := models.Bot{Channel: models.ChannelWebhook, Name: "hook", Enabled: true, Settings: map[string]string{}}
	secrets := map[string]string{"url": hook + "?" + alias, "secret": hookSecret}
	return in.Account.ID, s.write(ctx, func(tx *store.Tx) error { return tx.In(in.Account.ID).Bots().Create(ctx, &b, secrets) })
}

func (s cast) seedProduct(ctx context.Context) error {
	p := models.Product{Name: "bench", DisplayName: "bench", Types: []string{"*"}, Accounts: []string{"*"}, Enabled: true}
	secret, hash := credential()
	key := models.AccessKey{OwnerKind: models.ActorProduct, Name: "first", Hash: hash}
	err := s.write(ctx, func(tx *store.Tx) error {
		if err := tx.Platform().Products().Create(ctx, &p); err != nil {
			return err
		}
		key.OwnerID, key.CreatedAt = p.ID, tx.Now()
		return tx.In(models.Platform).AccessKeys().Create(ctx, &key)
	})
	s.product = p.ID
	s.key = "bk_" + strings.TrimPrefix(key.ID, "key_") + "_" + secret
	return err
}

// signIn gives the user a session without a password.
func (s *stage) signIn(ctx context.Context, u models.User) (string, error) {
	secret, hash := credential()
	session := models.Session{UserID: u.ID, Hash: hash, CreatedAt: s.store.Now(), ExpiresAt: s.store.Now().Add(24 * time.Hour)}
	err := s.write(ctx, func(tx *store.Tx) error { return tx.In(u.AccountID).Sessions().Create(ctx, &session) })
	return "bs_" + secret, err
}

func credential() (secret string, hash []byte) {
	secret = strings.ToLower(rand.Text() + rand.Text())
	sum := sha256.Sum256([]byte(secret))
	return secret, sum[:]
}
