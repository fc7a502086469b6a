package operation

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"

	_ "embed"

	"github.com/gin-gonic/gin"

	"belfry.dev/belfry/api/page"
	"belfry.dev/belfry/models"
)

//go:embed problempage.html
var problemPage string

// problemHTML is the page that a person sees where programs get a problem document.
var problemHTML = template.Must(template.New("problem").Parse(problemPage))

// readsPages reports whether a person looks at the answer in a browser: one that asks for
// HTML, outside of the operations that programs call.
func readsPages(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), page.HTML) && !strings.HasPrefix(r.URL.Path, "/v1/")
}

// writePage answers a person with what went wrong and what to do.
func (s *Core) writePage(c *gin.Context, p *failure) {
	var text bytes.Buffer
	err := problemHTML.Execute(&text, map[string]any{
		"Chinese": page.Locale(c.GetHeader("Accept-Language")) == models.LocaleZH,
		"Missing": p.Status == http.StatusNotFound, "Status": p.Status, "RequestID": p.RequestID,
	})
	if err != nil {
		s.Log.Error("page not written", "request_id", p.RequestID, "error", err)
	}
	c.Header("Content-Security-Policy", page.Policy)
	c.Data(p.Status, page.HTML+"; charset=utf-8", text.Bytes())
}
