// Package api is the HTTP interface: the rooms of operations below it in one server,
// its OpenAPI document, and its health. The rooms follow the headings of the product;
// api/operation says how an operation is added.
//
// The tests walk the OpenAPI document: a new operation fails them until access_test.go
// says who may call it.
package api

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"sync/atomic"

	"belfry.dev/belfry/api/contract"
	"belfry.dev/belfry/api/events"
	"belfry.dev/belfry/api/health"
	"belfry.dev/belfry/api/inbox"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/page"
	"belfry.dev/belfry/api/recipients"
)

// Server answers HTTP requests.
type Server struct {
	core  *operation.Core
	hub   *events.Hub
	rooms []Room
	// probes and leaving are what /readyz tells of.
	probes  []operation.Probe
	leaving atomic.Bool
	// workers asks who works; nil where nobody knows.
	workers func(context.Context) ([]health.Worker, error)
}

// New builds the interface. It fails on a configuration that cannot work.
func New(config operation.Config, deps operation.Deps) (*Server, error) {
	if err := config.Site.Check(); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	core, err := operation.New(config, deps)
	if err != nil {
		return nil, err
	}
	if err := recipients.CheckRules(core.Config.Contacts, core.Channels.Descriptors()); err != nil {
		return nil, err
	}
	s := &Server{core: core, probes: deps.Probes}
	if s.hub, err = inbox.NewHub(core); err != nil {
		return nil, err
	}
	s.registerAll()
	s.registerDocuments()
	return s, nil
}

// Run serves the listeners of the event streams until ctx ends, and then ends
// their streams. It returns nil.
func (s *Server) Run(ctx context.Context) error { return s.hub.Run(ctx) }

// EachRoute calls do with every method and route that is answered, and the statuses that the
// document has of it, in no order.
func (s *Server) EachRoute(do func(method, route string, statuses ...int)) {
	for _, each := range s.core.Router.Routes() {
		do(each.Method, each.Path, s.statuses(each.Method, each.Path)...)
	}
}

// routeParameter is a parameter as gin spells it.
var routeParameter = regexp.MustCompile(`[:*]([a-z_]+)`)

func (s *Server) statuses(method, route string) []int {
	described := contract.Described(s.core.Huma.OpenAPI(), method, routeParameter.ReplaceAllString(route, "{$1}"))
	if described == nil {
		return nil
	}
	var list []int
	for code := range described.Responses {
		if status, err := strconv.Atoi(code); err == nil { // "default" is none
			list = append(list, status)
		}
	}
	return list
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.leaving.Load() {
		w.Header().Set("Connection", "close") // the next request goes to another process
	}
	s.core.Router.ServeHTTP(w, asGet(r))
}

// asGet lets HEAD ask for what GET answers, but for the operations that programs call:
// checkers of links and of health ask so. The body is left out by net/http.
func asGet(r *http.Request) *http.Request {
	if r.Method != http.MethodHead || !page.Followed(r.URL.Path) {
		return r
	}
	get := r.Clone(r.Context())
	get.Method = http.MethodGet
	return get
}

// Leave makes /readyz say that the process is about to stop. Requests are answered
// as before, each as the last one of its connection.
func (s *Server) Leave() { s.leaving.Store(true) }
