package bulkhead

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestThousandsWhoWaitForATarpitDoNotAskEveryFewSeconds(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	b := New(16, 2*time.Second)
	b.now = func() time.Time { return at }
	for range 16 {
		got, _ := b.Enter("tarpit", true)
		require.Equal(t, Admitted, got)
	}
	at = at.Add(20 * time.Second)
	for range 16 {
		b.Leave("tarpit", 20*time.Second)
		got, _ := b.Enter("tarpit", false)
		require.Equal(t, Admitted, got)
	}
	asked := 0 // within a minute from now, at the earliest
	for range 10_000 {
		got, away := b.Enter("tarpit", false)
		require.Equal(t, Full, got)
		require.LessOrEqual(t, away, awayMost)
		if away <= time.Minute {
			asked++
		}
	}
	require.Positive(t, asked)
	require.LessOrEqual(t, asked, 100, "a call ends about every second")

	b.Leave("tarpit", 50*time.Millisecond)
	got, _ := b.Enter("tarpit", true)
	require.Equal(t, Admitted, got)
	_, away := b.Enter("tarpit", true)
	require.LessOrEqual(t, away, 2*time.Second, "a destination that works again is asked again")
}
