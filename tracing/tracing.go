// Package tracing lets a trace follow a notification through processes, the
// database and the workflow engine. Without a span in the context, which is so
// unless an operator names a collector, everything here does nothing.
package tracing

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Scope names what makes the spans.
const Scope = "belfry"

// MaxCarried is the longest that Carry returns, in bytes.
const MaxCarried = 55

// header is the W3C Trace Context header, whose value is carried.
const header = "traceparent"

// Carry returns the context's trace as text, in the form of a W3C traceparent; ""
// when there is none, or when nobody records it.
func Carry(ctx context.Context) string {
	if !trace.SpanContextFromContext(ctx).IsSampled() {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier[header]
}

// Resume returns a context in which spans belong to what Carry returned; the
// context itself for "" and for what is no trace.
func Resume(ctx context.Context, carried string) context.Context {
	if carried == "" {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{header: carried})
}

// Span begins a span below the context's; end ends it. Attributes hold ids and
// enumerated words only: no text, no address, no secret.
func Span(ctx context.Context, name string, kind trace.SpanKind, attributes ...attribute.KeyValue) (_ context.Context, end func(problem string, more ...attribute.KeyValue)) {
	parent := trace.SpanFromContext(ctx)
	if !parent.SpanContext().IsSampled() {
		return ctx, func(string, ...attribute.KeyValue) {}
	}
	tracer := parent.TracerProvider().Tracer(Scope)
	ctx, span := tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(attributes...))
	return ctx, func(problem string, more ...attribute.KeyValue) {
		span.SetAttributes(more...)
		if problem != "" {
			span.SetStatus(codes.Error, problem)
		}
		span.End()
	}
}
