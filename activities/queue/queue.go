// Package queue knows how often a bot may be called, and makes the one message of all that
// waited for it.
package queue

import (
	"net/url"
	"strconv"
	"strings"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/pacing"
)

// Of returns how often the target may be called, and the credential that this is about: all
// bots that share it share the pace.
func Of(d channels.Descriptor, t channels.Target) (pacing.Rate, string) {
	p := d.Rate.Replaced(number(t.Provider, channels.MaxPerMinute)).Lowered(number(t.Bot, channels.MaxPerMinute))
	by := p.By
	if by == nil {
		by = []string{"url"}
	}
	credential := []string{d.Kind}
	for _, name := range by {
		credential = append(credential, normal(t.Bot.Get(name)))
	}
	return p, strings.Join(credential, "\n")
}

func number(c channels.Config, name string) int {
	n, err := strconv.Atoi(c.Get(name))
	if err != nil {
		return 0
	}
	return n
}

// normal is one spelling of those that lead to the same place.
func normal(value string) string {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" {
		return value
	}
	u.Scheme, u.Host, u.Fragment = strings.ToLower(u.Scheme), strings.ToLower(u.Host), ""
	u.Host = strings.TrimSuffix(u.Host, map[string]string{"https": ":443", "http": ":80"}[u.Scheme])
	return u.String()
}

// measurer is an adapter that can tell whether a message arrives whole.
type measurer interface {
	Whole(channels.Target, channels.Message) bool
}

// Whole reports whether nothing of the message is cut.
func Whole(s channels.Sender, t channels.Target, m channels.Message) bool {
	if w, can := s.(measurer); can {
		return w.Whole(t, m)
	}
	limit := s.Descriptor().Limits.BodyBytes
	return limit == 0 || len(document.Plain(m.Rendered.Document.Blocks)) <= limit/2
}

// Repeated puts a line in front of a message that may have been sent before.
func Repeated(r models.Rendered) models.Rendered {
	mark := document.Block{Kind: document.Notice, Runs: []document.Run{{Text: wordsOf(r.Locale).repeated}}}
	r.Document.Blocks = append([]document.Block{mark}, r.Document.Blocks...)
	r.Body = mark.String() + "\n\n" + r.Body
	return r
}
