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
