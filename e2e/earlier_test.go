//go:build e2e

package e2e_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// earlier is a commit whose program must work beside today's: until there are two
// releases, the one that the first release was made from.
const earlier = "7863cce392469102657157c968d5de4c1a3de23f"

// earlierProgramWorks lets workers of both programs share the work, and then leaves
// it to the earlier one, as a rollback does.
func earlierProgramWorks(t *testing.T, c *troubled) {
	program := buildEarlier(t, earlier)
	old := c.startProgram(t, program, "worker-earlier", "worker", "--metrics-listen", "off")
	c.submit(t, 10)
	c.ended(t)
	for _, worker := range c.stage.Workers {
		worker.Kill(time.Hour)
	}
	c.submit(t, 10)
	c.ended(t)
	select {
	case <-old.ended:
		require.NoError(t, old.err, "the earlier program has ended")
	default:
	}
}

// buildEarlier builds the program of the commit, without the Temporal server.
func buildEarlier(t *testing.T, commit string) string {
	t.Helper()
	source := t.TempDir()
	archive := exec.CommandContext(t.Context(), "git", "-C", "..", "archive", commit)
	text, err := archive.Output()
	if err != nil {
		t.Skipf("skipped, because the sources of %s are not here (a shallow clone?): %v", commit, err)
	}
	unpack := exec.CommandContext(t.Context(), "tar", "-x", "-C", source)
	unpack.Stdin = bytes.NewReader(text)
	out, err := unpack.CombinedOutput()
	require.NoError(t, err, string(out))
	program := filepath.Join(source, "belfry")
	build := exec.CommandContext(t.Context(), "go", "build", "-C", source, "-tags", "slim", "-o", program, "./cmd/belfry")
	build.Env = os.Environ()
	out, err = build.CombinedOutput()
	require.NoError(t, err, string(out))
	return program
}
