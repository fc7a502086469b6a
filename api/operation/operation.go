// Package operation is what all operations of the HTTP interface share.
//
// # Adding an operation
//
// An operation is a row in the table of its room, which is in the file named after the room.
// Its texts, and the function that answers, are in the file named after the noun. Its action
// is the operation's id in the OpenAPI document, the permission (one line in
// rbac/policy.json) and the action in the operation log.
//
//	operation.Serve("PATCH /v1/bots/{id}", "bot.update", 200, updateBot),
//
//	func describeBots() map[string]operation.Operation {
//		return map[string]operation.Operation{
//			"bot.update": {Summary: "Change a bot", Description: "Secrets that are not sent stay."},
//		}
//	}
//
//	type updateBotIn struct {
//		ID string `path:"id" pattern:"^bot_[0-9a-f]{32}$"`
//		operation.Editing                          // If-Match
//		Body struct {
//			Name *string `json:"name,omitempty" minLength:"1" maxLength:"64"`
//		}
//	}
//
//	func updateBot(ctx context.Context, c *operation.Call, in *updateBotIn) (*botOut, error) {
//		version, err := in.Version()
//		if err != nil {
//			return nil, err
//		}
//		return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[botOut], error) {
//			before, after, err := tx.In(c.Account()).Bots().Update(ctx, in.ID, version, in.Body.apply)
//			if err != nil {
//				return nil, err
//			}
//			return operation.Did(outBot(after), operation.Of("bot", in.ID, after.Name), viewBot(before), viewBot(after)), nil
//		})
//	}
//
// What Register does before the function runs: media types and size of the body,
// authentication, permission, strict JSON, rules for texts, and validation by the schema
// that huma derives from the In type. What the function must do: everything that depends
// on the state of the database inside Commit, so that a repeat with the same
// Idempotency-Key gets the first answer; return *models.Error for what the caller did
// wrong, and any other error for what the caller cannot help. A write returns a Done, which
// only Did and DidEach make: they ask for what the operation log needs.
//
// Texts are one line each unless the field says format:"text" (several lines),
// "password" or "secret" (no trimming). In and Out types are private and never types of
// models; an In field without omitempty is required. Ids in a path carry a pattern: what
// cannot exist is not found.
package operation

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/trace"

	"belfry.dev/belfry/api/caller"
	"belfry.dev/belfry/api/contract"
	"belfry.dev/belfry/api/events"
	"belfry.dev/belfry/api/front"
	"belfry.dev/belfry/api/origin"
	"belfry.dev/belfry/api/password"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/signin"
	"belfry.dev/belfry/rbac"
	"belfry.dev/belfry/store"
)

// Config of the interface.
type Config struct {
	// PublicURL is the base URL under which people reach Belfry, such as
	// "https://belfry.example.com": the origin that browsers may send from.
	PublicURL string
	// BellOrigins are the origins whose pages may show the bell with a token; none by default.
	BellOrigins []string
	// Site is what the platform calls itself and how it looks; its URL is PublicURL.
	Site brand.Site
	// TrustedProxies are the addresses and CIDR ranges whose X-Forwarded-For is
	// believed; none by default.
	TrustedProxies []string
	// MaxBodyBytes bounds a request's body where the operation says nothing else;
	// default 256 KiB.
	MaxBodyBytes int64
	// RequestTimeout bounds an operation that does not stream; default 30 s.
	RequestTimeout time.Duration
	// SessionLife ends a session after its sign-in, default 7 days; SessionIdle
	// ends it after its last use, default 24 h.
	SessionLife time.Duration
	SessionIdle time.Duration
	// SignIn bounds how fast passwords can be guessed; see there.
	SignIn signin.Rules
	// PasswordMemoryKiB is what hashing a password takes; default 19,456. Source:
	// OWASP password storage, argon2id with two passes.
	PasswordMemoryKiB uint32
	// Version is shown in the OpenAPI document.
	Version string
	// Invitations are the durations and limits of invitations; see there.
	Invitations models.InvitationRules
	// Contacts are the rules for addresses of contacts.
	Contacts ContactConfig
	// Events adjusts the event streams of inboxes.
	Events events.Config
}

func (c Config) withDefaults() Config {
	c.MaxBodyBytes = orDefault(c.MaxBodyBytes, 256<<10)
	c.RequestTimeout = orDefault(c.RequestTimeout, 30*time.Second)
	c.SessionLife = orDefault(c.SessionLife, 7*24*time.Hour)
	c.SessionIdle = orDefault(c.SessionIdle, 24*time.Hour)
	c.SignIn = c.SignIn.WithDefaults()
	c.Invitations = c.Invitations.WithDefaults()
	c.Contacts = c.Contacts.withDefaults()
	c.Site.URL = c.PublicURL
	c.Version = cmp.Or(c.Version, "dev")
	return c
}

func orDefault[T int64 | time.Duration](value, otherwise T) T {
	if value <= 0 {
		return otherwise
	}
	return value
}

// Probe is one dependency that /readyz asks.
type Probe struct {
	// Name is shown: "temporal".
	Name string
	// Required probes make the process not ready when they fail; others only
	// degrade it.
	Required bool
	Check    func(context.Context) error
}

// Deps are what the interface works with. All are required but Nudge, Probes, Meter
// and Tracer.
type Deps struct {
	Store *store.Store
	Rbac  *rbac.Guard
	// Nudge tells this process's worker that something was accepted, and keeps nobody
	// waiting; nil tells nobody, and workers look by themselves.
	Nudge func()
	// Channels are the adapters: what can be configured, and what tests send with.
	Channels *channels.Registry
	Logger   *slog.Logger
	// Now is the clock for deadlines that people see; the store has its own.
	Now    func() time.Time
	Probes []Probe
	// Meter counts; nil does not.
	Meter front.Meter
	// Tracer makes the spans of requests; nil makes none.
	Tracer trace.Tracer
}

// Core is what all operations work with.
type Core struct {
	Router *gin.Engine
	// Operations are those that were registered, in that order.
	Operations   []Operation
	Config       Config
	Store        *store.Store
	Rbac         *rbac.Guard
	Nudge        func()
	Channels     *channels.Registry
	Log          *slog.Logger
	Now          func() time.Time
	Meter        front.Meter
	front        *front.Front
	Passwords    *password.Hasher
	cursors      wire.Cursors
	Fingerprints wire.Fingerprints
	Origins      *origin.Rules
	Renderer     *catalog.Renderer
	callers      *caller.Callers
	Huma         huma.API
}

// New builds what all operations work with, without any. It fails on a
// configuration that cannot work.
func New(config Config, deps Deps) (*Core, error) {
	if deps.Store == nil || deps.Rbac == nil || deps.Channels == nil || deps.Logger == nil || deps.Now == nil {
		return nil, errors.New("api: Store, Rbac, Channels, Logger and Now are required")
	}
	config = config.withDefaults()
	config.Invitations.Kinds = deps.Channels.AddressKinds()
	origins, err := origin.New(config.PublicURL, config.BellOrigins)
	if err != nil {
		return nil, err
	}
	vault := deps.Store.Vault()
	if deps.Meter == nil {
		deps.Meter = front.Uncounted{}
	}
	if deps.Nudge == nil {
		deps.Nudge = func() {}
	}
	s := &Core{
		Config: config, Store: deps.Store, Rbac: deps.Rbac, Nudge: deps.Nudge, Channels: deps.Channels, Log: deps.Logger, Now: deps.Now,
		Meter:        deps.Meter,
		front:        &front.Front{Site: config.Site, Log: deps.Logger, Meter: deps.Meter, Tracer: deps.Tracer},
		Passwords:    newHasher(config),
		cursors:      wire.NewCursors(vault.MAC("cursors")),
		Fingerprints: wire.NewFingerprints(vault.MAC("fingerprints")),
		Origins:      origins,
		Renderer:     catalog.NewRenderer(config.Site),
		callers:      caller.New(deps.Store, config.SessionIdle, deps.Logger),
	}
	adoptHuma()
	if s.Router, err = s.front.Router(config.TrustedProxies); err != nil {
		return nil, err
	}
	s.Huma = humagin.New(s.Router, contract.Document(config.Version))
	return s, nil
}

// EventStream is the media type of server-sent events.
const EventStream = front.EventStream

// WriteProblem answers from outside huma: unknown routes, pages, panics.
func (s *Core) WriteProblem(c *gin.Context, err error) { s.front.WriteProblem(c, err) }

func newHasher(config Config) *password.Hasher {
	hasher := password.NewHasher(runtime.GOMAXPROCS(0))
	if config.PasswordMemoryKiB > 0 {
		return hasher.WithMemory(config.PasswordMemoryKiB)
	}
	return hasher
}

// ContactConfig is what operators decide about the addresses of contacts.
type ContactConfig struct {
	// Required are the channels that every contact must have an address of; nil means
	// e-mail.
	Required []models.Channel
	// Countries are those whose phone numbers are taken, as in ISO 3166 ("CN"); empty
	// takes all.
	Countries []string
	// DeniedDomains are domains, with those below them, whose e-mail addresses are not
	// taken.
	DeniedDomains []string
	// PerChannel is how many addresses of one channel a contact may have; default 3.
	PerChannel int
}

func (c ContactConfig) withDefaults() ContactConfig {
	if c.Required == nil {
		c.Required = []models.Channel{models.ChannelEmail}
	}
	if c.PerChannel <= 0 {
		c.PerChannel = 3
	}
	return c
}
