package page

import (
	"net/http"
	"time"
)

// maxForm bounds the forms of pages, in bytes.
const maxForm = 4 << 10

// Field is a field of the form in the request; "" without one, and when the form does not
// arrive within the time.
func Field(w http.ResponseWriter, r *http.Request, within time.Duration, name string) string {
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(within)) // not all writers can
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	value := r.PostFormValue(name)
	_ = connection.SetReadDeadline(time.Time{}) // one that passes while we work would cancel the request
	return value
}
