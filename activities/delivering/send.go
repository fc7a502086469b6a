package delivering

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"belfry.dev/belfry/activities/queue"
	"belfry.dev/belfry/activities/remindertext"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/pacing"
	"belfry.dev/belfry/tracing"
)

// compose renders the delivery in the recipient's language, as the provider's channel wants it.
// Where the platform cannot tell a message that comes twice, one that may do so says it.
func (c *call) compose() (channels.Message, error) {
	message, err := c.composeFirst()
	if n := len(c.d.Attempts); n > 0 && metered(c.look) && pacing.Uncertain(c.d.Attempts[n-1:]) > 0 {
		message.Rendered = queue.Repeated(message.Rendered)
	}
	return message, err
}

// composeFirst is compose for what was certainly not sent before.
func (c *call) composeFirst() (channels.Message, error) {
	format := c.a.format(c.route.Provider.Kind)
	d, n := c.d.Delivery, c.d.Notification
	message := channels.Message{
		Key: d.Key(), To: d.AddressKey, Type: n.Type, Category: n.Category, Severity: n.Severity,
		NotificationID: n.ID, ExternalID: n.ExternalID, Resource: remindedOf(n), AccountID: n.AccountID, CreatedAt: n.CreatedAt, Data: n.Variables,
		Typed: c.d.Address.Value, Parts: c.kind.TextParts(),
	}
	if n.Source.Manner().Proof {
		return c.composeInvitation(message, format)
	}
	message.Optional = c.optional()
	if d.AddressID != "" && message.Optional {
		message.Unsubscribe = c.a.Links.Unsubscribe(n.AccountID, d.AddressKey, n.Type)
	}
	own := catalog.Input{Variables: n.Variables, Link: n.Link, Severity: n.Severity, Unsubscribe: message.Unsubscribe, Reader: catalog.ReaderOf(c.d), Locked: d.Locked, Format: format}
	switch {
	case d.StandsForEnvelope():
		return c.composeDigest(message)
	case len(c.merged) > 0:
		return c.composeMerged(message, own)
	}
	var err error
	message.Rendered, err = c.a.Renderer.Render(c.kind, d.Language, own)
	return message, err
}

// format is the rendition that the kind of provider takes; all when nobody knows the kind.
func (a *Delivering) format(kind string) document.Format {
	sender, ok := a.Channels.Sender(kind)
	if !ok {
		return ""
	}
	return sender.Descriptor().Format
}

// optional reports whether everything in the message is optional by nature.
func (c *call) optional() bool {
	optional := c.kind.OffersOptOut(c.d.Notification.Severity) && !c.d.Delivery.Locked
	for _, each := range c.merged {
		optional = optional && each.kind.OffersOptOut(each.notification.Severity) && !each.delivery.Locked
	}
	return optional
}

// remindedOf is the resource that a reminder is about; nil for other notifications.
func remindedOf(n models.Notification) *channels.Resource {
	if n.Source != models.SourceReminder {
		return nil
	}
	return &channels.Resource{ID: n.SubjectID, ExternalID: n.Variables[remindertext.ResourceID], Name: n.Variables[remindertext.ResourceName]}
}

// outcome says how a call ended, for a trace: the class of a failure is its problem.
func outcome(receipt channels.Receipt, failure *channels.Error) (problem string, class attribute.KeyValue) {
	const key = "belfry.outcome"
	if failure == nil {
		return "", attribute.String(key, string(receipt.Class))
	}
	return failure.Reason, attribute.String(key, string(failure.Class))
}

// send calls the provider. It always returns: an adapter that panics or breaks
// its contract costs this message only.
func (c *call) send(ctx context.Context, m channels.Message) (receipt channels.Receipt, failure *channels.Error) {
	most, _ := bounds(c.look)
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	ctx, end := tracing.Span(ctx, "send "+string(c.d.Delivery.Channel), trace.SpanKindClient,
		attribute.String("belfry.delivery_id", c.in.DeliveryID), attribute.String("belfry.provider_id", c.route.Provider.ID), attribute.Int("belfry.attempt", m.Attempt))
	defer func() { end(outcome(receipt, failure)) }()
	defer func() {
		if p := recover(); p != nil {
			c.a.Logger.Error("channel adapter panicked", "delivery_id", c.in.DeliveryID, "kind", c.route.Provider.Kind)
			receipt, failure = channels.Receipt{}, &channels.Error{Class: channels.Permanent, Reason: models.ReasonInternal}
		}
	}()
	sender, target, err := c.a.Channels.Route(c.route.Provider, c.route.Secrets, c.d.Bot, c.d.BotSecrets)
	if err == nil {
		receipt, err = sender.Send(ctx, target, m)
	}
	if err == nil {
		return receipt, nil
	}
	if failure, ok := errors.AsType[*channels.Error](err); ok {
		return channels.Receipt{}, failure
	}
	c.a.Logger.Error("channel adapter broke its contract", "delivery_id", c.in.DeliveryID, "kind", c.route.Provider.Kind)
	return channels.Receipt{}, &channels.Error{Class: channels.Ambiguous, Reason: models.ReasonInternal}
}

// repeatable reports whether no adapter of the channel minds a repetition.
func repeatable(all []channels.Descriptor, channel models.Channel) bool {
	for _, d := range all {
		if d.Channel == channel && !d.Repeatable {
			return false
		}
	}
	return true
}
