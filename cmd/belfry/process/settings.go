package process

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/api/events"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/failing"
	"belfry.dev/belfry/models/schedule"
	"belfry.dev/belfry/models/signin"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/worker"
	"belfry.dev/belfry/workflows"
)

// Logging are the settings of the log, which goes to standard error.
type Logging struct {
	Level  string `name:"log-level" env:"BELFRY_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"Least level that is logged." group:"Log"`
	Format string `name:"log-format" env:"BELFRY_LOG_FORMAT" default:"auto" enum:"auto,json,text" help:"Form of a line; auto is text for belfry dev and json for all else." group:"Log"`
}

// Logger returns the logger of a command.
func (l Logging) Logger(to io.Writer, command string) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.Level)); err != nil {
		level = slog.LevelInfo // kong checked the names already
	}
	options := &slog.HandlerOptions{Level: level}
	if l.Format == "text" || (l.Format == "auto" && command == "dev") {
		return slog.New(slog.NewTextHandler(to, options))
	}
	return slog.New(slog.NewJSONHandler(to, options))
}

// Database are the settings of store.
type Database struct {
	DSN            string `name:"db-dsn" env:"BELFRY_DB_DSN" needed:"" placeholder:"DSN" help:"Database: sqlite:///path/belfry.db or mysql://user:password@tcp(host:3306)/name." group:"Database"`
	AllowUnsafe    bool   `name:"db-allow-unsafe" env:"BELFRY_DB_ALLOW_UNSAFE" help:"Run on a database whose settings may lose acknowledged data." group:"Database"`
	MaxConnections int    `name:"db-max-connections" env:"BELFRY_DB_MAX_CONNECTIONS" default:"0" help:"Bound of the pool; 0 means 8 readers with SQLite, 32 connections with MySQL." group:"Database"`
}

// Config returns the settings without the secret.
func (d Database) Config(log *slog.Logger) store.Config {
	return store.Config{DSN: d.DSN, AllowUnsafe: d.AllowUnsafe, MaxConnections: d.MaxConnections, Logger: log, Local: now}
}

// Secret is the one secret of the configuration.
type Secret struct {
	Key string `name:"secret-key" env:"BELFRY_SECRET_KEY" needed:"" placeholder:"BASE64" help:"32 random bytes in base64 that seal what the database keeps secret: openssl rand -base64 32." group:"Secrets"`
}

// Bytes decodes the key. The error never shows it.
func (s Secret) Bytes() ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s.Key))
	if err != nil || len(key) != store.SecretSize {
		return nil, errors.New("BELFRY_SECRET_KEY must be 32 bytes in base64")
	}
	return key, nil
}

// Site is what the API and the worker must agree on.
type Site struct {
	PublicURL string `name:"public-url" env:"BELFRY_PUBLIC_URL" placeholder:"URL" help:"Address under which people reach Belfry: links in messages begin with it, and browsers may send from it. The same for all processes; without it there are no links." group:"HTTP"`

	LinkBase       string `name:"link-base" env:"BELFRY_LINK_BASE" placeholder:"URL" help:"Address that relative links of products are resolved against, such as the cloud's own console; the public URL when left out. Paths below /console/ always lead to Belfry." group:"Brand"`
	BrandName      string `name:"brand-name" env:"BELFRY_BRAND_NAME" placeholder:"NAME" help:"What the platform calls itself in messages and pages; Belfry when left out." group:"Brand"`
	BrandLogo      string `name:"brand-logo" env:"BELFRY_BRAND_LOGO" placeholder:"URL" help:"Picture above mail and pages: an https address that everybody can read." group:"Brand"`
	BrandColor     string `name:"brand-color" env:"BELFRY_BRAND_COLOR" placeholder:"#RRGGBB" help:"The brand's colour on white, where its contrast must be 4.5." group:"Brand"`
	BrandDarkColor string `name:"brand-dark-color" env:"BELFRY_BRAND_DARK_COLOR" placeholder:"#RRGGBB" help:"The brand's colour in dark pages, where its contrast must be 4.5." group:"Brand"`
	BrandFooter    string `name:"brand-footer" env:"BELFRY_BRAND_FOOTER" placeholder:"TEXT" help:"Line below mail and pages, such as the company's name and address." group:"Brand"`
	Support        string `name:"support-address" env:"BELFRY_SUPPORT_ADDRESS" placeholder:"ADDRESS" help:"Where people turn to: an e-mail address or an https address." group:"Brand"`
	Language       string `name:"language" env:"BELFRY_LANGUAGE" default:"zh-CN" enum:"zh-CN,en-US" help:"Language of pages where nobody chose one." group:"Brand"`
}

// Catalog returns the settings as what texts know of the platform.
func (s Site) Catalog() brand.Site {
	return brand.Site{
		Name: s.BrandName, URL: s.PublicURL, LinkBase: s.LinkBase, Logo: s.BrandLogo, Color: s.BrandColor, DarkColor: s.BrandDarkColor,
		Footer: s.BrandFooter, Support: s.Support, Language: s.Language,
	}
}

// Contacts are the rules for the addresses of contacts.
type Contacts struct {
	Required      []string `name:"contact-required-channels" env:"BELFRY_CONTACT_REQUIRED_CHANNELS" default:"email" placeholder:"CHANNEL" help:"Channels that every contact must have an address of; none for no one in particular." group:"Contacts"`
	Countries     []string `name:"contact-phone-countries" env:"BELFRY_CONTACT_PHONE_COUNTRIES" placeholder:"CC" help:"Countries whose phone numbers contacts may have, as in ISO 3166: CN,DE; all when left out." group:"Contacts"`
	DeniedDomains []string `name:"contact-denied-domains" env:"BELFRY_CONTACT_DENIED_DOMAINS" placeholder:"DOMAIN" default:"mailinator.com,guerrillamail.com,sharklasers.com,yopmail.com,10minutemail.com,temp-mail.org,trashmail.com,maildrop.cc" help:"Domains, with those below them, whose e-mail addresses contacts may not have." group:"Contacts"`
	PerChannel    int      `name:"contact-max-per-channel" env:"BELFRY_CONTACT_MAX_PER_CHANNEL" default:"3" help:"Addresses of one channel that a contact may have." group:"Contacts"`
}

func (c Contacts) config() operation.ContactConfig {
	required := []models.Channel{}
	for _, name := range c.Required {
		if name != "none" {
			required = append(required, models.Channel(name))
		}
	}
	return operation.ContactConfig{Required: required, Countries: c.Countries, DeniedDomains: c.DeniedDomains, PerChannel: c.PerChannel}
}

// Web are the settings of api.
type Web struct {
	Site
	Contacts
	Listen         string        `env:"BELFRY_LISTEN" placeholder:"HOST:PORT" help:"Where the API listens; 127.0.0.1:8080 when left out (belfry dev: or the next free port)." group:"HTTP"`
	TrustedProxies []string      `name:"trusted-proxies" env:"BELFRY_TRUSTED_PROXIES" placeholder:"CIDR" help:"Addresses and ranges whose X-Forwarded-For is believed; none when left out." group:"HTTP"`
	BellOrigins    []string      `name:"bell-origins" env:"BELFRY_BELL_ORIGINS" placeholder:"ORIGIN" help:"Origins whose pages may show the bell, such as https://shop.example.com; none when left out." group:"HTTP"`
	MaxBodyBytes   int64         `name:"max-body-bytes" env:"BELFRY_MAX_BODY_BYTES" default:"262144" help:"Bound of a request's body, in bytes." group:"HTTP"`
	RequestTimeout time.Duration `name:"request-timeout" env:"BELFRY_REQUEST_TIMEOUT" default:"30s" help:"Bound of a request that does not stream." group:"HTTP"`
	SessionLife    time.Duration `name:"session-life" env:"BELFRY_SESSION_LIFE" default:"168h" help:"How long a sign-in lasts at most." group:"HTTP"`
	SessionIdle    time.Duration `name:"session-idle" env:"BELFRY_SESSION_IDLE" default:"24h" help:"How long a sign-in lasts without being used." group:"HTTP"`

	SignInTries        int64         `name:"sign-in-tries" env:"BELFRY_SIGN_IN_TRIES" default:"10" help:"Wrong passwords for one name from one network (IPv4: 24 bits, IPv6: 48), or from one known device, within an hour, before further ones wait." group:"HTTP"`
	SignInWait         time.Duration `name:"sign-in-wait" env:"BELFRY_SIGN_IN_WAIT" default:"5s" help:"The first of those waits; they double." group:"HTTP"`
	SignInMostWait     time.Duration `name:"sign-in-most-wait" env:"BELFRY_SIGN_IN_MOST_WAIT" default:"10m" help:"The longest of those waits." group:"HTTP"`
	SignInNetworkTries int64         `name:"sign-in-network-tries" env:"BELFRY_SIGN_IN_NETWORK_TRIES" default:"100" help:"Wrong passwords from one network, whatever the names, within 15 minutes, before its further attempts to sign in are spaced out." group:"HTTP"`
	SignInNetworkWait  time.Duration `name:"sign-in-network-wait" env:"BELFRY_SIGN_IN_NETWORK_WAIT" default:"2s" help:"The space between those." group:"HTTP"`
	DeviceLife         time.Duration `name:"device-life" env:"BELFRY_DEVICE_LIFE" default:"2160h" help:"How long a device on which somebody signed in is known, so that others' wrong passwords do not make it wait." group:"HTTP"`

	EventsInterval   time.Duration `name:"events-interval" env:"BELFRY_EVENTS_INTERVAL" default:"1s" help:"How often inboxes are looked at for those who listen." group:"HTTP"`
	EventsPerUser    int           `name:"events-per-user" env:"BELFRY_EVENTS_PER_USER" default:"20" help:"Listeners of one user at the same time, in one process: a browser has one, however many tabs." group:"HTTP"`
	EventsPerAccount int           `name:"events-per-account" env:"BELFRY_EVENTS_PER_ACCOUNT" default:"2000" help:"Listeners of one account at the same time, in one process." group:"HTTP"`
	EventsPerProcess int           `name:"events-per-process" env:"BELFRY_EVENTS_PER_PROCESS" default:"10000" help:"Listeners at the same time, in one process." group:"HTTP"`
}

// Config returns the settings of the API; the version is for its document.
func (w Web) Config(version string) operation.Config {
	return operation.Config{
		Contacts: w.Contacts.config(),
		Events:   events.Config{Interval: w.EventsInterval, PerUser: w.EventsPerUser, PerAccount: w.EventsPerAccount, PerProcess: w.EventsPerProcess},
		SignIn: signin.Rules{
			Tries: w.SignInTries, Wait: w.SignInWait, MostWait: w.SignInMostWait,
			NetworkTries: w.SignInNetworkTries, NetworkWait: w.SignInNetworkWait, DeviceLife: w.DeviceLife,
		},
		PublicURL: w.PublicURL, Site: w.Catalog(), TrustedProxies: w.TrustedProxies, BellOrigins: w.BellOrigins, MaxBodyBytes: w.MaxBodyBytes,
		RequestTimeout: w.RequestTimeout, SessionLife: w.SessionLife, SessionIdle: w.SessionIdle, Version: version,
	}
}

// Draining says how a process that answers HTTP stops.
type Draining struct {
	DrainDelay time.Duration `name:"drain-delay" env:"BELFRY_DRAIN_DELAY" default:"5s" help:"How long a process that was told to stop goes on answering while /readyz says that it is not ready: longer than the load balancer takes to notice." group:"HTTP"`
}

// Outgoing are the settings of the guarded client of channels, which makes all
// outgoing calls.
type Outgoing struct {
	Allow          []string      `name:"outgoing-allow" env:"BELFRY_OUTGOING_ALLOW" placeholder:"CIDR" help:"Networks that outgoing calls may reach although they are not public; none when left out. Link-local and metadata addresses stay closed unless one is listed by itself." group:"Outgoing calls"`
	Deny           []string      `name:"outgoing-deny" env:"BELFRY_OUTGOING_DENY" placeholder:"CIDR" help:"Further networks that outgoing calls never reach." group:"Outgoing calls"`
	Ports          []int         `name:"outgoing-ports" env:"BELFRY_OUTGOING_PORTS" placeholder:"PORT" help:"Ports that outgoing calls may use beside 443, 80 and 8443." group:"Outgoing calls"`
	AllowHTTP      bool          `name:"outgoing-allow-http" env:"BELFRY_OUTGOING_ALLOW_HTTP" help:"Allow outgoing calls without TLS everywhere." group:"Outgoing calls"`
	ConnectTimeout time.Duration `name:"outgoing-connect-timeout" env:"BELFRY_OUTGOING_CONNECT_TIMEOUT" default:"5s" help:"Bound of name resolution with the connection, and of the TLS handshake." group:"Outgoing calls"`
	MailDomain     string        `name:"mail-domain" env:"BELFRY_MAIL_DOMAIN" placeholder:"DOMAIN" help:"Right side of Message-IDs, which must not change; the domain of each provider's sender when left out." group:"Outgoing calls"`
	Timeout        time.Duration `name:"outgoing-timeout" env:"BELFRY_OUTGOING_TIMEOUT" default:"15s" help:"Bound of a whole outgoing call." group:"Outgoing calls"`
}

func (g Outgoing) config() (channels.GuardConfig, error) {
	allow, err := prefixes("BELFRY_OUTGOING_ALLOW", g.Allow)
	if err != nil {
		return channels.GuardConfig{}, err
	}
	deny, err := prefixes("BELFRY_OUTGOING_DENY", g.Deny)
	if err != nil {
		return channels.GuardConfig{}, err
	}
	return channels.GuardConfig{
		Allow: allow, Deny: deny, Ports: g.Ports, AllowHTTP: g.AllowHTTP,
		ConnectTimeout: g.ConnectTimeout, Timeout: g.Timeout,
	}, nil
}

// prefixes reads networks; a single address is a network of its own.
func prefixes(variable string, texts []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range texts {
		if addr, err := netip.ParseAddr(text); err == nil {
			out = append(out, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is no network in CIDR form", variable, text)
		}
		out = append(out, prefix)
	}
	return out, nil
}

// Delivery are the settings of activities.
type Delivery struct {
	RetryDelays    []time.Duration `name:"retry-delays" env:"BELFRY_RETRY_DELAYS" placeholder:"DURATION" help:"Waits between the attempts of a delivery, for every channel; each channel's own schedule when left out." group:"Delivery"`
	AttemptTimeout time.Duration   `name:"attempt-timeout" env:"BELFRY_ATTEMPT_TIMEOUT" default:"20s" help:"Bound of one call to a provider." group:"Delivery"`
	DeadAfter      time.Duration   `name:"attempt-dead-after" env:"BELFRY_ATTEMPT_DEAD_AFTER" default:"30s" help:"When an attempt whose process died counts as one with an unknown outcome; more than the attempt's own bound." group:"Delivery"`
	PauseCap       time.Duration   `name:"rate-limit-cap" env:"BELFRY_RATE_LIMIT_CAP" default:"1h" help:"How long a rate limit may pause a destination for everybody." group:"Delivery"`
	SuspendedFirst time.Duration   `name:"suspended-first" env:"BELFRY_SUSPENDED_FIRST" default:"30s" help:"First wait before a suspended destination is looked at again; the waits double." group:"Delivery"`
	SuspendedMost  time.Duration   `name:"suspended-most" env:"BELFRY_SUSPENDED_MOST" default:"5m" help:"Longest of those waits." group:"Delivery"`
	FailingFirst   time.Duration   `name:"failing-first" env:"BELFRY_FAILING_FIRST" default:"10m" help:"How long a bot takes nothing, in three tries or more, before its owner is told." group:"Delivery"`
	FailingSecond  time.Duration   `name:"failing-second" env:"BELFRY_FAILING_SECOND" default:"24h" help:"How long it does before its owner is told again." group:"Delivery"`
	FailingDead    time.Duration   `name:"failing-dead" env:"BELFRY_FAILING_DEAD" default:"48h" help:"How long it does before it is suspended." group:"Delivery"`
	Concurrency    int             `name:"destination-concurrency" env:"BELFRY_DESTINATION_CONCURRENCY" default:"16" help:"Calls to one destination at the same time, in one process." group:"Delivery"`
	SlowAfter      time.Duration   `name:"destination-slow-after" env:"BELFRY_DESTINATION_SLOW_AFTER" default:"2s" help:"When a destination counts as slow: its calls hold no workflow task any more." group:"Delivery"`
}

// Config returns the settings of the activities.
func (d Delivery) Config() activities.Config {
	c := activities.Config{
		AttemptTimeout: d.AttemptTimeout, DeadAfter: d.DeadAfter, PauseCap: d.PauseCap,
		SuspendedFirst: d.SuspendedFirst, SuspendedMost: d.SuspendedMost, Concurrency: d.Concurrency, SlowAfter: d.SlowAfter,
		Failing: failing.Limits{First: d.FailingFirst, Second: d.FailingSecond, Dead: d.FailingDead},
	}
	if len(d.RetryDelays) > 0 {
		c.DefaultRetry = schedule.Retry{Delays: d.RetryDelays, Jitter: 0.1, DefaultWait: time.Minute, UnknownCodes: 3}
		c.Retry = map[models.Channel]schedule.Retry{}
	}
	return c
}

// Inviting are the durations and limits of invitations; servers and workers must
// agree on them.
type Inviting struct {
	LinkLife          time.Duration   `name:"invitation-link-life" env:"BELFRY_INVITATION_LINK_LIFE" default:"72h" help:"How long the link of an invitation confirms; then the address expires." group:"Invitations"`
	CodeLife          time.Duration   `name:"invitation-code-life" env:"BELFRY_INVITATION_CODE_LIFE" default:"10m" help:"How long its code confirms." group:"Invitations"`
	SMSCodeLife       time.Duration   `name:"invitation-sms-code-life" env:"BELFRY_INVITATION_SMS_CODE_LIFE" default:"5m" help:"How long a code in a text message confirms." group:"Invitations"`
	CoolDown          time.Duration   `name:"invitation-cool-down" env:"BELFRY_INVITATION_COOL_DOWN" default:"2m" help:"Least time before an invitation is sent again for the first time." group:"Invitations"`
	CoolDownFactor    int             `name:"invitation-cool-down-factor" env:"BELFRY_INVITATION_COOL_DOWN_FACTOR" default:"2" help:"How many times as long the next resend waits; 1 for as long each time. A day without one begins anew." group:"Invitations"`
	MaxCoolDown       time.Duration   `name:"invitation-max-cool-down" env:"BELFRY_INVITATION_MAX_COOL_DOWN" default:"32m" help:"Longest time before an invitation is sent again." group:"Invitations"`
	Reminders         []time.Duration `name:"invitation-reminders" env:"BELFRY_INVITATION_REMINDERS" default:"24h,48h" help:"When people are reminded, counted from the link; what is not before its end is left out." group:"Invitations"`
	Tries             int             `name:"invitation-tries" env:"BELFRY_INVITATION_TRIES" default:"5" help:"Wrong tries that end a code." group:"Invitations"`
	PerAddress        int64           `name:"invitation-per-address" env:"BELFRY_INVITATION_PER_ADDRESS" default:"5" help:"Invitations and resends to one address a day, over all accounts; spellings of one mailbox are one address." group:"Invitations"`
	PerAccount        int64           `name:"invitation-per-account" env:"BELFRY_INVITATION_PER_ACCOUNT" default:"200" help:"Invitations and resends of one account a day." group:"Invitations"`
	PerCountry        int64           `name:"invitation-per-country" env:"BELFRY_INVITATION_PER_COUNTRY" default:"1000" help:"Text messages of invitations to one country's numbers a day." group:"Invitations"`
	SMSPerDay         int64           `name:"invitation-sms-per-day" env:"BELFRY_INVITATION_SMS_PER_DAY" default:"5000" help:"Text messages of invitations a day; operators are told when they are used up." group:"Invitations"`
	GuessesPerAddress int64           `name:"invitation-guesses-per-address" env:"BELFRY_INVITATION_GUESSES_PER_ADDRESS" default:"25" help:"Guesses at the codes for one address a day." group:"Invitations"`
	GuessesPerAccount int64           `name:"invitation-guesses-per-account" env:"BELFRY_INVITATION_GUESSES_PER_ACCOUNT" default:"200" help:"Guesses at codes in one account a day." group:"Invitations"`
	GuessesPerDay     int64           `name:"invitation-guesses-per-day" env:"BELFRY_INVITATION_GUESSES_PER_DAY" default:"10000" help:"Guesses at codes a day in all." group:"Invitations"`
}

// Rules returns the settings as the rules of invitations.
func (i Inviting) Rules() models.InvitationRules {
	return models.InvitationRules{
		LinkLife: i.LinkLife, CodeLife: i.CodeLife, SMSCodeLife: i.SMSCodeLife, CoolDown: i.CoolDown, CoolDownFactor: i.CoolDownFactor, MaxCoolDown: i.MaxCoolDown, Reminders: i.Reminders, Tries: i.Tries,
		PerAddress: i.PerAddress, PerAccount: i.PerAccount, PerCountry: i.PerCountry, SMSPerDay: i.SMSPerDay,
		GuessesPerAddress: i.GuessesPerAddress, GuessesPerAccount: i.GuessesPerAccount, GuessesPerDay: i.GuessesPerDay,
	}.WithDefaults()
}

// Background are the settings of worker.
type Background struct {
	Activities        int           `name:"worker-activities" env:"BELFRY_WORKER_ACTIVITIES" default:"200" help:"Activities at the same time, in one process." group:"Worker"`
	LocalActivities   int           `name:"worker-local-activities" env:"BELFRY_WORKER_LOCAL_ACTIVITIES" default:"200" help:"Local activities at the same time, in one process." group:"Worker"`
	WorkflowTasks     int           `name:"worker-workflow-tasks" env:"BELFRY_WORKER_WORKFLOW_TASKS" default:"200" help:"Workflow tasks at the same time, in one process." group:"Worker"`
	CachedWorkflows   int           `name:"worker-cached-workflows" env:"BELFRY_WORKER_CACHED_WORKFLOWS" default:"2000" help:"Workflows kept in memory." group:"Worker"`
	StopTimeout       time.Duration `name:"worker-stop-timeout" env:"BELFRY_WORKER_STOP_TIMEOUT" default:"10s" help:"How long a stopping worker waits for what is under way; at most 15s." group:"Worker"`
	RecordWithin      time.Duration `name:"worker-record-within" env:"BELFRY_WORKER_RECORD_WITHIN" default:"8s" help:"Bound of a short step on the database, repetitions included; less than a workflow task's own 10s." group:"Worker"`
	AttemptWithin     time.Duration `name:"worker-attempt-within" env:"BELFRY_WORKER_ATTEMPT_WITHIN" default:"30s" help:"Bound of one attempt with its record; also how long the death of a worker goes unnoticed." group:"Worker"`
	DispatchInterval  time.Duration `name:"dispatch-interval" env:"BELFRY_DISPATCH_INTERVAL" default:"100ms" help:"How often a worker looks for what was accepted by other processes." group:"Worker"`
	ReconcileInterval time.Duration `name:"reconcile-interval" env:"BELFRY_RECONCILE_INTERVAL" default:"30s" help:"How often open notifications are looked at whose workflow may be gone." group:"Worker"`
	ReconcileGrace    time.Duration `name:"reconcile-grace" env:"BELFRY_RECONCILE_GRACE" default:"1m" help:"How late something may be before it counts as stuck." group:"Worker"`
	PurgeInterval     time.Duration `name:"purge-interval" env:"BELFRY_PURGE_INTERVAL" default:"10m" help:"How often expired rows are deleted." group:"Worker"`
	KeepExpired       time.Duration `name:"purge-keep" env:"BELFRY_PURGE_KEEP" default:"1h" help:"How long expired rows are kept; more than clocks differ." group:"Worker"`
	RetentionSchedule string        `name:"retention-schedule" env:"BELFRY_RETENTION_SCHEDULE" default:"17 3 * * *" placeholder:"CRON" help:"When what is over is deleted: a cron expression, in UTC." group:"Worker"`
	SealInterval      time.Duration `name:"seal-interval" env:"BELFRY_SEAL_INTERVAL" default:"1m" help:"How often the operation logs are sealed." group:"Worker"`
}

func (b Background) config() worker.Config {
	return worker.Config{
		Activities: b.Activities, LocalActivities: b.LocalActivities, WorkflowTasks: b.WorkflowTasks,
		CachedWorkflows: b.CachedWorkflows, StopTimeout: b.StopTimeout,
		Policies:  workflows.Policies{RecordWithin: b.RecordWithin, AttemptWithin: b.AttemptWithin},
		Dispatch:  worker.DispatchConfig{Interval: b.DispatchInterval},
		Schedules: worker.ScheduleConfig{Retention: b.RetentionSchedule},
		Reconcile: worker.ReconcileConfig{Interval: b.ReconcileInterval, Grace: b.ReconcileGrace},
		Housekeep: worker.HousekeepConfig{
			PurgeInterval: b.PurgeInterval, KeepExpired: b.KeepExpired, SealInterval: b.SealInterval,
		},
	}
}
