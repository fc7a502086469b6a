// Package web is the console: the files that "make web" builds from src, and how a browser
// gets them. A binary that was built without them shows a page that says so.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"embed"
	"encoding/base64"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
)

// Root is the path below which the console stands.
const Root = "/console"

//go:embed all:dist
var dist embed.FS

// policy is what index.html may do; its style sheets and those that its scripts make carry
// the nonce. Nothing is taken from elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-NONCE'; style-src-attr 'none'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// framePolicy lets frame.html show a mail: its inline styles and pictures, no script but
// its own, framed by the console alone.
const framePolicy = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// marker stands for the nonce in the policy, and in index.html.
const marker = "NONCE"

// Handler serves the console below Root.
type Handler struct {
	files fs.FS
	// policy is that of index.html.
	policy string
}

// New returns the handler of the files that were built into the binary. logo is the address
// of the platform's own picture, which pages may show; "" for none.
func New(logo string) *Handler {
	h := &Handler{policy: policy}
	if u, err := url.Parse(logo); err == nil && u.Host != "" {
		h.policy = strings.Replace(policy, "img-src 'self'", "img-src 'self' "+u.Scheme+"://"+u.Host, 1)
	}
	if built, err := fs.Sub(dist, "dist/app"); err == nil && exists(built, "index.html") {
		h.files = built
	}
	return h
}

func exists(files fs.FS, name string) bool {
	_, err := fs.Stat(files, name)
	return err == nil
}

// Built reports whether there is a console in the binary.
func (h *Handler) Built() bool { return h.files != nil }

// ServeHTTP answers with the file of the path, and with the one page of the console for
// all paths that look like none: which page that is, the browser finds out.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, Root), "/")
	switch {
	case !h.Built():
		servePlaceholder(w)
	case name == "bell.js":
		w.Header().Set("Cache-Control", "no-cache") // its address never changes
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		w.Header().Set("Access-Control-Allow-Origin", "*") // consoles of other origins load it as a module
		h.serveFile(w, r, name)
	case name == "frame.html":
		w.Header().Set("Content-Security-Policy", framePolicy)
		w.Header().Set("X-Frame-Options", "SAMEORIGIN")
		h.serveFile(w, r, name)
	case strings.HasPrefix(name, "assets/"):
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable") // their names change with their content
		h.serveFile(w, r, name)
	case path.Ext(name) != "" && exists(h.files, name+".gz"):
		w.Header().Set("Cache-Control", "no-cache")
		h.serveFile(w, r, name)
	default:
		h.servePage(w)
	}
}

// servePlaceholder tells that the binary was built without the console.
func servePlaceholder(w http.ResponseWriter) {
	text, err := dist.ReadFile("dist/placeholder.html")
	if err != nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	writeHTML(w, text)
}

// servePage writes index.html with a nonce that nothing else has.
func (h *Handler) servePage(w http.ResponseWriter) {
	text, err := fs.ReadFile(h.files, "index.html")
	if err != nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails; it ends the program instead
	nonce := base64.StdEncoding.EncodeToString(raw)
	w.Header().Set("Content-Security-Policy", strings.Replace(h.policy, marker, nonce, 1))
	w.Header().Set("Cache-Control", "no-store")
	writeHTML(w, bytes.Replace(text, []byte(marker), []byte(nonce), 1))
}

func writeHTML(w http.ResponseWriter, text []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(text) // the reader may be gone
}

// serveFile writes a file as it was packed by the build, or unpacked for the few readers
// that cannot do that themselves. There is no directory and no guess: what is not there is
// not found.
func (h *Handler) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	header := w.Header()
	packed, err := fs.ReadFile(h.files, name+".gz")
	if err != nil {
		header.Set("Cache-Control", "no-store")
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	header.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	header.Add("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		header.Set("Content-Length", strconv.Itoa(len(packed)))
		_, _ = w.Write(packed) //nolint:gosec // embedded by the build, nobody else writes it; the reader may be gone
		return
	}
	text, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		http.Error(w, "not readable", http.StatusInternalServerError)
		return
	}
	_, _ = io.Copy(w, text) //nolint:gosec // as large as the build made it; the reader may be gone
}
