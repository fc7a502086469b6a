package process

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"

	"go.opentelemetry.io/otel/attribute"

	"belfry.dev/belfry/tracing"
)

// flushTime bounds the sending of the last spans.
const flushTime = 3 * time.Second

// traced reports whether the environment names a collector, by the variables that
// all of OpenTelemetry shares.
func traced() bool {
	if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") || os.Getenv("OTEL_TRACES_EXPORTER") == "none" {
		return false
	}
	return os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
}

// Trace sends traces to the collector that the standard variables of OpenTelemetry
// name, over HTTP; without one it does nothing. What is started after it is traced.
func (p *Process) Trace(ctx context.Context, command, version string) error {
	if !traced() {
		return nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return fmt.Errorf("send traces (OTEL_EXPORTER_OTLP_…): %w", err)
	}
	// Later ones win: what the environment says about the service is above ours.
	about, err := resource.New(ctx, resource.WithAttributes(
		attribute.String("service.name", "belfry-"+command), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return fmt.Errorf("describe this process for traces (OTEL_RESOURCE_ATTRIBUTES): %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	p.tracer = provider.Tracer(tracing.Scope)
	p.Started(StageTraces, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, flushTime)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil { // a collector that is away must not make the stop fail
			p.log.WarnContext(ctx, "the last traces were not sent", "error", err)
		}
		return nil
	})
	p.log.InfoContext(ctx, "traces started")
	return nil
}

// interceptors let traces go through the workflow engine.
func (p *Process) interceptors() ([]interceptor.ClientInterceptor, error) {
	if p.tracer == nil {
		return nil, nil
	}
	each, err := opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
		Tracer: p.tracer, TextMapPropagator: propagation.TraceContext{}, DisableQueryTracing: true,
	})
	if err != nil {
		return nil, fmt.Errorf("trace workflows: %w", err)
	}
	return []interceptor.ClientInterceptor{each}, nil
}
