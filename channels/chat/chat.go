// Package chat is what the adapters of chat platforms share: one JSON request to a bot's
// URL, one answer, and the rules around them. A platform says how it describes itself, how
// it writes a document in its own markup, and what its codes mean.
package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

// Platform is what tells one chat platform from another.
type Platform struct {
	channels.Descriptor
	// Hosts may be called, beside those that an operator allows. One that begins with a
	// dot stands for all below it; none stands for every host.
	Hosts []string
	// Write returns the request's body; it is sent byte for byte.
	Write func(Call) []byte
	// URL returns where it goes. Default: the bot's setting "url".
	URL func(Call) string
	// Pointer is the setting that the address comes from. Default: "#/secrets/url".
	Pointer string
	// Place is the bot's setting that says where Moved leads; "" for platforms whose groups
	// stay where they are.
	Place string
	// Header has further headers of the request; nil for none.
	Header func(Call) http.Header
	// Judge says what the answer means.
	Judge func(Call, channels.Response) (channels.Receipt, *channels.Error)
	// Again are reasons after which the same message is sent once more at once: of a
	// clock that a fresh timestamp may mend.
	Again []string
	// Check is a further rule for a bot's settings. Nil for none.
	Check func(channels.Settings) []models.Field
}

// Call is one request of one attempt.
type Call struct {
	channels.Target
	Message  channels.Message
	Document document.Document
	Now      time.Time
	// Short says that the platform called the message too large.
	Short bool
	// Bare says that the platform could not read the markup: send plain text.
	Bare bool
	// Moved is where the platform said that the group is now; "" for where it was.
	Moved string

	repeated bool
	sent     string // the URL, whose signature is a secret
}

// Words returns the platform's words without secrets, the request's signature included.
func (c Call) Words(words string) string { return c.Target.Words(words, c.sent) }

// Code is Words for a platform's code.
func (c Call) Code(code string) string { return c.Target.Code(code, c.sent) }

// Reasons that Judge gives, and that lead to another request at once.
const (
	TooLarge = "too_large"
	Markup   = "markup"
	Moved    = "moved"
)

// Sender is the adapter of a platform.
type Sender struct {
	platform Platform
	client   *channels.Client
	now      func() time.Time
}

// New returns the adapter of the platform. The clock stamps signatures.
func New(p Platform, client *channels.Client, now func() time.Time) *Sender {
	p.Format, p.Repeatable = document.Chat, true
	if p.Pointer == "" {
		p.Pointer = "#/secrets/url"
	}
	p.Fields = append(p.Fields, providerFields(p.Hosts)...)
	if most := p.Rate.PerMinute(); most > 0 {
		p.Fields, p.BotFields = append(p.Fields, otherRate()), append(p.BotFields, lowerRate(most))
	}
	return &Sender{platform: p, client: client, now: now}
}

// Descriptor describes the adapter.
func (s *Sender) Descriptor() channels.Descriptor { return s.platform.Descriptor }

// Send posts the message to the bot. What a platform calls too large, or cannot read, it
// gets once more at once, shorter or plain. No platform knows a message again, so after an
// unknown outcome there is one more attempt at most: the second one is final.
func (s *Sender) Send(ctx context.Context, t channels.Target, m channels.Message) (channels.Receipt, error) {
	call := Call{Target: t, Message: m, Document: documentOf(m)}
	for {
		call.Now = s.now()
		receipt, failure := s.post(ctx, call)
		switch {
		case failure == nil && call.Moved != "":
			receipt.Moved = map[string]string{s.platform.Place: call.Moved}
			return receipt, nil
		case failure == nil:
			return receipt, nil
		case failure.Class == channels.Ambiguous && m.Attempt > 1:
			return channels.Receipt{}, &channels.Error{Class: channels.Permanent, Reason: models.ReasonUnknown, Code: failure.Code, Message: failure.Message}
		case !s.adapt(&call, failure):
			return channels.Receipt{}, failure
		}
	}
}

// adapt changes the call so that it may be tried at once, and reports whether it did; each
// change is made once.
func (s *Sender) adapt(call *Call, failure *channels.Error) bool {
	switch {
	case failure.Reason == TooLarge && !call.Short:
		call.Short = true
	case failure.Reason == Markup && !call.Bare:
		call.Bare = true
	case failure.Reason == Moved && call.Moved == "":
		call.Moved = failure.Code
	case slices.Contains(s.platform.Again, failure.Reason) && !call.repeated:
		call.repeated = true
	default:
		return false
	}
	return true
}

func (s *Sender) post(ctx context.Context, call Call) (channels.Receipt, *channels.Error) {
	call.sent = s.address(call)
	header := http.Header{}
	if s.platform.Header != nil {
		header = s.platform.Header(call)
	}
	header.Set("Content-Type", "application/json")
	res, err := s.client.Post(ctx, channels.Request{URL: call.sent, Header: header, Body: s.platform.Write(call), Rules: rules(call.Provider.Settings)})
	if err != nil {
		return channels.Receipt{}, channels.AsError(err)
	}
	return s.platform.Judge(call, res)
}

// address is where the call goes; "" when the bot does not say.
func (s *Sender) address(call Call) string {
	if s.platform.URL != nil {
		return s.platform.URL(call)
	}
	return call.Bot.Get("url")
}

// Check refuses addresses of other hosts, and those that the guard would not call.
func (s *Sender) Check(t channels.Target) []models.Field {
	address := s.address(Call{Target: t, Now: s.now()})
	if address == "" {
		return nil // the provider alone
	}
	fields := s.checkURL(t, address)
	if s.platform.Check != nil && len(fields) == 0 {
		fields = s.platform.Check(t.Bot.Settings)
	}
	return fields
}

// Encode is JSON without escapes for HTML, which some platforms refuse, and without a line end.
func Encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // texts, numbers and lists of them always encode
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
