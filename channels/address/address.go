// Package address knows what an e-mail address and a phone number look like, and
// brings both into the one form that they are compared and sent to in. Its grammar
// is narrower than the RFCs: what passes can stand in a header and in an SMTP
// command as it is.
package address

import (
	"strings"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/text"
	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"
)

// Codes of values that are refused.
const (
	CodeInvalidEmail  = "invalid-email"
	CodeInvalidNumber = "invalid-number"
)

// Mailboxes are e-mail addresses.
func Mailboxes() models.AddressKind {
	return models.AddressKind{
		Form: "email", Example: "ming@example.org", Normalise: Email, Within: WithinDomain,
		Labels:   map[models.Locale]string{models.LocaleEN: "E-mail address", models.LocaleZH: "邮箱地址"},
		Refusals: map[string]string{CodeInvalidEmail: "is not an e-mail address"},
	}
}

// Numbers are phone numbers that take messages.
func Numbers() models.AddressKind {
	return models.AddressKind{
		Form: "phone", Example: "+86 138 0013 8000", Normalise: Phone, Country: Country,
		Labels:   map[models.Locale]string{models.LocaleEN: "Phone number", models.LocaleZH: "手机号码"},
		Refusals: map[string]string{CodeInvalidNumber: "is not a phone number in international form that takes messages"},
	}
}

// Limits of an e-mail address in bytes. Source: RFC 5321, 4.5.3.1, and RFC 3696 erratum 1690.
const (
	maxLocal  = 64
	maxDomain = 253
	maxEmail  = 254
)

// joiners are what text.Line keeps behind some characters.
const joiners = "\u200c\u200d\ufe0e\ufe0f"

// Email returns the normal form of a bare address: local part and domain in lower
// case, the domain in ASCII. Refused are display names, quotes, comments, address
// literals, domains without a dot and everything that is not a dot-atom in front.
func Email(value string) (key, code string) {
	local, domain, found := strings.Cut(value, "@")
	if !found || !dotAtom(local) || text.Line(domain) != domain || strings.ContainsAny(domain, joiners) { // IDNA would drop invisible characters
		return "", CodeInvalidEmail
	}
	host, err := idna.Lookup.ToASCII(domain)
	if err != nil || !hostName(host) {
		return "", CodeInvalidEmail
	}
	if again, err := idna.Lookup.ToASCII(host); err != nil || again != host { // what IDNA itself cannot read
		return "", CodeInvalidEmail
	}
	key = strings.ToLower(local + "@" + host)
	if len(key) > maxEmail {
		return "", CodeInvalidEmail
	}
	return key, ""
}

// dotAtom reports whether the text is a local part that needs no quotes.
func dotAtom(s string) bool {
	if s == "" || len(s) > maxLocal || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || strings.Contains(s, "..") {
		return false
	}
	return only(s, func(r rune) bool { return letterOrDigit(r) || strings.ContainsRune(".!#$%&'*+/=?^_`{|}~-", r) })
}

func only(s string, allowed func(rune) bool) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !allowed(r) }) < 0
}

// hostName reports whether the text is a public-looking name: two labels or more,
// letters, digits and hyphens, and no number at the end.
func hostName(host string) bool {
	labels := strings.Split(host, ".")
	if len(host) > maxDomain || len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if !only(label, func(r rune) bool { return letterOrDigit(r) || r == '-' }) {
			return false
		}
	}
	return strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

func letterOrDigit(r rune) bool {
	return (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9')
}

// maxPhone bounds what is worth parsing, in bytes.
const maxPhone = 32

// Phone returns the E.164 form of a number that begins with a plus sign. Refused
// are letters, extensions, other digits than ASCII's, numbers that no plan has, and
// kinds of numbers that cost extra or take no text: fixed lines among them, where a plan
// tells them from mobile ones.
func Phone(value string) (key, code string) {
	dialled, plus := strings.CutPrefix(value, "+")
	if len(value) > maxPhone || !plus || !only(dialled, func(r rune) bool { return strings.ContainsRune("0123456789 ()./-", r) }) {
		return "", CodeInvalidNumber
	}
	number, err := phonenumbers.Parse(value, "")
	if err != nil || !phonenumbers.IsValidNumber(number) || number.GetExtension() != "" {
		return "", CodeInvalidNumber
	}
	switch phonenumbers.GetNumberType(number) {
	case phonenumbers.FIXED_LINE, phonenumbers.PREMIUM_RATE, phonenumbers.TOLL_FREE, phonenumbers.SHARED_COST, phonenumbers.UAN, phonenumbers.VOICEMAIL, phonenumbers.PAGER:
		return "", CodeInvalidNumber
	}
	return phonenumbers.Format(number, phonenumbers.E164), ""
}

// Country returns the country or territory that the number in E.164 form belongs to:
// two capital letters as in ISO 3166, "001" for numbers of none.
func Country(key string) string {
	number, err := phonenumbers.Parse(key, "")
	if err != nil {
		return ""
	}
	return phonenumbers.GetRegionCodeForNumber(number)
}

// KnownCountry reports whether Country can return the code.
func KnownCountry(code string) bool { return phonenumbers.GetSupportedRegions()[code] }

// WithinDomain reports whether the e-mail address in normal form is of the domain, or
// of one below it.
func WithinDomain(key, domain string) bool {
	_, host, found := strings.Cut(key, "@")
	return found && (host == domain || strings.HasSuffix(host, "."+domain))
}
