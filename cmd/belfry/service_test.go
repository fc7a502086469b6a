package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
)

// nowhere is an address that refuses: nobody listens on port 1.
const nowhere = "127.0.0.1:1"

func TestServicesRefuseASchemaThatIsNotCurrent(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"serve", "worker", "all"} {
		config, _ := configured(t)
		code, _, complaint := belfry(t, "--config", config, command, "--temporal-address", nowhere)
		require.Equal(t, 1, code)
		require.Contains(t, complaint, `run "belfry migrate"`, "belfry %s", command)
	}
}

func TestServicesNeedATemporalService(t *testing.T) {
	t.Setenv("TEMPORAL_ADDRESS", "")
	t.Setenv("TEMPORAL_CONFIG_FILE", t.TempDir()+"/none")
	config, _ := configured(t)
	code, _, complaint := belfry(t, "--config", config, "migrate")
	require.Zero(t, code, complaint)
	code, _, complaint = belfry(t, "--config", config, "all")
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "BELFRY_TEMPORAL_ADDRESS is missing")
}

func TestUnsafeDatabaseSettingsAreNamed(t *testing.T) {
	t.Parallel()
	config, db := configured(t)
	code, _, complaint := belfry(t, "--config", config, "serve", "--db-dsn", "sqlite://"+db+"?synchronous=off", "--temporal-address", nowhere)
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "synchronous=off")
}

// serving runs belfry serve in this process and returns a client, what ends it as a
// signal would, and its exit status.
func serving(t *testing.T, args ...string) (*client.Client, context.CancelFunc, <-chan int) {
	t.Helper()
	config, _ := configured(t)
	code, _, complaint := belfry(t, "--config", config, "migrate")
	require.Zero(t, code, complaint)
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	read, write := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		args := append([]string{"--config", config, "serve", "--listen", "127.0.0.1:0", "--temporal-address", nowhere}, args...)
		ended <- run(ctx, args, outside{out: io.Discard, err: write})
		_ = write.Close() // always succeeds
	}()
	var address string
	for lines := bufio.NewScanner(read); address == "" && lines.Scan(); {
		var line struct{ Msg, Address string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &line), lines.Text())
		address = line.Address
	}
	require.NotEmpty(t, address, "the log does not say where the API listens")
	go func() { _, _ = io.Copy(io.Discard, read) }()
	return client.New("http://"+address, ""), stop, ended
}

type readiness struct {
	Status string            `json:"status"`
	Parts  map[string]string `json:"parts"`
}

func TestServeIsReadyWithoutTemporalAndSaysSo(t *testing.T) {
	t.Parallel()
	c, stop, ended := serving(t, "--drain-delay", "0s")
	var r readiness
	require.NoError(t, c.Get(t.Context(), "/readyz", &r))
	require.Equal(t, readiness{Status: "degraded", Parts: map[string]string{"database": "ok", "temporal": "failed"}}, r)
	stop()
	require.Zero(t, <-ended)
}

func TestServeSaysThatItIsNotReadyBeforeItStops(t *testing.T) {
	t.Parallel()
	c, stop, ended := serving(t, "--drain-delay", "3s")
	require.NoError(t, c.Get(t.Context(), "/readyz", nil))
	asked := time.Now()
	stop()
	require.Eventually(t, func() bool {
		return client.StatusOf(c.Get(t.Context(), "/readyz", nil)) == http.StatusServiceUnavailable
	}, 3*time.Second, time.Millisecond)
	require.NoError(t, c.Get(t.Context(), "/healthz", nil), "requests are answered until the delay is over")
	require.Zero(t, <-ended)
	require.GreaterOrEqual(t, time.Since(asked), 3*time.Second)
}
