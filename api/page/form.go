package page

import (
	"net/http"
	"net/url"
	"time"
)

// maxForm bounds forms, in bytes.
const maxForm = 4 << 10

// Posted is the form in the request; empty without one, and when the form does not arrive
// within the time.
func Posted(w http.ResponseWriter, r *http.Request, within time.Duration) url.Values {
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(within)) // not all writers can
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if r.ParseForm() != nil {
		r.PostForm = nil
	}
	_ = connection.SetReadDeadline(time.Time{}) // one that passes while we work would cancel the request
	return r.PostForm
}
