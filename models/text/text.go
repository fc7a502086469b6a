// Package text is the one rule for texts that others wrote: what a line may hold, and
// where a text may be cut. Whoever shows or sends a text asks it, so that what one room
// takes out no other lets in.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"golang.org/x/text/unicode/norm"
)

// Line makes one line of a text: white space of any kind becomes single blanks, none of
// them at either end; control and invisible characters go, and bytes that are no UTF-8.
// Joiners stay behind what they join.
func Line(value string) string {
	var b strings.Builder
	space := false
	for _, r := range strings.ToValidUTF8(value, "") {
		switch {
		case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029':
			space = b.Len() > 0
			continue
		case unicode.IsControl(r) || Invisible(r) || joiner(r) && (space || b.Len() == 0):
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Invisible reports whether a rune has no shape of its own and changes how others are
// read: zero-width characters, direction marks and overrides, byte order mark, tags,
// fillers. Not counted is what writing needs: the joiners of emoji, Persian and Indic
// scripts, variation selectors, and the number signs of Arabic, which are seen.
func Invisible(r rune) bool {
	switch {
	case r < 0x7F, joiner(r):
		return false
	case unicode.Is(unicode.Cf, r):
		return !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
	}
	return unicode.Is(filler, r)
}

func joiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

// filler are characters without a glyph that are not in category Cf.
// Source: Default_Ignorable_Code_Point of Unicode 15, and the blank Braille pattern.
var filler = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034F, Hi: 0x034F, Stride: 1}, // combining grapheme joiner
		{Lo: 0x115F, Hi: 0x1160, Stride: 1}, // Hangul fillers
		{Lo: 0x17B4, Hi: 0x17B5, Stride: 1}, // Khmer inherent vowels
		{Lo: 0x2065, Hi: 0x2065, Stride: 1},
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // blank Braille pattern
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
		{Lo: 0xFFA0, Hi: 0xFFA0, Stride: 1}, // half-width Hangul filler
		{Lo: 0xFFF0, Hi: 0xFFF8, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0xE0000, Hi: 0xE00FF, Stride: 1}, // tags and reserved
		{Lo: 0xE01F0, Hi: 0xE0FFF, Stride: 1},
	},
}

// Compose returns the text in the one spelling that texts are compared in: a letter with
// its marks as few code points as there are for it (NFC), however a keyboard or a file
// system spells it.
func Compose(value string) string { return norm.NFC.String(value) }

// Mark ends a text that was cut.
const Mark = "…"

// maxCluster is the longest run of combining characters that is kept whole, in bytes:
// the longest emoji needs 40. A longer one is no character of any script.
const maxCluster = 128

// Cut returns the text in at most limit code points. What is cut ends where people see a
// character end, without blanks, and is marked. Bytes that are no UTF-8 become U+FFFD.
func Cut(value string, limit int) string {
	value = strings.ToValidUTF8(value, "\uFFFD")
	if len(value) <= limit || utf8.RuneCountInString(value) <= limit {
		return value
	}
	return cut(value, limit, utf8.RuneCountInString)
}

// CutBytes is Cut with a limit in bytes of UTF-8. Below 3 bytes there is no room for
// the mark.
func CutBytes(value string, limit int) string {
	value = strings.ToValidUTF8(value, "\uFFFD")
	if len(value) <= limit {
		return value
	}
	return cut(value, limit, func(s string) int { return len(s) })
}

func cut(value string, limit int, size func(string) int) string {
	if limit < size(Mark) {
		return head(value, limit, size)
	}
	return strings.TrimRightFunc(head(value, limit-size(Mark), size), unicode.IsSpace) + Mark
}

// Head returns the beginning of the text in at most limit code points, up to where people
// see a character end, without a mark.
func Head(value string, limit int) string {
	return head(strings.ToValidUTF8(value, "\uFFFD"), limit, utf8.RuneCountInString)
}

// HeadBytes is Head with a limit in bytes of UTF-8.
func HeadBytes(value string, limit int) string {
	return head(strings.ToValidUTF8(value, "\uFFFD"), limit, func(s string) int { return len(s) })
}

func head(value string, limit int, size func(string) int) string {
	end, used := 0, 0
	for clusters := graphemes.FromString(value); clusters.Next(); {
		cluster := clusters.Value()
		if used += size(cluster); used > limit {
			if len(cluster) > maxCluster {
				end += fill(cluster, limit-used+size(cluster), size)
			}
			break
		}
		end = clusters.End()
	}
	return value[:end]
}

// fill returns how many bytes of the cluster fit, at a code point's end.
func fill(cluster string, room int, size func(string) int) int {
	for i, r := range cluster {
		if room -= size(string(r)); room < 0 {
			return i
		}
	}
	return len(cluster)
}
