package worker

import (
	"context"
	"log/slog"
)

// Reconcile and Dispatch run one round of a loop.
func Reconcile(ctx context.Context, cfg ReconcileConfig, l Ledger, e Watcher) {
	newReconciler(cfg, l, e, slog.New(slog.DiscardHandler)).reconcile(ctx)
}

func Dispatch(ctx context.Context, cfg DispatchConfig, o Outbox, e Starter) {
	newDispatcher(cfg, o, e, nil, slog.New(slog.DiscardHandler)).drain(ctx)
}

// Reconciler returns a round of one reconciler, which remembers.
func Reconciler(cfg ReconcileConfig, l Ledger, e Watcher) func(context.Context) {
	return newReconciler(cfg, l, e, slog.New(slog.DiscardHandler)).reconcile
}

// KeepSchedules returns a round of the loop that keeps schedules.
func KeepSchedules(cfg ScheduleConfig, e Clockwork) func(context.Context) {
	return newScheduler(cfg, e, slog.New(slog.DiscardHandler)).keep
}

// Housekeep keeps house until the context ends.
func Housekeep(ctx context.Context, a Attic) {
	newHousekeeper(HousekeepConfig{}, a, nil, slog.New(slog.DiscardHandler)).run(ctx)
}
