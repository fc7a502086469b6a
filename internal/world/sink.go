package world

import (
	"context"
	"sync"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/pacing"
)

// Call is one message that the sink got.
type Call struct {
	Channel  models.Channel
	Provider string // id
	Bot      string // id; "" for addresses
	Message  channels.Message
	At       time.Time
}

// Answer decides what the sink answers to a call; nil means delivered.
type Answer func(context.Context, Call) *channels.Error

// Sink plays the providers of all channels.
type Sink struct {
	mu     sync.Mutex
	now    func() time.Time
	answer Answer
	calls  []Call
	// rate is that of the webhooks, whose messages have at most size bytes; zero for none.
	rate pacing.Rate
	size int
	// receipts says that text messages are accepted, and that their receipts come later.
	receipts bool
}

// Limit has webhooks be taken as a chat platform takes them. It comes before Activities.
func (s *Sink) Limit(p pacing.Rate, size int) { s.rate, s.size = p, size }

// AwaitReceipts has text messages be accepted only. It comes before Activities.
func (s *Sink) AwaitReceipts() { s.receipts = true }

func newSink() *Sink {
	return &Sink{answer: func(context.Context, Call) *channels.Error { return nil }}
}

// Answer sets what the sink answers from now on.
func (s *Sink) Answer(a Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = a
}

// Calls returns what the sink got so far, over the channel or all ("").
func (s *Sink) Calls(channel models.Channel) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Call
	for _, c := range s.calls {
		if channel == "" || c.Channel == channel {
			out = append(out, c)
		}
	}
	return out
}

// Script answers the calls of a channel one after the other; later ones succeed.
func Script(channel models.Channel, failures ...*channels.Error) Answer {
	var mu sync.Mutex
	return func(_ context.Context, c Call) *channels.Error {
		mu.Lock()
		defer mu.Unlock()
		if c.Channel != channel || len(failures) == 0 {
			return nil
		}
		next := failures[0]
		failures = failures[1:]
		return next
	}
}

// Always answers the same to every call of a channel.
func Always(channel models.Channel, failure *channels.Error) Answer {
	return func(_ context.Context, c Call) *channels.Error {
		if c.Channel == channel {
			return failure
		}
		return nil
	}
}

// Fail is a failure of the class.
func Fail(class channels.Class, reason string) *channels.Error {
	return &channels.Error{Class: class, Reason: reason}
}

// Wait is a rate limit.
func Wait(d time.Duration) *channels.Error {
	return &channels.Error{Class: channels.RateLimited, Reason: models.ReasonRateLimited, Wait: d}
}

func (s *Sink) senders() []channels.Sender {
	var out []channels.Sender
	for _, c := range []models.Channel{models.ChannelEmail, models.ChannelSMS, models.ChannelWebhook} {
		out = append(out, sender{s, c})
	}
	return out
}

type sender struct {
	sink    *Sink
	channel models.Channel
}

func (s sender) Descriptor() channels.Descriptor {
	d := channels.Descriptor{
		Kind: "fake_" + string(s.channel), Channel: s.channel, Repeatable: s.channel != models.ChannelSMS,
	}
	if s.channel == models.ChannelWebhook {
		d.BotFields = []channels.Field{{Name: "url", Secret: true}}
		if d.Rate = s.sink.rate; d.Rate.Limited() {
			d.Format, d.Limits.BodyBytes = document.Chat, 2*s.sink.size
		}
	} else {
		d.Address = models.AddressKind{Metered: s.channel == models.ChannelSMS}
	}
	return d
}

func (s sender) Send(ctx context.Context, t channels.Target, m channels.Message) (channels.Receipt, error) {
	s.sink.mu.Lock()
	call := Call{Channel: s.channel, Provider: t.Provider.ID, Bot: t.Bot.ID, Message: m, At: s.sink.now()}
	s.sink.calls = append(s.sink.calls, call)
	answer := s.sink.answer
	s.sink.mu.Unlock()
	if failure := answer(ctx, call); failure != nil {
		return channels.Receipt{}, failure
	}
	if s.sink.receipts && s.channel == models.ChannelSMS {
		return channels.Receipt{Class: channels.Accepted, Ref: "ref-" + m.Key, State: models.DeliveryAccepted}, nil
	}
	return channels.Receipt{Class: channels.Delivered, Ref: "ref-" + m.Key, Code: "200"}, nil
}
