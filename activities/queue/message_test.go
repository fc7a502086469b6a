package queue_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"belfry.dev/belfry/activities/queue"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/pacing"
)

// items are n alerts of one title, which their hosts tell apart.
func items(n int) []queue.Item {
	all := make([]queue.Item, n)
	for i := range all {
		all[i] = queue.Item{
			Alone: models.Rendered{Title: "Disk full", Document: document.Document{Blocks: []document.Block{
				{Kind: document.Paragraph, Runs: []document.Run{{Text: strings.Repeat("A disk is full. ", 10)}}},
				{Kind: document.Fact, Label: "Team", Mark: ": ", Runs: []document.Run{{Text: strings.Repeat("storage ", 8)}}},
				{Kind: document.Fact, Label: "Host", Mark: ": ", Runs: []document.Run{{Text: fmt.Sprintf("db-%03d", i), Theirs: true}}},
			}}},
			Severity: []models.Severity{models.SeverityInfo, models.SeverityWarning, models.SeverityCritical}[i%3],
			At:       time.Date(2026, 3, 1, 12, i, 0, 0, time.UTC),
		}
	}
	return all
}

// within reports whether the blocks have at most so many bytes.
func within(size int) func(models.Rendered) bool {
	return func(r models.Rendered) bool { return len(document.Plain(r.Document.Blocks)) <= size }
}

func TestTheFullestDensityInWhichAllFits(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]struct {
		n        int
		contains string
	}{
		5000: {9, "A disk is full. A disk"},
		1200: {9, "12:08 Disk full · Team: storage"},
		200:  {9, "Disk full (9): db-000; db-001"},
		60:   {3, "Disk full (3): db-000; db-001; db-002"},
		1:    {1, "Disk full"},
	} {
		m, n := queue.Message(models.Rendered{Locale: models.LocaleEN}, items(9), within(size))
		assert.Equal(t, want.n, n, "%d bytes", size)
		assert.Contains(t, document.Plain(m.Document.Blocks), want.contains, "%d bytes", size)
		assert.NotContains(t, m.Body, "more")
		assert.Equal(t, m.Title, m.Document.Title)
	}
}

func TestTheHeadingCountsBySeverity(t *testing.T) {
	t.Parallel()
	en, _ := queue.Message(models.Rendered{Locale: models.LocaleEN}, items(9), within(5000))
	zh, _ := queue.Message(models.Rendered{Locale: models.LocaleZH}, items(9), within(5000))
	assert.Equal(t, "9 messages: 3 critical, 3 warnings", en.Title)
	assert.Equal(t, "9 条消息：3 条紧急、3 条警告", zh.Title)
	assert.Contains(t, queue.Repeated(zh).Body, "可能已发送过")
}

// TestPAC2TwoBotsWithOneURLShareTheirPace: by the credential, however it is written.
func TestPAC2TwoBotsWithOneURLShareTheirPace(t *testing.T) {
	t.Parallel()
	d := channels.Descriptor{Kind: "x", Rate: pacing.Rate{Windows: []pacing.Window{{Length: time.Minute, Most: 20}}}}
	of := func(url, most string) (pacing.Rate, string) {
		return queue.Of(d, channels.Target{Bot: channels.Config{Settings: channels.Settings{
			Values: map[string]string{channels.MaxPerMinute: most}, Secrets: map[string]string{"url": url},
		}}})
	}
	pace, one := of("https://Hooks.example:443/a?key=B", "")
	lower, other := of("https://hooks.example/a?key=B", "7")
	_, third := of("https://hooks.example/a?key=b", "")
	assert.Equal(t, one, other)
	assert.NotEqual(t, one, third)
	assert.Equal(t, 20, pace.PerMinute())
	assert.Equal(t, 7, lower.PerMinute())
}
