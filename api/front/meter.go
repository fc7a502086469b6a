package front

import (
	"time"

	"github.com/gin-gonic/gin"

	"belfry.dev/belfry/models"
)

// Meter counts what the interface does.
type Meter interface {
	// Requested counts an answered request by its route, "" for none; took is 0 for
	// streams, which last for as long as somebody listens.
	Requested(method, route string, status int, took time.Duration)
	// Submitted counts an accepted notification; took is the time until it and its
	// inbox message were committed.
	Submitted(n models.Notification, took time.Duration)
	// Deduplicated counts an event that was counted on the notification.
	Deduplicated(n models.Notification)
	// Ended counts a delivery that a receipt settled.
	Ended(n models.Notification, d models.Delivery, at time.Time)
}

// Uncounted is for those who do not count.
type Uncounted struct{}

// Requested counts nothing.
func (Uncounted) Requested(string, string, int, time.Duration) {}

// Submitted counts nothing.
func (Uncounted) Submitted(models.Notification, time.Duration) {}

// Deduplicated counts nothing.
func (Uncounted) Deduplicated(models.Notification) {}

// Ended counts nothing.
func (Uncounted) Ended(models.Notification, models.Delivery, time.Time) {}

// measure counts the request when it is answered. What a stranger chose, an unknown
// path or method, is not a label.
func (f *Front) measure(c *gin.Context) {
	begun := time.Now()
	c.Next()
	method, route, took := c.Request.Method, c.FullPath(), time.Since(begun)
	if route == "" {
		method = ""
	}
	if c.Writer.Header().Get("Content-Type") == EventStream {
		took = 0
	}
	f.Meter.Requested(method, route, c.Writer.Status(), took)
}

// EventStream is the media type of server-sent events.
const EventStream = "text/event-stream"
