package operation

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"

	"belfry.dev/belfry/api/contract"
	"belfry.dev/belfry/api/page"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
)

// bodyTime is how long a caller may take to send a body, where a request may take longer.
const bodyTime = 15 * time.Second

// Form is the form that was sent, with the request's header; empty without one.
func (c *Call) Form() (url.Values, http.Header) {
	return page.Posted(c.gin.Writer, c.gin.Request, min(bodyTime, c.Config.RequestTimeout)), c.gin.Request.Header
}

// readBody reads, parses and checks the body, and puts it back for huma. An
// operation without a body takes none, or an empty object.
func (c *Call) readBody(r *contract.Route) error {
	if !r.Mutates() || len(r.Consumes) > 0 {
		return nil
	}
	request := c.gin.Request
	connection := http.NewResponseController(c.gin.Writer)
	_ = connection.SetReadDeadline(time.Now().Add(min(bodyTime, c.Config.RequestTimeout))) // not all writers can
	data, err := io.ReadAll(http.MaxBytesReader(c.gin.Writer, request.Body, r.MaxBodyBytes))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return contract.TooLarge()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.gin.Header("Connection", "close") // the rest of the body may come at any time
		return models.Errorf(models.CodeTooSlow, "The body did not arrive in time.")
	}
	if err != nil {
		return models.Errorf(models.CodeMalformed, "The body ended early.")
	}
	_ = connection.SetReadDeadline(time.Time{}) // one that passes while we work would cancel the request
	request.Body = io.NopCloser(bytes.NewReader(data))
	if len(bytes.TrimSpace(data)) == 0 {
		return c.emptyBody(r)
	}
	if r.MayBeEmpty(request) {
		return contract.UnsupportedMedia() // it is not
	}
	body, err := wire.Parse(data)
	if err != nil {
		return err
	}
	c.body = &body
	return r.CheckBody(body)
}

func (c *Call) emptyBody(r *contract.Route) error {
	if r.NeedsBody() {
		return contract.BodyRequired()
	}
	c.gin.Request.Body = http.NoBody
	return nil
}

// SaysNull reports whether the body has the member, and says null there.
func (c *Call) SaysNull(name string) bool {
	if c.body == nil {
		return false
	}
	return slices.ContainsFunc(c.body.Members, func(m wire.Member) bool { return m.Key == name && m.Value.Kind == wire.Null })
}

// Cleared is the value that an edit gives a text: value, or nothing where the body says null.
func (c *Call) Cleared(name string, value *string) *string {
	if c.SaysNull(name) {
		return new(string)
	}
	return value
}
