package channeltest

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
)

// SMS is what the suite must know about the adapter of an SMS provider, beside HTTP.
type SMS struct {
	HTTP
	// Answers are the provider's documented ones.
	Answers []Answer
	// Odd is an answer with a code that nobody knows.
	Odd string
	// Ref is the provider's id in OK.
	Ref string
}

// RunSMS runs the suite for an SMS provider.
func RunSMS(t *testing.T, s SMS) {
	RunHTTP(t, s.HTTP)
	t.Run("documented answers", s.answers)
	t.Run("COM-2 unknown code", s.unknownCode)
	t.Run("what it took", s.took)
}

func (s SMS) answers(t *testing.T) {
	t.Parallel()
	for _, a := range s.Answers {
		t.Run(a.Reason+" "+a.Body, func(t *testing.T) {
			t.Parallel()
			sink := NewSink(t, func(w http.ResponseWriter, _ *http.Request) {
				for name, values := range a.Header {
					w.Header()[name] = values
				}
				w.WriteHeader(max(a.Status, 200))
				_, _ = io.WriteString(w, a.Body)
			})
			_, err := s.send(t, sink, Message(s.To))
			if e := Failed(t, err); e.Class != a.Class || e.Reason != a.Reason || e.Wait < a.Wait {
				t.Errorf("Send() = %+v, want %s: %s after %s", *e, a.Class, a.Reason, a.Wait)
			}
			if n := len(sink.Requests()); n != max(a.Calls, 1) {
				t.Errorf("the attempt made %d requests, want %d", n, max(a.Calls, 1))
			}
		})
	}
}

func (s SMS) unknownCode(t *testing.T) {
	t.Parallel()
	for attempt, want := range map[int]channels.Class{1: channels.Retry, 2: channels.Retry, 3: channels.Permanent} {
		m := Message(s.To)
		m.Attempt = attempt
		_, err := s.send(t, s.answering(t, 200, s.Odd), m)
		if e := Failed(t, err); e.Class != want || e.Reason != models.ReasonUnknownCode {
			t.Errorf("attempt %d: Send() = %+v, want %s", attempt, *e, want)
		}
	}
}

// took has an answer that names the number: the id is kept, the number is not.
func (s SMS) took(t *testing.T) {
	t.Parallel()
	receipt, err := s.send(t, s.answering(t, 200, s.OK), Message(s.To))
	if err != nil || receipt.Class != channels.Accepted || receipt.Ref != s.Ref {
		t.Errorf("Send() = %+v, %v, want accepted as %s", receipt, err, s.Ref)
	}
	Hides(t, &receipt, []string{strings.TrimPrefix(s.To, "+")})
	sender := s.New(channels.NewClient(channels.GuardConfig{}))
	if d := sender.Descriptor(); d.Channel != models.ChannelSMS || d.Repeatable {
		t.Errorf("%s is of %s, and repeatable: %t", d.Kind, d.Channel, d.Repeatable)
	}
	for _, number := range []string{"", "13800138000", "+86 138", "a@b.example", "+0123456789"} {
		_, err := s.send(t, s.answering(t, 200, s.OK), Message(number))
		if e := Failed(t, err); e.Class != channels.Permanent || e.Reason != models.ReasonRecipientInvalid {
			t.Errorf("%q: Send() = %v", number, e)
		}
	}
}
