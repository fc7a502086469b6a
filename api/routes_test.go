package api_test

import (
	"slices"
	"testing"
)

// TestRoutesSayWhatTheyMayAnswer: what is counted from the start is what the document has.
func TestRoutesSayWhatTheyMayAnswer(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	want := map[string][]int{
		"POST /v1/users": {201, 409, 429, 503}, "POST /v1/notifications": {202, 422}, "DELETE /v1/bots/:id": {204, 404},
		"GET /v1/calendar/:file": {200, 404}, "POST /v1/resources": {200, 201}, "GET /docs": nil,
	}
	h.server.EachRoute(func(method, route string, statuses ...int) {
		wanted, known := want[method+" "+route]
		for _, status := range wanted {
			if !slices.Contains(statuses, status) {
				t.Errorf("%s %s answers %v, want %d among them", method, route, statuses, status)
			}
		}
		if known {
			delete(want, method+" "+route)
		}
	})
	if len(want) != 0 {
		t.Errorf("no route: %v", want)
	}
}
