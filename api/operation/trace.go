package operation

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"belfry.dev/belfry/tracing"
)

// trace gives the request a span, below the caller's own if it sent one. Streams,
// which last for hours, and probes have none.
func (s *Core) trace(c *gin.Context) {
	route := c.FullPath()
	if route == "" || route == "/healthz" || route == "/readyz" || strings.HasSuffix(route, "/events") {
		c.Next()
		return
	}
	ctx := propagation.TraceContext{}.Extract(c.Request.Context(), propagation.HeaderCarrier(c.Request.Header))
	ctx, span := s.tracer.Start(ctx, c.Request.Method+" "+route, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("http.request.method", c.Request.Method), attribute.String("http.route", route)))
	defer span.End()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
	status := c.Writer.Status()
	span.SetAttributes(attribute.Int("http.response.status_code", status), attribute.String("belfry.request_id", c.GetString(headerRequestID)))
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
}

// Accepting begins the span in which notifications are checked and stored.
func Accepting(ctx context.Context, number int) (context.Context, func(string, ...attribute.KeyValue)) {
	return tracing.Span(ctx, "accept", trace.SpanKindInternal, attribute.Int("belfry.notifications", number))
}
