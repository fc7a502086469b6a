package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"syscall"
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

// server is a belfry serve in this process.
type server struct {
	*client.Client
	// metrics is the address of its metrics.
	metrics string
	// stop ends it as a signal would; ended gets its exit status.
	stop  context.CancelFunc
	ended <-chan int
}

// serving starts one whose Temporal does not answer.
func serving(t *testing.T, args ...string) server {
	t.Helper()
	return logging(t, func(w io.Writer) io.Writer { return w }, args...)
}

// logging is serving with something before the log.
func logging(t *testing.T, before func(io.Writer) io.Writer, args ...string) server {
	t.Helper()
	config, _ := configured(t)
	code, _, complaint := belfry(t, "--config", config, "migrate")
	require.Zero(t, code, complaint)
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	read, write := io.Pipe()
	args = append([]string{"--metrics-listen", "127.0.0.1:0"}, args...)
	ended := make(chan int, 1)
	go func() {
		args := append([]string{"--config", config, "serve", "--listen", "127.0.0.1:0", "--temporal-address", nowhere}, args...)
		ended <- run(ctx, args, outside{out: io.Discard, err: before(write)})
		_ = write.Close() // always succeeds
	}()
	s := server{stop: stop, ended: ended}
	for lines := bufio.NewScanner(read); s.Client == nil && lines.Scan(); {
		var line struct {
			Address string `json:"address"`
			Metrics string `json:"metrics_address"`
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &line), lines.Text())
		if line.Metrics != "" {
			s.metrics = "http://" + line.Metrics
		}
		if line.Address != "" {
			s.Client = client.New("http://"+line.Address, "")
		}
	}
	require.NotNil(t, s.Client, "the log does not say where the API listens")
	go func() { _, _ = io.Copy(io.Discard, read) }()
	return s
}

type readiness struct {
	Status string            `json:"status"`
	Parts  map[string]string `json:"parts"`
}

func TestServeIsReadyWithoutTemporalAndSaysSo(t *testing.T) {
	t.Parallel()
	s := serving(t, "--drain-delay", "0s")
	for _, who := range []*client.Client{s.Client, client.New(s.metrics, "")} {
		var r readiness
		require.NoError(t, who.Get(t.Context(), "/readyz", &r))
		require.Equal(t, readiness{Status: "degraded", Parts: map[string]string{"database": "ok", "storage": "ok", "temporal": "failed"}}, r)
		require.NoError(t, who.Get(t.Context(), "/healthz", nil))
	}
	s.stop()
	require.Zero(t, <-s.ended)
}

func TestServeSaysThatItIsNotReadyBeforeItStops(t *testing.T) {
	t.Parallel()
	s := serving(t, "--drain-delay", "3s")
	require.NoError(t, s.Get(t.Context(), "/readyz", nil))
	asked := time.Now()
	s.stop()
	require.Eventually(t, func() bool {
		return client.StatusOf(s.Get(t.Context(), "/readyz", nil)) == http.StatusServiceUnavailable
	}, 3*time.Second, time.Millisecond)
	require.NoError(t, s.Get(t.Context(), "/healthz", nil), "requests are answered until the delay is over")
	require.Zero(t, <-s.ended)
	require.GreaterOrEqual(t, time.Since(asked), 3*time.Second)
}

func TestServeCountsWhatItAnswers(t *testing.T) {
	t.Parallel()
	s := serving(t, "--drain-delay", "0s")
	require.Error(t, s.Get(t.Context(), "/v1/no/such/path", nil))
	require.Error(t, s.As("bs_nobody").Get(t.Context(), "/v1/me", nil))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.metrics+"/metrics", nil)
	require.NoError(t, err)
	response, err := new(http.Client).Do(request)
	require.NoError(t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	for _, line := range []string{
		`belfry_http_requests_total{method="",route="",status="404"} 1`,
		`belfry_http_requests_total{method="GET",route="/v1/me",status="401"} 1`,
		`belfry_outbox_due 0`, `belfry_open_notifications{status="pending"} 0`,
	} {
		require.Contains(t, string(text), line+"\n")
	}
	s.stop()
	require.Zero(t, <-s.ended)
}

func TestMetricsCanBeOff(t *testing.T) {
	t.Parallel()
	s := serving(t, "--drain-delay", "0s", "--metrics-listen", "off")
	require.Empty(t, s.metrics)
	require.NoError(t, s.Get(t.Context(), "/healthz", nil))
	s.stop()
	require.Zero(t, <-s.ended)
}

// fullVolume is a log whose disk has no room: nothing can be written to it.
type fullVolume struct {
	read    io.Writer // by the test
	disk    *os.File
	refused *atomic.Int64
}

func (v fullVolume) Write(line []byte) (int, error) {
	_, _ = v.read.Write(line) // the test may be over
	n, err := v.disk.Write(line)
	if errors.Is(err, syscall.ENOSPC) {
		v.refused.Add(1)
	}
	return n, err
}

// F39: a log that cannot be written is a pity, and no reason to stop working.
func TestAFullLogVolumeStopsNothing(t *testing.T) {
	t.Parallel()
	disk, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("nothing here is always full: %v", err)
	}
	t.Cleanup(func() { _ = disk.Close() })
	var refused atomic.Int64
	s := logging(t, func(w io.Writer) io.Writer { return fullVolume{w, disk, &refused} }, "--drain-delay", "0s")
	require.NoError(t, s.Get(t.Context(), "/readyz", nil))
	require.Positive(t, refused.Load(), "nothing was logged")
	s.stop()
	require.Zero(t, <-s.ended)
}
