package wire

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Codes of texts that are refused; they stand in models.Field.Code.
const (
	CodeInvalidCharacters = "invalid-characters"
	CodeUntrimmed         = "untrimmed"
	CodeBlank             = "blank"
)

// CheckLine checks a text of one line, such as a name, a title or an id: no
// control characters or line breaks, no invisible or direction-changing
// characters (zero-width, bidi controls, byte order mark, tags, soft hyphen,
// fillers), no white space around, and not only white space. It returns the code
// of what is wrong, "" when nothing is; the empty text is fine.
//
// A joiner or a variation selector passes inside an emoji: "👨‍👩‍👧".
func CheckLine(s string) string {
	if code := checkRunes(s, refusedInLine); code != "" {
		return code
	}
	trimmed := strings.TrimFunc(s, unicode.IsSpace)
	switch {
	case trimmed == s:
		return ""
	case trimmed == "":
		return CodeBlank
	}
	return CodeUntrimmed
}

// CheckText checks a text of several lines, such as a message's body: line feed,
// carriage return and tab may stand in it, other control characters may not.
// Invisible characters are kept; whoever shows the text isolates it.
func CheckText(s string) string {
	return checkRunes(s, func(_, r, _ rune) bool {
		return refusedControl(r) && r != '\n' && r != '\r' && r != '\t'
	})
}

// CheckSecret checks a password or another secret: everything passes but control
// characters.
func CheckSecret(s string) string {
	return checkRunes(s, func(_, r, _ rune) bool { return refusedControl(r) })
}

// checkRunes calls refused for each rune between its neighbours (0 at the ends).
func checkRunes(s string, refused func(before, r, after rune) bool) string {
	if !utf8.ValidString(s) {
		return CodeInvalidCharacters
	}
	var before rune
	for i, r := range s {
		after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
		if refused(before, r, after) {
			return CodeInvalidCharacters
		}
		before = r
	}
	return ""
}

// refusedControl is true of C0, DEL, C1 and noncharacters.
func refusedControl(r rune) bool {
	return unicode.Is(unicode.Cc, r) || r&0xFFFE == 0xFFFE || (r >= 0xFDD0 && r <= 0xFDEF)
}

func refusedInLine(before, r, after rune) bool {
	switch {
	case r < 0x7F && r >= 0x20:
		return false
	case r == '\u200D':
		return !inEmoji(before) || !pictograph(after)
	case r == '\uFE0F' || r == '\uFE0E':
		return !pictograph(before) && !keycap(before)
	}
	return refusedControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, invisible)
}

// inEmoji reports whether an emoji can go on after r.
func inEmoji(r rune) bool { return pictograph(r) || r == '\uFE0F' }

// pictograph is true of symbols and of the modifiers of an emoji's skin.
func pictograph(r rune) bool {
	return unicode.In(r, unicode.So, unicode.Sm) || (r >= 0x1F3FB && r <= 0x1F3FF)
}

func keycap(r rune) bool { return (r >= '0' && r <= '9') || r == '#' || r == '*' }

// invisible are characters without a glyph that are not in category Cf.
// Source: Default_Ignorable_Code_Point of Unicode 15, and the blank Braille pattern.
var invisible = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034F, Hi: 0x034F, Stride: 1}, // combining grapheme joiner
		{Lo: 0x115F, Hi: 0x1160, Stride: 1}, // Hangul fillers
		{Lo: 0x17B4, Hi: 0x17B5, Stride: 1}, // Khmer inherent vowels
		{Lo: 0x180B, Hi: 0x180F, Stride: 1}, // Mongolian selectors
		{Lo: 0x2065, Hi: 0x2065, Stride: 1},
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // blank Braille pattern
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
		{Lo: 0xFE00, Hi: 0xFE0D, Stride: 1}, // variation selectors
		{Lo: 0xFFA0, Hi: 0xFFA0, Stride: 1}, // half-width Hangul filler
		{Lo: 0xFFF0, Hi: 0xFFF8, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1BCA0, Hi: 0x1BCA3, Stride: 1}, // shorthand controls
		{Lo: 0x1D173, Hi: 0x1D17A, Stride: 1}, // musical controls
		{Lo: 0xE0000, Hi: 0xE0FFF, Stride: 1}, // tags, selectors and reserved
	},
}
