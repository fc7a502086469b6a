package intake_test

import (
	"testing"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/intake"
)

func addresses(channels ...models.Channel) []models.Address {
	list := []models.Address{}
	for _, channel := range channels {
		list = append(list, models.Address{Channel: channel})
	}
	return list
}

func TestContactsHaveWhatIsRequiredAndNoMoreThanIsAllowed(t *testing.T) {
	t.Parallel()
	const mail, sms = models.ChannelEmail, models.ChannelSMS
	for name, c := range map[string]struct {
		limits intake.AddressLimits
		list   []models.Address
		code   string
	}{
		"as many as may be":      {intake.AddressLimits{[]models.Channel{mail}, 2}, addresses(mail, mail), ""},
		"one more than may be":   {intake.AddressLimits{[]models.Channel{mail}, 2}, addresses(mail, mail, mail), "too-many"},
		"too many of another":    {intake.AddressLimits{[]models.Channel{mail}, 1}, addresses(mail, sms, sms), "too-many"},
		"without a required one": {intake.AddressLimits{[]models.Channel{mail, sms}, 2}, addresses(mail), "required"},
		"nothing is required":    {intake.AddressLimits{nil, 2}, addresses(sms), ""},
		"none at all":            {intake.AddressLimits{nil, 2}, nil, "required"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fields := c.limits.Check(c.list)
			if c.code == "" && len(fields) == 0 {
				return
			}
			if len(fields) != 1 || fields[0].Code != c.code || fields[0].Pointer != "#/addresses" {
				t.Errorf("Check() = %+v, want the code %q of #/addresses", fields, c.code)
			}
		})
	}
}

func TestTheAccountContactStaysReachableUnlessAnOperatorSaysOtherwise(t *testing.T) {
	t.Parallel()
	old := models.Address{ID: "old", Channel: models.ChannelEmail, ValueKey: "old@example.org", State: models.AddressVerified}
	fresh := models.Address{Channel: models.ChannelEmail, ValueKey: "new@example.org", State: models.AddressPending}
	for name, c := range map[string]struct {
		kind    models.ContactKind
		state   models.AddressState
		leaving int
	}{
		"a person's":                 {models.ContactPerson, models.AddressPending, 0},
		"the account's":              {models.ContactAccount, models.AddressPending, 1},
		"the account's, vouched for": {models.ContactAccount, models.AddressWaived, 0},
	} {
		contact := models.Contact{Kind: c.kind, Addresses: []models.Address{old}}
		if err := intake.Readdress(&contact, []models.Address{fresh}, c.state); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		leaving := 0
		for _, a := range contact.Addresses {
			if a.Leaving {
				leaving++
			}
		}
		if leaving != c.leaving || contact.Addresses[0].ValueKey != "new@example.org" {
			t.Errorf("%s: addresses = %+v, want %d of them leaving", name, contact.Addresses, c.leaving)
		}
	}
	only := models.Contact{Kind: models.ContactAccount, Addresses: []models.Address{old}}
	if err := intake.Readdress(&only, nil, models.AddressPending); models.CodeOf(err) != models.CodeLastMandatory {
		t.Errorf("Readdress() = %v: mandatory messages would reach nobody", err)
	}
}
