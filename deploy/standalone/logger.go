//go:build !slim

package standalone

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"

	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
)

// logger passes the server's errors on, and its warnings while it runs: one
// that starts or stops warns of itself. The rest is the server's own business.
type logger struct {
	to    *slog.Logger
	phase *atomic.Int32
}

// Phases of the server, as the logger sees them.
const (
	starting int32 = iota
	running
	stopping
)

func newLogger(to *slog.Logger) *logger {
	return &logger{to: to.With("component", "temporal"), phase: &atomic.Int32{}}
}

// With returns a logger that adds the tags to every line.
func (l *logger) With(tags ...tag.Tag) log.Logger {
	return &logger{to: l.to.With(attributes(tags)...), phase: l.phase}
}

// Debug drops the line.
func (l *logger) Debug(string, ...tag.Tag) {}

// Info drops the line.
func (l *logger) Info(string, ...tag.Tag) {}

// Warn passes the line on while the server runs.
func (l *logger) Warn(message string, tags ...tag.Tag) {
	if l.phase.Load() == running {
		l.to.Warn(message, attributes(tags)...)
	}
}

// Error passes the line on until the server stops. That a caller went away is
// no error: ours do when they stop.
func (l *logger) Error(message string, tags ...tag.Tag) {
	if l.phase.Load() != stopping && !abandoned(tags) {
		l.to.Error(message, attributes(tags)...)
	}
}

// DPanic passes the line on; it panics in the server's own tests only.
func (l *logger) DPanic(message string, tags ...tag.Tag) { l.Error(message, tags...) }

// Panic passes the line on and panics.
func (l *logger) Panic(message string, tags ...tag.Tag) {
	l.Error(message, tags...)
	panic("embedded Temporal server: " + message)
}

// Fatal passes the line on and panics: the server cannot go on, and what it
// stored is safe.
func (l *logger) Fatal(message string, tags ...tag.Tag) { l.Panic(message, tags...) }

func attributes(tags []tag.Tag) []any {
	attrs := make([]any, len(tags))
	for i, t := range tags {
		attrs[i] = slog.Any(t.Key(), t.Value())
	}
	return attrs
}

// abandoned reports whether a line is about a call that its caller cancelled.
// The server hands errors over as text.
func abandoned(tags []tag.Tag) bool {
	return slices.ContainsFunc(tags, func(t tag.Tag) bool {
		text, ok := t.Value().(string)
		return ok && strings.Contains(text, context.Canceled.Error())
	})
}
