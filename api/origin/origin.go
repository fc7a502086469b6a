// Package origin decides from pages of which origins browsers may send requests, and which of
// those pages may read the answers: the platform's own, and those where the bell stands.
package origin

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Rules are the origins whose pages may do something. They never change.
type Rules struct {
	own   *http.CrossOriginProtection
	bells map[string]bool
}

// New returns the rules of a platform that people reach under publicURL, which may be "", with
// the origins where the bell may stand: "https://shop.example.com".
func New(publicURL string, bells []string) (*Rules, error) {
	r := &Rules{own: http.NewCrossOriginProtection(), bells: map[string]bool{}}
	for _, each := range bells {
		if !isOrigin(each) {
			return nil, fmt.Errorf("api: BELFRY_BELL_ORIGINS: %q is no origin, such as https://shop.example.com", each)
		}
		r.bells[each] = true
	}
	if publicURL == "" {
		return r, nil
	}
	u, err := url.Parse(publicURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errors.New("api: PublicURL must be an absolute http or https URL")
	}
	if err := r.own.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
		return nil, errors.New("api: PublicURL has no usable origin")
	}
	return r, nil
}

// isOrigin reports whether the text is an origin as browsers send it: without a path, in lower
// case, without the port that goes without saying.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return false
	}
	usual := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	return text == u.Scheme+"://"+u.Host && text == strings.ToLower(text) && u.Port() != usual && !strings.HasSuffix(u.Host, ":")
}

// Own reports whether the request comes from no page of another origin, reads included.
func (r *Rules) Own(request *http.Request) bool {
	probe := &http.Request{Method: http.MethodPost, Header: request.Header, Host: request.Host, URL: request.URL}
	return r.own.Check(probe) == nil
}

// MayShowBell reports whether the bell may stand in pages of the origin.
func (r *Rules) MayShowBell(origin string) bool { return r.bells[origin] }

const allowOrigin = "Access-Control-Allow-Origin"

// Share lets the page that sends the request read the answer, where the bell may stand in it.
// Cookies are never sent: pages of other origins need a token.
func (r *Rules) Share(answer http.Header, request *http.Request) {
	if len(r.bells) == 0 {
		return
	}
	answer.Add("Vary", "Origin")
	if origin := request.Header.Get("Origin"); r.bells[origin] {
		answer.Set(allowOrigin, origin)
		answer.Set("Access-Control-Expose-Headers", "Retry-After, X-Request-ID")
	}
}

// preflightLife is how long a browser remembers what it may send.
const preflightLife = 10 * time.Minute

// Preflight answers a browser that asks whether a page may send the method: only where the
// bell may stand in the page.
func (r *Rules) Preflight(method string) http.HandlerFunc {
	return func(w http.ResponseWriter, request *http.Request) {
		answer := w.Header()
		answer.Set("Allow", method+", OPTIONS")
		r.Share(answer, request)
		if answer.Get(allowOrigin) != "" && request.Header.Get("Access-Control-Request-Method") == method {
			answer.Set("Access-Control-Allow-Methods", method)
			answer.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, Last-Event-ID")
			answer.Set("Access-Control-Max-Age", strconv.Itoa(int(preflightLife.Seconds())))
		}
		w.WriteHeader(http.StatusNoContent)
	}
}
