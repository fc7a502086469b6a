package process_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/process"
)

func TestPartsStopFromTheOutsideIn(t *testing.T) {
	t.Parallel()
	p := process.New(slog.New(slog.DiscardHandler))
	var order []string
	note := func(s process.Stage, err error) {
		p.Started(s, func(ctx context.Context) error {
			_, bounded := ctx.Deadline()
			require.True(t, bounded, "a part that hangs must not hang the process")
			order = append(order, s.String())
			return err
		})
	}
	note(process.StageStore, nil)
	note(process.StageTemporal, errors.New("did not stop"))
	note(process.StageWorker, nil)
	note(process.StageAPI, nil)

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, p.Wait(ended))
	require.EqualError(t, p.Stop(ended), "stop the temporal: did not stop")
	require.Equal(t, []string{"api", "worker", "temporal", "store"}, order)
}

func TestSecretsAreDecodedAndNeverShown(t *testing.T) {
	t.Parallel()
	key, err := process.Secret{Key: "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n"}.Bytes()
	require.NoError(t, err)
	require.Equal(t, []byte("0123456789abcdef0123456789abcdef"), key)
	for _, bad := range []string{"", "c2hvcnQ=", "not base64!"} {
		_, err := process.Secret{Key: bad}.Bytes()
		require.EqualError(t, err, "BELFRY_SECRET_KEY must be 32 bytes in base64")
	}
}

func TestNetworksThatAreNoneAreNamed(t *testing.T) {
	t.Parallel()
	p := process.New(slog.New(slog.DiscardHandler))
	_, err := p.OpenChannels(process.Outgoing{Allow: []string{"10.0.0.0/8", "::1"}, Deny: []string{"example.com"}}, time.Now)
	require.ErrorContains(t, err, `BELFRY_OUTGOING_DENY: "example.com" is no network`)
	_, err = p.OpenChannels(process.Outgoing{Allow: []string{"10.0.0.0/8", "::1"}}, time.Now)
	require.NoError(t, err)
	require.NoError(t, p.Stop(t.Context()))
}
