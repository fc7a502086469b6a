package store

import (
	"context"

	"belfry.dev/belfry/models"
)

// dispatchInvitation adds what the message of an invitation carries. Index: primary
// key.
func (h Deliveries) dispatchInvitation(ctx context.Context, sc Scope, d *models.Dispatch) error {
	i, err := byID[models.Invitation](ctx, sc, d.Notification.SubjectID)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	d.Letter = &models.Letter{Invitation: i}
	if len(i.Sealed) == 0 {
		return nil
	}
	letter, err := h.s.vault.OpenLetter(i)
	if err != nil {
		return err
	}
	d.Letter = &letter
	return nil
}
