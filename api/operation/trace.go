package operation

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"belfry.dev/belfry/tracing"
)

// Accepting begins the span in which notifications are checked and stored.
func Accepting(ctx context.Context, number int) (context.Context, func(string, ...attribute.KeyValue)) {
	return tracing.Span(ctx, "accept", trace.SpanKindInternal, attribute.Int("belfry.notifications", number))
}
