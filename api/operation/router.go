package operation

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"belfry.dev/belfry/api/credential"
	"belfry.dev/belfry/api/page"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
)

// headerRequestID carries the request's id in both directions.
const headerRequestID = "X-Request-ID"

// newRouter builds gin, without a route. Gin is in release mode always: its debug
// mode prints routes and warnings to the standard output.
func (s *Core) newRouter() (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	adoptHuma()
	router := gin.New()
	router.HandleMethodNotAllowed = true
	router.RedirectTrailingSlash = false
	router.RedirectFixedPath = false
	router.RemoteIPHeaders = []string{"X-Forwarded-For"} // a proxy that sets it may let any other through
	if err := router.SetTrustedProxies(s.Config.TrustedProxies); err != nil {
		return nil, fmt.Errorf("api: trusted proxies: %w", err)
	}
	if s.tracer != nil {
		router.Use(s.trace)
	}
	router.Use(joinLists, s.watchForwarded(), s.measure, s.identify, s.recover, secure)
	router.NoRoute(func(c *gin.Context) { s.WriteProblem(c, models.NotFound()) })
	router.NoMethod(func(c *gin.Context) {
		s.WriteProblem(c, models.Errorf(models.CodeMethodNotAllowed, "This path does not have the method."))
	})
	s.Huma = humagin.New(router, s.humaConfig())
	return router, nil
}

// joinLists makes one header of lists that came in several lines, as proxies add to them:
// whoever reads the first line only would believe what the caller wrote, and not the proxy.
func joinLists(c *gin.Context) {
	for _, name := range []string{"X-Forwarded-For", "If-Match", "Accept"} {
		if values := c.Request.Header.Values(name); len(values) > 1 {
			c.Request.Header.Set(name, strings.Join(values, ", "))
		}
	}
	c.Next()
}

// watchForwarded warns, once a process, of a proxy that nobody named as trusted: limits and
// the operation log would take all of its callers for one.
func (s *Core) watchForwarded() gin.HandlerFunc {
	var once sync.Once
	return func(c *gin.Context) {
		if peer := c.RemoteIP(); c.GetHeader("X-Forwarded-For") != "" && c.ClientIP() == peer {
			once.Do(func() {
				s.Log.WarnContext(c.Request.Context(), "X-Forwarded-For of a peer that is not trusted is ignored: if it is your proxy, name it in BELFRY_TRUSTED_PROXIES", "peer", peer)
			})
		}
		c.Next()
	}
}

// identify gives the request its id: the caller's, when it is harmless in a log.
func (s *Core) identify(c *gin.Context) {
	id := c.GetHeader(headerRequestID)
	if !requestIDPattern.MatchString(id) {
		id = uuid.Must(uuid.NewV7()).String()
	}
	c.Set(headerRequestID, id)
	c.Header(headerRequestID, id)
	c.Next()
}

var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// recover answers a panic with the fixed sentence, and tells the operators.
func (s *Core) recover(c *gin.Context) {
	defer func() {
		switch reason := recover(); {
		case reason == nil:
			return
		case reason == http.ErrAbortHandler: //nolint:errorlint // a value of panic is compared as net/http does
			panic(reason) // the connection breaks, as the operation wants
		case c.Request.Context().Err() != nil: // the caller is gone, and what broke was writing to it
		default:
			s.Log.Error("request panicked", "request_id", c.GetString(headerRequestID),
				"reason", fmt.Sprint(reason), "stack", string(debug.Stack()))
			if !c.Writer.Written() {
				s.WriteProblem(c, models.Errorf(models.CodeInternal, ""))
			}
		}
		c.Abort()
	}()
	c.Next()
}

// secure sets the headers that keep browsers from doing anything clever. Pages
// replace Content-Security-Policy.
func secure(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer, browsers send "Origin: null" to ourselves
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	if c.Request.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	c.Next()
}

// WriteProblem answers from outside huma: unknown routes, pages, panics.
func (s *Core) WriteProblem(c *gin.Context, err error) {
	s.writeFailure(c, s.problem(c, err))
}

func (s *Core) writeFailure(c *gin.Context, p *failure) {
	body, marshalErr := json.Marshal(p)
	if marshalErr != nil {
		s.Log.Error("problem not written", "request_id", p.RequestID, "error", marshalErr)
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	for name, values := range p.GetHeaders() {
		c.Writer.Header()[name] = values
	}
	c.Abort()
	if page.Asked(c.Request) {
		text, err := page.Problem(s.Config.Site, c.Request, p.Status, p.RequestID)
		if err != nil {
			s.Log.Error("page not written", "request_id", p.RequestID, "error", err)
		}
		c.Header("Content-Security-Policy", page.Policy(s.Config.Site))
		c.Data(p.Status, page.HTML+"; charset=utf-8", text)
		return
	}
	c.Data(p.Status, wire.ProblemType, append(body, '\n'))
}

// problem describes err for the request, and logs it when it is ours.
func (s *Core) problem(c *gin.Context, err error) *failure {
	id := c.GetString(headerRequestID)
	p := wire.NewProblem(err, instanceOf(c.Request), id)
	if p.Status >= http.StatusInternalServerError {
		level := slog.LevelError
		if p.Status == http.StatusServiceUnavailable {
			level = slog.LevelWarn
		}
		s.Log.Log(c.Request.Context(), level, "request failed", "request_id", id, "route", c.FullPath(), "error", err)
	}
	return &failure{Problem: p}
}

// instanceOf is the request's path, as far as it is worth repeating.
func instanceOf(r *http.Request) string {
	path := r.URL.EscapedPath()
	if len(path) > 256 {
		return path[:256]
	}
	return path
}

// failure is a problem on its way through huma.
type failure struct {
	wire.Problem
}

// GetHeaders returns the headers that go with the problem; huma asks for them.
func (f *failure) GetHeaders() http.Header {
	h := http.Header{}
	if f.RetryAfter > 0 {
		seconds := int64((f.RetryAfter + 999_999_999) / 1_000_000_000)
		h.Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	if f.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="belfry"`)
	}
	return h
}

func (s *Core) humaConfig() huma.Config {
	schemes := map[string]*huma.SecurityScheme{
		"bearer":  {Type: "http", Scheme: "bearer", Description: "An access key (bk_…) or a session's token (bs_…)."},
		"session": {Type: "apiKey", In: "cookie", Name: credential.Cookie, Description: "A session in a browser."},
	}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Belfry", Version: s.Config.Version, Description: strings.TrimSpace(description)},
			Components: &huma.Components{
				Schemas:         huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: schemes,
			},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
	}
}

const description = `
The interface of the Belfry message center.

Failures are problem documents (RFC 9457): branch on **type**, never on text. Writes take an **Idempotency-Key**; the same
key and request within seven days get the first answer again. Lists are pages: pass **next_cursor** back as **cursor** with
the same filter. Edits take **If-Match** with the ETag that was read.
`
