// Package world is a small world for tests of the trip "submit → deliver": a real
// store on SQLite with the shipped catalogue, one account with addresses and
// bots, providers, and a channel adapter that answers what the test says.
package world

import (
	"context"
	"sync"
	"testing"
	"time"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
	"belfry.dev/belfry/tracing"
)

// Type is the message type of the notifications of this world: inbox, e-mail and
// SMS by default, nothing outward locked.
const Type = "exception.monitor_alert"

// World is the setting of one test.
type World struct {
	Store   *store.Store
	Account models.AccountID
	// Sink is the adapter of e-mail, SMS and webhooks.
	Sink *Sink
	// Providers are by name.
	Providers map[string]models.Provider
	// Wrap stands between the activities and the store; nil does not.
	Wrap func(activities.Store) activities.Store
	// Trace is the trace of what is accepted, as a W3C traceparent.
	Trace string
	// Adapters send instead of the sink; nil does not.
	Adapters *channels.Registry

	t     testing.TB
	mu    sync.Mutex
	clock func() time.Time
}

// New makes a world at noon of 1 March 2026; its clock stands still until
// SetClock. It has no providers and no bots.
func New(t testing.TB) *World {
	t.Helper()
	return NewOn(t, storetest.Fresh(t))
}

// NewOn makes a world on a fresh migrated database.
func NewOn(t testing.TB, cfg store.Config) *World {
	t.Helper()
	w := &World{t: t, Sink: newSink(), Providers: map[string]models.Provider{}}
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	w.clock = func() time.Time { return at }
	cfg.Now = w.Now
	w.Store = storetest.Open(t, cfg)
	w.Sink.now = w.Now
	shipped, err := catalog.Shipped()
	if err == nil {
		err = w.Store.Catalogue().SeedCatalogue(t.Context(), shipped.Categories, shipped.Types)
	}
	if err != nil {
		t.Fatalf("seed the catalogue: %v", err)
	}
	w.Account = storetest.Account(t, w.Store, "acme").Account.ID
	return w
}

// Now is the world's time.
func (w *World) Now() time.Time {
	w.mu.Lock()
	clock := w.clock
	w.mu.Unlock()
	return clock()
}

// SetClock makes the world follow another clock.
func (w *World) SetClock(now func() time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = now
}

// Advance moves the world's time.
func (w *World) Advance(d time.Duration) {
	at := w.Now().Add(d)
	w.SetClock(func() time.Time { return at })
}

// Write changes the world's database.
func (w *World) Write(fn func(context.Context, *store.Tx) error) {
	w.t.Helper()
	ctx := tracing.Resume(context.WithoutCancel(w.t.Context()), w.Trace)
	if err := w.Store.Write(ctx, func(tx *store.Tx) error { return fn(ctx, tx) }); err != nil {
		w.t.Fatalf("change the world: %v", err)
	}
}

// AddProvider configures a provider of the channel that the sink plays.
func (w *World) AddProvider(channel models.Channel, name string) {
	w.t.Helper()
	w.Provide(models.Provider{Channel: channel, Kind: "fake_" + string(channel), Name: name, Settings: map[string]string{}}, nil)
}

// Provide configures a provider after the others.
func (w *World) Provide(p models.Provider, secrets map[string]string) {
	w.t.Helper()
	p.Enabled, p.Position = true, len(w.Providers)
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		return tx.Platform().Providers().Create(ctx, &p, secrets)
	})
	w.Providers[p.Name] = p
}

// AddBot gives the account a webhook.
func (w *World) AddBot(name string) models.Bot {
	w.t.Helper()
	return w.AddHook(name, map[string]string{"url": "https://hooks.example/" + name})
}

// AddHook gives the account a webhook with these secrets.
func (w *World) AddHook(name string, secrets map[string]string) models.Bot {
	w.t.Helper()
	b := models.Bot{Channel: models.ChannelWebhook, Name: name, Enabled: true, Settings: map[string]string{}}
	w.Write(func(ctx context.Context, tx *store.Tx) error { return tx.In(w.Account).Bots().Create(ctx, &b, secrets) })
	return b
}

// AddPhone gives the account contact a verified phone number.
func (w *World) AddPhone() {
	w.t.Helper()
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.In(w.Account).Contacts().UpdateOfAccount(ctx, 0, func(c *models.Contact) error {
			c.Addresses = append(c.Addresses, models.Address{
				Channel: models.ChannelSMS, Value: "+8613800138000", ValueKey: "+8613800138000", State: models.AddressVerified,
			})
			return nil
		})
		return err
	})
}

// AccountContact is the account itself, as it can be reached.
func (w *World) AccountContact() models.Contact {
	w.t.Helper()
	c, err := w.Store.In(w.Account).Contacts().OfAccount(context.WithoutCancel(w.t.Context()))
	if err != nil {
		w.t.Fatalf("read the account contact: %v", err)
	}
	return c
}

// Choose changes what the account chose for a message type.
func (w *World) Choose(key string, change func(*models.Choice)) {
	w.t.Helper()
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.In(w.Account).Subscriptions().Update(ctx, store.MatrixChange{Action: "test"}, func(m *models.Matrix) error {
			c := m.Choices[key]
			change(&c)
			m.Choices[key] = c
			return nil
		})
		return err
	})
}

// Prefer changes what a contact or bot wants for itself.
func (w *World) Prefer(recipient string, change func(*models.Preferences)) {
	w.t.Helper()
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.In(w.Account).Preferences().Update(ctx, recipient, 0, func(p *models.Preferences) error {
			change(p)
			return nil
		})
		return err
	})
}

// AddContact gives the account a contact with these addresses.
func (w *World) AddContact(name string, addresses ...models.Address) models.Contact {
	w.t.Helper()
	c := models.Contact{Kind: models.ContactPerson, Name: name, Enabled: true, Addresses: addresses}
	w.Write(func(ctx context.Context, tx *store.Tx) error { return tx.In(w.Account).Contacts().Create(ctx, &c) })
	return c
}

// Accept stores a notification of Type as a product's submission; it lives for a day
// unless changed.
func (w *World) Accept(change func(*models.Notification)) models.Notification {
	w.t.Helper()
	kind, err := w.Store.Catalogue().CurrentMessageType(context.WithoutCancel(w.t.Context()), Type)
	if err != nil {
		w.t.Fatalf("read the message type: %v", err)
	}
	n := models.Notification{
		AccountID: w.Account, Type: kind.Key, TypeVersion: kind.Version, Category: kind.Category, Severity: kind.Severity,
		Source: models.SourceProduct, ProductID: "prd_1", Language: models.LocaleEN, Variables: catalog.Samples(kind, models.LocaleEN),
		ExpiresAt: w.Now().Add(24 * time.Hour), Fingerprint: []byte("x"),
	}
	if change != nil {
		change(&n)
	}
	text, err := catalog.Render(kind, n.Language, catalog.Input{Variables: n.Variables})
	if err != nil {
		w.t.Fatalf("render: %v", err)
	}
	var stored []models.Submitted
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		stored, err = tx.Submit(ctx, []models.Acceptance{{Notification: n, Inbox: text}})
		return err
	})
	if stored[0].Refusal != nil {
		w.t.Fatalf("accept: %v", stored[0].Refusal)
	}
	return stored[0].Notification
}

// Cancel cancels the notification and returns it.
func (w *World) Cancel(id string) (after models.Notification) {
	w.t.Helper()
	w.Write(func(ctx context.Context, tx *store.Tx) (err error) {
		_, after, err = tx.In(w.Account).Notifications().Cancel(ctx, id)
		return err
	})
	return after
}

// Report reads everything about the notification.
func (w *World) Report(id string) store.Report {
	w.t.Helper()
	r, err := w.Store.In(w.Account).Notifications().Report(context.WithoutCancel(w.t.Context()), id)
	if err != nil {
		w.t.Fatalf("report of %s: %v", id, err)
	}
	return r
}

// Delivery returns the notification's delivery over the channel and its attempts;
// the newest when there are several.
func (w *World) Delivery(id string, channel models.Channel) (models.Delivery, []models.Attempt) {
	w.t.Helper()
	r := w.Report(id)
	var found models.Delivery
	for _, d := range r.Deliveries {
		if d.Channel == channel {
			found = d
		}
	}
	if found.ID == "" {
		w.t.Fatalf("no delivery over %s: %+v", channel, r.Deliveries)
	}
	return found, r.Attempts[found.ID]
}

// Config retries after 1 s, 5 s and 60 s, without jitter.
func Config() activities.Config {
	retry := schedule.Retry{
		Delays:      []time.Duration{time.Second, 5 * time.Second, time.Minute},
		DefaultWait: 30 * time.Second, UnknownCodes: 3,
	}
	return activities.Config{DefaultRetry: retry, Retry: map[models.Channel]schedule.Retry{}}
}

// Activities returns activities over this world.
func (w *World) Activities(cfg activities.Config) *activities.Activities {
	w.t.Helper()
	registry := w.Adapters
	if registry == nil {
		var err error
		if registry, err = channels.NewRegistry(w.Sink.senders()...); err != nil {
			w.t.Fatalf("registry: %v", err)
		}
	}
	var db activities.Store = w.Store.Work()
	if w.Wrap != nil {
		db = w.Wrap(db)
	}
	return activities.New(cfg, activities.Dependencies{
		Store: db, Channels: registry, Links: links{}, Now: w.Now,
		Renderer: catalog.NewRenderer(brand.Site{URL: "https://belfry.example"}),
	})
}

type links struct{}

func (links) Unsubscribe(account models.AccountID, addressKey, typeKey string) string {
	return "https://belfry.example/u/" + string(account) + "/" + typeKey
}

func (links) Verify(token string) string { return "https://belfry.example/verify/" + token }

func (links) Receipt(a models.Attempt) string {
	return "https://belfry.example/v1/receipts/" + a.DeliveryID
}
