package sinks

import (
	"encoding/json"
	"io"
	"net/http"
)

// Outcomes is what the codes of the SMS provider mean, in the words of Belfry's
// settings (docs/channels.md#sms).
const Outcomes = "busy = retry provider_busy\nlimit = rate_limited too_often 1"

// maxBody bounds what is read of a request.
const maxBody = 1 << 20

func (s *Sinks) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sms", s.takeText)
	mux.HandleFunc("POST /webhook/{name}", s.takeWebhook)
	return mux
}

// takeText answers 200 {"code":…} like many SMS providers: only the body says
// whether the message was taken.
func (s *Sinks) takeText(w http.ResponseWriter, r *http.Request) {
	var text struct {
		To string `json:"to"`
		ID string `json:"id"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&text); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	how, takes := s.weather.treat(sms)
	take := func() { s.keep(sms, text.ID, text.To) }
	switch {
	case how == lie && takes:
		answer(w, `{"code":"limit","message":"too often"}`)
	case how == lie:
		answer(w, `{"code":"busy","message":"try again"}`)
	default:
		s.treat(w, r, treatment{how: how, takes: takes, take: take, success: func() { answer(w, `{"code":"0","id":"drill"}`) }})
	}
}

// takeWebhook answers 204: with webhooks, the status says all, so that what it lies
// in the body changes nothing.
func (s *Sinks) takeWebhook(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	how, takes := s.weather.treat(webhook)
	take := func() { s.keep(webhook, r.Header.Get("webhook-id"), r.PathValue("name")) }
	if how == lie {
		take()
		answer(w, `{"code":"busy","message":"try again"}`)
		return
	}
	s.treat(w, r, treatment{how: how, takes: takes, take: take, success: func() { w.WriteHeader(http.StatusNoContent) }})
}

// treatment is how one call is answered.
type treatment struct {
	how           mood
	takes         bool
	take, success func()
}

func (s *Sinks) treat(w http.ResponseWriter, r *http.Request, t treatment) {
	if (t.how == hang || t.how == breaks) && t.takes {
		t.take()
	}
	switch t.how {
	case refuse:
		w.WriteHeader(http.StatusServiceUnavailable)
	case limit:
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	case hang:
		s.weather.wait(r.Context())
		breakOff(w, "HTTP/1.1 2") // an end without a word could be that of an idle connection
	case breaks:
		breakOff(w, "HTTP/1.1 2")
	case calm, lie:
		t.take()
		t.success()
	}
}

func answer(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, text) // the caller may be gone
}

// breakOff ends the connection after a part of an answer.
func breakOff(w http.ResponseWriter, part string) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // it is gone already
	}
	_, _ = io.WriteString(connection, part) // it ends anyway
	_ = connection.Close()
}
