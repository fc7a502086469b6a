package address_test

import (
	"net/mail"
	"strings"
	"testing"

	"belfry.dev/belfry/channels/address"
	"belfry.dev/belfry/models"
)

func TestEmail(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"Zoe@Example.COM":                        "zoe@example.com",
		"a+tag@example.com":                      "a+tag@example.com",
		"o'brien@example.co.uk":                  "o'brien@example.co.uk",
		"a@bücher.example":                       "a@xn--bcher-kva.example",
		"a@例子.测试":                                "a@xn--fsqu00a.xn--0zwm56d",
		strings.Repeat("a", 64) + "@b.com":       strings.Repeat("a", 64) + "@b.com",
		strings.Repeat("a", 65) + "@b.com":       "",
		"":                                       "",
		"a":                                      "",
		"@b.com":                                 "",
		"a@b":                                    "",
		"a@localhost":                            "",
		"a@[127.0.0.1]":                          "",
		"a@127.0.0.1":                            "",
		"a@example.com.":                         "",
		"a@example..com":                         "",
		"a@-example.com":                         "",
		"a..b@example.com":                       "",
		".a@example.com":                         "",
		"a.@example.com":                         "",
		"a b@example.com":                        "",
		"\"a b\"@example.com":                    "",
		"Zoe <zoe@example.com>":                  "",
		"grp: a@b.com;":                          "",
		"a@b.com,c@d.com":                        "",
		"a@b.com\r\nBcc: x@y.com":                "",
		"a@exam\u200bple.com":                    "",
		"ａ@example.com":                          "",
		"é@example.com":                          "",
		"a@b@example.com":                        "",
		"a@" + strings.Repeat("b.", 130) + "com": "",
		"\"x@y> ORCPT=rfc822;z\"@b.com":          "",
	} {
		got, code := address.Email(value)
		if got != want || (code == "") != (want != "") {
			t.Errorf("Email(%q) = %q, %q, want %q", value, got, code, want)
		}
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"+86 138 0013 8000":           "+8613800138000",
		"+8613800138000":              "+8613800138000",
		"+44 7400 123456":             "+447400123456",
		"+1 (415) 555-2671":           "+14155552671",
		"13800138000":                 "",
		"008613800138000":             "",
		"+86138001380001234":          "",
		"+８６１３８００１３８０００":              "",
		"+1800FLOWERS":                "",
		"+14155552671 ext. 5":         "",
		"+14155552671;ext=5":          "",
		"+1 900 555 1234":             "",
		"+44 9098790000":              "",
		"+86 10 6552 9988":            "", // fixed lines
		"+44 20 7946 0018":            "",
		"+49 30 901820":               "",
		"+81 3 1234 5678":             "",
		"+852 2123 4567":              "",
		"+49 1512 3456789":            "+4915123456789",
		"+81 90 1234 5678":            "+819012345678",
		"+852 5123 4567":              "+85251234567",
		"+":                           "",
		"":                            "",
		"+" + strings.Repeat("1", 40): "",
	} {
		got, code := address.Phone(value)
		if got != want || (code == "") != (want != "") {
			t.Errorf("Phone(%q) = %q, %q, want %q", value, got, code, want)
		}
	}
}

func TestOtherChannelsTakeNoAddress(t *testing.T) {
	t.Parallel()
	kinds := models.AddressKinds{models.ChannelEmail: address.Mailboxes(), models.ChannelSMS: address.Numbers()}
	if _, code := kinds.Normalise(models.ChannelWebhook, "https://example.com"); code != models.CodeUnknownChannel {
		t.Errorf("a webhook is no address of a contact: %q", code)
	}
	for channel, kind := range kinds {
		key, code := kinds.Normalise(channel, kind.Example)
		if key == "" || code != "" {
			t.Errorf("the example of %s is refused: %s", channel, code)
		}
		if _, code := kinds.Normalise(channel, "?"); kind.Refusals[code] == "" {
			t.Errorf("%s has no words for %q", channel, code)
		}
	}
}

func TestCountryOfANumber(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"+8613800138000": "CN", "+14155552671": "US", "+16135550123": "CA", "+447400123456": "GB", "+85251234567": "HK", "+80012345678": "001", "x": "",
	} {
		if got := address.Country(key); got != want {
			t.Errorf("Country(%s) = %q, want %q", key, got, want)
		}
	}
}

func TestDomainsHoldThoseBelowThem(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		"a@mail.example": true, "a@x.mail.example": true, "a@email.example": false, "a@mail.example.org": false, "mail.example": false,
	} {
		if got := address.WithinDomain(key, "mail.example"); got != want {
			t.Errorf("WithinDomain(%s) = %v, want %v", key, got, want)
		}
	}
}

// FuzzEmailNormalize: the normal form is its own normal form, holds nothing that
// ends a header or a command, and is what a reader of RFC 5322 takes for one bare address.
func FuzzEmailNormalize(f *testing.F) {
	for _, seed := range []string{"Zoe@Example.COM", "a+b@bücher.example", "a@b", "\"a b\"@c.de", "a@b.c\r\nBcc: d@e.f", "x@xn--fsqu00a.com", "a@faß.de"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		key, code := address.Email(value)
		if code != "" {
			return
		}
		if again, code := address.Email(key); again != key || code != "" {
			t.Fatalf("Email(%q) = %q, whose normal form is %q (%s)", value, key, again, code)
		}
		if strings.ContainsAny(key, "\r\n <>\",;:()[]\\") || len(key) > 254 {
			t.Fatalf("Email(%q) = %q", value, key)
		}
		if parsed, err := mail.ParseAddress(key); err != nil || parsed.Address != key {
			t.Fatalf("Email(%q) = %q, which is read as %v, %v", value, key, parsed, err)
		}
	})
}

// FuzzPhoneNormalize: the normal form is its own normal form, of digits only.
func FuzzPhoneNormalize(f *testing.F) {
	for _, seed := range []string{"+8613800138000", "+1 (415) 555-2671", "+44-7400.123456", "+0", "+1 2 3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		key, code := address.Phone(value)
		if code != "" {
			return
		}
		if again, code := address.Phone(key); again != key || code != "" {
			t.Fatalf("Phone(%q) = %q, whose normal form is %q (%s)", value, key, again, code)
		}
		if len(key) > 16 || strings.Trim(key[1:], "0123456789") != "" || key[0] != '+' {
			t.Fatalf("Phone(%q) = %q", value, key)
		}
	})
}
