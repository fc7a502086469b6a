package models_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"belfry.dev/belfry/models"
)

func TestSpansAreAWholeNumberWithOneUnit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]models.Span{
		"30d": 30 * models.Day, "400d": models.MaxSpan, "36h": 36 * 3600, "90m": 5400, "1s": 1, "86400s": models.Day,
		"": 0, "0s": 0, "401d": 0, "1": 0, "d": 0, "-1d": 0, "+1d": 0, "01d": 0, "1.5h": 0, " 1d": 0, "1d ": 0, "1d12h": 0,
		"1D": 0, "1w": 0, "999999999999999999999s": 0, "4294967296s": 0, "１d": 0,
	} {
		span, ok := models.ParseSpan(text)
		assert.Equal(t, want != 0, ok, text)
		if ok {
			assert.Equal(t, want, span, text)
		}
	}
}

func TestSpansAreShownInTheirLongestUnit(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"30d", "36h", "90m", "61s"} {
		span, ok := models.ParseSpan(text)
		assert.True(t, ok)
		assert.Equal(t, text, span.String())
	}
	day, _ := models.ParseSpan("24h")
	assert.Equal(t, "1d", day.String())
	assert.Equal(t, 24*time.Hour, day.Duration())
}
