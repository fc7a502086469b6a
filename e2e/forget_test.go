//go:build e2e

package e2e_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/drill/ledger"
)

func TestWhatTemporalForgotIsStartedAgain(t *testing.T) {
	t.Parallel()
	m := newMachine(t, append(quick(), "BELFRY_RECONCILE_INTERVAL=500ms", "BELFRY_RECONCILE_GRACE=1s", "BELFRY_RETRY_DELAYS=1s,1s,2s,2s,3s,5s,5s,5s,5s")...)
	m.start(t)
	c := m.product(t)
	log := ledger.NewLog()
	submit := func(key string) string {
		id, err := submitKeyed(t.Context(), c, key)
		require.NoError(t, err)
		note(log, key, id)
		return id
	}
	finished(t, c, submit("done"), soon)
	m.fault(t, "webhooks", map[string]any{"times": -1, "status": 503})
	for i := range 5 {
		submit(strconv.Itoa(i))
	}
	m.kill(t)
	require.NoError(t, os.RemoveAll(filepath.Join(m.data, "temporal")))
	m.start(t) // without the fault, and without the memory of any workflow
	checkFates(t, ended(t, m, log, time.Minute))
}
