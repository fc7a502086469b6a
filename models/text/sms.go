package text

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Sizes of text messages, in septets of GSM-7 and in UTF-16 units: alone, and of each part of
// a longer one, whose header takes room. Source: 3GPP TS 23.038 and 23.040, 9.2.3.24.1.
const (
	gsmAlone, gsmPart = 160, 153
	ucsAlone, ucsPart = 70, 67
)

// gsmBasic are the characters of GSM-7 that count once, gsmExtended those that count twice.
// Source: 3GPP TS 23.038, 6.2.1.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// SMSEncoding is how a text message is written.
type SMSEncoding string

// Encodings of text messages.
const (
	GSM7 SMSEncoding = "gsm7"
	UCS2 SMSEncoding = "ucs2"
)

// SMS is a text as phones get it.
type SMS struct {
	Text     string
	Encoding SMSEncoding
	// Units are septets or UTF-16 units, Parts the messages that it is sent and paid as.
	Units, Parts int
}

// MeasureSMS returns how the text is sent as it is.
func MeasureSMS(value string) SMS {
	s := SMS{Text: value, Encoding: GSM7}
	if strings.ContainsFunc(value, func(r rune) bool { return gsmUnits(r) == 0 }) {
		s.Encoding = UCS2
	}
	s.Units, s.Parts = s.Encoding.measure(value)
	return s
}

// FitSMS brings the text into at most so many parts, behind the sign that a provider puts
// before it: without control characters; with plain dots and quotes where these make it
// GSM-7; cut where people see a character end. The text comes back without the sign.
func FitSMS(sign, value string, parts int) SMS {
	value = strings.Map(printable, strings.ToValidUTF8(value, "\uFFFD"))
	if plain := plainMarks.Replace(value); MeasureSMS(sign+plain).Encoding == GSM7 {
		value = plain
	}
	s := MeasureSMS(sign + value)
	if s.Parts > parts {
		s = cutSMS(s, sign, value, parts)
	}
	s.Text = strings.TrimPrefix(s.Text, sign)
	return s
}

// plainMarks are what people's keyboards and editors make of GSM-7's own marks.
var plainMarks = strings.NewReplacer(Mark, "...", "‘", "'", "’", "'", "‚", "'", "‛", "'", "“", `"`, "”", `"`, "„", `"`, "‟", `"`)

func printable(r rune) rune {
	switch {
	case r == '\n':
		return r
	case r == '\t', r == '\r':
		return ' '
	case unicode.IsControl(r):
		return -1
	}
	return r
}

// cutSMS keeps the encoding of the whole text.
func cutSMS(s SMS, sign, value string, parts int) SMS {
	mark := Mark
	if s.Encoding == GSM7 {
		mark = plainMarks.Replace(Mark)
	}
	head := func(n int) string { return sign + strings.TrimRightFunc(Head(value, n), unicode.IsSpace) + mark }
	tooLong := func(n int) bool {
		_, needed := s.Encoding.measure(head(n + 1))
		return needed > parts
	}
	s.Text = head(sort.Search(utf8.RuneCountInString(value), tooLong))
	s.Units, s.Parts = s.Encoding.measure(s.Text)
	return s
}

// measure counts units and parts. What takes two units stands in one part.
func (e SMSEncoding) measure(value string) (units, parts int) {
	alone, part, of := gsmAlone, gsmPart, gsmUnits
	if e == UCS2 {
		alone, part, of = ucsAlone, ucsPart, utf16.RuneLen
	}
	parts, used := 1, 0
	for _, r := range value {
		n := of(r)
		if units += n; used+n > part {
			parts, used = parts+1, 0
		}
		used += n
	}
	if units <= alone {
		parts = 1
	}
	return units, parts
}

// gsmUnits are the septets of the character; 0 when GSM-7 has none.
func gsmUnits(r rune) int {
	switch {
	case strings.ContainsRune(gsmBasic, r):
		return 1
	case strings.ContainsRune(gsmExtended, r):
		return 2
	}
	return 0
}
