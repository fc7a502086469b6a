package drill

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/drill/ledger"
)

func TestPercentilesAreValuesThatWereMeasured(t *testing.T) {
	t.Parallel()
	var values []time.Duration
	for i := range 200 {
		values = append(values, time.Duration(i+1)*time.Millisecond)
	}
	for p, want := range map[int]time.Duration{50: 100 * time.Millisecond, 95: 190 * time.Millisecond, 99: 198 * time.Millisecond, 100: 200 * time.Millisecond} {
		require.Equal(t, want, percentile(values, p), "p%d", p)
	}
	require.Equal(t, time.Millisecond, percentile(values[:1], 50))
	require.Zero(t, percentile(nil, 99))
}

func TestLatenciesGoFromWhenItWasDueAndToTheFirstCopy(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	accept, delivered := latencies(ledger.Books{
		Submissions: []ledger.Submission{
			{Key: "k1", IDs: []string{"ntf_1"}, SentAt: noon, AcceptedAt: noon.Add(time.Second)},
			{Key: "k2", SentAt: noon},
		},
		Reports: []ledger.Report{{ID: "ntf_1", Deliveries: []ledger.Delivery{{ID: "dlv_1", Channel: "email"}}}},
		Copies: []ledger.Copy{
			{Channel: "email", Key: "dlv_1", At: noon.Add(3 * time.Second)},
			{Channel: "email", Key: "dlv_1", At: noon.Add(9 * time.Second)},
			{Channel: "email", Key: "dlv_of_somebody_else", At: noon.Add(9 * time.Second)},
		},
	})
	require.Equal(t, []time.Duration{time.Second}, accept)
	require.Equal(t, map[string][]time.Duration{"email": {2 * time.Second}}, delivered)
}
