package drill

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/drill/ledger"
	"belfry.dev/belfry/cmd/belfry/drill/sinks"
	"belfry.dev/belfry/cmd/belfry/drill/stage"
)

// lister is a site whose API lists pending notifications in pages of two: three of the
// drill's and one notice of the platform's, and after so many counts none any more.
func lister(t *testing.T, counts int64, out *strings.Builder, each func(count int64)) *site {
	t.Helper()
	sources := []string{"product", "product", "platform", "product"}
	var count atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		type item struct {
			Source string `json:"source"`
		}
		var page struct {
			Items      []item `json:"items"`
			NextCursor string `json:"next_cursor"`
		}
		at, _ := strconv.Atoi(r.URL.Query().Get("cursor")) // "" is 0
		if r.URL.Query().Get("status") == "pending" {
			if at == 0 {
				each(count.Add(1))
			}
			for ; at < len(sources) && len(page.Items) < 2 && count.Load() <= counts; at++ {
				page.Items = append(page.Items, item{Source: sources[at]})
			}
			if len(page.Items) > 0 && at < len(sources) {
				page.NextCursor = strconv.Itoa(at)
			}
		}
		_ = json.NewEncoder(w).Encode(page)
	}))
	t.Cleanup(server.Close)
	taken, err := sinks.Start(t.Context(), 1, time.Now)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, taken.Close()) })
	return &site{
		printer: &printer{out: out, began: time.Now()}, sinks: taken, cast: &cast{accounts: []account{{ID: "acc_1"}}},
		stage: &stage.Stage{Servers: []*stage.Part{{Address: strings.TrimPrefix(server.URL, "http://")}}},
	}
}

func TestHealingSaysHowFarItIs(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	s := lister(t, 1, &out, func(int64) {})
	quiet, err := s.quiet(t.Context(), time.Minute, 5)
	require.NoError(t, err)
	require.True(t, quiet)
	require.Contains(t, out.String(), "ended 2 of 5, open 4; the sinks have 0 messages")
}

func TestAnInterruptedDrillSaysWhatItKnows(t *testing.T) {
	t.Parallel()
	var progress, out strings.Builder
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := lister(t, 100, &progress, func(count int64) {
		if count == 2 {
			cancel()
		}
	})
	log := ledger.NewLog()
	for i := range 5 {
		key := strconv.Itoa(i)
		log.Sent(key, "acc_1", time.Now())
		log.Answered(key, "ntf_"+key, time.Now())
	}
	quiet, err := s.quiet(ctx, time.Minute, 5)
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, quiet)
	require.NoError(t, s.interim(&out, log, "healing"))
	require.Contains(t, out.String(), "interrupted while healing. This is no verdict")
	require.Contains(t, out.String(), "ended 2, still open 4, ")
	require.Contains(t, out.String(), "accepted 5 notifications\n")
}

func TestTheTimeThatIsLeftGoesByWhatHasEnded(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	first := progress{at: noon, open: 900}
	require.Equal(t, "; about 40s left", progress{at: noon.Add(20 * time.Second), open: 600}.left(first))
	require.Empty(t, first.left(first))
}
