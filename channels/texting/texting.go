// Package texting is what the adapters of SMS providers share: one request, one answer, the
// templates that a provider approved, and the rules of codes.
package texting

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/address"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/receipt"
)

// Provider is what tells one SMS provider from another.
type Provider struct {
	channels.Descriptor
	// API is where its calls go, unless the setting "endpoint" says otherwise.
	API string
	// Approved says that it sends approved templates only, whose rows are a setting.
	Approved bool
	// Request makes the call; it is made anew for each one.
	Request func(Call) channels.Request
	// Judge says what the answer means.
	Judge func(Call, channels.Response) (channels.Receipt, *channels.Error)
	// Receipt reads and verifies what the provider posts to Message.ReceiptURL; nil where there
	// are no receipts. It returns receipt.ErrForged for what is not the provider's.
	Receipt func(channels.Target, receipt.Callback) (receipt.Receipt, error)
	// Again are reasons after which the call is made once more at once: those of a stamp.
	Again []string
}

// Call is one call of one attempt.
type Call struct {
	channels.Target
	Message channels.Message
	// Template is the approved one; zero for providers that take any text.
	Template Filled
	Now      time.Time
	// API is where it goes, without a slash at its end.
	API string
}

// Sender is the adapter of a provider.
type Sender struct {
	provider Provider
	client   *channels.Client
	now      func() time.Time
}

// New returns the adapter of the provider. The clock stamps signatures.
func New(p Provider, client *channels.Client, now func() time.Time) *Sender {
	p.Channel, p.Format, p.Repeatable = models.ChannelSMS, document.Short, false
	p.Address = address.Numbers()
	p.Address.Metered = true
	p.Waits = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute}
	if p.Approved {
		p.Fields = append(p.Fields, templateFields()...)
	}
	p.Fields = append(p.Fields, endpointFields(p.API)...)
	return &Sender{provider: p, client: client, now: now}
}

// Descriptor describes the adapter.
func (s *Sender) Descriptor() channels.Descriptor { return s.provider.Descriptor }

// e164 is an international number: "+", then 7 to 15 digits.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// Send makes one call; what a provider took is accepted. After an unknown outcome it must not
// be repeated: no provider tells a repeat from a new message.
func (s *Sender) Send(ctx context.Context, t channels.Target, m channels.Message) (channels.Receipt, error) {
	if !e164.MatchString(m.To) {
		return channels.Receipt{}, &channels.Error{Class: channels.Permanent, Reason: "recipient_invalid", Message: "It is no international phone number."}
	}
	call := Call{Target: t, Message: m, API: or(t.Provider.Get("endpoint"), s.provider.API)}
	if s.provider.Approved {
		filled, failure := fill(t.Provider.Settings, m)
		if failure != nil {
			return channels.Receipt{}, failure
		}
		call.Template = filled
	} else if strings.TrimSpace(m.Rendered.Short) == "" {
		return channels.Receipt{}, &channels.Error{Class: channels.Permanent, Reason: "no_text", Message: "There is no short text."}
	}
	receipt, failure := s.post(ctx, call)
	if failure != nil && slices.Contains(s.provider.Again, failure.Reason) {
		receipt, failure = s.post(ctx, call)
	}
	if failure != nil {
		return channels.Receipt{}, failure
	}
	return receipt, nil
}

func (s *Sender) post(ctx context.Context, call Call) (channels.Receipt, *channels.Error) {
	call.Now = s.now()
	r := s.provider.Request(call)
	r.Rules = rules(call.Provider.Settings)
	res, err := s.client.Post(ctx, r)
	if err != nil {
		return channels.Receipt{}, channels.AsError(err)
	}
	return s.provider.Judge(call, res)
}

// Receipt reads what the provider posted about a message. Code not-found: this one posts
// nothing. The error is receipt.ErrForged where it is not the provider's.
func (s *Sender) Receipt(t channels.Target, c receipt.Callback) (receipt.Receipt, error) {
	if s.provider.Receipt == nil {
		return receipt.Receipt{}, models.Errorf(models.CodeNotFound, "There is no such receipt.")
	}
	return s.provider.Receipt(t, c)
}

// Check refuses endpoints that the guard would not call.
func (s *Sender) Check(t channels.Target) []models.Field {
	endpoint := or(t.Provider.Get("endpoint"), s.provider.API)
	if why := s.client.CheckURL(endpoint, rules(t.Provider.Settings)); why != "" {
		return []models.Field{{Pointer: "#/settings/endpoint", Code: "blocked-address", Detail: "The URL is not allowed: " + why + "."}}
	}
	return nil
}

// Words returns the provider's words without secrets and without the number.
func (c Call) Words(words string) string { return c.Target.Words(words, c.numbers()...) }

// Code is Words for a code or an id.
func (c Call) Code(code string) string { return c.Target.Code(code, c.numbers()...) }

func (c Call) numbers() []string {
	digits := strings.TrimPrefix(c.Message.To, "+")
	return []string{c.Message.To, digits, strings.TrimPrefix(digits, "86")}
}

// Rule is what a provider's code means. The first that fits counts.
type Rule struct {
	// Code is the provider's; one that ends in "*" stands for all that begin so. Says is a
	// part of its words, "" for any.
	Code, Says string
	Class      channels.Class
	Reason     string
	Wait       time.Duration
}

// Failed is the failure that the rules make of the code and the words; one that none knows
// is never success.
func (c Call) Failed(all []Rule, res channels.Response, code, words string) *channels.Error {
	for _, r := range all {
		prefix, begins := strings.CutSuffix(r.Code, "*")
		if (code == r.Code || begins && strings.HasPrefix(code, prefix)) && strings.Contains(words, r.Says) {
			e := &channels.Error{Class: r.Class, Reason: r.Reason, Wait: r.Wait, Code: c.Code(code), Message: c.Words(words)}
			if r.Class == channels.RateLimited && res.Announced {
				e.Wait = max(e.Wait, res.RetryAfter)
			}
			return e
		}
	}
	return channels.UnknownCode(c.Message.Attempt, c.Code(code), c.Words(words))
}

// Inside is the object of an answer's member; empty where there is none.
func Inside(a chat.Answer, name string) chat.Answer {
	object, _ := a[name].(map[string]any)
	return chat.Answer(object)
}

// rules are what the operator allows.
func rules(s channels.Settings) channels.Rules {
	out := channels.Rules{AllowHTTP: s.Bool("allow_http"), Timeout: s.Seconds("timeout_seconds"), CA: s.Get("ca")}
	if n := s.Int("allow_port", 0); n > 0 {
		out.Ports = []int{n}
	}
	return out
}

func or(value, unset string) string {
	if value == "" {
		return unset
	}
	return value
}
