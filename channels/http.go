package channels

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter is the longest announced wait that is honoured; a longer one
// counts as this.
const maxRetryAfter = 24 * time.Hour

// ParseRetryAfter reads a Retry-After header: seconds or an HTTP date. The wait
// is at most 24 h. It is false for an absent, unreadable or negative value, and for
// one that asks for no wait, from which a burst would come: all count as absent.
func ParseRetryAfter(header string, now time.Time) (time.Duration, bool) {
	header = strings.TrimSpace(header)
	if header == "" {
		return 0, false
	}
	if strings.Trim(header, "0123456789") == "" {
		seconds, err := strconv.ParseInt(header, 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter, true
		}
		return time.Duration(seconds) * time.Second, seconds > 0
	}
	at, err := http.ParseTime(header)
	if err != nil || !at.After(now) {
		return 0, false
	}
	return min(at.Sub(now), maxRetryAfter), true
}

// statuses are what HTTP statuses mean unless a channel knows better.
// Source: docs/channels.md#http-statuses.
var statuses = map[int]Error{
	401: {Class: Misconfigured, Reason: "auth"},
	403: {Class: Misconfigured, Reason: "auth"},
	404: {Class: Misconfigured, Reason: "not_found"},
	408: {Class: Retry, Reason: "timeout"},
	410: {Class: Misconfigured, Reason: "gone"},
	413: {Class: Permanent, Reason: "too_large"},
	425: {Class: Retry, Reason: "too_early"},
	429: {Class: RateLimited, Reason: "rate_limited"},
}

// Failure returns what the status means; nil for 2xx. Code is the status. The
// answer's text is not in it: whether it may be shown is the adapter's to say.
func (r Response) Failure() *Error {
	e, known := statuses[r.Status]
	switch {
	case r.Status >= 200 && r.Status < 300:
		return nil
	case known:
	case r.Status >= 300 && r.Status < 400:
		e = Error{Class: Misconfigured, Reason: "redirect"}
	case r.Status >= 400 && r.Status < 500:
		e = Error{Class: Permanent, Reason: "refused"}
	case r.Status >= 500:
		e = Error{Class: Retry, Reason: "server_error"}
	default:
		e = Error{Class: Ambiguous, Reason: "unreadable_answer"}
	}
	e.Code = strconv.Itoa(r.Status)
	if r.Status == http.StatusServiceUnavailable && r.Announced {
		e.Class, e.Reason = RateLimited, "unavailable"
	}
	if e.Class == RateLimited && r.Announced {
		e.Wait = r.RetryAfter
	}
	return &e
}
