package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestAStepSaysWhenTheNextOneIsDue(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	a := New(Config{}, Dependencies{Now: func() time.Time { return now }})
	later, past := now.Add(time.Hour), now.Add(-time.Hour)
	assert.Equal(t, Step{Done: true}, a.step(nil))
	assert.Equal(t, Step{NextAt: later, Wait: time.Hour}, a.step(&later))
	assert.Equal(t, Step{}, a.step(&past), "what is over is due now")
}
