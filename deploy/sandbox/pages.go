package sandbox

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"io/fs"
	"net/http"
	"strconv"
	"time"
)

//go:embed page
var pageFiles embed.FS

// shown is how many entries a page or an answer lists unless it is asked for more.
const shown = 200

// routes are all pages, sinks and controls.
func (s *Sandbox) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sink/sms", s.catchText)
	mux.HandleFunc("POST /sink/webhook", s.catchWebhook)
	mux.Handle("GET /{$}", http.RedirectHandler("/mail", http.StatusFound))
	serve(mux, s, mediumMail, s.mails)
	serve(mux, s, mediumSMS, s.texts)
	serve(mux, s, mediumWebhook, s.webhooks)
	serve(mux, s, mediumChat, s.chats)
	s.chatRoutes(mux)
	mux.HandleFunc("GET /mail/{id}/html", s.mailHTML)
	mux.HandleFunc("GET /mail/{id}/raw", s.mailRaw)
	mux.HandleFunc("GET /api/counts", s.counts)
	static, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	mux.Handle("GET /page/", http.StripPrefix("/page/", http.FileServerFS(static)))
	return mux
}

// serve registers a medium's pages and its JSON.
func serve[T any](mux *http.ServeMux, s *Sandbox, medium string, b *book[T]) {
	mux.HandleFunc("GET /"+medium, func(w http.ResponseWriter, r *http.Request) {
		s.page(w, medium, page{Lang: languageOf(w, r), Medium: medium, Counts: s.totals(), Items: b.newest(shown), Fault: s.faults.get(medium)})
	})
	mux.HandleFunc("GET /"+medium+"/{id}", func(w http.ResponseWriter, r *http.Request) {
		l, ok := pick(w, r, b)
		if ok {
			s.page(w, medium+"-one", page{Lang: languageOf(w, r), Medium: medium, Counts: s.totals(), Item: l})
		}
	})
	mux.HandleFunc("GET /api/"+medium, func(w http.ResponseWriter, r *http.Request) {
		limit := shown
		if n, err := strconv.Atoi(r.URL.Query().Get("limit")); err == nil {
			limit = n
		}
		answer(w, http.StatusOK, map[string]any{"items": b.newest(limit), "last": b.last()})
	})
	mux.HandleFunc("DELETE /api/"+medium, func(w http.ResponseWriter, _ *http.Request) {
		if err := b.clear(); err != nil {
			s.broken(w, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("PUT /api/"+medium+"/faults", func(w http.ResponseWriter, r *http.Request) {
		var f Fault
		decoder := json.NewDecoder(r.Body)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&f); err != nil {
			answer(w, http.StatusBadRequest, map[string]any{"message": err.Error()})
			return
		}
		s.faults.set(medium, f)
		answer(w, http.StatusOK, f)
	})
}

func readPages() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{
		"clock": func(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05.000") },
		"json":  indented,
	}).ParseFS(pageFiles, "page/*.html")
}

// page is what the templates show.
type page struct {
	Lang   string
	Medium string
	Counts map[string]int64
	Items  any
	Item   any
	Fault  Fault
}

func (s *Sandbox) page(w http.ResponseWriter, name string, p page) {
	var text bytes.Buffer
	if err := s.pages.ExecuteTemplate(&text, name+".html", p); err != nil {
		s.broken(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'")
	_, _ = w.Write(text.Bytes()) // the reader is gone: nobody to tell
}

// mailHTML shows the mail's HTML so that nothing in it can act or be fetched.
func (s *Sandbox) mailHTML(w http.ResponseWriter, r *http.Request) {
	l, ok := pick(w, r, s.mails)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:")
	_, _ = w.Write([]byte(l.Item.HTML)) // the reader is gone: nobody to tell
}

func (s *Sandbox) mailRaw(w http.ResponseWriter, r *http.Request) {
	l, ok := pick(w, r, s.mails)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(l.Item.Raw) // the reader is gone: nobody to tell
}

func (s *Sandbox) counts(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, s.totals())
}

func (s *Sandbox) totals() map[string]int64 {
	return map[string]int64{mediumMail: s.mails.last(), mediumSMS: s.texts.last(), mediumWebhook: s.webhooks.last(), mediumChat: s.chats.last()}
}

func pick[T any](w http.ResponseWriter, r *http.Request, b *book[T]) (line[T], bool) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	l, ok := b.find(id)
	if err != nil || !ok {
		http.NotFound(w, r)
		return l, false
	}
	return l, true
}

// indented lays JSON text out for reading; other text stays.
func indented(text string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(text), "", "  ") != nil {
		return text
	}
	return out.String()
}

func (s *Sandbox) broken(w http.ResponseWriter, err error) {
	s.config.Logger.Error("the sandbox failed", "error", err)
	answer(w, http.StatusInternalServerError, map[string]any{"message": "see the log"})
}

// misbehave answers as the fault wants and reports whether it did.
func misbehave(w http.ResponseWriter, f Fault) bool {
	if f.Drop {
		panic(http.ErrAbortHandler) // breaks the connection without an answer
	}
	if f.Status == 0 {
		return false
	}
	if f.RetryAfterSeconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfterSeconds))
	}
	answer(w, f.Status, map[string]any{"code": f.Status, "message": "as ordered"})
	return true
}

func answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // the reader is gone: nobody to tell
}
