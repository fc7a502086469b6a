//go:build e2e && !slim

package standalone_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/deploy/standalone"
)

// TestMain lets the test start this binary again as a server process that can
// be killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("STANDALONE_TEST_DIR"); dir != "" {
		if err := serve(dir, os.Getenv("STANDALONE_TEST_STEP")); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func TestAKilledServerResumesItsWorkflows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/with space & 100%"
	require.NoError(t, os.Mkdir(dir, 0o700))

	first, words := spawn(t, dir, "begin")
	require.Equal(t, "begun", next(t, words))
	require.NoError(t, first.Process.Kill())
	_ = first.Wait() // killed: the error is the point

	second, words := spawn(t, dir, "resume")
	require.Equal(t, "resumed: hello", next(t, words), "the workflow of the killed server must go on")
	require.Equal(t, "stopped", next(t, words))
	require.NoError(t, second.Wait(), "the server must stop cleanly")
}

func TestAnOccupiedAddressIsRefused(t *testing.T) {
	t.Parallel()
	_, err := standalone.Start(t.Context(), standalone.Config{
		Dir: t.TempDir(), Address: "nonsense", Namespace: "test", Retention: time.Hour, Logger: slog.New(slog.DiscardHandler),
	})
	require.ErrorContains(t, err, "nonsense")
}

func spawn(t *testing.T, dir, step string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), "STANDALONE_TEST_DIR="+dir, "STANDALONE_TEST_STEP="+step)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill() }) // mostly gone already
	return c, bufio.NewScanner(out)
}

func next(t *testing.T, words *bufio.Scanner) string {
	t.Helper()
	require.True(t, words.Scan(), "the server process ended early")
	return words.Text()
}

// serve is the other process: it runs the server, a worker and one step.
func serve(dir, step string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	began := time.Now()
	server, err := standalone.Start(ctx, standalone.Config{
		Dir: dir, Address: "127.0.0.1:0", Namespace: "test", Retention: time.Hour, Logger: log,
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, step, "started in", time.Since(began).Round(time.Millisecond))
	quiet := sdklog.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))
	c, err := client.DialContext(ctx, client.Options{HostPort: server.Address(), Namespace: "test", Logger: quiet})
	if err != nil {
		return err
	}
	w := worker.New(c, "test", worker.Options{})
	w.RegisterWorkflowWithOptions(greet, workflow.RegisterOptions{Name: "greet"})
	if err := w.Start(); err != nil {
		return err
	}
	if err := act(ctx, c, step); err != nil {
		return err
	}
	w.Stop()
	c.Close()
	if err := server.Stop(); err != nil {
		return err
	}
	fmt.Println("stopped")
	return nil
}

func act(ctx context.Context, c client.Client, step string) error {
	if step == "begin" {
		_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "greeting", TaskQueue: "test"}, "greet")
		if err != nil {
			return err
		}
		fmt.Println("begun")
		<-ctx.Done() // until killed
		return ctx.Err()
	}
	if err := c.SignalWorkflow(ctx, "greeting", "", "name", "hello"); err != nil {
		return err
	}
	var answer string
	if err := c.GetWorkflow(ctx, "greeting", "").Get(ctx, &answer); err != nil {
		return err
	}
	fmt.Println(strings.TrimSpace(answer))
	return nil
}

func greet(ctx workflow.Context) (string, error) {
	var name string
	workflow.GetSignalChannel(ctx, "name").Receive(ctx, &name)
	return "resumed: " + name, nil
}
