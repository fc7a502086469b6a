package house_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// room says what the packages of one folder may import. A pattern ends in "/*" for the
// folders one level below. Standard library packages are always allowed.
type room struct {
	pattern string
	// ours are rooms of this repository, by the same patterns.
	ours []string
	// outside are module paths, or beginnings of them that end in "/".
	outside []string
}

// operations is what every room of operations may import. It is not another one: where
// one needs another, its row below says so.
var operations = []string{"models", "models/*", "catalog", "catalog/brand", "channels", "store", "store/list", "api/contract", "api/credential", "api/operation", "api/page", "api/wire"}

// rooms is the house: docs/architecture.md shows the same table. Changing it is a design
// decision; say so in the commit. The first matching row counts.
var rooms = []room{
	{"models", []string{"models/document", "models/text"}, nil},
	{"models/document", []string{"models/text"}, nil},
	{"models/announcement", []string{"models"}, nil},
	{"models/intake", []string{"models"}, nil},
	{"models/routing", []string{"models", "models/quiethours", "models/schedule"}, nil},
	{"models/quiethours", []string{"models"}, nil},
	{"models/schedule", []string{"models"}, nil},
	{"models/choice", []string{"models"}, nil},
	{"models/ledger", []string{"models"}, []string{"golang.org/x/mod"}},
	{"models/signin", nil, nil},
	{"models/pacing", []string{"models"}, nil},
	{"models/failing", []string{"models"}, nil},
	{"models/receipt", []string{"models"}, nil},
	{"models/text", nil, []string{"github.com/clipperhouse/uax29/v2", "golang.org/x/text"}},
	{"catalog", []string{"models", "models/document", "models/text", "catalog/brand", "catalog/markup"}, []string{"golang.org/x/text", "golang.org/x/net"}},
	{"catalog/brand", []string{"models", "models/text", "catalog/markup"}, nil},
	{"catalog/markup", []string{"models", "models/document", "models/text"}, []string{"golang.org/x/text", "golang.org/x/net"}},
	{"channels/address", []string{"models", "models/text"}, []string{"github.com/nyaruka/phonenumbers", "golang.org/x/net"}},
	{"channels/redact", []string{"models/text"}, nil},
	{"channels/jsonvalue", nil, nil},
	{"channels/chat", []string{"models", "models/document", "models/pacing", "models/text", "channels"}, nil},
	{"channels", []string{"models", "models/document", "models/pacing", "models/text", "channels/redact"}, []string{"golang.org/x/net", "golang.org/x/text", "code.dny.dev/ssrf"}},
	{"channels/all", []string{"channels", "channels/*"}, nil},
	{"channels/channeltest", []string{"models", "models/document", "channels"}, []string{"github.com/stretchr/testify"}},
	{"channels/email", []string{"models", "models/document", "models/text", "channels", "channels/address"}, []string{"github.com/wneessen/go-mail"}},
	{"channels/texting", []string{"models", "models/document", "models/receipt", "models/text", "channels", "channels/address", "channels/chat"}, nil},
	{"channels/*", []string{"models", "models/pacing", "models/document", "models/receipt", "models/text", "channels", "channels/address", "channels/chat", "channels/jsonvalue", "channels/texting"}, nil},
	{"store/engine/migrations", nil, nil},
	{"store/engine", []string{"models", "store/engine/migrations"}, []string{"gorm.io/", "github.com/go-sql-driver/mysql", "modernc.org/sqlite", "github.com/pressly/goose/v3"}},
	{"tracing", nil, []string{"go.opentelemetry.io/otel"}},
	{"store/list", []string{"models", "models/announcement"}, []string{"gorm.io/"}},
	{"store/upkeep", []string{"models"}, []string{"gorm.io/"}},
	{"store/reading", []string{"models"}, []string{"gorm.io/"}},
	{"store/clock", nil, nil},
	{"store/vault", []string{"models"}, nil},
	{"store/slots", []string{"models/pacing"}, []string{"gorm.io/"}},
	{"store", []string{"models", "models/announcement", "models/ledger", "models/pacing", "models/receipt", "models/signin", "models/text", "store/clock", "store/engine", "store/list", "store/reading", "store/receipts", "store/slots", "store/upkeep", "store/vault", "tracing"}, []string{"gorm.io/", "github.com/google/uuid", "golang.org/x/crypto"}},
	{"store/receipts", []string{"models", "models/receipt"}, []string{"gorm.io/"}},
	{"store/storetest", []string{"models", "store", "store/engine", "store/engine/migrations"}, []string{"github.com/stretchr/testify", "github.com/go-sql-driver/mysql"}},
	{"rbac", []string{"models", "internal/moment"}, []string{"github.com/casbin/casbin/v2"}},
	{"activities/bulkhead", nil, nil},
	{"activities/remindertext", []string{"models", "models/schedule", "catalog"}, nil},
	{"activities/config", []string{"models", "models/failing", "models/schedule", "channels"}, nil},
	{"activities/queue", []string{"models", "models/*", "channels"}, nil},
	{"activities/work", []string{"activities/config", "models", "models/document", "catalog", "channels"}, []string{"go.temporal.io/sdk"}},
	{"activities/planning", []string{"activities/work", "models", "models/routing", "catalog"}, nil},
	{"activities/delivering", []string{"activities/bulkhead", "activities/config", "activities/queue", "activities/remindertext", "activities/work", "models", "models/*", "catalog", "channels", "tracing"}, []string{"go.opentelemetry.io/otel"}},
	{"activities", []string{"activities/config", "activities/delivering", "activities/planning", "activities/remindertext", "activities/work", "models", "models/*", "catalog", "channels"}, []string{"go.temporal.io/sdk"}},
	{"workflows", []string{"models", "models/*", "activities", "tracing"}, []string{"go.temporal.io/sdk", "go.temporal.io/api"}},
	{"worker", []string{"models", "models/*", "workflows", "activities", "tracing"}, []string{"go.temporal.io/sdk", "go.temporal.io/api", "golang.org/x/sync"}},
	{"api/wire", []string{"models"}, []string{"github.com/danielgtaylor/huma/v2", "golang.org/x/text"}},
	{"api/credential", []string{"models"}, nil},
	{"api/page", []string{"models", "catalog/brand"}, []string{"golang.org/x/text"}},
	{"api/shape", nil, nil},
	{"api/password", []string{"models"}, []string{"golang.org/x/crypto", "golang.org/x/text"}},
	{"api/events", []string{"models", "models/*", "api/wire"}, nil},
	{"api/origin", nil, nil},
	{"api/caller", []string{"models", "store", "api/credential", "internal/moment"}, nil},
	{"api/contract", []string{"models", "api/credential", "api/wire"}, []string{"github.com/danielgtaylor/huma/v2", "github.com/gin-gonic/gin"}},
	{"api/front", []string{"models", "catalog/brand", "api/page", "api/wire"}, []string{"github.com/gin-gonic/gin", "github.com/google/uuid", "go.opentelemetry.io/otel"}},
	{"api/operation", []string{"api/caller", "api/contract", "api/front", "api/origin", "api/page", "api/shape", "models", "models/signin", "catalog", "catalog/brand", "channels", "rbac", "store", "api/wire", "api/events", "api/password", "tracing"}, []string{
		"github.com/danielgtaylor/huma/v2", "github.com/gin-gonic/gin", "go.opentelemetry.io/otel",
	}},
	{"api/recipients", slices.Concat(operations, []string{"channels/address", "api/subscriptions"}), []string{"golang.org/x/text"}},
	{"api/destinations", slices.Concat(operations, []string{"api/subscriptions"}), nil},
	{"api/invitations", slices.Concat(operations, []string{"api/recipients"}), nil},
	{"api/outlast", []string{"models", "store"}, nil},
	{"api/access", slices.Concat(operations, []string{"api/outlast", "api/recipients"}), nil},
	{"api/accounts", slices.Concat(operations, []string{"api/recipients"}), nil},
	{"api/contactgroups", slices.Concat(operations, []string{"api/recipients", "api/subscriptions"}), nil},
	{"api/sessions", slices.Concat(operations, []string{"api/access", "api/recipients"}), nil},
	{"api/inbox", slices.Concat(operations, []string{"api/events", "rbac"}), []string{"github.com/danielgtaylor/huma/v2", "github.com/gin-gonic/gin"}},
	{"api/calendars", slices.Concat(operations, []string{"api/reminders"}), []string{"github.com/arran4/golang-ical"}},
	{"api/notifications", slices.Concat(operations, []string{"api/deliveries"}), nil},
	{"api/sheet", []string{"models/text"}, nil},
	{"api/operationlog", slices.Concat(operations, []string{"api/sheet"}), []string{"github.com/danielgtaylor/huma/v2", "github.com/gin-gonic/gin"}},
	{"api/*", operations, nil},
	{"api", []string{"models", "api/*"}, []string{"github.com/gin-gonic/gin", "github.com/swaggest/swgui"}},
	{"web", nil, nil},
	{"deploy/standalone", nil, []string{"go.temporal.io/", "google.golang.org/"}},
	{"deploy/sandbox", []string{"models"}, []string{"github.com/emersion/go-smtp", "github.com/emersion/go-sasl", "github.com/standard-webhooks/standard-webhooks/libraries", "golang.org/x/sync"}},
	{"cmd/belfry/configuration", nil, []string{"github.com/alecthomas/kong", "github.com/goccy/go-yaml"}},
	{"cmd/belfry/client", nil, nil},
	{"cmd/belfry/demo", []string{"cmd/belfry/client", "deploy/sandbox", "models"}, nil},
	{"cmd/belfry/drill", []string{"cmd/belfry/client", "cmd/belfry/drill/*"}, []string{"golang.org/x/sync"}},
	{"cmd/belfry/drill/ledger", nil, nil},
	{"cmd/belfry/drill/sinks", []string{"cmd/belfry/drill/ledger"}, []string{"github.com/emersion/go-smtp", "golang.org/x/sync"}},
	{"cmd/belfry/drill/stage", []string{"cmd/belfry/client"}, nil},
	{"cmd/belfry/metrics", []string{"models", "models/receipt", "store"}, []string{"github.com/prometheus/client_golang"}},
	{"cmd/belfry/process", []string{"*", "*/*", "cmd/belfry/metrics"}, []string{"go.temporal.io/sdk", "go.temporal.io/api", "golang.org/x/sync", "go.opentelemetry.io/otel"}},
	{"cmd/*", []string{"*", "*/*", "cmd/*/*"}, []string{"*"}},
	{"bench/report", nil, nil},
	{"bench", []string{"*", "*/*", "cmd/belfry/process", "cmd/belfry/client"}, []string{
		"go.temporal.io/", "github.com/emersion/go-smtp", "github.com/gin-gonic/gin", "github.com/go-sql-driver/mysql",
	}},
	{"internal/flaky", nil, []string{"github.com/Shopify/toxiproxy/v2", "github.com/rs/zerolog"}},
	{"internal/house/tally", nil, nil},
	{"internal/moment", nil, nil},
	{"internal/world", []string{"models", "models/*", "catalog", "catalog/brand", "channels", "store", "store/*", "activities", "tracing"}, nil},
}

// Modules that must not be reached, not even through others.
var (
	databases = []string{"gorm.io/", "github.com/go-sql-driver/", "modernc.org/sqlite", "github.com/pressly/goose/"}
	servers   = []string{"github.com/gin-gonic/", "github.com/danielgtaylor/huma/", "github.com/casbin/"}
	embedded  = []string{"go.temporal.io/server"}
)

// unreachable names, by room, what must not be reached: a workflow that could ask the
// database would not be deterministic, and a rule that could ask it would hide in SQL.
var unreachable = map[string][]string{
	"models":     slices.Concat(databases, servers, embedded, []string{"go.temporal.io/", "golang.org/x/net"}),
	"catalog":    slices.Concat(databases, servers, embedded),
	"channels":   slices.Concat(databases, servers, embedded),
	"activities": slices.Concat(databases, servers, embedded),
	"workflows":  slices.Concat(databases, servers, embedded),
	"worker":     slices.Concat(databases, servers, embedded),
	"store":      slices.Concat(servers, embedded),
	"rbac":       slices.Concat(databases, embedded),
	"api":        embedded,
}

func TestRoomsImportOnlyWhatTheTableAllows(t *testing.T) {
	t.Parallel()
	packages := list(t, "./...")
	if len(packages) == 0 {
		t.Fatal("go list found no package: the table checks nothing")
	}
	none(t, wrongArrows(packages))
	none(t, wrongArrows(list(t, "-tags", "bench", "./bench")))
}

func TestSlimBuildKeepsTheArrows(t *testing.T) {
	t.Parallel()
	packages := list(t, "-tags", "slim", "./...")
	none(t, wrongArrows(packages))
	for _, p := range packages {
		if dep, found := reaches(p, embedded); found {
			t.Errorf("%s reaches %s with the tag slim: production images would carry the embedded server", p.ImportPath, dep)
		}
	}
}

// TestUnitTestsNeverCompileTheEmbeddedServer looks at tests too: only those with the tag e2e
// may need the server.
func TestUnitTestsNeverCompileTheEmbeddedServer(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "-test", "./...") {
		name := strings.TrimSuffix(p.ImportPath, ".test")
		if p.ForTest != "" {
			name = p.ForTest
		}
		heavy := name == module+"/deploy/standalone" || strings.HasPrefix(name, module+"/cmd/")
		if dep, found := reaches(p, embedded); found && !heavy {
			t.Errorf("%s reaches %s: that is minutes of building; only deploy/standalone, cmd and tests tagged e2e may", p.ImportPath, dep)
		}
	}
}

func wrongArrows(packages []goPackage) []string {
	var wrong []string
	for _, p := range packages {
		if p.Name == "" || len(p.Imports) == 0 { // a folder with nothing but tests
			continue
		}
		row, known := rowOf(p.room())
		if !known {
			wrong = append(wrong, fmt.Sprintf("%s is in no row of the table of rooms (internal/house/arrows_test.go): say what it may import", p.ImportPath))
			continue
		}
		for _, imported := range p.Imports {
			if !row.allows(imported) {
				wrong = append(wrong, fmt.Sprintf("%s imports %s: the row %q allows only %s", p.ImportPath, imported, row.pattern, row.allowed()))
			}
		}
		if dep, found := reaches(p, unreachableFrom(p.room())); found {
			wrong = append(wrong, fmt.Sprintf("%s reaches %s through its imports and must not; go mod why -m shows the way", p.ImportPath, dep))
		}
	}
	return wrong
}

func rowOf(name string) (room, bool) {
	i := slices.IndexFunc(rooms, func(r room) bool { return matches(r.pattern, name) })
	if i < 0 {
		return room{}, false
	}
	return rooms[i], true
}

func matches(pattern, name string) bool {
	found, err := path.Match(pattern, name)
	return err == nil && found
}

func (r room) allows(imported string) bool {
	if isStandard(imported) {
		return true
	}
	if name, ours := strings.CutPrefix(imported, module+"/"); ours {
		return slices.ContainsFunc(r.ours, func(pattern string) bool { return matches(pattern, name) })
	}
	return slices.ContainsFunc(r.outside, func(begin string) bool { return begin == "*" || within(imported, begin) })
}

func (r room) allowed() string {
	if all := slices.Concat(r.ours, r.outside); len(all) > 0 {
		return "the standard library, " + strings.Join(all, ", ")
	}
	return "the standard library"
}

// unreachableFrom gives a room below another the same limits: channels/email those of channels.
func unreachableFrom(name string) []string {
	for ; name != "."; name = path.Dir(name) {
		if limits, found := unreachable[name]; found {
			return limits
		}
	}
	return nil
}

// reaches names the first dependency of p that a limit covers.
func reaches(p goPackage, limits []string) (string, bool) {
	for _, dep := range p.Deps {
		dep, _, _ = strings.Cut(dep, " ")
		if isStandard(dep) || strings.HasPrefix(dep, module) {
			continue
		}
		if slices.ContainsFunc(limits, func(begin string) bool { return begin == "*" || within(dep, begin) }) {
			return dep, true
		}
	}
	return "", false
}

// within reports whether the package belongs to the module, or begins with a prefix that ends in "/".
func within(imported, begin string) bool {
	return imported == begin || strings.HasPrefix(imported, strings.TrimSuffix(begin, "/")+"/")
}

// isStandard goes by the first element: those of other modules have a dot.
func isStandard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

func TestWrongArrowsAreNamed(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		importer string
		imports  []string
		deps     []string
		wrong    bool
	}{
		"models and the standard library": {importer: "models", imports: []string{"time", "encoding/json"}},
		"models and anything else":        {importer: "models", imports: []string{"github.com/google/uuid"}, wrong: true},
		"workflows may order activities":  {importer: "workflows", imports: []string{module + "/activities"}},
		"workflows must not store":        {importer: "workflows", imports: []string{module + "/store"}, wrong: true},
		"gorm behind another package":     {importer: "workflows", imports: []string{"time"}, deps: []string{"gorm.io/gorm"}, wrong: true},
		"a channel and its neighbour":     {importer: "channels/webhook", imports: []string{module + "/channels/email"}, wrong: true},
		"a channel and gorm, deep":        {importer: "channels/webhook", imports: []string{"time"}, deps: []string{"gorm.io/gorm"}, wrong: true},
		"a room nobody planned":           {importer: "helpers", imports: []string{"time"}, wrong: true},
		"a module with a longer name":     {importer: "rbac", imports: []string{"github.com/casbin/casbin/v22"}, wrong: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := goPackage{ImportPath: module + "/" + c.importer, Name: "x", Imports: c.imports, Deps: c.deps}
			if wrong := wrongArrows([]goPackage{p}); (len(wrong) > 0) != c.wrong {
				t.Errorf("wrongArrows() = %q, want wrong = %v", wrong, c.wrong)
			}
		})
	}
}
