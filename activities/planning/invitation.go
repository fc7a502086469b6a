package planning

import (
	"cmp"
	"context"
	"fmt"

	"belfry.dev/belfry/models"
)

// decideInvitation plans the one delivery of an invitation's message: to the address
// that it asks to prove, or to nobody when that is over.
func (a *Planning) decideInvitation(ctx context.Context, n models.Notification) (models.Plan, error) {
	i, err := a.Store.OpenInvitation(ctx, n.AccountID, n.SubjectID)
	if err != nil {
		return models.Plan{}, err
	}
	contact, address, err := a.Store.InvitationTarget(ctx, i)
	if err != nil {
		return models.Plan{}, err
	}
	row := models.Delivery{
		Slot: fmt.Sprintf("%s:%s", i.Channel, i.AddressID), Channel: i.Channel, ContactID: i.ContactID, AddressID: i.AddressID,
		Recipient: contact.Name, AddressKey: i.AddressKey, Language: cmp.Or(contact.Language, n.Language), State: models.DeliveryPending,
	}
	switch {
	case !i.Asks(n) || address.ID == "":
		row.State, row.Reason = models.DeliveryCancelled, models.ReasonInvitation
	case !a.Now().Before(n.ExpiresAt):
		row.State, row.Reason = models.DeliverySuppressed, models.ReasonExpired
	}
	return models.Plan{Notification: n, Deliveries: []models.Delivery{row}}, nil
}
