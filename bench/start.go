//go:build bench

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"belfry.dev/belfry/bench/report"
	"belfry.dev/belfry/cmd/belfry/client"
)

// settling is how long a process may rest before its memory is read.
const settling = 5 * time.Second

type startup struct{ *bench } // measures processes that begin

// starting is P12.
func (b startup) starting(ctx context.Context) error {
	dir := filepath.Join(b.dir, "dev")
	var times, memory []float64
	for i := range b.times + 1 { // the first start makes the database
		took, resident, err := b.dev(ctx, dir)
		if err != nil {
			return fmt.Errorf("start %s: %w", b.binary, err)
		}
		if i > 0 {
			times, memory = append(times, took), append(memory, resident)
		}
	}
	b.add(report.Figure{ID: "P12", Name: "belfry dev with a database, start to ready", Unit: "s", Ours: report.Of(times), Bound: report.Within, Budget: 2})
	b.add(report.Figure{ID: "P12", Name: "belfry dev, resident when idle", Unit: "MB", Ours: report.Of(memory), Bound: report.Within, Budget: 300})
	return b.apart(ctx)
}

// dev starts belfry dev and stops it when its memory was read.
func (b startup) dev(ctx context.Context, dir string) (seconds, megabytes float64, err error) {
	p, err := spawn(ctx, b.binary, nil, "dev", "--data", dir, "--listen", "127.0.0.1:0", "--sink-listen", free(ctx), "--mail-listen", free(ctx))
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	lines := bufio.NewScanner(p.out)
	ready := false
	for !ready && lines.Scan() {
		ready = strings.Contains(lines.Text(), "Belfry is running")
	}
	seconds = time.Since(began).Seconds()
	go func() {
		for lines.Scan() { // the rest of the summary
		}
	}()
	if !ready {
		return 0, 0, errors.Join(errors.New("it ended before it was ready"), p.end())
	}
	time.Sleep(settling)
	return seconds, resident(p.Process.Pid), p.end()
}

// apart starts serve and worker as processes of their own, over an embedded
// Temporal server and SQLite, and reads their memory.
func (b startup) apart(ctx context.Context) error {
	dir := filepath.Join(b.dir, "apart")
	temporal, address := free(ctx), free(ctx)
	env := []string{
		"BELFRY_DB_DSN=sqlite://" + dir + "/belfry.db", "BELFRY_SECRET_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
		"BELFRY_TEMPORAL_ADDRESS=" + temporal, "BELFRY_PUBLIC_URL=https://belfry.example", "BELFRY_METRICS_LISTEN=127.0.0.1:0", "BELFRY_DRAIN_DELAY=0s",
	}
	engine, err := spawn(ctx, b.binary, env, "temporal", "--data", dir, "--temporal-listen", temporal)
	if err != nil {
		return err
	}
	defer func() { _ = engine.end() }() // nothing of it is needed
	if _, err := bufio.NewReader(engine.out).ReadString('\n'); err != nil {
		return err
	}
	migrate := exec.CommandContext(ctx, b.slim, "migrate")
	migrate.Env = append(os.Environ(), env...)
	if text, err := migrate.CombinedOutput(); err != nil {
		return fmt.Errorf("migrate: %w: %s", err, text)
	}
	serve, err := spawn(ctx, b.slim, env, "serve", "--listen", address)
	if err != nil {
		return err
	}
	worker, err := spawn(ctx, b.slim, env, "worker")
	if err != nil {
		return errors.Join(err, serve.end())
	}
	if err = ready(ctx, "http://"+address); err != nil {
		return errors.Join(err, serve.end(), worker.end())
	}
	time.Sleep(settling)
	for name, p := range map[string]*part{"serve": serve, "worker": worker} {
		b.add(report.Figure{
			ID: "P12", Name: "belfry-slim " + name + ", resident when idle", Unit: "MB",
			Ours: report.Of([]float64{resident(p.Process.Pid)}), Bound: report.Within, Budget: 120,
		})
	}
	return errors.Join(err, serve.end(), worker.end())
}

// ready waits until the API says that all its parts are there.
func ready(ctx context.Context, base string) error {
	var err error
	for range 100 {
		if err = client.New(base, "").Get(ctx, "/readyz", nil); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("not ready within 10 s: %w", err)
}

// part is a process of its own.
type part struct {
	*exec.Cmd
	out *os.File
}

func spawn(ctx context.Context, binary string, env []string, args ...string) (*part, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &part{Cmd: exec.CommandContext(ctx, binary, args...), out: read}
	p.Env, p.Stdout = append(os.Environ(), env...), write
	err = p.Start()
	return p, errors.Join(err, write.Close())
}

func (p *part) end() error {
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return errors.Join(p.Wait(), p.out.Close())
}

// free is an address that nobody listens at now.
func free(ctx context.Context) string {
	var l net.ListenConfig
	listener, err := l.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "127.0.0.1:0"
	}
	defer func() { _ = listener.Close() }() // nothing was written
	return listener.Addr().String()
}
