// Package api is the HTTP interface: one operation per route, in one table per
// noun, served with its own OpenAPI document.
//
// # Adding an operation
//
// An operation is a row in its noun's table and an endpoint beside it, in the file
// named after the noun. Its Action is the operation's id in the OpenAPI document,
// the permission (one line in rbac/policy.json) and the action in the operation
// log.
//
//	func registerBots(s *server) {
//		register(s, operation{
//			Action: "bot.update", Method: http.MethodPatch, Path: "/v1/bots/{id}",
//			Summary: "Change a bot",
//		}, s.updateBot)
//	}
//
//	type updateBotIn struct {
//		ID string `path:"id" pattern:"^bot_[0-9a-f]{32}$"`
//		editing                          // If-Match
//		Body struct {
//			Name *string `json:"name,omitempty" minLength:"1" maxLength:"64"`
//		}
//	}
//
//	func (s *server) updateBot(ctx context.Context, c *Call, in *updateBotIn) (*botOut, error) {
//		version, err := in.version()
//		if err != nil {
//			return nil, err
//		}
//		return commit(ctx, c, func(tx *store.Tx) (*botOut, error) {
//			before, after, err := tx.In(c.Account()).UpdateBot(ctx, in.ID, version, func(b *models.Bot) error {
//				return in.Body.apply(b)
//			})
//			c.Object("bot", in.ID, after.Name)
//			c.Change(viewBot(before), viewBot(after))
//			return outBot(after), err
//		})
//	}
//
// The row goes into operations.go by one line (registerBots). What register does
// before the endpoint runs: media types and size of the body, authentication,
// permission, strict JSON, rules for texts, and validation by the schema that huma
// derives from the In type. What the endpoint must do: everything that depends on
// the state of the database inside commit, so that a repeat with the same
// Idempotency-Key gets the first answer; return *models.Error for what the caller
// did wrong, and any other error for what the caller cannot help.
//
// Texts are one line each unless the field says format:"text" (several lines),
// "password" or "secret" (no trimming). In and Out types are private and never
// types of models; an In field without omitempty is required. Ids in a path carry a
// pattern: what cannot exist is not found.
//
// The tests walk the OpenAPI document: a new operation fails them until
// access_test.go says who may call it.
package api

import (
	"context"
	"net/http"
	"sync/atomic"

	"belfry.dev/belfry/api/events"
)

// Server answers HTTP requests.
type Server struct {
	core *server
	hub  *events.Hub
	// probes and leaving are what /readyz tells of.
	probes  []Probe
	leaving atomic.Bool
}

// New builds the interface. It fails on a configuration that cannot work.
func New(config Config, deps Deps) (*Server, error) {
	core, err := newServer(config, deps)
	if err != nil {
		return nil, err
	}
	if err := checkContacts(core.config.Contacts, core.channels.Descriptors()); err != nil {
		return nil, err
	}
	s := &Server{core: core, probes: deps.Probes}
	if s.hub, err = newHub(core); err != nil {
		return nil, err
	}
	s.registerAll()
	s.registerDocuments()
	return s, nil
}

// Run serves the listeners of the event streams until ctx ends, and then ends
// their streams. It returns nil.
func (s *Server) Run(ctx context.Context) error { return s.hub.Run(ctx) }

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.leaving.Load() {
		w.Header().Set("Connection", "close") // the next request goes to another process
	}
	s.core.router.ServeHTTP(w, r)
}

// Leave makes /readyz say that the process is about to stop. Requests are answered
// as before, each as the last one of its connection.
func (s *Server) Leave() { s.leaving.Store(true) }
