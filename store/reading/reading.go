// Package reading says what of a digest its recipient knows already: the user whose contact it
// goes to has read it in an inbox.
package reading

import (
	"slices"
	"time"

	"gorm.io/gorm"

	"belfry.dev/belfry/models"
)

// settling is how long ago a contact must have been changed for the inbox that it names now to
// be the one that planning wrote into. Source: more than planning takes.
const settling = time.Minute

// knowledge is what a user can have read of notifications.
type knowledge struct {
	user string
	// messages are those of the user's and of the account's inbox, without texts.
	messages []models.Message
	// addressed are the notifications that the user's own inbox got.
	addressed map[string]bool
	// shared are those whose address is somebody else's, too, who gets them with this envelope;
	// open are the deliveries that wait in it.
	shared, open map[string]bool
}

// Known are those of the parts, in the envelope still, that the user whose contact it goes to
// has read: in the own inbox or, before anybody else did, in the account's; or has deleted from
// the own one. Nobody reads for others: it knows none for bots, for contacts that are no
// user's, and for addresses that another recipient of the notification has, too. rows begins a
// statement on the account's rows. Indexes: primary key, messages_notification,
// deliveries_notification.
func Known(rows func() *gorm.DB, e models.Envelope, in []models.Part) ([]models.Part, error) {
	if e.ContactID == "" || len(in) == 0 {
		return nil, nil
	}
	var contacts []models.Contact
	err := rows().Select("id", "user_id", "updated_at").Where("id = ?", e.ContactID).Limit(1).Find(&contacts).Error
	if err != nil || len(contacts) == 0 || contacts[0].UserID == "" {
		return nil, err
	}
	k, err := learn(rows, e, contacts[0], in)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(in), func(p models.Part) bool { return !k.of(p) }), nil
}

// learn reads what the contact's user can have read of the parts.
func learn(rows func() *gorm.DB, e models.Envelope, c models.Contact, in []models.Part) (knowledge, error) {
	k := knowledge{user: c.UserID, addressed: map[string]bool{}, shared: map[string]bool{}, open: map[string]bool{}}
	var own, about []string
	for _, p := range in {
		own = append(own, p.Notification.ID)
		about = append(append(about, p.Notification.ID), p.Notification.MergedWith...)
	}
	slices.Sort(about)
	err := rows().Select("notification_id", "owner", "read_by").
		Where("notification_id IN ? AND owner IN ?", slices.Compact(about), []string{"", c.UserID}).Find(&k.messages).Error
	if err != nil {
		return k, err
	}
	var deliveries []models.Delivery
	err = rows().Select("id", "notification_id", "channel", "contact_id", "address_key", "state", "reason", "created_at").
		Where("notification_id IN ? AND (contact_id = ? OR reason = ?)", own, e.ContactID, models.ReasonDuplicate).Find(&deliveries).Error
	for _, d := range deliveries {
		switch {
		case d.ContactID != e.ContactID:
			k.shared[d.NotificationID] = k.shared[d.NotificationID] || d.Channel == e.Channel && d.AddressKey == e.AddressKey
		case d.Channel == models.ChannelInbox:
			k.addressed[d.NotificationID] = d.State == models.DeliveryDelivered && c.UpdatedAt.Before(d.CreatedAt.Add(-settling))
		case d.State == models.DeliveryPending:
			k.open[d.ID] = true
		}
	}
	return k, err
}

// of reports whether the user knows what the part is about.
func (k knowledge) of(p models.Part) bool {
	if !k.open[p.Delivery.ID] || k.shared[p.Notification.ID] {
		return false
	}
	own := false
	for _, m := range k.messages {
		if m.NotificationID != p.Notification.ID && !slices.Contains(p.Notification.MergedWith, m.NotificationID) {
			continue
		}
		if own = own || m.Owner == k.user; m.ReadBy == k.user {
			return true
		}
	}
	return k.addressed[p.Notification.ID] && !own
}
