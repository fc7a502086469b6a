package worker_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"belfry.dev/belfry/worker"
)

// clockwork is an engine's schedule.
type clockwork struct {
	there, down   bool
	made, updated int
	retention     string
}

func (c *clockwork) KeepSchedules(_ context.Context, retention string) error {
	if c.down {
		return errors.New("no connection")
	}
	if !c.there {
		c.there, c.retention = true, retention
		c.made++
	}
	return nil
}

func (c *clockwork) UpdateSchedules(_ context.Context, retention string) error {
	if c.down {
		return errors.New("no connection")
	}
	c.updated++
	c.retention = retention
	return nil
}

func TestSchedulesAreKeptWhateverTheEngineForgets(t *testing.T) {
	t.Parallel()
	c := &clockwork{down: true}
	keep := worker.KeepSchedules(worker.ScheduleConfig{Retention: "0 5 * * *"}, c)
	keep(t.Context())
	assert.Zero(t, c.made)
	c.down = false
	for range 3 {
		keep(t.Context())
	}
	assert.Equal(t, []int{1, 1}, []int{c.made, c.updated}, "brought up to date once")
	assert.Equal(t, "0 5 * * *", c.retention)
	c.there = false
	keep(t.Context())
	assert.Equal(t, 2, c.made, "the engine lost its memory")

	other := &clockwork{there: true, retention: "of an earlier release"}
	worker.KeepSchedules(worker.ScheduleConfig{}, other)(t.Context())
	assert.Equal(t, "17 3 * * *", other.retention)
}
