//go:build slim

package standalone

import "context"

// Included says whether this binary has the server.
const Included = false

// Server is what Start would return.
type Server struct{}

// Start returns ErrSlim.
func Start(context.Context, Config) (*Server, error) { return nil, ErrSlim }

// Address is empty.
func (s *Server) Address() string { return "" }

// Stop does nothing.
func (s *Server) Stop() error { return nil }
