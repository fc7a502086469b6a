package sandbox

import (
	"net/http"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// mediumWebhook is the name of the webhook sink in paths and faults.
const mediumWebhook = "webhooks"

// Webhook is one caught webhook.
type Webhook struct {
	// Key is the header webhook-id.
	Key string `json:"key"`
	// Verified says that the signature is right and the time is within five
	// minutes, as the reference library sees it; Problem says what is not.
	Verified bool              `json:"verified"`
	Problem  string            `json:"problem"`
	Headers  map[string]string `json:"headers"`
	Body     string            `json:"body"`
}

// catchWebhook answers 204, whatever the signature, so that both can be seen.
func (s *Sandbox) catchWebhook(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	caught := Webhook{Key: r.Header.Get("webhook-id"), Verified: true, Headers: flat(r.Header), Body: string(body)}
	if err := s.verify(r.Header, body); err != nil {
		caught.Verified, caught.Problem = false, err.Error()
	}
	fault := s.faults.next(r.Context(), mediumWebhook)
	if !fault.fails() || fault.Keep {
		if err := s.webhooks.add(s.config.Now(), caught); err != nil {
			s.broken(w, err)
			return
		}
	}
	if !misbehave(w, fault) {
		w.WriteHeader(http.StatusNoContent)
	}
}

func (s *Sandbox) verify(header http.Header, body []byte) error {
	hook, err := standardwebhooks.NewWebhook(s.config.WebhookSecret)
	if err != nil {
		return err
	}
	return hook.Verify(body, header)
}
