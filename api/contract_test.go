package api_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// contract is what the document says of which status is answered where, and with what.
type contract struct {
	document document
	paths    []documentedPath
	// general are the statuses that every operation may answer.
	general []string
}

type documentedPath struct {
	method, action string
	path           *regexp.Regexp
	statuses       []string
	// answers are the bodies, by status and media type.
	answers map[string]map[string]media
}

// published is the contract, read once: all servers of the tests have the same.
var published atomic.Pointer[contract]

// contract reads the document of the server.
func (h *harness) contract() *contract {
	if known := published.Load(); known != nil {
		return known
	}
	d := h.document()
	c := &contract{document: d}
	c.general = regexp.MustCompile(`\b[45][0-9]{2}\b`).FindAllString(d.Components.Responses["Problem"].Description, -1)
	if len(c.general) < 5 {
		h.t.Fatalf("the document names no general failures: %v", c.general)
	}
	braces := regexp.MustCompile(`\\\{[^}]*\\\}`)
	for _, op := range d.operations(h.t) {
		p := documentedPath{method: op.Method, action: op.Action}
		p.path = regexp.MustCompile("^" + braces.ReplaceAllString(regexp.QuoteMeta(op.Path), `[^/]+`) + "$")
		p.statuses, p.answers = slices.Collect(maps.Keys(op.Responses)), map[string]map[string]media{}
		for status, answered := range op.Responses {
			p.answers[status] = d.response(answered).Content
		}
		c.paths = append(c.paths, p)
	}
	// /v1/bots/{id} matches what /v1/bots/all would, too: paths without parameters go first.
	slices.SortStableFunc(c.paths, func(a, b documentedPath) int {
		return strings.Count(a.path.String(), "[^/]+") - strings.Count(b.path.String(), "[^/]+")
	})
	published.Store(c)
	return c
}

// keepsContract fails the test when a status is answered that the document does not have
// for the operation, or with a body that is not as the document says.
func (h *harness) keepsContract(request *http.Request, answer *httptest.ResponseRecorder) {
	h.t.Helper()
	status := answer.Code
	if request.URL.Path == "/openapi.json" || status == http.StatusSwitchingProtocols {
		return
	}
	c := h.contract()
	for _, p := range c.paths {
		if p.method != request.Method || !p.path.MatchString(request.URL.EscapedPath()) {
			continue
		}
		text := strconv.Itoa(status)
		if !slices.Contains(p.statuses, text) && !slices.Contains(c.general, text) {
			h.t.Errorf("%s answers %d, and the document says %v", p.action, status, p.statuses)
		}
		h.answersAs(p, status, answer.Header(), answer.Body.Bytes())
		return
	}
}
