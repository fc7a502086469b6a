package drill

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/drill/ledger"
)

// service answers the nth request with the nth status, and then with 202.
func service(t *testing.T, statuses ...int) (base string, calls *atomic.Int64) {
	t.Helper()
	calls = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(calls.Add(1)) - 1
		if n < len(statuses) {
			w.WriteHeader(statuses[n])
			return
		}
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(made{ID: "ntf_" + r.Header.Get("Idempotency-Key")})
	}))
	t.Cleanup(server.Close)
	return server.URL, calls
}

func TestPatientProducersRepeatUntilTheyAreAnswered(t *testing.T) {
	t.Parallel()
	base, calls := service(t, 503, 409, 429, 500)
	p := &producer{bases: []string{base}, log: ledger.NewLog(), patient: true}
	orders := pace(t.Context(), 0, 1, 0, func(int, time.Time) order { return order{key: "k", account: account{ID: "acc_1"}} })
	require.NoError(t, p.run(t.Context(), 1, orders))
	require.EqualValues(t, 5, calls.Load())
	require.EqualValues(t, 4, p.failures.Load())
	lines := p.log.Submissions()
	require.Len(t, lines, 1)
	require.Equal(t, []string{"ntf_k"}, lines[0].IDs)
}

func TestImpatientProducersCountTheFailure(t *testing.T) {
	t.Parallel()
	base, calls := service(t, 503)
	p := &producer{bases: []string{base}, log: ledger.NewLog()}
	orders := pace(t.Context(), 0, 2, 0, func(n int, _ time.Time) order { return order{key: string(rune('a' + n))} })
	require.NoError(t, p.run(t.Context(), 1, orders))
	require.EqualValues(t, 2, calls.Load())
	require.Equal(t, 1, p.log.Accepted())
}

func TestARefusalEndsTheDrill(t *testing.T) {
	t.Parallel()
	base, _ := service(t, 422)
	p := &producer{bases: []string{base}, log: ledger.NewLog(), patient: true}
	orders := pace(t.Context(), 0, 1, 0, func(int, time.Time) order { return order{key: "k"} })
	require.ErrorContains(t, p.run(t.Context(), 1, orders), "the API refused a submission: 422")
}
