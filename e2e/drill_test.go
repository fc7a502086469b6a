//go:build e2e

package e2e_test

import (
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
