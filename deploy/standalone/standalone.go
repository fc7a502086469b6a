// Package standalone runs a Temporal server inside this process, on two SQLite
// files, for `belfry dev` and for small installations on one machine.
//
// It is the only package that imports go.temporal.io/server. The build tag
// "slim" leaves the server out; Start then returns ErrSlim.
package standalone

import (
	"errors"
	"log/slog"
	"time"
)

// ErrSlim says that the binary was built without the embedded server.
var ErrSlim = errors.New("this binary has no embedded Temporal server (it was built with the tag slim); " +
	"name a Temporal server with BELFRY_TEMPORAL_ADDRESS")

// Config says how the embedded server runs.
type Config struct {
	// Dir holds the server's two files, temporal.db and visibility.db; it must
	// exist. What they hold survives the process, also when it is killed.
	Dir string
	// Address is where the server listens, "host:port"; port 0 takes a free one.
	// The server knows no users: keep it on a loopback address.
	Address string
	// Namespace is made when it is missing.
	Namespace string
	// Retention is how long finished workflows stay readable: at least one hour.
	// It takes effect when the namespace is made.
	Retention time.Duration
	// Logger gets the server's own words: warnings and errors only.
	Logger *slog.Logger
}
