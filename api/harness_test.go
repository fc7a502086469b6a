package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"belfry.dev/belfry/api"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/all"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/rbac"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// shopOrigin is the site of a product whose pages may show the bell.
const shopOrigin = "https://shop.example.com"

// harness is the real handler over a real store on SQLite, with one person of
// every kind. Account A is where things happen; B is the stranger.
type harness struct {
	t      testing.TB
	server *api.Server
	store  *store.Store
	clock  *clock
	nudges atomic.Int64
	meter  *fakeMeter
	logs   *logBuffer

	channels *channels.Registry

	a, b store.NewAccount
	// Persons of account A, of account B, and of the platform.
	root, full, reader, none, stranger, admin, auditor person
	product                                            person
	anonymous                                          person
	productID                                          string
	// sink is the URL of a server that takes webhooks; "" where a test has none.
	sink string
}

// person is somebody with a credential.
type person struct {
	name    string
	id      string
	account models.AccountID
	token   string
	// credential is the id of the session or key.
	credential string
}

// clock stands still until a test moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// logBuffer keeps what was logged.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// fakeMeter counts what is submitted; requests do not interest it.
type fakeMeter struct {
	mu                      sync.Mutex
	submitted, deduplicated int
	// settled are the states of deliveries that receipts settled.
	settled []models.DeliveryState
}

func (*fakeMeter) Requested(string, string, int, time.Duration) {}

func (m *fakeMeter) Submitted(models.Notification, time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.submitted++
}

func (m *fakeMeter) Deduplicated(models.Notification) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deduplicated++
}

func (m *fakeMeter) Ended(_ models.Notification, d models.Delivery, _ time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.settled = append(m.settled, d.State)
}

func newHarness(t testing.TB, configure ...func(*operation.Config)) *harness {
	t.Helper()
	return newHarnessOn(t, storetest.Fresh(t), configure...)
}

func newHarnessOn(t testing.TB, cfg store.Config, configure ...func(*operation.Config)) *harness {
	t.Helper()
	return newHarnessReaching(t, cfg, channels.GuardConfig{}, configure...)
}

// newHarnessReaching is newHarnessOn with outgoing calls to what the guard allows.
func newHarnessReaching(t testing.TB, cfg store.Config, outgoing channels.GuardConfig, configure ...func(*operation.Config)) *harness {
	t.Helper()
	h := &harness{t: t, meter: &fakeMeter{}, logs: &logBuffer{}, clock: &clock{now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}}
	cfg.Now = h.clock.Now
	h.store = storetest.Open(t, cfg)
	guard, err := rbac.New(rbac.Config{Grants: h.store.Roles(), Now: h.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	config := operation.Config{PublicURL: "https://belfry.example.com", BellOrigins: []string{shopOrigin}, PasswordMemoryKiB: 64} // tests hash thousands of passwords
	for _, each := range configure {
		each(&config)
	}
	client := channels.NewClient(outgoing)
	t.Cleanup(client.Close)
	h.channels, err = all.New(client, "belfry.example.com", h.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	adapters := h.channels // testing keeps what a cleanup captures for as long as the whole test runs: not h
	t.Cleanup(func() { _ = adapters.Close() })
	h.server, err = api.New(config, h.deps(guard))
	if err != nil {
		t.Fatal(err)
	}
	h.populate()
	return h
}

func (h *harness) deps(guard *rbac.Guard) operation.Deps {
	return operation.Deps{
		Store: h.store, Rbac: guard, Nudge: func() { h.nudges.Add(1) }, Channels: h.channels, Now: h.clock.Now, Meter: h.meter,
		Logger: slog.New(slog.NewJSONHandler(h.logs, nil)),
	}
}

func (h *harness) populate() {
	h.t.Helper()
	h.a, h.b = storetest.Account(h.t, h.store, "alpha"), storetest.Account(h.t, h.store, "beta")
	h.root = h.signIn("root", h.a.Root)
	h.stranger = h.signIn("stranger", h.b.Root)
	h.full = h.user("full", h.a.Account.ID, models.UserSub, models.RoleFullAccess)
	h.reader = h.user("reader", h.a.Account.ID, models.UserSub, models.RoleReadOnly)
	h.none = h.user("none", h.a.Account.ID, models.UserSub)
	h.admin = h.user("admin", models.Platform, models.UserOperator, models.RoleOperatorAdmin)
	h.auditor = h.user("auditor", models.Platform, models.UserOperator, models.RoleOperatorAuditor)
	h.anonymous = person{name: "anonymous"}
	h.product = h.newProduct("shop", []string{"*"}, []string{string(h.a.Account.ID)})
	h.productID = h.product.id
}

// everybody is who the access test lets call every operation.
func (h *harness) everybody() []person {
	return []person{h.root, h.full, h.reader, h.none, h.stranger, h.product, h.admin, h.auditor, h.anonymous}
}

func (h *harness) write(fn func(*store.Tx) error) {
	h.t.Helper()
	if err := h.store.Write(h.t.Context(), fn); err != nil {
		h.t.Fatalf("prepare the test: %v", err)
	}
}

// user adds a person with granted roles, who is signed in. There is no password.
func (h *harness) user(name string, account models.AccountID, kind models.UserKind, roles ...models.Role) person {
	h.t.Helper()
	u := models.User{Kind: kind, Name: name, DisplayName: name, Popups: true, Enabled: true}
	h.write(func(tx *store.Tx) error {
		if err := tx.In(account).Users().Create(h.t.Context(), &u); err != nil {
			return err
		}
		for _, role := range roles {
			if err := tx.In(account).Grants().Create(h.t.Context(), &models.Grant{UserID: u.ID, Role: role}); err != nil {
				return err
			}
		}
		return nil
	})
	return h.signIn(name, u)
}

// signIn gives the user a session without asking for a password.
func (h *harness) signIn(name string, u models.User) person {
	h.t.Helper()
	secret, hash := randomSecret()
	session := models.Session{UserID: u.ID, Hash: hash, CreatedAt: h.clock.Now(), ExpiresAt: h.clock.Now().Add(7 * 24 * time.Hour)}
	h.write(func(tx *store.Tx) error { return tx.In(u.AccountID).Sessions().Create(h.t.Context(), &session) })
	return person{name: name, id: u.ID, account: u.AccountID, token: "bs_" + secret, credential: session.ID}
}

func (h *harness) newProduct(name string, types, accounts []string) person {
	h.t.Helper()
	product := models.Product{Name: name, Types: types, Accounts: accounts, Enabled: true}
	secret, hash := randomSecret()
	key := models.AccessKey{OwnerKind: models.ActorProduct, Name: "first", Hash: hash}
	h.write(func(tx *store.Tx) error {
		if err := tx.Platform().Products().Create(h.t.Context(), &product); err != nil {
			return err
		}
		key.OwnerID = product.ID
		key.CreatedAt = tx.Now()
		return tx.In(models.Platform).AccessKeys().Create(h.t.Context(), &key)
	})
	token := "bk_" + strings.TrimPrefix(key.ID, "key_") + "_" + secret
	return person{name: "product", id: product.ID, account: models.Platform, token: token, credential: key.ID}
}

func randomSecret() (string, []byte) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	secret := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
	sum := sha256.Sum256([]byte(secret))
	return secret, sum[:]
}

// as returns a client that sends the person's credential.
func (h *harness) as(p person) client { return client{h: h, p: p, header: http.Header{}} }

// client sends requests as one person.
type client struct {
	h      *harness
	p      person
	header http.Header
}

// with returns the client with one more header.
func (c client) with(name, value string) client {
	c.header = c.header.Clone()
	c.header.Add(name, value)
	return c
}

func (c client) get(path string) *answer             { return c.send(http.MethodGet, path, nil) }
func (c client) delete(path string) *answer          { return c.send(http.MethodDelete, path, nil) }
func (c client) post(path string, body any) *answer  { return c.send(http.MethodPost, path, body) }
func (c client) put(path string, body any) *answer   { return c.send(http.MethodPut, path, body) }
func (c client) patch(path string, body any) *answer { return c.send(http.MethodPatch, path, body) }
func (c client) key(key string) client               { return c.with("Idempotency-Key", key) }
func (c client) ifMatch(a *answer) client            { return c.with("If-Match", a.header.Get("ETag")) }

// send sends a request; a body that is no string or bytes is encoded as JSON.
func (c client) send(method, path string, body any) *answer {
	c.h.t.Helper()
	var reader io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(body)
	case []byte:
		reader = bytes.NewReader(body)
	default:
		encoded, err := json.Marshal(body)
		if err != nil {
			c.h.t.Fatal(err)
		}
		reader = bytes.NewReader(encoded)
	}
	request := httptest.NewRequestWithContext(c.h.t.Context(), method, path, reader)
	if reader != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.p.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.p.token)
	}
	for name, values := range c.header {
		request.Header[name] = values
	}
	return c.h.do(request)
}

// do lets the handler answer. A stream is left as soon as it has begun.
func (h *harness) do(r *http.Request) *answer {
	h.t.Helper()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	recorder := &streamRecorder{ResponseRecorder: httptest.NewRecorder(), leave: cancel}
	h.server.ServeHTTP(recorder, r.WithContext(ctx))
	if passes := recorder.Code == http.StatusTooManyRequests || recorder.Code == http.StatusServiceUnavailable; passes && recorder.Header().Get("Retry-After") == "" {
		h.t.Errorf("%s %s = %d without Retry-After: %s", r.Method, r.URL, recorder.Code, recorder.Body)
	}
	h.keepsContract(r, recorder.ResponseRecorder)
	return &answer{
		t: h.t, what: r.Method + " " + r.URL.String(),
		status: recorder.Code, header: recorder.Header(), body: recorder.Body.Bytes(),
	}
}

// streamRecorder hangs up at the first flush.
type streamRecorder struct {
	*httptest.ResponseRecorder
	leave context.CancelFunc
}

func (r *streamRecorder) Flush() {
	r.ResponseRecorder.Flush()
	r.leave()
}

// answer is what came back.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
}

// wants fails the test unless the status is the one given.
func (a *answer) wants(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s = %d, want %d: %s", a.what, a.status, status, a.body)
	}
	return a
}

// problem fails the test unless the answer is a problem of the code.
func (a *answer) problem(code models.Code) *answer {
	a.t.Helper()
	if got := a.field("type"); got != "/problems/"+string(code) || a.header.Get("Content-Type") != "application/problem+json" {
		a.t.Fatalf("%s = %d %s (%s), want the problem %s: %s", a.what, a.status, got, a.header.Get("Content-Type"), code, a.body)
	}
	return a
}

// complains fails the test unless the problem names the value with the code.
func (a *answer) complains(pointer, code string) *answer {
	a.t.Helper()
	var problem struct {
		Errors []models.Field `json:"errors"`
	}
	a.into(&problem)
	for _, field := range problem.Errors {
		if field.Pointer == pointer && field.Code == code {
			return a
		}
	}
	a.t.Fatalf("%s complains about %v, want %s at %s", a.what, problem.Errors, code, pointer)
	return a
}

// into decodes the body.
func (a *answer) into(v any) *answer {
	a.t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		a.t.Fatalf("%s answers no JSON: %v: %s", a.what, err, a.body)
	}
	return a
}

// field returns a value of the body by its path of keys and indexes; "" for none.
func (a *answer) field(path ...any) string {
	a.t.Helper()
	var v any
	a.into(&v)
	for _, step := range path {
		switch at := v.(type) {
		case map[string]any:
			v = at[fmt.Sprint(step)]
		case []any:
			i, ok := step.(int)
			if !ok || i >= len(at) {
				return ""
			}
			v = at[i]
		default:
			return ""
		}
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// items returns the field of every item of a list.
func (a *answer) items(name string) []string {
	a.t.Helper()
	var list struct {
		Items []map[string]any `json:"items"`
	}
	a.into(&list)
	values := []string{}
	for _, item := range list.Items {
		values = append(values, fmt.Sprint(item[name]))
	}
	return values
}

// logged returns the newest rows of an account's operation log, newest first.
func (h *harness) logged(account models.AccountID) []models.Operation {
	h.t.Helper()
	rows, _, err := h.store.In(account).OperationLog().List(h.t.Context(), store.OperationFilter{}, store.Page{Limit: 100})
	if err != nil {
		h.t.Fatal(err)
	}
	return rows
}
