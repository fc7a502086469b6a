//go:build e2e

package e2e_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/drill/ledger"
	"belfry.dev/belfry/cmd/belfry/drill/stage"
	"belfry.dev/belfry/deploy/sandbox"
	"belfry.dev/belfry/internal/flaky"
)

// troubled is a cluster on a stage, whose processes are started again when they end,
// and whose lines to the database and to Temporal the test can trouble.
type troubled struct {
	*cluster
	stage *stage.Stage
	// lines are named by who is at their ends: "serve database", "worker temporal".
	lines map[string]*flaky.Line
	log   *ledger.Log
	keys  atomic.Int64
	turn  atomic.Int64
}

func newTroubled(t *testing.T) *troubled {
	t.Helper()
	needMariaDB(t)
	dir, err := os.MkdirTemp("", "belfry-e2e-") //nolint:usetesting // short: sockets have names of 107 bytes at most
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	c := &troubled{cluster: &cluster{dir: dir, secret: "whsec_" + random64(t)}, lines: map[string]*flaky.Line{}, log: ledger.NewLog()}
	program, err := filepath.Abs(binary)
	require.NoError(t, err)
	ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
	c.stage, err = stage.Set(ctx, stage.Config{
		Dir: dir, Program: program, Database: "mariadb", Servers: len(c.bases), Workers: 2, Via: c.via(t),
		Env: []string{
			"BELFRY_RETRY_DELAYS=300ms,500ms,1s,2s,2s,2s,2s,2s,2s,2s,2s,2s,2s,2s,2s,2s", "BELFRY_ATTEMPT_TIMEOUT=2s", "BELFRY_ATTEMPT_DEAD_AFTER=3s",
			"BELFRY_WORKER_ATTEMPT_WITHIN=5s",
		},
	})
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.stage.Words())
		}
		end()
		c.stage.Wait()
	})
	require.NoError(t, err)
	c.env = c.stage.Environ()
	copy(c.bases[:], c.stage.Bases())
	c.startSinks(t)
	c.populate(t)
	return c
}

// via puts a line between the servers and each service, and between the workers and
// each service.
func (c *troubled) via(t *testing.T) func(process, service, address string) string {
	return func(process, service, address string) string {
		kind, _, _ := strings.Cut(process, "-")
		if kind != "serve" && kind != "worker" {
			return address
		}
		name := kind + " " + service
		if c.lines[name] == nil {
			c.lines[name] = flaky.New(t, address)
		}
		return c.lines[name].Address()
	}
}

// stopSinks ends the providers: nobody listens where they were.
func (c *troubled) stopSinks(t *testing.T) {
	t.Helper()
	require.NoError(t, c.sandbox.Stop(context.WithoutCancel(t.Context())))
}

// continueSinks lets them listen again, with what they had.
func (c *troubled) continueSinks(t *testing.T) {
	t.Helper()
	mail, web := c.sandbox.SMTPAddress(), strings.TrimPrefix(c.sandbox.URL(), "http://")
	var err error
	c.sandbox, err = sandbox.Start(context.WithoutCancel(t.Context()), sandbox.Config{
		Dir: filepath.Join(c.dir, "sinks"), SMTPAddress: mail, HTTPAddress: web, WebhookSecret: c.secret,
		Logger: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	require.NoError(t, err)
}
