//go:build e2e

package e2e_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhatTemporalForgotIsStartedAgain(t *testing.T) {
	t.Parallel()
	m := newMachine(t, append(quick(), "BELFRY_RECONCILE_INTERVAL=500ms", "BELFRY_RECONCILE_GRACE=1s", "BELFRY_RETRY_DELAYS=1s,1s,2s,2s,3s,5s,5s,5s,5s")...)
	m.start(t)
	c := m.product(t)
	done := finished(t, c, m.submit(t), soon)
	m.fault(t, "webhooks", map[string]any{"times": -1, "status": 503})
	var open []string
	for i := range 5 {
		id, err := submitKeyed(t.Context(), c, strconv.Itoa(i))
		require.NoError(t, err)
		open = append(open, id)
	}
	m.kill(t)
	require.NoError(t, os.RemoveAll(filepath.Join(m.data, "temporal")))
	m.start(t) // without the fault, and without the memory of any workflow

	reports := map[string]report{done.ID: done}
	for _, id := range open {
		reports[id] = finished(t, c, id, time.Minute)
		require.Equal(t, "delivered", reports[id].over(t, "webhook").State)
	}
	checkConservation(t, m, reports)
}
