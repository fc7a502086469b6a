package models_test

import (
	"fmt"
	"testing"

	"belfry.dev/belfry/models"
)

// addressOf reads "email:a:verified" and "email:a:verified:leaving"; its id is what
// stands before the state.
func addressOf(t *testing.T, text string) models.Address {
	t.Helper()
	var parts [4]string
	n := 0
	for _, r := range text {
		if r == ':' {
			n++
			continue
		}
		parts[n] += string(r)
	}
	return models.Address{
		ID: parts[0] + parts[1], Channel: models.Channel(parts[0]), Value: parts[1], ValueKey: parts[1],
		State: models.AddressState(parts[2]), Leaving: parts[3] != "",
	}
}

func addressesOf(t *testing.T, texts []string) []models.Address {
	t.Helper()
	list := []models.Address{}
	for _, text := range texts {
		list = append(list, addressOf(t, text))
	}
	return list
}

func shown(list []models.Address) []string {
	texts := []string{}
	for _, a := range list {
		text := fmt.Sprintf("%s:%s:%s", a.Channel, a.ValueKey, a.State)
		if a.Leaving {
			text += ":leaving"
		}
		texts = append(texts, text)
	}
	return texts
}

func TestAProvenAddressStaysUntilItsSuccessorIsProven(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		current, wanted, want []string
		code                  models.Code
	}{
		"nothing changes":                        {[]string{"email:a:verified"}, []string{"email:a:pending"}, []string{"email:a:verified"}, ""},
		"a new one":                              {[]string{"email:a:verified"}, []string{"email:b:pending"}, []string{"email:b:pending", "email:a:verified:leaving"}, ""},
		"a waived one stays, too":                {[]string{"email:a:waived"}, []string{"email:b:pending"}, []string{"email:b:pending", "email:a:waived:leaving"}, ""},
		"one that was never proven":              {[]string{"email:a:pending"}, []string{"email:b:pending"}, []string{"email:b:pending"}, ""},
		"one that bounced":                       {[]string{"email:a:failed"}, []string{"email:b:pending"}, []string{"email:b:pending"}, ""},
		"another proven one takes over":          {[]string{"email:a:verified", "email:b:verified"}, []string{"email:b:pending"}, []string{"email:b:verified"}, ""},
		"back to the old one":                    {[]string{"email:b:pending", "email:a:verified:leaving"}, []string{"email:a:pending"}, []string{"email:a:verified"}, ""},
		"and again a new one":                    {[]string{"email:b:pending", "email:a:verified:leaving"}, []string{"email:c:pending"}, []string{"email:c:pending", "email:a:verified:leaving"}, ""},
		"channels are apart":                     {[]string{"email:a:verified", "sms:1:verified"}, []string{"email:b:pending", "sms:1:pending"}, []string{"email:b:pending", "sms:1:verified", "email:a:verified:leaving"}, ""},
		"a channel without a successor":          {[]string{"email:a:verified", "sms:1:verified"}, []string{"email:a:pending"}, nil, models.CodeLastMandatory},
		"a channel that was never proven may go": {[]string{"email:a:verified", "sms:1:expired"}, []string{"email:a:pending"}, []string{"email:a:verified"}, ""},
	} {
		got, err := models.Successors(addressesOf(t, c.current), addressesOf(t, c.wanted))
		if fmt.Sprint(shown(got)) != fmt.Sprint(shown(addressesOf(t, c.want))) || models.CodeOf(err) != c.code {
			t.Errorf("%s: Successors() = %v, %v, want %v, %s", name, shown(got), err, c.want, c.code)
		}
	}
}

func TestProvingEndsTheWaitOfTheChannel(t *testing.T) {
	t.Parallel()
	current := addressesOf(t, []string{"email:b:pending", "email:a:verified:leaving", "sms:1:waived:leaving", "email:c:verified"})
	got, err := models.Prove(current, "emailb", models.AddressVerified)
	want := []string{"email:b:verified", "sms:1:waived:leaving", "email:c:verified"}
	if err != nil || fmt.Sprint(shown(got)) != fmt.Sprint(want) {
		t.Errorf("Prove() = %v, %v, want %v", shown(got), err, want)
	}
	if current[0].State != models.AddressPending {
		t.Error("Prove changed what it was given")
	}
	if got, err := models.Prove(current, "emaila", models.AddressWaived); err != nil || got[1].Leaving || got[1].State != models.AddressWaived {
		t.Errorf("Prove(leaving) = %v, %v, want it to stay", shown(got), err)
	}
	if _, err := models.Prove(current, "emailz", models.AddressVerified); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("Prove(unknown) = %v", err)
	}
}

func TestMaskedAddressesTellThoseWhoKnowThem(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"ada@example.com": "a…@example.com", "王@bücher.example": "王…@bücher.example", "@example.com": "…@example.com",
		"+8613800138000": "…00", "123456": "…", "": "",
	} {
		if got := models.Masked(address); got != want {
			t.Errorf("Masked(%q) = %q, want %q", address, got, want)
		}
	}
}
