package intake

import (
	"fmt"

	"belfry.dev/belfry/models"
)

// AddressLimits are how many addresses a contact has of each channel.
type AddressLimits struct {
	// Required are the channels that it must have an address of.
	Required []models.Channel
	// PerChannel is how many of one channel it may have.
	PerChannel int
}

// Check complains about a channel that has too few addresses, or too many; nil when all is
// well. A contact without any address is none.
func (l AddressLimits) Check(list []models.Address) []models.Field {
	n := map[models.Channel]int{}
	for _, a := range list {
		n[a.Channel]++
	}
	for _, channel := range l.Required {
		if n[channel] == 0 {
			return addressesField("required", fmt.Sprintf("one of the channel %s is needed", channel))
		}
	}
	for _, a := range list {
		if n[a.Channel] > l.PerChannel {
			return addressesField("too-many", fmt.Sprintf("at most %d of one channel", l.PerChannel))
		}
	}
	if len(list) == 0 {
		return addressesField("required", "at least one is needed")
	}
	return nil
}

func addressesField(code, detail string) []models.Field {
	return []models.Field{{Pointer: "#/addresses", Code: code, Detail: detail}}
}

// Readdress gives the contact other addresses: waived ones where an operator vouches for
// them; else new ones are pending, and those of the account contact succeed the old ones. It
// fails as models.Successors does.
func Readdress(c *models.Contact, wanted []models.Address, state models.AddressState) (err error) {
	switch {
	case state == models.AddressWaived:
		c.Addresses = models.Vouch(models.Replace(c.Addresses, wanted))
	case c.Kind == models.ContactAccount:
		c.Addresses, err = models.Successors(c.Addresses, wanted)
	default:
		c.Addresses = models.Replace(c.Addresses, wanted)
	}
	return err
}
