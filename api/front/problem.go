package front

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"belfry.dev/belfry/api/page"
	"belfry.dev/belfry/api/wire"
)

// WriteProblem answers from outside huma: unknown routes, pages, panics.
func (f *Front) WriteProblem(c *gin.Context, err error) {
	f.WriteFailure(c, f.Problem(c, err))
}

// WriteFailure answers with the problem: as a page to those who asked for one.
func (f *Front) WriteFailure(c *gin.Context, p *Failure) {
	body, marshalErr := json.Marshal(p)
	if marshalErr != nil {
		f.Log.Error("problem not written", "request_id", p.RequestID, "error", marshalErr)
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	for name, values := range p.GetHeaders() {
		c.Writer.Header()[name] = values
	}
	c.Abort()
	if page.Asked(c.Request) {
		text, err := page.Problem(f.Site, c.Request, p.Status, p.RequestID)
		if err != nil {
			f.Log.Error("page not written", "request_id", p.RequestID, "error", err)
		}
		c.Header("Content-Security-Policy", page.Policy(f.Site))
		c.Data(p.Status, page.HTML+"; charset=utf-8", text)
		return
	}
	c.Data(p.Status, wire.ProblemType, append(body, '\n'))
}

// Show answers a person who followed a link with a page, and drops what is written after it.
func (f *Front) Show(c *gin.Context, p *Failure) {
	if page.Asked(c.Request) && !c.Writer.Written() {
		f.WriteFailure(c, p)
		c.Writer = answered{c.Writer}
	}
}

// answered is the writer of a request that has its answer.
type answered struct{ gin.ResponseWriter }

func (answered) Write(b []byte) (int, error) { return len(b), nil }
func (answered) WriteHeader(int)             {}
func (answered) Header() http.Header         { return http.Header{} }

// Problem describes err for the request, and logs it when it is ours.
func (f *Front) Problem(c *gin.Context, err error) *Failure {
	id := RequestID(c)
	p := wire.NewProblem(err, instanceOf(c.Request), id)
	if p.Status >= http.StatusInternalServerError {
		level := slog.LevelError
		if p.Status == http.StatusServiceUnavailable {
			level = slog.LevelWarn
		}
		f.Log.Log(c.Request.Context(), level, "request failed", "request_id", id, "route", c.FullPath(), "error", err)
	}
	return &Failure{Problem: p}
}

// instanceOf is the request's path, as far as it is worth repeating.
func instanceOf(r *http.Request) string {
	path := r.URL.EscapedPath()
	if len(path) > 256 {
		return path[:256]
	}
	return path
}

// Failure is a problem on its way through huma.
type Failure struct { //nolint:errname // the schema in the document has its name
	wire.Problem
}

// GetHeaders returns the headers that go with the problem; huma asks for them.
func (p *Failure) GetHeaders() http.Header {
	h := http.Header{}
	if p.RetryAfter > 0 {
		seconds := int64((p.RetryAfter + 999_999_999) / 1_000_000_000)
		h.Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="belfry"`)
	}
	return h
}
