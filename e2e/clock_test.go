//go:build e2e

package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
)

// movableClocks builds a binary whose processes read their machine's clock from a file.
func movableClocks(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(root, "cmd/belfry/process/clock.go"): filepath.Join(root, "e2e/testdata/clock.go"),
	}})
	require.NoError(t, err)
	dir := t.TempDir()
	file, program := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "belfry")
	require.NoError(t, os.WriteFile(file, overlay, 0o600))
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "slim", "-overlay", file, "-o", program, "./cmd/belfry")
	build.Dir = root
	text, err := build.CombinedOutput()
	require.NoError(t, err, string(text))
	return program
}

// clockOf is the file that says how far off the clock of a part's machine is.
func (c *cluster) clockOf(part string) string { return filepath.Join(c.dir, part+".clock") }

// setClocks sets the clocks of the machines.
func (c *cluster) setClocks(t *testing.T, off time.Duration, parts ...string) {
	t.Helper()
	for _, part := range parts {
		require.NoError(t, os.WriteFile(c.clockOf(part), []byte(off.String()), 0o600))
	}
}

// TestMachinesWhoseClocksDifferOrJump: F36 and F37 of docs/faults.md on real processes. Two of
// the machines are five minutes ahead of the others; later, all clocks are set a day ahead and
// an hour back. Retries wait as long as they were meant to, each rung is told of once, and
// nothing comes before its time.
func TestMachinesWhoseClocksDifferOrJump(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "mariadb", movableClocks(t))
	c.setClocks(t, 5*time.Minute, "serve-2", "worker-2")
	c.populate(t)
	c.sinks.fault(t, "webhooks", map[string]any{"times": 20, "every": 2, "status": 503})
	root, product := client.New(c.bases[0], c.rootKey), client.New(c.bases[1], c.productKey)
	begun := time.Now()
	expires := begun.Add(75 * time.Second).Truncate(time.Second)
	var made shownResource
	require.NoError(t, product.Call(t.Context(), http.MethodPost, "/v1/resources", fed{
		"account": "acme", "external_id": "db-1", "name": "orders-db", "expires_at": expires, "ladder": []string{"55s", "40s", "20s"},
	}, &made))
	var ids []string
	for i := range 20 {
		id, err := submitKeyed(t.Context(), client.New(c.bases[i%2], c.productKey), fmt.Sprint("clock-", i))
		require.NoError(t, err)
		ids = append(ids, id)
	}
	for _, id := range ids {
		require.Equal(t, "delivered", finished(t, root, id, 45*time.Second).Status)
	}
	require.Less(t, time.Since(begun), 50*time.Second, "nobody waited until another machine's clock came around")

	everywhere := []string{"serve-1", "serve-2", "worker-1", "worker-2"}
	for _, off := range []time.Duration{24 * time.Hour, -time.Hour} {
		c.setClocks(t, off, everywhere...)
		id, err := submitKeyed(t.Context(), product, "jump"+off.String())
		require.NoError(t, err)
		require.Equal(t, "delivered", finished(t, root, id, 30*time.Second).Status)
	}
	var last shownResource
	eventually(t, time.Until(expires)+30*time.Second, func() error {
		last = shownResource{}
		err := root.Get(t.Context(), "/v1/resources/"+made.ID, &last)
		if err == nil && last.Next != nil {
			err = errors.New("it was not reminded of to the end: " + fmt.Sprint(last.rungs()))
		}
		return err
	})
	require.Equal(t, []string{"expiry-55s", "expiry-40s", "expiry-20s", "expired"}, last.rungs(), "each once, in order")
	for i, before := range []time.Duration{55 * time.Second, 40 * time.Second, 20 * time.Second, 0} {
		told := finished(t, root, last.Reminders[i].NotificationID, 30*time.Second)
		require.WithinRange(t, told.CreatedAt, expires.Add(-before).Add(-time.Second), expires.Add(-before).Add(15*time.Second), last.rungs()[i])
	}
}
