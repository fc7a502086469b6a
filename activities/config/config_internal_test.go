package config

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/all"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSchedulesArePublished(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/channels.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(page), "## Schedules")
	require.True(t, found, "docs/channels.md has no section about schedules")
	section, _, _ = strings.Cut(section, "\n## ")
	rows := regexp.MustCompile("(?m)^\\| `.*$").FindAllString(section, -1)

	var want []string
	registry, err := all.New(channels.NewClient(channels.GuardConfig{}), "", time.Now)
	require.NoError(t, err)
	for channel, retry := range (Config{}).WithDefaults(registry.Descriptors()).Retry {
		var waits []string
		for _, delay := range retry.Delays {
			waits = append(waits, short(delay))
		}
		want = append(want, fmt.Sprintf("| `%s` | %s |", channel, strings.Join(waits, ", ")))
		assert.InDelta(t, 0.1, retry.Jitter, 0, "the page says that a tenth is added")
	}
	assert.ElementsMatch(t, want, rows, "docs/channels.md tells other waits than are kept")
}

// short writes 10m0s as 10m.
func short(d time.Duration) string {
	return regexp.MustCompile(`([hm])0[ms](0s)?$`).ReplaceAllString(d.String(), "$1")
}
