//go:build e2e

package e2e_test

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestChaosBreaksNoPromise is the short form of the drill: separate processes are
// killed one after the other while the providers misbehave.
func TestChaosBreaksNoPromise(t *testing.T) {
	t.Parallel()
	needMariaDB(t)
	m := &machine{}
	began := time.Now()
	text, err := m.run(t, "drill", "chaos", "--messages", "500", "--rate", "25", "--keep", t.TempDir())
	t.Logf("the drill took %s", time.Since(began).Round(time.Second))
	require.NoError(t, err, text)
	require.Contains(t, text, "accepted 500 notifications, lost 0")
	require.Regexp(t, `killed: .*(serve|worker|temporal|mariadb)`, text)
}

func TestLoadIsMeasuredAndAddsUp(t *testing.T) {
	t.Parallel()
	text, err := (&machine{}).run(t, "drill", "load", "--database", "sqlite", "--rate", "10", "--duration", "3s", "--workers", "1")
	require.NoError(t, err, text)
	require.Contains(t, text, "accepted 30 notifications, lost 0")
	require.Regexp(t, `accepted → webhook received +p50 \S+ +p95 \S+ +p99 \S+`, text)
	require.NotContains(t, text, "BROKEN")
}

func TestLoadDrivesAServiceThatIsThere(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.start(t)
	text, err := m.run(t, "drill", "load", "--url", m.base(), "--key", m.secrets(t).ProductKey, "--account", "acme", "--rate", "10", "--duration", "2s")
	require.NoError(t, err, text)
	require.Contains(t, text, "accepted 20 notifications, lost 0")
	require.Regexp(t, `due → accepted +p50 \S+`, text)
	require.NotContains(t, text, "BROKEN")
	require.Len(t, m.webhooks(t), 20)
}

// TestAnInterruptedDrillLeavesNothing looks for processes and files of a drill that
// was interrupted in the middle.
func TestAnInterruptedDrillLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := &machine{env: []string{"TMPDIR=" + dir}}
	cmd := exec.CommandContext(t.Context(), binary, "drill", "chaos", "--database", "sqlite", "--messages", "100000")
	cmd.Env = m.environ()
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewReader(out)
	for line := ""; !strings.Contains(line, "killed "); {
		line, err = lines.ReadString('\n')
		require.NoError(t, err)
	}
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	text, err := io.ReadAll(lines) // until it ends
	require.NoError(t, err)
	require.Contains(t, string(text), "interrupted while submitting. This is no verdict")
	require.Regexp(t, `accepted \d+ notifications`, string(text))
	require.Error(t, cmd.Wait(), "an interrupted drill has shown nothing")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
	require.Empty(t, runningWith(t, dir), "processes of the drill are still running")
}

// runningWith are the command lines that mention the text. Empty where there is no /proc.
func runningWith(t *testing.T, text string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	var found []string
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err == nil && bytes.Contains(line, []byte(text)) { // it may have ended
			found = append(found, string(line))
		}
	}
	return found
}
