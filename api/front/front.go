// Package front is what happens to every request, whatever it asks for: its id, its count and
// its span, the headers of answers, panics, and problems on their way out.
package front

import (
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"go.opentelemetry.io/otel/trace"

	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
)

// requestID carries the request's id in both directions.
const requestID = "X-Request-ID"

// RequestID is the id of a request that came through here.
func RequestID(c *gin.Context) string { return c.GetString(requestID) }

// Front is what all requests come through.
type Front struct {
	Site  brand.Site
	Log   *slog.Logger
	Meter Meter
	// Tracer makes the spans; nil makes none.
	Tracer trace.Tracer
}

// Router builds gin, without a route. Gin is in release mode always: its debug
// mode prints routes and warnings to the standard output.
func (f *Front) Router(trustedProxies []string) (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.HandleMethodNotAllowed = true
	router.RedirectTrailingSlash = false
	router.RedirectFixedPath = false
	router.RemoteIPHeaders = []string{forwardedFor} // a proxy that sets it may let any other through
	if err := router.SetTrustedProxies(trustedProxies); err != nil {
		return nil, fmt.Errorf("api: trusted proxies: %w", err)
	}
	if f.Tracer != nil {
		router.Use(f.trace)
	}
	router.Use(joinLists, f.watchForwarded(), f.measure, f.identify, f.recover, secure)
	router.NoRoute(func(c *gin.Context) { f.WriteProblem(c, models.NotFound()) })
	router.NoMethod(func(c *gin.Context) {
		f.WriteProblem(c, models.Errorf(models.CodeMethodNotAllowed, "This path does not have the method."))
	})
	return router, nil
}

// watchForwarded warns, once a process, of a proxy that nobody named as trusted: limits and
// the operation log would take all of its callers for one.
func (f *Front) watchForwarded() gin.HandlerFunc {
	var once sync.Once
	return func(c *gin.Context) {
		if peer := c.RemoteIP(); c.GetHeader(forwardedFor) != "" && c.ClientIP() == peer {
			once.Do(func() {
				f.Log.WarnContext(c.Request.Context(), "X-Forwarded-For of a peer that is not trusted is ignored: if it is your proxy, name it in BELFRY_TRUSTED_PROXIES", "peer", peer)
			})
		}
		c.Next()
	}
}

// identify gives the request its id: the caller's, when it is harmless in a log.
func (f *Front) identify(c *gin.Context) {
	id := c.GetHeader(requestID)
	if !requestIDPattern.MatchString(id) {
		id = uuid.Must(uuid.NewV7()).String()
	}
	c.Set(requestID, id)
	c.Header(requestID, id)
	c.Next()
}

var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// recover answers a panic with the fixed sentence, and tells the operators.
func (f *Front) recover(c *gin.Context) {
	defer func() {
		switch reason := recover(); {
		case reason == nil:
			return
		case reason == http.ErrAbortHandler: //nolint:errorlint // a value of panic is compared as net/http does
			panic(reason) // the connection breaks, as the operation wants
		case c.Request.Context().Err() != nil: // the caller is gone, and what broke was writing to it
		default:
			f.Log.Error("request panicked", "request_id", c.GetString(requestID),
				"reason", fmt.Sprint(reason), "stack", string(debug.Stack()))
			if !c.Writer.Written() {
				f.WriteProblem(c, models.Errorf(models.CodeInternal, ""))
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
