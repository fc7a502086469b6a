// Package webhook sends notifications to HTTP endpoints of accounts, signed as
// Standard Webhooks prescribe.
package webhook

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
)

// Sender is the adapter.
type Sender struct {
	client *channels.Client
	now    func() time.Time
}

// New returns the adapter. The clock stamps attempts and ends replaced secrets.
func New(client *channels.Client, now func() time.Time) *Sender {
	return &Sender{client: client, now: now}
}

// Limits of a request's body, in bytes. Source: Standard Webhooks recommends
// less than 20 kB.
const (
	maxBody   = 20000
	smallBody = 4000 // after an endpoint said that it was too large
)

// Send posts the message to the bot's endpoint. An endpoint that calls the body
// too large gets a short one at once, under the same webhook-id.
func (s *Sender) Send(ctx context.Context, t channels.Target, m channels.Message) (channels.Receipt, error) {
	secrets := t.Bot.Live("secret", s.now())
	if len(secrets) == 0 {
		return channels.Receipt{}, &channels.Error{Class: channels.Misconfigured, Reason: "secret"}
	}
	receipt, err := s.post(ctx, t, m, secrets, maxBody)
	if err != nil && err.Reason == "too_large" {
		receipt, err = s.post(ctx, t, m, secrets, smallBody)
	}
	if err != nil {
		return channels.Receipt{}, err
	}
	return receipt, nil
}

func (s *Sender) post(ctx context.Context, t channels.Target, m channels.Message, secrets []string, limit int) (channels.Receipt, *channels.Error) {
	contentType, body := encode(t, m, limit)
	timestamp := s.now()
	signatures := make([]string, 0, len(secrets))
	for _, secret := range secrets {
		signature, err := sign(secret, m.Key, timestamp, body)
		if err != nil {
			return channels.Receipt{}, &channels.Error{Class: channels.Misconfigured, Reason: "secret"}
		}
		signatures = append(signatures, signature)
	}
	header := t.Bot.Headers("headers")
	header.Set("Content-Type", contentType)
	header.Set("Webhook-Id", m.Key)
	header.Set("Webhook-Timestamp", strconv.FormatInt(timestamp.Unix(), 10))
	header.Set("Webhook-Signature", strings.Join(signatures, " "))
	res, err := s.client.Post(ctx, channels.Request{
		URL: t.Bot.Get("url"), Header: header, Body: body, Rules: rules(t.Provider.Settings), Repeatable: true,
	})
	if err != nil {
		return channels.Receipt{}, channels.AsError(err)
	}
	if e := classify(res); e != nil {
		e.Message = t.Words(string(res.Body), append(signatures, secrets...)...)
		return channels.Receipt{}, e
	}
	return channels.Receipt{Class: channels.Delivered, Ref: m.Key, Code: strconv.Itoa(res.Status)}, nil
}

// classify says what the endpoint's status means; nil for 2xx. Receivers are
// often repaired within hours, so most refusals are repeated on the schedule,
// but the owner hears of them.
func classify(res channels.Response) *channels.Error {
	e := res.Failure()
	if e == nil {
		return nil
	}
	if e.Class == channels.Retry && res.Announced {
		e.Wait = res.RetryAfter
	}
	if res.Status >= 400 && res.Status < 500 && res.Status != http.StatusGone && res.Status != http.StatusRequestEntityTooLarge &&
		(e.Class == channels.Permanent || e.Class == channels.Misconfigured) {
		e.Class, e.Alert = channels.Retry, true
	}
	return e
}

// rules are what the operator allows to all endpoints.
func rules(s channels.Settings) channels.Rules {
	return channels.Rules{AllowHTTP: s.Bool("allow_http"), Ports: ports(s.Get("ports")), Timeout: s.Seconds("timeout_seconds"), CA: s.Get("ca")}
}

// ports reads a list like "9443, 10443"; what is no port is left out.
func ports(list string) []int {
	var out []int
	for each := range strings.SplitSeq(list, ",") {
		if n, err := strconv.Atoi(strings.TrimSpace(each)); err == nil && n > 0 && n < 65536 {
			out = append(out, n)
		}
	}
	return out
}

// Check refuses URLs that the guard would not call.
func (s *Sender) Check(t channels.Target) []models.Field {
	url := t.Bot.Get("url")
	if url == "" {
		return nil
	}
	if why := s.client.CheckURL(url, rules(t.Provider.Settings)); why != "" {
		return []models.Field{{Pointer: "#/secrets/url", Code: "blocked-address", Detail: "The URL is not allowed: " + why + "."}}
	}
	return nil
}
