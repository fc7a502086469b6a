package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"belfry.dev/belfry/models/text"
)

// TestPartsOfTextMessages: GSM-7 160 and 153, UCS-2 70 and 67, extended characters twice, and
// no pair in two parts.
func TestPartsOfTextMessages(t *testing.T) {
	t.Parallel()
	a, gao := func(n int) string { return strings.Repeat("a", n) }, func(n int) string { return strings.Repeat("告", n) }
	for value, want := range map[string]int{
		"": 1, a(160): 1, a(161): 2, a(306): 2, a(307): 3, a(159) + "€": 2, a(158) + "€": 1, a(159) + "…": 3,
		gao(70): 1, gao(71): 2, gao(134): 2, gao(135): 3, gao(69) + "😀": 2, gao(68) + "😀": 1, gao(66) + "😀" + gao(66): 3, gao(65) + "😀" + gao(67): 2,
		"【云】" + gao(67): 1, "【云】" + gao(68): 2, a(70) + "`": 2, a(69) + "`": 1, a(152) + "€" + a(152): 3, a(151) + "€" + a(153): 2,
	} {
		if got := text.MeasureSMS(value).Parts; got != want {
			t.Errorf("%d characters %.12q… are %d parts, want %d", utf8.RuneCountInString(value), value, got, want)
		}
	}
	for _, r := range `^{}\[~]|€` {
		if got := text.MeasureSMS(string(r)); got.Units != 2 || got.Encoding != text.GSM7 {
			t.Errorf("%q counts %d in %s, want 2 in gsm7", r, got.Units, got.Encoding)
		}
	}
	if got := text.MeasureSMS("`"); got.Encoding != text.UCS2 {
		t.Errorf("a backtick is %s", got.Encoding)
	}
}

func TestTextMessagesFitTheirParts(t *testing.T) {
	t.Parallel()
	family := "👨‍👩‍👧‍👦"
	for name, c := range map[string]struct {
		sign, value string
		parts       int
		want        string
		encoding    text.SMSEncoding
		used        int
	}{
		"as it is":           {"", "Disk full", 3, "Disk full", text.GSM7, 1},
		"marks become plain": {"", "“It’s full…”", 1, `"It's full..."`, text.GSM7, 1},
		"marks stay":         {"", "“磁盘满…”", 1, "“磁盘满…”", text.UCS2, 1},
		"no controls":        {"", "a\x00b\tc\r\nd", 1, "ab c \nd", text.GSM7, 1},
		"cut in GSM-7":       {"", strings.Repeat("a", 161), 1, strings.Repeat("a", 157) + "...", text.GSM7, 1},
		"cut in UCS-2":       {"", strings.Repeat("告", 71), 1, strings.Repeat("告", 69) + "…", text.UCS2, 1},
		"the sign counts":    {"【云】", strings.Repeat("告", 68), 1, strings.Repeat("告", 66) + "…", text.UCS2, 1},
		"the sign's marks":   {"[x]", strings.Repeat("a", 160), 1, strings.Repeat("a", 152) + "...", text.GSM7, 1},
		"a family stays":     {"", strings.Repeat("告", 58) + family + "告告", 1, strings.Repeat("告", 58) + family + "…", text.UCS2, 1},
		"a family goes":      {"", strings.Repeat("告", 59) + family + "告告", 1, strings.Repeat("告", 59) + "…", text.UCS2, 1},
		"two parts":          {"", strings.Repeat("告", 135), 2, strings.Repeat("告", 133) + "…", text.UCS2, 2},
	} {
		got := text.FitSMS(c.sign, c.value, c.parts)
		if got.Text != c.want || got.Encoding != c.encoding || got.Parts != c.used {
			t.Errorf("%s: FitSMS() = %q, %s, %d parts, want %q, %s, %d", name, got.Text, got.Encoding, got.Parts, c.want, c.encoding, c.used)
		}
	}
}

// FuzzFitSMS: what comes out is whole characters in at most the parts.
func FuzzFitSMS(f *testing.F) {
	for _, seed := range []string{"", "a€", "告😀", "“…”", strings.Repeat("👨‍👩‍👧‍👦", 30), strings.Repeat("a\u0301", 200)} {
		f.Add(seed, 1)
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, value string, parts int) {
		parts = 1 + (parts&0x7)%5
		got := text.FitSMS("", value, parts)
		if got.Parts > parts || !utf8.ValidString(got.Text) || got.Parts < text.MeasureSMS(got.Text).Parts {
			t.Fatalf("FitSMS(%q, %d) = %q in %d parts, measured %+v", value, parts, got.Text, got.Parts, text.MeasureSMS(got.Text))
		}
	})
}
