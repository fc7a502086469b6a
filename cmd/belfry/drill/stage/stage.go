// Package stage runs Belfry as several processes of one machine, each under a
// supervisor: a database, Temporal, servers and workers. Everything lies in one
// folder, listens on loopback addresses, and ends with the stage.
package stage

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/cmd/belfry/client"
)

// Password is that of all people of a stage.
const Password = "correct horse battery"

// Config says what is on the stage.
type Config struct {
	// Dir is empty and belongs to the stage.
	Dir string
	// Program is the binary of Belfry.
	Program string
	// Database is "mariadb", a server of the stage's own, or "sqlite".
	Database string
	Servers  int
	Workers  int
	// Env are further settings of Belfry's processes: "NAME=value".
	Env []string
	// Via returns the address over which a process (by its name) reaches a service,
	// Database or Temporal, that listens at the address; nil is that address.
	Via func(process, service, address string) string
}

// Services that processes reach over the network.
const (
	Database = "database"
	Temporal = "temporal"
)

// Stage is set until the context of Set ends; see Wait.
type Stage struct {
	// Database is nil with SQLite.
	Database *Part
	Temporal *Part
	Servers  []*Part
	Workers  []*Part

	config Config
	env    []string
	// dsn is the database's, for a process that reaches it at the address; database
	// and temporal are the addresses, "" for SQLite's.
	dsn                func(address string) string
	database, temporal string
	parts              []*Part
	used               map[string]bool
}

// startTime bounds how long the service may take until it is ready.
const startTime = time.Minute

// Set starts everything, migrates the database and makes the first operator
// (admin). All processes end when the context does.
func Set(ctx context.Context, c Config) (*Stage, error) {
	s := &Stage{config: c, used: map[string]bool{}}
	s.env = append(environ(), c.Env...)
	s.env = append(s.env, "BELFRY_SECRET_KEY="+random64(), "BELFRY_OUTGOING_ALLOW=127.0.0.0/8",
		"BELFRY_PUBLIC_URL=https://belfry.example", "BELFRY_DRAIN_DELAY=0s")
	for _, step := range []func(context.Context) error{s.setDatabase, s.setTemporal, s.migrate, s.setBelfry} {
		if err := step(ctx); err != nil {
			return s, err
		}
	}
	return s, s.Ready(ctx, startTime)
}

func (s *Stage) setDatabase(ctx context.Context) error {
	if s.config.Database == "sqlite" {
		s.dsn = func(string) string { return "sqlite://" + filepath.Join(s.config.Dir, "belfry.db") }
		return nil
	}
	s.database = s.address(ctx)
	m, err := newMariaDB(ctx, filepath.Join(s.config.Dir, "mariadb"), s.database)
	if err != nil {
		return err
	}
	s.dsn = m.dsn
	s.Database = s.start(ctx, "mariadb", m.program, m.args(), m.address)
	return nil
}

// environ is the environment of a process of Belfry.
func (s *Stage) environ(process string) []string {
	via := func(service, address string) string {
		if s.config.Via == nil || address == "" {
			return address
		}
		return s.config.Via(process, service, address)
	}
	return append(slices.Clone(s.env), "BELFRY_DB_DSN="+s.dsn(via(Database, s.database)), "BELFRY_TEMPORAL_ADDRESS="+via(Temporal, s.temporal))
}

func (s *Stage) setTemporal(ctx context.Context) error {
	s.temporal = s.address(ctx)
	s.Temporal = s.start(ctx, "temporal", s.config.Program,
		[]string{"temporal", "--data", filepath.Join(s.config.Dir, "temporal"), "--temporal-listen", s.temporal}, s.temporal)
	return nil
}

// migrate tries until the database answers.
func (s *Stage) migrate(ctx context.Context) error {
	s.env = append(s.env, "BELFRY_BOOTSTRAP_PASSWORD="+Password)
	var text string
	err := until(ctx, startTime, func() (err error) {
		text, err = s.Run(ctx, "bootstrap")
		return err
	})
	if err != nil {
		return fmt.Errorf("prepare the database: %w\n%s", err, text)
	}
	return nil
}

func (s *Stage) setBelfry(ctx context.Context) error {
	for i := range s.config.Servers {
		address := s.address(ctx)
		s.Servers = append(s.Servers, s.start(ctx, "serve-"+strconv.Itoa(i+1), s.config.Program,
			[]string{"serve", "--listen", address, "--metrics-listen", "off"}, address))
	}
	for i := range s.config.Workers {
		s.Workers = append(s.Workers, s.start(ctx, "worker-"+strconv.Itoa(i+1), s.config.Program,
			[]string{"worker", "--metrics-listen", "off"}, ""))
	}
	return nil
}

func (s *Stage) start(ctx context.Context, name, program string, args []string, address string) *Part {
	p := &Part{
		Name: name, Address: address, program: program, args: args, env: s.environ(name),
		log: logOf(s.config.Dir, name), ended: make(chan struct{}),
	}
	s.parts = append(s.parts, p)
	go p.supervise(ctx)
	return p
}

// Parts are all processes, in the order they were started.
func (s *Stage) Parts() []*Part { return s.parts }

// Environ is the environment of commands on the stage.
func (s *Stage) Environ() []string { return s.environ("") }

// Run executes a command of Belfry with the settings of the stage.
func (s *Stage) Run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, s.config.Program, args...) //nolint:gosec // our own binary
	cmd.Env = s.Environ()
	text, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(text)), err
}

// Bases are the addresses of the API.
func (s *Stage) Bases() []string {
	out := make([]string, 0, len(s.Servers))
	for _, p := range s.Servers {
		out = append(out, "http://"+p.Address)
	}
	return out
}

// Ready waits until every server says that it and its parts work.
func (s *Stage) Ready(ctx context.Context, limit time.Duration) error {
	for _, base := range s.Bases() {
		err := until(ctx, limit, func() error {
			var ready struct {
				Status string `json:"status"`
			}
			err := client.New(base, "").Get(ctx, "/readyz", &ready)
			if err == nil && ready.Status != "ok" {
				err = errors.New("the service is " + ready.Status)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("the service does not get ready: %w%s", err, s.Words())
		}
	}
	return nil
}

// Words are the last lines of all logs.
func (s *Stage) Words() string {
	const most = 5
	var out strings.Builder
	for _, p := range s.parts {
		text, err := os.ReadFile(p.log)
		if err != nil {
			continue
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		out.WriteString("\n" + p.Name + ":\n  " + strings.Join(lines[max(0, len(lines)-most):], "\n  "))
	}
	return out.String()
}

// Wait returns when all processes have ended: the context of Set must end first.
func (s *Stage) Wait() {
	for _, p := range s.parts {
		<-p.ended
	}
}

// address finds a free port below the range of outgoing connections, so that it is
// still free when a process comes back.
func (s *Stage) address(ctx context.Context) string {
	const lowest, ports = 20000, 12000
	var l net.ListenConfig
	for {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(lowest+mathrand.IntN(ports))) //nolint:gosec // any port will do
		listener, err := l.Listen(ctx, "tcp", address)
		if err == nil && !s.used[address] {
			s.used[address] = true
			_ = listener.Close() // it carried nothing
			return address
		}
		if ctx.Err() != nil {
			return address
		}
	}
}

// environ is the process's own environment without what belongs to Belfry.
func environ() []string {
	var out []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "BELFRY_") {
			out = append(out, pair)
		}
	}
	return out
}

// until tries until it works, the limit is over or the context ends, and returns the
// last failure.
func until(ctx context.Context, limit time.Duration, try func() error) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	over := time.NewTimer(limit)
	defer over.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-over.C:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func random64() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails; it ends the program instead
	return base64.StdEncoding.EncodeToString(raw)
}
