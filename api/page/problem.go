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

// Asked reports whether a person looks at the answer in a browser: one that asks for HTML,
// outside of the operations that programs call.
func Asked(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), HTML) && !strings.HasPrefix(r.URL.Path, "/v1/")
}

// Problem tells a person what went wrong and what to do, in the browser's language.
func Problem(site brand.Site, r *http.Request, status int, requestID string) ([]byte, error) {
	locale := Locale(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	missing := status >= http.StatusBadRequest && status < http.StatusInternalServerError && status != http.StatusTooManyRequests
	return Render(problemPage, Frame{Site: site, Locale: locale}, map[string]any{
		"Chinese": locale == models.LocaleZH, "Missing": missing, "Status": status, "RequestID": requestID,
	})
}
