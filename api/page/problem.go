package page

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"belfry.dev/belfry/models"
)

//go:embed problem.html
var problemHTML string

// problemPage is the page that a person sees where programs get a problem document.
var problemPage = template.Must(template.New("problem").Parse(problemHTML))

// Asked reports whether a person looks at the answer in a browser: one that asks for HTML,
// outside of the operations that programs call.
func Asked(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), HTML) && !strings.HasPrefix(r.URL.Path, "/v1/")
}

// Problem tells a person what went wrong and what to do, in the browser's language.
func Problem(status int, requestID, acceptLanguage string) ([]byte, error) {
	var text bytes.Buffer
	err := problemPage.Execute(&text, map[string]any{
		"Chinese": Locale(acceptLanguage) == models.LocaleZH,
		"Missing": status == http.StatusNotFound, "Status": status, "RequestID": requestID,
	})
	if err != nil {
		return nil, fmt.Errorf("render the page of a problem: %w", err)
	}
	return text.Bytes(), nil
}
