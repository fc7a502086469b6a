package process

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheStartSaysThatOutgoingCallsAreClosed(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	p := New(slog.New(slog.NewTextHandler(&text, nil)))
	p.reportClosed(nil)
	require.Empty(t, text.String())
	p.reportClosed(errors.New("the machine's own addresses cannot be listed"))
	require.Contains(t, text.String(), "level=ERROR")
	require.Contains(t, text.String(), "AF_NETLINK")
	require.Contains(t, text.String(), "cannot be listed")
}
