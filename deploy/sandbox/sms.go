package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// mediumSMS is the name of the SMS sink in paths and faults.
const mediumSMS = "sms"

// Text is one caught SMS.
type Text struct {
	To   string `json:"to"`
	Text string `json:"text"`
	// Key is the sender's idempotency key: the header Idempotency-Key, or the
	// body's "id".
	Key string `json:"key"`
	// Fields are the body's top level as texts; Headers are the request's.
	Fields  map[string]string `json:"fields"`
	Headers map[string]string `json:"headers"`
}

// catchText answers like a generic SMS provider: 200 {"code":0,"id":…}.
func (s *Sandbox) catchText(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	t, err := readText(r.Header, body)
	if err != nil {
		answer(w, http.StatusBadRequest, map[string]any{"code": 400, "message": err.Error()})
		return
	}
	fault := s.faults.next(r.Context(), mediumSMS)
	if !fault.fails() || fault.Keep {
		if err := s.texts.add(s.config.Now(), t); err != nil {
			s.broken(w, err)
			return
		}
	}
	if misbehave(w, fault) {
		return
	}
	answer(w, http.StatusOK, map[string]any{"code": 0, "message": "accepted", "id": fmt.Sprintf("sms-%d", s.texts.last())})
}

// readText reads JSON objects and forms, whatever their fields are called.
func readText(header http.Header, body []byte) (Text, error) {
	fields := map[string]string{}
	if strings.HasPrefix(header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return Text{}, fmt.Errorf("read the form: %w", err)
		}
		for name := range values {
			fields[name] = values.Get(name)
		}
	} else {
		var values map[string]any
		if err := json.Unmarshal(body, &values); err != nil {
			return Text{}, fmt.Errorf("read the JSON object: %w", err)
		}
		for name, value := range values {
			fields[name] = fmt.Sprint(value)
		}
	}
	t := Text{
		To:      first(fields, "to", "phone", "mobile", "recipient"),
		Text:    first(fields, "text", "message", "content", "body"),
		Key:     header.Get("Idempotency-Key"),
		Fields:  fields,
		Headers: flat(header),
	}
	if t.Key == "" {
		t.Key = first(fields, "id", "key", "idempotency_key", "reference")
	}
	return t, nil
}

func first(fields map[string]string, names ...string) string {
	for _, name := range names {
		if fields[name] != "" {
			return fields[name]
		}
	}
	return ""
}

// flat returns the first value of each header but the credentials.
func flat(header http.Header) map[string]string {
	out := map[string]string{}
	for name := range header {
		if name != "Authorization" {
			out[name] = header.Get(name)
		}
	}
	return out
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		answer(w, http.StatusRequestEntityTooLarge, map[string]any{"code": 413, "message": "at most 1 MiB"})
		return nil, false
	}
	return body, true
}
