package workflows_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"belfry.dev/belfry/workflows"
)

// histories are what real executions of this and earlier releases left; see
// record_test.go. Changing the order of commands needs workflow.GetVersion and a
// new recording, never the change of an old one.
func histories(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/replay/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files, "without recordings nothing is proved")
	return files
}

func TestRecordedHistoriesReplay(t *testing.T) {
	t.Parallel()
	replayer := worker.NewWorkflowReplayer()
	workflows.New(workflows.Policies{}).Register(replayer)
	for _, file := range histories(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, file)
			assert.NoError(t, err, "executions of an earlier release would be stuck")
		})
	}
}

func TestHistoriesHoldNoContent(t *testing.T) {
	t.Parallel()
	for _, file := range histories(t) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		readable := strings.ToLower(string(text) + decoded(t, text))
		assert.Regexp(t, `ntf_|ann_|rsc_|inv_|env_|"kind":"messages"`, readable, "%s: the payloads must be readable for this test", file)
		for _, canary := range canaries() {
			assert.NotContains(t, readable, canary, "%s", file)
		}
	}
}

var payload = regexp.MustCompile(`"data": "([^"]+)"`)

// decoded returns what the payloads of a history hold.
func decoded(t *testing.T, text []byte) string {
	t.Helper()
	var b strings.Builder
	for _, m := range payload.FindAllSubmatch(text, -1) {
		plain, err := base64.StdEncoding.DecodeString(string(m[1]))
		require.NoError(t, err)
		b.Write(plain)
	}
	return b.String()
}
