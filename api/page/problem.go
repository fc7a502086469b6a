package page

import (
	_ "embed"
	"net/http"
	"strings"

	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
)

//go:embed problem.html
var problemHTML string

// problemPage is the page that a person sees where programs get a problem document.
var problemPage = Parse(problemHTML)

// Followed reports whether the path is of what people and checkers of links follow: outside of
// the operations that programs call. Feeds are links, too.
func Followed(path string) bool {
	return !strings.HasPrefix(path, "/v1/") || path == "/v1/calendar" || strings.HasPrefix(path, "/v1/calendar/")
}

// Asked reports whether a person looks at the answer in a browser: one that asks for HTML.
func Asked(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), HTML) && Followed(r.URL.Path)
}

// Problem tells a person what went wrong and what to do, in the browser's language.
func Problem(site brand.Site, r *http.Request, status int, requestID string) ([]byte, error) {
	locale := Locale(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	return Render(problemPage, Frame{Site: site, Locale: locale}, map[string]any{
		"Chinese": locale == models.LocaleZH, "Kind": kindOf(status), "Status": status, "RequestID": requestID,
	})
}

// kindOf is what a person can do about the status.
func kindOf(status int) string {
	switch {
	case status == http.StatusConflict || status == http.StatusForbidden:
		return "refused"
	case status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout:
		return "later"
	}
	return "missing"
}
