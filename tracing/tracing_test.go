package tracing_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"belfry.dev/belfry/tracing"
)

func TestATraceGoesOnWhereItIsResumed(t *testing.T) {
	t.Parallel()
	kept := tracetest.NewInMemoryExporter()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSyncer(kept)).Tracer("test")
	ctx, root := tracer.Start(t.Context(), "root")
	carried := tracing.Carry(ctx)
	require.Len(t, carried, tracing.MaxCarried)
	_, far := tracer.Start(tracing.Resume(t.Context(), carried), "far away")
	far.End()
	root.End()
	spans := kept.GetSpans()
	require.Len(t, spans, 2)
	require.Equal(t, spans[1].SpanContext.TraceID(), spans[0].SpanContext.TraceID())
	require.Equal(t, spans[1].SpanContext.SpanID(), spans[0].Parent.SpanID())
}

func TestSpansTellHowTheyEnded(t *testing.T) {
	t.Parallel()
	kept := tracetest.NewInMemoryExporter()
	ctx, root := sdktrace.NewTracerProvider(sdktrace.WithSyncer(kept)).Tracer("test").Start(t.Context(), "root")
	_, end := tracing.Span(ctx, "inner", trace.SpanKindClient, attribute.Int("n", 1))
	end("timeout", attribute.String("class", "retry"))
	root.End()
	inner := kept.GetSpans()[0]
	require.Equal(t, "inner", inner.Name)
	require.Equal(t, "timeout", inner.Status.Description)
	require.Equal(t, []attribute.KeyValue{attribute.Int("n", 1), attribute.String("class", "retry")}, inner.Attributes)
}

// It runs alone: allocations cannot be counted beside other tests.
func TestWithoutATraceNothingIsDone(t *testing.T) { //nolint:paralleltest // see above
	ctx := t.Context()
	require.Empty(t, tracing.Carry(ctx))
	require.Equal(t, ctx, tracing.Resume(ctx, ""))
	same, end := tracing.Span(ctx, "inner", trace.SpanKindInternal)
	require.Equal(t, ctx, same)
	end("trouble")
	require.Empty(t, tracing.Carry(tracing.Resume(ctx, "no trace at all")))
	allocations := testing.AllocsPerRun(100, func() { _, _ = tracing.Span(context.WithoutCancel(ctx), "inner", trace.SpanKindInternal) })
	require.LessOrEqual(t, allocations, 2.0, "it must be free of cost while nobody looks")
}
