package models

import "fmt"

// Heirs are who may take the place of a delivery to an address that may not be written to any
// more, as routing decides now; see TakeOver.
type Heirs struct {
	// Shared is the delivery to somebody else at the same address; nil for none.
	Shared *Delivery
	// Floor are those to the account contact over the channel of a floor, also those that
	// something speaks against.
	Floor []Delivery
}

// TakeOver returns the deliveries that take the place of one that ended: to whoever else
// would have got it at the same address; else, when a floor reaches nobody else, to the
// account contact, unless it was decided about already. all are the notification's.
func TakeOver(all []Delivery, lost Delivery, heirs Heirs) []Delivery {
	slots, decided := map[string]bool{}, map[string]bool{lost.ContactID: true}
	shared, elsewhere := false, false
	for _, d := range all {
		slots[d.Slot] = true
		if d.ID == lost.ID || d.Channel != lost.Channel || d.BotID != "" {
			continue
		}
		reached := d.State == DeliveryPending || d.State == DeliveryDelivered || d.State == DeliveryAccepted
		shared = shared || reached && d.AddressKey == lost.AddressKey
		elsewhere = elsewhere || reached
		decided[d.ContactID] = decided[d.ContactID] || d.Reason != ReasonDuplicate
	}
	var out []Delivery
	switch {
	case shared:
	case heirs.Shared != nil:
		out = append(out, heirs.Shared.insteadOf(lost, slots))
	case lost.Locked && !elsewhere:
		for _, d := range heirs.Floor {
			if !decided[d.ContactID] {
				out = append(out, d.insteadOf(lost, slots))
			}
		}
	}
	return out
}

// insteadOf is the delivery in place of another one, in a slot that no other has. At the same
// address it is the same message to the provider.
func (d Delivery) insteadOf(lost Delivery, slots map[string]bool) Delivery {
	if d.AddressKey == lost.AddressKey {
		d.ReplayOf = lost.Key()
	}
	slot := d.Slot
	for n := 2; slots[d.Slot]; n++ {
		d.Slot = fmt.Sprintf("%s#%d", slot, n)
	}
	slots[d.Slot] = true
	return d
}
