package worker

import (
	"cmp"
	"context"
	"log/slog"
	"time"
)

// ScheduleConfig tunes what the engine starts by the clock. Zero values mean defaults.
type ScheduleConfig struct {
	// Retention is when what is over is deleted, a cron expression in UTC: 03:17 every
	// day.
	Retention string
	// Interval is the time between looks whether the schedule is there: 1 min.
	Interval time.Duration
}

func (c ScheduleConfig) withDefaults() ScheduleConfig {
	c.Retention = cmp.Or(c.Retention, "17 3 * * *")
	c.Interval = cmp.Or(c.Interval, time.Minute)
	return c
}

// Clockwork keeps the engine's schedules.
type Clockwork interface {
	KeepSchedules(ctx context.Context, retention string) error
	UpdateSchedules(ctx context.Context, retention string) error
}

// scheduler sees to it that the engine has its schedules: as this process's settings
// say once it began, and whenever the engine forgot them.
type scheduler struct {
	cfg    ScheduleConfig
	engine Clockwork
	log    *slog.Logger
	// current says that this process brought them up to date.
	current, failing bool
}

func newScheduler(cfg ScheduleConfig, e Clockwork, log *slog.Logger) *scheduler {
	return &scheduler{cfg: cfg.withDefaults(), engine: e, log: log}
}

func (s *scheduler) run(ctx context.Context) { every(ctx, s.cfg.Interval, s.keep) }

func (s *scheduler) keep(ctx context.Context) {
	err := s.engine.KeepSchedules(ctx, s.cfg.Retention)
	if err == nil && !s.current {
		err = s.engine.UpdateSchedules(ctx, s.cfg.Retention)
		s.current = err == nil
	}
	if err != nil && !s.failing && ctx.Err() == nil {
		s.log.WarnContext(ctx, "cannot keep the schedule of retention; trying again", "error", err)
	}
	s.failing = err != nil
}
