package store

import (
	"context"
	"slices"

	"belfry.dev/belfry/models"
)

// replaceAddresses makes the stored addresses those of after, and reports whether
// one that was there is gone.
func (h TxContacts) replaceAddresses(ctx context.Context, before models.Contact, after *models.Contact) (lost bool, err error) {
	for _, old := range before.Addresses {
		if slices.ContainsFunc(after.Addresses, old.Same) {
			continue
		}
		if err := h.deleteAddress(ctx, old); err != nil {
			return false, err
		}
		lost = true
	}
	for i := range after.Addresses {
		a := &after.Addresses[i]
		known := slices.IndexFunc(before.Addresses, a.Same)
		if known < 0 {
			if err := h.createAddress(ctx, after.ID, a); err != nil {
				return false, err
			}
			continue
		}
		if err := h.updateAddress(ctx, before.Addresses[known], a); err != nil {
			return false, err
		}
	}
	return lost, nil
}

// createAddress inserts the address; one that is pending gets its invitation,
// unless somebody else is asked about it.
func (h TxContacts) createAddress(ctx context.Context, contact string, a *models.Address) error {
	a.ID, a.AccountID, a.ContactID, a.StateAt = NewID(models.KindAddress), h.tx.account, contact, h.tx.now()
	if err := h.tx.insert(ctx, a); err != nil || a.State != models.AddressPending || a.Proof != models.ProofByMessage {
		return failed("create address", err)
	}
	_, err := h.tx.Invitations().invite(ctx, *a, 0, 0)
	return err
}

// updateAddress stores what of an address may change: how it is written, its state,
// and whether it is leaving. Its invitation ends with the state pending, and begins
// with it.
func (h TxContacts) updateAddress(ctx context.Context, old models.Address, a *models.Address) error {
	a.ID, a.AccountID, a.ContactID, a.Timestamps, a.StateAt = old.ID, old.AccountID, old.ContactID, old.Timestamps, old.StateAt
	old.Proof = a.Proof
	if *a == old {
		return nil
	}
	if a.State != old.State {
		a.StateAt = h.tx.now()
	}
	err := h.tx.rows(ctx).Model(a).Select("value", "state", "reason", "state_at", "leaving", "updated_at").Updates(a).Error
	if err != nil || a.State == old.State {
		return failed("update address", err)
	}
	if a.State == models.AddressPending && a.Proof == models.ProofByMessage {
		_, err = h.tx.Invitations().invite(ctx, *a, 0, 0)
		return err
	}
	return h.tx.Invitations().cancel(ctx, a.ID)
}

func (h TxContacts) deleteAddress(ctx context.Context, a models.Address) error {
	if err := h.tx.rows(ctx).Where("id = ?", a.ID).Delete(&models.Address{}).Error; err != nil {
		return failed("delete address", err)
	}
	return h.tx.Invitations().cancel(ctx, a.ID)
}

// prove makes an address of any contact one that may be written to, verified or
// waived, and deletes those that were only to stay until then. It returns the contact
// before and after; its version stays. Code not-found.
func (h TxContacts) prove(ctx context.Context, contact, address string, state models.AddressState) (before, after models.Contact, err error) {
	before, err = one[models.Contact]("lock contact", forUpdate(h.tx.rows(ctx)), contact)
	if err != nil {
		return before, after, err
	}
	if before, err = h.withAddresses(ctx, before); err != nil {
		return before, after, err
	}
	after = before
	if after.Addresses, err = models.Prove(before.Addresses, address, state); err != nil {
		return before, after, err
	}
	lost, err := h.replaceAddresses(ctx, before, &after)
	if err == nil && lost {
		err = h.wake(ctx, contact)
	}
	return before, after, err
}

// WaiveAddress is what an operator does who vouches for an address: nobody is asked
// to prove it any more. It returns the contact before and after. Code not-found.
func (h TxContacts) WaiveAddress(ctx context.Context, contact, address string) (before, after models.Contact, err error) {
	return h.prove(ctx, contact, address, models.AddressWaived)
}
