package stage

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// supervised is a part that runs a shell script until the test ends.
func supervised(t *testing.T, script string) *Part {
	t.Helper()
	p := &Part{
		Name: "part", program: "/bin/sh", args: []string{"-c", script}, log: filepath.Join(t.TempDir(), "part.log"), ended: make(chan struct{}),
	}
	ctx, end := context.WithCancel(t.Context())
	go p.supervise(ctx)
	t.Cleanup(func() {
		end()
		<-p.ended
	})
	return p
}

const soon = 10 * time.Second

func TestAKilledProcessComesBackAndDidNotDieByItself(t *testing.T) {
	t.Parallel()
	p := supervised(t, "exec sleep 600")
	require.Eventually(t, func() bool { return p.Starts() == 1 && p.Signal(syscall.SIGCONT) == nil }, soon, time.Millisecond)
	require.NotZero(t, p.Kill(0))
	require.Eventually(t, func() bool { return p.Starts() == 2 }, soon, time.Millisecond)
	require.Zero(t, p.Deaths())
}

func TestAProcessThatIsDownIsNotKilledAgain(t *testing.T) {
	t.Parallel()
	p := supervised(t, "exec sleep 600")
	require.Eventually(t, func() bool { return p.Signal(syscall.SIGCONT) == nil }, soon, time.Millisecond)
	require.NotZero(t, p.Kill(time.Hour))
	require.Zero(t, p.Kill(0))
	require.Eventually(t, func() bool { return p.Signal(syscall.SIGCONT) != nil }, soon, time.Millisecond)
	require.Equal(t, 1, p.Starts())
}

func TestAProcessThatEndsIsStartedAgainAndCounted(t *testing.T) {
	t.Parallel()
	p := supervised(t, "exit 1")
	require.Eventually(t, func() bool { return p.Deaths() >= 2 }, soon, time.Millisecond)
}

func TestAProcessThatCannotBeStartedIsCounted(t *testing.T) {
	t.Parallel()
	p := &Part{program: "/no/such/program", log: filepath.Join(t.TempDir(), "part.log")}
	p.once(t.Context())
	require.Equal(t, 1, p.Deaths())
	require.Zero(t, p.Starts())
}

func TestProcessesDoNotSeeSettingsOfTheCaller(t *testing.T) {
	t.Setenv("BELFRY_DB_DSN", "mysql://production")
	for _, pair := range environ() {
		require.False(t, strings.HasPrefix(pair, "BELFRY_"), pair)
	}
}

func TestPortsAreBelowThoseOfOutgoingConnections(t *testing.T) {
	t.Parallel()
	s := &Stage{used: map[string]bool{}}
	seen := map[string]bool{}
	for range 50 {
		address := s.address(t.Context())
		require.False(t, seen[address], "%s twice", address)
		require.Regexp(t, `^127\.0\.0\.1:(2\d{4}|3[01]\d{3})$`, address)
		seen[address] = true
	}
}
