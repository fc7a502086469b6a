package front

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// trace gives the request a span, below the caller's own if it sent one. Streams,
// which last for hours, and probes have none.
func (f *Front) trace(c *gin.Context) {
	route := c.FullPath()
	if route == "" || route == "/healthz" || route == "/readyz" || strings.HasSuffix(route, "/events") {
		c.Next()
		return
	}
	ctx := propagation.TraceContext{}.Extract(c.Request.Context(), propagation.HeaderCarrier(c.Request.Header))
	ctx, span := f.Tracer.Start(ctx, c.Request.Method+" "+route, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("http.request.method", c.Request.Method), attribute.String("http.route", route)))
	defer span.End()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
	status := c.Writer.Status()
	span.SetAttributes(attribute.Int("http.response.status_code", status), attribute.String("belfry.request_id", RequestID(c)))
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
}
