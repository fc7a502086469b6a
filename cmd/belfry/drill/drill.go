// Package drill puts Belfry to the test, as anybody may: it starts the service as
// several processes, or finds one, plays its producers and its providers, and
// compares what all of them wrote down.
package drill

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"belfry.dev/belfry/cmd/belfry/drill/sinks"
	"belfry.dev/belfry/cmd/belfry/drill/stage"
)

// Outside is what a drill may touch of the world.
type Outside struct {
	// Out gets the progress and the ledger.
	Out io.Writer
	// Program is the binary that the processes are started from.
	Program string
}

// ErrBroken says that a promise does not hold; the ledger, which was printed, says
// which.
var ErrBroken = errors.New("a promise is broken")

// Setting says what a drill starts.
type Setting struct {
	Database string `default:"mariadb" enum:"mariadb,sqlite" help:"Database of the processes that the drill starts: mariadb, from the programs of this machine, or sqlite."`
	Servers  int    `default:"2" help:"Processes that answer the API."`
	Workers  int    `default:"2" help:"Processes that deliver."`
	Keep     string `placeholder:"DIR" help:"Folder for databases and logs, which then stay; a temporary one when left out, which stays only when a promise is broken."`
}

// quick makes the processes notice and repeat within seconds what takes minutes
// otherwise.
func quick() []string {
	return []string{
		"BELFRY_RETRY_DELAYS=300ms,500ms,1s,2s,2s,2s,2s,3s,3s,3s,3s,3s,3s,3s", "BELFRY_ATTEMPT_TIMEOUT=2s", "BELFRY_ATTEMPT_DEAD_AFTER=3s",
		"BELFRY_WORKER_ATTEMPT_WITHIN=5s", "BELFRY_RECONCILE_INTERVAL=5s", "BELFRY_RECONCILE_GRACE=10s", "BELFRY_SEAL_INTERVAL=5s",
	}
}

// printer prints lines with the time since the drill began; several may use it.
type printer struct {
	mu    sync.Mutex
	out   io.Writer
	began time.Time
}

func (t *printer) say(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = fmt.Fprintf(t.out, "%7.1fs  %s\n", time.Since(t.began).Seconds(), fmt.Sprintf(format, args...)) // nobody else to tell
}

// site is what a drill started.
type site struct {
	*printer
	stage *stage.Stage
	sinks *sinks.Sinks
	cast  *cast
	// last is the newest count of what is open; zero before the first.
	last progress
	end  func(sound bool) error
}

// open starts the processes and the sinks, and makes accounts and a product. end
// ends all of it, also when open fails.
func (c Setting) open(ctx context.Context, o Outside, t *printer, seed uint64) (*site, error) {
	if c.Servers < 1 || c.Workers < 1 {
		return nil, errors.New("a drill needs at least one server and one worker")
	}
	s := &site{printer: t}
	dir, remove, err := c.folder()
	if err != nil {
		return nil, err
	}
	inner, cancel := context.WithCancel(ctx)
	s.end = func(sound bool) error {
		cancel()
		var err error
		if s.stage != nil {
			s.stage.Wait()
		}
		if s.sinks != nil {
			err = s.sinks.Close()
		}
		return errors.Join(err, remove(sound))
	}
	t.say("starting %s, Temporal, %d servers and %d workers in %s", c.Database, c.Servers, c.Workers, dir)
	if s.sinks, err = sinks.Start(ctx, seed, time.Now); err != nil {
		return s, err
	}
	s.stage, err = stage.Set(inner, stage.Config{
		Dir: dir, Program: o.Program, Database: c.Database, Servers: c.Servers, Workers: c.Workers, Env: quick(),
	})
	if err != nil {
		return s, err
	}
	s.cast, err = populate(ctx, s.stage.Bases()[0], s.sinks)
	return s, err
}

// folder makes the drill's folder; remove deletes it where it need not stay.
func (c Setting) folder() (dir string, remove func(sound bool) error, err error) {
	if c.Keep != "" {
		dir, err = filepath.Abs(c.Keep)
		if err == nil {
			err = os.MkdirAll(dir, 0o700)
		}
		return dir, func(bool) error { return nil }, err
	}
	dir, err = os.MkdirTemp("", "belfry-drill-")
	return dir, func(sound bool) error {
		if !sound {
			return nil
		}
		return os.RemoveAll(dir)
	}, err
}
