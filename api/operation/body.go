package operation

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"belfry.dev/belfry/api/page"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
)

const jsonType = "application/json"

// MaxFields bounds how many values one problem complains about.
const MaxFields = 50

// bodyTime is how long a caller may take to send a body, where a request may take longer.
const bodyTime = 15 * time.Second

// checkMedia refuses bodies and answers of other types before anything is read.
func checkMedia(r *http.Request, route *route) error {
	produces := route.Produces
	if produces == "" {
		produces = jsonType
	}
	if !route.Linked && !accepts(r.Header.Values("Accept"), produces) {
		return notAcceptable()
	}
	if r.ContentLength == 0 || isSafe(r.Method) || mayBeEmpty(r, route) {
		return nil
	}
	if r.ContentLength > route.MaxBodyBytes {
		return tooLarge()
	}
	consumes := route.Consumes
	if len(consumes) == 0 {
		consumes = []string{jsonType}
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	encoded := r.Header.Get("Content-Encoding")
	switch {
	case err != nil || !slices.Contains(consumes, kind) || len(r.Header.Values("Content-Type")) > 1:
		return unsupportedMedia()
	case charset != "" && charset != "utf-8":
		return unsupportedMedia()
	case encoded != "" && !strings.EqualFold(encoded, "identity"):
		return unsupportedMedia()
	}
	return nil
}

// Field is a field of the form that a page sent; "" without one.
func (c *Call) Field(name string) string {
	return page.Field(c.gin.Writer, c.gin.Request, min(bodyTime, c.Config.RequestTimeout), name)
}

// mayBeEmpty reports whether the body may be none: proxies pass one of unknown length and type on.
func mayBeEmpty(r *http.Request, route *route) bool {
	return r.ContentLength < 0 && len(r.Header.Values("Content-Type")) == 0 && len(route.Consumes) == 0
}

// accepts reports whether an Accept header lets the media type through. What
// cannot be parsed excludes nothing.
func accepts(headers []string, produces string) bool {
	if len(headers) == 0 {
		return true
	}
	group, _, _ := strings.Cut(produces, "/")
	for _, each := range strings.Split(strings.Join(headers, ","), ",") {
		kind, params, err := mime.ParseMediaType(each)
		if err != nil {
			return true
		}
		if q, err := strconv.ParseFloat(params["q"], 64); err == nil && q == 0 {
			continue
		}
		if kind == "*/*" || kind == group+"/*" || kind == produces || kind == wire.ProblemType {
			return true
		}
	}
	return false
}

// checkParameters refuses what no parameter can be: in the path it is not found,
// in the query malformed.
func checkParameters(c *gin.Context, r *route) error {
	for _, param := range c.Params {
		pattern := r.patterns[param.Key]
		if !pathPattern.MatchString(param.Value) || pattern != nil && !pattern.MatchString(param.Value) {
			return models.NotFound()
		}
	}
	if r.Linked {
		return nil // what is not known there is ignored
	}
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return badQuery("query", "syntax", "The query cannot be read.")
	}
	for name, values := range query {
		if len(values) > 1 {
			return badQuery("query"+wire.Pointer(name)[1:], "repeated", "A parameter stands twice.")
		}
		if code := wire.CheckLine(name + values[0]); code == wire.CodeInvalidCharacters {
			return models.Invalid("query/"+strings.ToValidUTF8(cut(name, 64), "?"), code, "has characters that are not allowed")
		}
	}
	return nil
}

// pathPattern is what ids and keys in a path are made of.
var pathPattern = regexp.MustCompile(`^[A-Za-z0-9._~@-]{1,1000}$`)

func badQuery(pointer, code, detail string) error {
	return &models.Error{
		Code: models.CodeMalformed, Detail: detail,
		Fields: []models.Field{{Pointer: pointer, Code: code, Detail: detail}},
	}
}

// readBody reads, parses and checks the body, and puts it back for huma. An
// operation without a body takes none, or an empty object.
func (c *Call) readBody(r *route) error {
	if !r.mutates() || len(r.Consumes) > 0 {
		return nil
	}
	request := c.gin.Request
	connection := http.NewResponseController(c.gin.Writer)
	_ = connection.SetReadDeadline(time.Now().Add(min(bodyTime, c.Config.RequestTimeout))) // not all writers can
	data, err := io.ReadAll(http.MaxBytesReader(c.gin.Writer, request.Body, r.MaxBodyBytes))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return tooLarge()
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
		return r.emptyBody(c)
	}
	if mayBeEmpty(request, r) {
		return unsupportedMedia() // it is not
	}
	body, err := wire.Parse(data)
	if err != nil {
		return err
	}
	c.body = &body
	if r.schema == nil {
		return refuseMembers(body)
	}
	return r.checkTexts(body)
}

func (r *route) emptyBody(c *Call) error {
	if r.schema != nil && r.required {
		return bodyRequired()
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

func refuseMembers(body wire.Value) error {
	if body.Kind == wire.Object && len(body.Members) == 0 {
		return nil
	}
	return &models.Error{
		Code: models.CodeMalformed, Detail: "This operation takes no body.",
		Fields: []models.Field{{Pointer: "#", Code: "unknown", Detail: "must be empty"}},
	}
}

// checkTexts walks the body along its schema: unknown keys are malformed, and
// texts obey the rules of their format. Types, lengths and patterns are huma's.
func (r *route) checkTexts(body wire.Value) error {
	w := walker{registry: r.registry}
	w.walk(r.schema, body, nil)
	if len(w.unknown) > 0 {
		return &models.Error{Code: models.CodeMalformed, Detail: "The body has keys that are not known; see errors.", Fields: w.unknown}
	}
	if len(w.wrong) > 0 {
		return models.InvalidFields(w.wrong)
	}
	return nil
}

type walker struct {
	registry       huma.Registry
	unknown, wrong []models.Field
}

func (w *walker) walk(schema *huma.Schema, value wire.Value, path []string) {
	for schema != nil && schema.Ref != "" {
		schema = w.registry.SchemaFromRef(schema.Ref)
	}
	if schema == nil || len(w.unknown)+len(w.wrong) >= MaxFields {
		return
	}
	switch value.Kind {
	case wire.String:
		w.text(checkOf(schema.Format), value.Text, path)
	case wire.Number:
		w.number(schema, value.Text, path)
	case wire.Array:
		for i, item := range value.Items {
			w.walk(schema.Items, item, append(path, strconv.Itoa(i)))
		}
	case wire.Object:
		for _, member := range value.Members {
			w.member(schema, member, append(path, member.Key))
		}
	}
}

func (w *walker) member(schema *huma.Schema, member wire.Member, path []string) {
	if property := schema.Properties[member.Key]; property != nil {
		w.walk(property, member.Value, path)
		return
	}
	switch others := schema.AdditionalProperties.(type) {
	case *huma.Schema:
		w.text(wire.CheckLine, member.Key, path)
		w.walk(others, member.Value, path)
	case bool:
		if !others && schema.Type == huma.TypeObject {
			w.unknown = append(w.unknown, models.Field{Pointer: wire.Pointer(path...), Code: "unknown", Detail: "is not known here"})
		}
	}
}

// number refuses whole numbers that are written with a point or an exponent: no
// integer of Go reads them.
func (w *walker) number(schema *huma.Schema, literal string, path []string) {
	if schema.Type == huma.TypeInteger && strings.ContainsAny(literal, ".eE") {
		w.wrong = append(w.wrong, models.Field{Pointer: wire.Pointer(path...), Code: "wrong-type", Detail: "expected integer, in digits only"})
	}
}

func (w *walker) text(check func(string) string, text string, path []string) {
	code := check(text)
	if code == "" {
		return
	}
	details := map[string]string{
		wire.CodeInvalidCharacters: "has control, invisible or direction-changing characters",
		wire.CodeUntrimmed:         "begins or ends with white space",
		wire.CodeBlank:             "is only white space",
	}
	w.wrong = append(w.wrong, models.Field{Pointer: wire.Pointer(path...), Code: code, Detail: details[code]})
}

// checkOf is the rule for texts of a schema's format.
func checkOf(format string) func(string) string {
	switch format {
	case "text":
		return wire.CheckText
	case "password", "secret":
		return wire.CheckSecret
	}
	return wire.CheckLine
}
