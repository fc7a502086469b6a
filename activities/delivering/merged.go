package delivering

import (
	"context"

	"belfry.dev/belfry/activities/work"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
)

// mergedPart is a notification that the message tells of, too.
type mergedPart struct {
	notification models.Notification
	kind         models.MessageType
	delivery     models.Delivery
}

// gather chooses those of the others in the envelope that may still be sent.
func (l *look) gather(ctx context.Context) error {
	for _, each := range l.d.With {
		n := each.Notification
		kind, err := l.a.Store.MessageTypeVersion(ctx, n.Type, n.TypeVersion)
		if err != nil {
			return err
		}
		if n.CancelledAt != nil || !l.now.Before(n.ExpiresAt) || l.a.eligible(n, kind, each.Delivery, each.Recipient) != "" {
			continue
		}
		l.merged = append(l.merged, mergedPart{n, kind, each.Delivery})
	}
	return nil
}

// mergedIDs are the ids of the deliveries that the message tells of, too.
func (l *look) mergedIDs() []string {
	ids := make([]string, len(l.merged))
	for i, each := range l.merged {
		ids[i] = each.delivery.ID
	}
	return ids
}

// composeMerged makes the message tell of the merged notifications, too.
func (c *call) composeMerged(message channels.Message, own catalog.Input) (channels.Message, error) {
	parts := []catalog.Part{{Type: c.kind, Input: own}}
	for _, each := range c.merged {
		part := work.PartOf(each.notification, each.kind)
		part.Input.Format, part.Input.Locked = own.Format, own.Locked
		parts = append(parts, part)
		message.Merged = append(message.Merged, mergedOf(each.notification))
	}
	parts[0].Input.Link = work.LinkOf(parts)
	var err error
	message.Rendered, err = c.a.Renderer.RenderTogether(parts, c.d.Delivery.Language)
	return message, err
}
