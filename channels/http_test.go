package channels_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header string
		want   time.Duration
		ok     bool
	}{
		{"7", 7 * time.Second, true},
		{" 7 ", 7 * time.Second, true},
		{"0", 0, false},
		{"00", 0, false},
		{"Sun, 01 Mar 2026 12:00:30 GMT", 30 * time.Second, true},
		{"Sunday, 01-Mar-26 12:00:30 GMT", 30 * time.Second, true},
		{"Sun, 01 Mar 2026 11:00:00 GMT", 0, false},
		{"Sun, 01 Mar 2026 12:00:00 GMT", 0, false},
		{"315360000", 24 * time.Hour, true},
		{strings.Repeat("9", 40), 24 * time.Hour, true},
		{"Sun, 01 Mar 2099 12:00:00 GMT", 24 * time.Hour, true},
		{"", 0, false},
		{"-1", 0, false},
		{"+5", 0, false},
		{"1.5", 0, false},
		{"1e3", 0, false},
		{"soon", 0, false},
		{"7, 8", 0, false},
		{"７", 0, false},
	} {
		if got, ok := channels.ParseRetryAfter(c.header, noon); got != c.want || ok != c.ok {
			t.Errorf("ParseRetryAfter(%q) = %v, %v, want %v, %v", c.header, got, ok, c.want, c.ok)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "0", "7", "-1", "99999999999999999999", "Sun, 01 Mar 2099 12:00:00 GMT", "\x00", "1 2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		d, ok := channels.ParseRetryAfter(header, noon)
		if d < 0 || d > 24*time.Hour || (!ok && d != 0) {
			t.Fatalf("ParseRetryAfter(%q) = %v, %v: outside 0…24 h", header, d, ok)
		}
	})
}

func TestEveryStatusHasAClass(t *testing.T) {
	t.Parallel()
	want := map[int]channels.Class{
		301: channels.Misconfigured, 302: channels.Misconfigured, 307: channels.Misconfigured,
		400: channels.Permanent, 401: channels.Misconfigured, 403: channels.Misconfigured, 404: channels.Misconfigured,
		408: channels.Retry, 409: channels.Permanent, 410: channels.Misconfigured, 413: channels.Permanent,
		422: channels.Permanent, 425: channels.Retry, 429: channels.RateLimited,
		500: channels.Retry, 502: channels.Retry, 503: channels.Retry, 504: channels.Retry, 599: channels.Retry,
		101: channels.Ambiguous,
	}
	for status, class := range want {
		got := channels.Response{Status: status}.Failure()
		if got == nil || got.Class != class || got.Reason == "" {
			t.Errorf("Failure() of %d = %v, want class %s with a reason", status, got, class)
		}
	}
	for status := 200; status < 300; status++ {
		if got := (channels.Response{Status: status}).Failure(); got != nil {
			t.Errorf("Failure() of %d = %v, want none", status, got)
		}
	}
}

func TestAnnouncedWaitIsHonouredOn429And503(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		got := channels.Response{Status: status, RetryAfter: 7 * time.Second, Announced: true}.Failure()
		if got.Class != channels.RateLimited || got.Wait != 7*time.Second {
			t.Errorf("Failure() of %d = %+v, want rate_limited after 7 s", status, got)
		}
	}
}

func TestUnknownCodeEndsAfterThreeAttempts(t *testing.T) {
	t.Parallel()
	for attempt, class := range map[int]channels.Class{1: channels.Retry, 2: channels.Retry, 3: channels.Permanent, 4: channels.Permanent} {
		if got := channels.UnknownCode(attempt, "E99", ""); got.Class != class || got.Reason != "unknown_provider_code" || got.Code != "E99" {
			t.Errorf("UnknownCode(%d) = %v, want %s", attempt, got, class)
		}
	}
}
