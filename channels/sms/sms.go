// Package sms sends short messages through any provider that takes an HTTP POST
// and answers JSON. What is sent and what an answer means is configuration.
package sms

import (
	"context"
	"encoding/base64"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"belfry.dev/belfry/channels"
)

// Sender is the adapter.
type Sender struct {
	client *channels.Client
}

// New returns the adapter.
func New(client *channels.Client) *Sender { return &Sender{client: client} }

// e164 is an international number: "+", then 7 to 15 digits.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// defaultChars is the longest text in code points: about seven parts of a long SMS.
const defaultChars = 500

// Send posts one message. Only an answer whose body says so is a success; a
// number that the provider took is accepted. After an unknown outcome it must
// not be repeated: providers do not promise to tell a repeat from a new message.
func (s *Sender) Send(ctx context.Context, t channels.Target, m channels.Message) (channels.Receipt, error) {
	if !e164.MatchString(m.To) {
		return channels.Receipt{}, &channels.Error{Class: channels.Permanent, Reason: "recipient_invalid", Message: "It is no international phone number."}
	}
	if strings.TrimSpace(m.Rendered.Short) == "" {
		return channels.Receipt{}, &channels.Error{Class: channels.Permanent, Reason: "no_text", Message: "There is no short text."}
	}
	p := t.Provider.Settings
	fitted := fit(p, m)
	contentType, body, err := fill(p, m, fitted.Text)
	if err != nil {
		return channels.Receipt{}, &channels.Error{Class: channels.Misconfigured, Reason: "body", Message: "The body's template cannot be filled."}
	}
	header := p.Headers("headers")
	header.Set("Content-Type", contentType)
	header.Set("Accept", "application/json")
	authorize(header, p)
	res, err := s.client.Post(ctx, channels.Request{URL: p.Get("url"), Header: header, Body: body, Rules: rules(p)})
	if err != nil {
		return channels.Receipt{}, channels.AsError(err)
	}
	receipt, err := outcome(t, m, res, header.Get("Authorization"))
	if err == nil {
		receipt.Parts = fitted.Parts
	}
	return receipt, err
}

func authorize(header http.Header, p channels.Settings) {
	user, password := p.Get("username"), p.Get("password")
	switch p.Get("auth") {
	case "basic":
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
	case "bearer":
		header.Set("Authorization", "Bearer "+password)
	case "header":
		header.Set(p.Get("auth_header"), password)
	}
}

func rules(p channels.Settings) channels.Rules {
	out := channels.Rules{AllowHTTP: p.Bool("allow_http"), Timeout: p.Seconds("timeout_seconds"), CA: p.Get("ca")}
	if n := p.Int("allow_port", 0); n > 0 {
		out.Ports = []int{n}
	}
	return out
}

// outcome reads the answer. The provider's own code decides, whatever the HTTP
// status; without one the status does, but 2xx without a code proves nothing.
func outcome(t channels.Target, m channels.Message, res channels.Response, authorization string) (channels.Receipt, error) {
	p := t.Provider.Settings
	answer, readable := parse(res)
	code, found := answer.at(or(p.Get("success_path"), "code"))
	text, _ := answer.at(p.Get("message_path"))
	words := t.Words(text, m.To, strings.TrimPrefix(m.To, "+"), authorization)
	short := t.Code(code, m.To, strings.TrimPrefix(m.To, "+"), authorization)
	refusal := res.Failure()
	if known, ok := mapped(p.Get("outcomes"), code); ok && found {
		known.Code, known.Message = short, words
		return channels.Receipt{}, &known
	}
	if refusal != nil {
		if found {
			refusal.Code = t.Code(refusal.Code+" "+code, m.To)
		}
		refusal.Message = words
		if refusal.Class == channels.Retry && found && taken(p, code) {
			// The body says that it was taken: nobody may send it again.
			refusal.Class, refusal.Reason = channels.Ambiguous, "unreadable_answer"
		}
		return channels.Receipt{}, refusal
	}
	if !readable || !found {
		return channels.Receipt{}, &channels.Error{
			Class: channels.Ambiguous, Reason: "unreadable_answer", Code: strconv.Itoa(res.Status), Message: "The answer is not the JSON that was expected.",
		}
	}
	if !taken(p, code) {
		return channels.Receipt{}, channels.UnknownCode(m.Attempt, short, words)
	}
	id, _ := answer.at(p.Get("id_path"))
	return channels.Receipt{Class: channels.Accepted, Ref: t.Code(id, m.To), Code: short, Message: words}, nil
}

// taken reports whether the code is one of success.
func taken(p channels.Settings, code string) bool {
	return slices.Contains(list(or(p.Get("success_values"), "0")), code)
}

func or(value, unset string) string {
	if value == "" {
		return unset
	}
	return value
}

// list reads "0, OK" as its members.
func list(text string) []string {
	var out []string
	for each := range strings.SplitSeq(text, ",") {
		if each = strings.TrimSpace(each); each != "" {
			out = append(out, each)
		}
	}
	return out
}
