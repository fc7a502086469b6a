package front

import (
	"mime"
	"net/http"
	"net/netip"
	"strings"

	"github.com/gin-gonic/gin"
)

// The headers whose lists proxies and programs write in more ways than one.
const (
	forwardedFor = "X-Forwarded-For"
	accept       = "Accept"
)

// joinLists makes one header of lists that came in several lines, as proxies add to them:
// whoever reads the first line only would believe what the caller wrote, and not the proxy.
func joinLists(c *gin.Context) {
	h := c.Request.Header
	for _, name := range []string{forwardedFor, "If-Match", accept} {
		if values := h.Values(name); len(values) > 1 {
			h.Set(name, strings.Join(values, ", "))
		}
	}
	if h.Get(forwardedFor) != "" {
		h.Set(forwardedFor, bare(h.Get(forwardedFor)))
	}
	dropUnreadable(h)
	c.Next()
}

// bare leaves the ports out that some proxies put behind addresses, and members that are empty.
func bare(forwarded string) string {
	var list []string
	for each := range strings.SplitSeq(forwarded, ",") {
		each = strings.TrimSpace(each)
		if both, err := netip.ParseAddrPort(each); err == nil {
			each = both.Addr().String()
		} else if inside, found := strings.CutPrefix(each, "["); found {
			each = strings.TrimSuffix(inside, "]")
		}
		if each != "" {
			list = append(list, each)
		}
	}
	return strings.Join(list, ", ")
}

// dropUnreadable drops an Accept that nobody can read: it excludes nothing, and no media type
// can be chosen by it.
func dropUnreadable(h http.Header) {
	for each := range strings.SplitSeq(h.Get(accept), ",") {
		if _, _, err := mime.ParseMediaType(each); err != nil && strings.TrimSpace(each) != "" {
			h.Del(accept)
			return
		}
	}
}
