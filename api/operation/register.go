package operation

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"belfry.dev/belfry/api/shape"
	"belfry.dev/belfry/models"
)

// Operation is a row of a room's table with all that is said of it; see Table.
type Operation struct {
	// Action is the constant of the operation: "bot.create".
	Action string
	Method string
	// Path has its parameters in braces: "/v1/bots/{id}".
	Path string
	// Status of success; default 200, and 204 for an Out type without a Body.
	Status int
	// Creates says that the answer is 201 instead where something new was made.
	Creates bool
	// Summary is half a sentence; Description may say more.
	Summary, Description string
	// Fails are statuses of failure that the operation has beside the usual ones.
	Fails []int
	// Public operations need no credential, and no line in the policy.
	Public bool
	// Linked operations stand behind links in messages and feeds, which mail programs and
	// proxies change: what they do not know in the query and in Accept is ignored.
	Linked bool
	// MaxBodyBytes bounds the body; default Config.MaxBodyBytes.
	MaxBodyBytes int64
	// Consumes are the body's media types; default "application/json". Others are
	// not parsed: the endpoint reads RawBody, if anything.
	Consumes []string
	// Produces is the answer's media type; default "application/json".
	Produces string
	// SignsIn operations hand out a cookie: no page of another origin may call them.
	SignsIn bool
	// Frequent operations come all the time and change nobody's standing: what is
	// remembered of who may do what outlives them. After any other that can change
	// something it is read again.
	Frequent bool
	// RecordsProducts operations leave a row in the operation log also when a product
	// calls them: they come seldom, and concern many.
	RecordsProducts bool
	// Streams operations answer for as long as the caller listens, and have no
	// time limit.
	Streams bool
}

// mutates reports whether the operation can change something.
func (op *Operation) mutates() bool { return !isSafe(op.Method) }

func (op *Operation) tag() string {
	noun, _, _ := strings.Cut(op.Action, ".")
	return noun
}

// Register adds an operation with its endpoint. In is a struct of parameters and a
// Body, Out one of headers and a Body; see the package comment.
func Register[In, Out any](s *Core, op Operation, endpoint func(context.Context, *Call, *In) (*Out, error)) {
	s.check(op)
	if hidden := shape.Hidden(reflect.TypeFor[In](), reflect.TypeFor[Out]()); hidden != nil {
		panic("api: operation " + op.Action + " embeds " + hidden.String() + ", which needs an exported name")
	}
	route := &route{Operation: op}
	if route.MaxBodyBytes == 0 {
		route.MaxBodyBytes = s.Config.MaxBodyBytes
	}
	described := route.describe()
	described.Middlewares = huma.Middlewares{s.admit(route)}
	handler := func(ctx context.Context, in *In) (*Out, error) {
		c, ok := callOf(ctx)
		if !ok {
			return nil, errors.New("api: operation called without a Call")
		}
		if op.mutates() && !op.Frequent {
			defer s.forget() // after a panic, too: what it changed may be stored
		}
		out, err := endpoint(ctx, c, in)
		if err != nil {
			return nil, c.fail(ctx, err)
		}
		return out, nil
	}
	s.Operations = append(s.Operations, op)
	huma.Register(s.Huma, described, handler)
	route.learn(s.Huma.OpenAPI())
	route.alsoCreates(s.Huma.OpenAPI())
}

// forget drops what is remembered of who may do what.
func (s *Core) forget() {
	s.Rbac.Forget()
	s.callers.Forget()
}

// check refuses a row that cannot be right, when the process starts.
func (s *Core) check(op Operation) {
	switch {
	case op.Action == "" || op.Method == "" || op.Path == "" || op.Summary == "":
		panic("api: operation " + op.Action + " lacks a field")
	case op.Public == (s.Rbac.Policy().Roles(op.Action) != nil):
		panic("api: operation " + op.Action + " must be public or stand in the policy")
	}
}

// route is an operation with what is known of it after its registration.
type route struct {
	Operation
	// schema is the body's; nil without a JSON body. required says that it must be
	// there.
	schema   *huma.Schema
	required bool
	registry huma.Registry
	// patterns are those of the path's parameters, by name.
	patterns map[string]*regexp.Regexp
}

// learn finds the body's schema in the document.
func (r *route) learn(document *huma.OpenAPI) {
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

// alsoCreates puts the other status of success into the document.
func (r *route) alsoCreates(document *huma.OpenAPI) {
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

// describe is the operation as the OpenAPI document shows it.
func (r *route) describe() huma.Operation {
	described := huma.Operation{
		OperationID: r.Action, Method: r.Method, Path: r.Path, Tags: []string{r.tag()},
		Summary: r.Summary, Description: r.Description, DefaultStatus: r.Status,
		MaxBodyBytes: r.MaxBodyBytes + 1, Errors: r.errors(), RejectUnknownQueryParameters: !r.Linked,
		Security: []map[string][]string{{"bearer": {}}, {"session": {}}},
	}
	if r.Public {
		described.Security = []map[string][]string{}
	}
	if r.mutates() {
		described.Parameters = append(described.Parameters, &huma.Param{
			Name: headerIdempotencyKey, In: "header", Schema: &huma.Schema{Type: "string", MaxLength: new(maxIdempotencyKey)},
			Description: "The same key and request within seven days get the first answer again.",
		})
	}
	return described
}

// errors are the operation's statuses of failure, but for those that all share; see
// GeneralFailures.
func (r *route) errors() []int {
	statuses := append(GeneralFailures(!r.Public, r.mutates()), http.StatusUnprocessableEntity)
	if r.mutates() {
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

// admit is all that happens to a request before huma validates it.
func (s *Core) admit(r *route) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		c := &Call{Core: s, op: &r.Operation, gin: humagin.Unwrap(hc)}
		c.Origin = originOf(c.gin)
		ctx := context.WithValue(hc.Context(), callKey{}, c)
		if !r.Streams {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, s.Config.RequestTimeout)
			defer cancel()
		}
		if err := s.prepare(ctx, c, r); err != nil {
			s.writeFailure(c.gin, c.fail(ctx, err))
			return
		}
		next(huma.WithContext(hc, ctx))
	}
}

// prepare runs the steps in the order that tells a stranger least.
func (s *Core) prepare(ctx context.Context, c *Call, r *route) error {
	if err := checkMedia(c.gin.Request, r); err != nil {
		return err
	}
	if !r.Public {
		actor, err := s.callers.Of(ctx, c.gin.Request)
		if err != nil {
			return err
		}
		c.Actor = actor
	}
	if err := s.checkOrigin(c.gin.Request, r); err != nil {
		return err
	}
	if !r.Public {
		if err := s.Rbac.Allow(ctx, c.Actor, r.Action, c.Actor.Account); err != nil {
			return err
		}
	}
	if err := c.readKey(); err != nil {
		return err
	}
	if err := checkParameters(c.gin, r); err != nil {
		return err
	}
	return c.readBody(r)
}

// checkOrigin refuses what a page of another origin made a browser send with the
// person's cookie, reads included, and signing a person in to another account.
// Requests that a cookie plays no part in may come from anywhere.
func (s *Core) checkOrigin(r *http.Request, route *route) error {
	byCookie := !route.Public && r.Header.Get("Authorization") == ""
	if !byCookie && !route.SignsIn {
		return nil
	}
	probe := &http.Request{Method: http.MethodPost, Header: r.Header, Host: r.Host, URL: r.URL} // reads, too
	if err := s.crossOrigin.Check(probe); err != nil {
		return models.Errorf(models.CodeForbidden, "Requests from pages of other origins are not accepted.")
	}
	return nil
}
