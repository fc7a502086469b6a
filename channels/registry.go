package channels

import (
	"errors"
	"fmt"
	"io"

	"belfry.dev/belfry/models"
)

// Registry holds the adapters of a process. It never changes after NewRegistry;
// settings are no part of it: they come from the database with every attempt.
type Registry struct {
	senders []Sender
}

// NewRegistry returns a registry of the adapters in the order given. It fails
// when two share a kind.
func NewRegistry(senders ...Sender) (*Registry, error) {
	seen := map[string]bool{}
	for _, s := range senders {
		kind := s.Descriptor().Kind
		if seen[kind] {
			return nil, fmt.Errorf("channel kind %q is registered twice", kind)
		}
		seen[kind] = true
	}
	return &Registry{senders: senders}, nil
}

// Sender returns the adapter of a kind, and false when there is none.
func (r *Registry) Sender(kind string) (Sender, bool) {
	for _, s := range r.senders {
		if s.Descriptor().Kind == kind {
			return s, true
		}
	}
	return nil, false
}

// Descriptors returns how all adapters describe themselves, in order.
func (r *Registry) Descriptors() []Descriptor {
	out := make([]Descriptor, 0, len(r.senders))
	for _, s := range r.senders {
		out = append(out, s.Descriptor())
	}
	return out
}

// AddressKinds returns what the addresses of each channel to people are.
func (r *Registry) AddressKinds() models.AddressKinds { return AddressKinds(r.Descriptors()) }

// AddressKinds collects what adapters say about the addresses of their channels.
func AddressKinds(descriptors []Descriptor) models.AddressKinds {
	kinds := models.AddressKinds{}
	for _, d := range descriptors {
		if _, known := kinds[d.Channel]; !known && !d.WritesToBots() {
			kinds[d.Channel] = d.Address
		}
	}
	return kinds
}

// Route returns the adapter and the target of one attempt: through the
// provider, and to the bot when the channel writes to bots (nil otherwise).
// The secrets are the rows' decrypted ones. A kind that this process does not
// know is misconfigured(unknown_kind).
func (r *Registry) Route(p models.Provider, secrets map[string]string, bot *models.Bot, botSecrets map[string]string) (Sender, Target, error) {
	sender, ok := r.Sender(p.Kind)
	if !ok {
		return nil, Target{}, &Error{Class: Misconfigured, Reason: "unknown_kind"}
	}
	t := Target{Provider: Config{ID: p.ID, Version: p.Version, Settings: Settings{Values: p.Settings, Secrets: secrets}}}
	if bot != nil {
		t.Bot = Config{ID: bot.ID, Version: bot.Version, Settings: Settings{Values: bot.Settings, Secrets: botSecrets}}
	}
	return sender, t, nil
}

// Close ends the connections that adapters keep.
func (r *Registry) Close() error {
	var errs []error
	for _, s := range r.senders {
		if c, ok := s.(io.Closer); ok {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

// checker is an adapter with rules that no descriptor can express.
type checker interface {
	Check(Target) []models.Field
}

// Check returns what is wrong with a target's settings before they are saved:
// of the bot when it has any, else of the provider. The error is validation-failed
// with all problems; nil when there is none. It waits for nothing: names are
// not resolved.
func Check(s Sender, t Target) error {
	d := s.Descriptor()
	problems := d.CheckProvider(t.Provider.Settings)
	if t.Bot.Values != nil || t.Bot.Secrets != nil {
		problems = d.CheckBot(t.Bot.Settings)
	}
	if c, ok := s.(checker); ok && len(problems) == 0 {
		problems = c.Check(t)
	}
	if err := models.InvalidFields(problems); err != nil {
		return err
	}
	return nil
}
