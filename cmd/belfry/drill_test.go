package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/deploy/standalone"
)

func TestADrillWithoutTemporalSaysSo(t *testing.T) {
	t.Parallel()
	if standalone.Included {
		t.Skip("this build has the server")
	}
	for _, drill := range []string{"chaos", "load"} {
		code, _, complaint := belfry(t, "drill", drill)
		require.Equal(t, 1, code)
		require.Contains(t, complaint, "built with the tag slim")
	}
	code, _, complaint := belfry(t, "drill", "load", "--url", "http://"+nowhere)
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "--url needs --key and --account")
}
