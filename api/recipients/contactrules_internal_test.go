package recipients

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"belfry.dev/belfry/api/wire"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// nasty are runes that names are attacked with, beside any others.
var nasty = []rune(" \t\n\u00a0\u3000\u2003\u200b\u200d\ufeff\u202e\u2066\u00ad\u3164\u2800\ufe0f\U000e0041\u0301\u0308e王💥👨k\u212a\u1100\u1161\u0085\x00\x7f")

func TestNamesAreCheckedInWhateverSpelling(t *testing.T) {
	t.Parallel()
	texts := rapid.OneOf(
		rapid.String(),
		rapid.StringOfN(rapid.SampledFrom(nasty), 0, 24, -1),
		rapid.StringOfN(rapid.OneOf(rapid.SampledFrom(nasty), rapid.RuneFrom(nil, unicode.Han, unicode.Latin, unicode.Hangul)), 0, 24, -1),
	)
	rapid.Check(t, func(t *rapid.T) {
		name := texts.Draw(t, "name")
		if CheckName(name) != nil {
			return
		}
		if n := utf8.RuneCountInString(norm.NFC.String(name)); n < 1 || n > MaxContactName || strings.ContainsFunc(name, unicode.IsSpace) ||
			strings.ContainsFunc(name, unicode.IsControl) || wire.CheckLine(name) != "" {
			t.Fatalf("CheckName lets %q through", name)
		}
		if CheckName(norm.NFC.String(name)) != nil || CheckName(norm.NFD.String(name)) != nil {
			t.Fatalf("CheckName takes %q in one spelling and not in another", name)
		}
	})
}
