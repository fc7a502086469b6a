//go:build e2e

// Package e2e_test runs the real binary: belfry dev with the embedded Temporal
// server, a mail catcher and sinks, killed and started again. It knows nothing
// that a user of the binary and of the public API could not know.
package e2e_test

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
)

// binary is what the tests run; TestMain builds it.
const binary = "../bin/belfry"

// TestMain builds the binary; that is quick where it is current.
func TestMain(m *testing.M) {
	build := exec.CommandContext(context.Background(), "make", "-C", "..", "build")
	if text, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the binary: %v\n%s", err, text)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// machine is a place where belfry dev runs, with addresses that stay.
type machine struct {
	program string // of its commands; "" for the binary
	data    string
	flags   []string
	env     []string

	process *exec.Cmd
	done    chan error
	summary string
}

// newMachine chooses addresses; the settings are environment variables.
func newMachine(t *testing.T, env ...string) *machine {
	t.Helper()
	m := &machine{data: filepath.Join(t.TempDir(), "data"), env: env}
	for _, flag := range []string{"--listen", "--sink-listen", "--mail-listen"} {
		m.flags = append(m.flags, flag, freeAddress(t))
	}
	m.flags = append(m.flags, "--no-people") // an account that has nobody but itself
	t.Cleanup(func() {
		if m.process != nil {
			_ = m.process.Process.Kill() // a test may have ended it
			<-m.done
		}
		if t.Failed() {
			text, _ := os.ReadFile(m.data + ".log") // the log is a help, not the point
			t.Logf("log of belfry dev:\n%s", tail(string(text), 60))
		}
	})
	return m
}

func freeAddress(t *testing.T) string {
	t.Helper()
	var l net.ListenConfig
	listener, err := l.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return listener.Addr().String()
}

func tail(text string, lines int) string {
	all := strings.Split(text, "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// environ is the test's own without what belongs to Belfry.
func (m *machine) environ() []string {
	var out []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "BELFRY_") {
			out = append(out, pair)
		}
	}
	return append(out, m.env...)
}

// start runs belfry dev and returns when it has printed its summary.
func (m *machine) start(t *testing.T, flags ...string) {
	t.Helper()
	m.process = exec.Command(binary, append(append([]string{"dev", "--data", m.data}, m.flags...), flags...)...) // it must outlive a context: the test kills it
	m.process.Env = m.environ()
	log, err := os.OpenFile(m.data+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	m.process.Stderr = log
	out, err := m.process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, m.process.Start())
	require.NoError(t, log.Close())
	m.done = make(chan error, 1)
	printed := make(chan string, 1)
	go func() {
		printed <- readSummary(out)
		_, _ = io.Copy(io.Discard, out) // until the process ends
		m.done <- m.process.Wait()
	}()
	select {
	case m.summary = <-printed:
	case <-time.After(30 * time.Second):
	}
	require.Contains(t, m.summary, "--fresh", "belfry dev did not print its summary")
}

// readSummary reads up to the summary's last line.
func readSummary(out io.Reader) string {
	var text strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		text.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "--fresh") {
			break
		}
	}
	return text.String()
}

// kill ends the process as a power cut would, but for the disk's cache.
func (m *machine) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, m.process.Process.Kill())
	<-m.done
	m.process = nil
}

// stop ends the process as an operator would, and expects a clean end.
func (m *machine) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, m.process.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-m.done:
		require.NoError(t, err, "belfry dev must end cleanly")
	case <-time.After(30 * time.Second):
		require.Fail(t, "belfry dev does not end")
	}
	m.process = nil
}

// run executes another command on the machine's data.
func (m *machine) run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	c := exec.CommandContext(t.Context(), cmp.Or(m.program, binary), args...)
	c.Env = m.environ()
	text, err := c.CombinedOutput()
	return string(text), err
}

// secrets are what belfry dev keeps for its demo.
type secrets struct {
	OperatorPassword string `json:"operator_password"`
	RootPassword     string `json:"root_password"`
	ProductKey       string `json:"product_key"`
	RootKey          string `json:"root_key"`
}

func (m *machine) secrets(t *testing.T) secrets {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.data, "demo.json"))
	require.NoError(t, err)
	var s secrets
	require.NoError(t, json.Unmarshal(text, &s))
	return s
}

func (m *machine) base() string { return "http://" + m.flags[1] }

// product and root are clients with the demo's access keys.
func (m *machine) product(t *testing.T) *client.Client {
	return client.New(m.base(), m.secrets(t).ProductKey)
}

func (m *machine) root(t *testing.T) *client.Client {
	return client.New(m.base(), m.secrets(t).RootKey)
}

// curl is the printed line that starts with curl.
func (m *machine) curl(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^curl .*$`).FindAllString(m.summary, -1)
	require.Len(t, found, 1, "exactly one line must start with curl:\n%s", m.summary)
	return found[0]
}

// submit runs the printed line as it stands, in a shell, and returns the id of
// the notification.
func (m *machine) submit(t *testing.T) string {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "sh", "-c", m.curl(t)).Output()
	require.NoError(t, err)
	var accepted struct {
		ID string `json:"id"`
	}
	require.NoError(t, json.Unmarshal(text, &accepted), "answer: %s", text)
	require.NotEmpty(t, accepted.ID, "answer: %s", text)
	return accepted.ID
}

// eventually tries until it works, and fails with the last complaint.
func eventually(t *testing.T, limit time.Duration, try func() error) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	over := time.After(limit)
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-over:
			require.NoError(t, err, "after %s", limit)
		case <-t.Context().Done():
			require.NoError(t, errors.Join(err, t.Context().Err()))
		}
	}
}

// web is for pages and sinks, which need no credential.
func (m *machine) web(t *testing.T, method, path string, in, out any) {
	t.Helper()
	require.NoError(t, client.New("http://"+m.flags[3], "").Call(t.Context(), method, path, in, out))
}

// fault makes a sink misbehave; see deploy/sandbox.
func (m *machine) fault(t *testing.T, medium string, f map[string]any) {
	t.Helper()
	m.web(t, http.MethodPut, "/api/"+medium+"/faults", f, nil)
}
