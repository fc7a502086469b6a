package contract

import (
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
)

// CheckMedia refuses bodies and answers of other types before anything is read.
func (r *Route) CheckMedia(request *http.Request) error {
	produces := r.Produces
	if produces == "" {
		produces = jsonType
	}
	if !r.Linked && !accepts(request.Header.Values("Accept"), produces) {
		return notAcceptable()
	}
	if request.ContentLength == 0 || IsSafe(request.Method) || r.MayBeEmpty(request) {
		return nil
	}
	if request.ContentLength > r.MaxBodyBytes {
		return TooLarge()
	}
	consumes := r.Consumes
	if len(consumes) == 0 {
		consumes = []string{jsonType}
	}
	kind, params, err := mime.ParseMediaType(request.Header.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	encoded := request.Header.Get("Content-Encoding")
	switch {
	case err != nil || !slices.Contains(consumes, kind) || len(request.Header.Values("Content-Type")) > 1:
		return UnsupportedMedia()
	case charset != "" && charset != "utf-8":
		return UnsupportedMedia()
	case encoded != "" && !strings.EqualFold(encoded, "identity"):
		return UnsupportedMedia()
	}
	return nil
}

// MayBeEmpty reports whether the body may be none: proxies pass one of unknown length and type on.
func (r *Route) MayBeEmpty(request *http.Request) bool {
	return request.ContentLength < 0 && len(request.Header.Values("Content-Type")) == 0 && len(r.Consumes) == 0
}

// accepts reports whether an Accept header lets the media type through. What
// cannot be parsed excludes nothing.
func accepts(headers []string, produces string) bool {
	if len(headers) == 0 {
		return true
	}
	group, _, _ := strings.Cut(produces, "/")
	for _, each := range strings.Split(strings.Join(headers, ","), ",") {
		kind, params, err := mime.ParseMediaType(each)
		if err != nil {
			return true
		}
		if q, err := strconv.ParseFloat(params["q"], 64); err == nil && q == 0 {
			continue
		}
		if kind == "*/*" || kind == group+"/*" || kind == produces || kind == wire.ProblemType {
			return true
		}
	}
	return false
}

// CheckParameters refuses what no parameter can be: in the path it is not found,
// in the query malformed.
func (r *Route) CheckParameters(c *gin.Context) error {
	for _, param := range c.Params {
		pattern := r.patterns[param.Key]
		if !pathPattern.MatchString(param.Value) || pattern != nil && !pattern.MatchString(param.Value) {
			return models.NotFound()
		}
	}
	if r.Linked {
		return nil // what is not known there is ignored
	}
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return badQuery("query", "syntax", "The query cannot be read.")
	}
	for name, values := range query {
		if len(values) > 1 {
			return badQuery("query"+wire.Pointer(name)[1:], "repeated", "A parameter stands twice.")
		}
		if code := wire.CheckLine(name + values[0]); code == wire.CodeInvalidCharacters {
			return models.Invalid("query/"+strings.ToValidUTF8(name[:min(len(name), 64)], "?"), code, "has characters that are not allowed")
		}
	}
	return nil
}

// pathPattern is what ids and keys in a path are made of.
var pathPattern = regexp.MustCompile(`^[A-Za-z0-9._~@-]{1,1000}$`)

func badQuery(pointer, code, detail string) error {
	return &models.Error{
		Code: models.CodeMalformed, Detail: detail,
		Fields: []models.Field{{Pointer: pointer, Code: code, Detail: detail}},
	}
}
