package contract

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// IdempotencyKey is the header with which a request can be repeated, of at most MaxKey
// characters.
const (
	IdempotencyKey = "Idempotency-Key"
	MaxKey         = 255
)

const jsonType = "application/json"

// Route is an operation with what is known of it after its registration.
type Route struct {
	Operation
	// schema is the body's; nil without a JSON body. required says that it must be
	// there.
	schema   *huma.Schema
	required bool
	registry huma.Registry
	// patterns are those of the path's parameters, by name.
	patterns map[string]*regexp.Regexp
}

// NewRoute is the operation's; its bodies have at most maxBodyBytes where it says nothing else.
func NewRoute(op Operation, maxBodyBytes int64) *Route {
	r := &Route{Operation: op}
	if r.MaxBodyBytes == 0 {
		r.MaxBodyBytes = maxBodyBytes
	}
	return r
}

// Learn finds the body's schema in the document.
func (r *Route) Learn(document *huma.OpenAPI) {
	r.registry = document.Components.Schemas
	described := Described(document, r.Method, r.Path)
	r.patterns = patternsOf(described)
	if described == nil || described.RequestBody == nil {
		return
	}
	if media := described.RequestBody.Content[jsonType]; media != nil {
		r.schema, r.required = media.Schema, described.RequestBody.Required
	}
}

// NeedsBody reports whether a request must have a body.
func (r *Route) NeedsBody() bool { return r.schema != nil && r.required }

// patternsOf are the patterns of the path's parameters.
func patternsOf(described *huma.Operation) map[string]*regexp.Regexp {
	patterns := map[string]*regexp.Regexp{}
	if described == nil {
		return patterns
	}
	for _, p := range described.Parameters {
		if p.In == "path" && p.Schema != nil && p.Schema.Pattern != "" {
			patterns[p.Name] = regexp.MustCompile(p.Schema.Pattern)
		}
	}
	return patterns
}

// AlsoCreates puts the other status of success into the document.
func (r *Route) AlsoCreates(document *huma.OpenAPI) {
	if !r.Creates {
		return
	}
	responses := Described(document, r.Method, r.Path).Responses
	made := *responses[strconv.Itoa(http.StatusOK)]
	made.Description = http.StatusText(http.StatusCreated)
	responses[strconv.Itoa(http.StatusCreated)] = &made
}

// Described finds an operation in the document; nil when it has none.
func Described(document *huma.OpenAPI, method, path string) *huma.Operation {
	item := document.Paths[path]
	if item == nil {
		return nil
	}
	switch method {
	case http.MethodGet:
		return item.Get
	case http.MethodPost:
		return item.Post
	case http.MethodPut:
		return item.Put
	case http.MethodPatch:
		return item.Patch
	case http.MethodDelete:
		return item.Delete
	}
	return nil
}

// Describe is the operation as the OpenAPI document shows it.
func (r *Route) Describe() huma.Operation {
	described := huma.Operation{
		OperationID: r.Action, Method: r.Method, Path: r.Path, Tags: []string{r.tag()},
		Summary: r.Summary, Description: r.Description, DefaultStatus: r.Status,
		MaxBodyBytes: r.MaxBodyBytes + 1, Errors: r.errors(), RejectUnknownQueryParameters: !r.Linked,
		Security: []map[string][]string{{"bearer": {}}, {"session": {}}},
	}
	if r.Public {
		described.Security = []map[string][]string{}
	}
	if r.Mutates() {
		described.Parameters = append(described.Parameters, &huma.Param{
			Name: IdempotencyKey, In: "header", Schema: &huma.Schema{Type: "string", MaxLength: new(MaxKey)},
			Description: "The same key and request within seven days get the first answer again.",
		})
	}
	return described
}

// errors are the operation's statuses of failure, but for those that all share; see
// GeneralFailures.
func (r *Route) errors() []int {
	statuses := append(GeneralFailures(!r.Public, r.Mutates()), http.StatusUnprocessableEntity)
	if r.Mutates() {
		statuses = append(statuses, http.StatusNotFound, http.StatusConflict)
	} else if strings.Contains(r.Path, "{") {
		statuses = append(statuses, http.StatusNotFound)
	}
	return append(statuses, r.Fails...)
}

// GeneralFailures are the statuses that any operation may answer: about the request's form,
// who calls, limits, and the database's state. They are sorted.
func GeneralFailures(protected, mutates bool) []int {
	list := []int{http.StatusBadRequest, http.StatusNotAcceptable, http.StatusTooManyRequests, http.StatusServiceUnavailable}
	if protected {
		list = append(list, http.StatusUnauthorized, http.StatusForbidden)
	}
	if mutates {
		list = append(list, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	slices.Sort(list)
	return list
}
