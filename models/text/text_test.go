package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"belfry.dev/belfry/models/text"
	"pgregory.net/rapid"
)

func TestALineKeepsWhatPeopleReadAndNothingElse(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"می\u200cخواهم":                        "می\u200cخواهم", // Persian
		"क्\u200dष":                            "क्\u200dष",     // Devanagari half form
		"👩\u200d👩\u200d👧 ok":                   "👩\u200d👩\u200d👧 ok",
		"\u0600١٢":                             "\u0600١٢", // the Arabic number sign is seen
		"葛\U000E0100城":                         "葛\U000E0100城",
		"a\r\nBcc: x\u2028y\u0085z":            "a Bcc: x y z",
		"  a \t\u00a0 b\u3000":                 "a b",
		"a\u202eb\u2066c\u200bd\ufeff":         "abcd",
		"a\u00adb\u180ec\U000E0041d":           "abcd",
		"\u3164\uffa0\u115f\u2800\u034f":       "",
		"\u200c\u200d":                         "",
		"a \u200d b":                           "a b",
		"\x00\x1b[31mx\x7f\u009b":              "[31mx",
		"a\xffb":                               "ab",
		"=?utf-8?q?=E2=80=AEevil?=":            "=?utf-8?q?=E2=80=AEevil?=",
		"e\u0301 and é stay as they are\u200e": "e\u0301 and é stay as they are",
	} {
		if got := text.Line(value); got != want {
			t.Errorf("Line(%+q) = %+q, want %+q", value, got, want)
		}
	}
}

// TestCuttingVectors holds the public vectors for cutting at byte limits.
func TestCuttingVectors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, want string
		limit, bytes     int
	}{
		{"chinese at 2048", strings.Repeat("告", 700), strings.Repeat("告", 681) + "…", 2048, 2046},
		{"ascii then chinese", strings.Repeat("a", 2045) + "告警", strings.Repeat("a", 2045) + "…", 2048, 2048},
		{"emoji on the edge", strings.Repeat("a", 2044) + "😀b", strings.Repeat("a", 2044) + "…", 2048, 2047},
		{"chinese at 4096", strings.Repeat("告", 1400), strings.Repeat("告", 1364) + "…", 4096, 4095},
		{"fits exactly", strings.Repeat("告", 2), "告告", 6, 6},
		{"no room for the mark", "告告", "", 2, 0},
		{"zero", "abc", "", 0, 0},
		{"broken UTF-8", "a\xffb", "a\uFFFDb", 10, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := text.CutBytes(c.text, c.limit); got != c.want || len(got) != c.bytes {
				t.Errorf("CutBytes(%d bytes, %d) = %d bytes %.20q…, want %d bytes", len(c.text), c.limit, len(got), got, c.bytes)
			}
		})
	}
}

func TestCutsEndWherePeopleSeeACharacterEnd(t *testing.T) {
	t.Parallel()
	const family, flag, skin = "👨\u200d👩\u200d👧\u200d👦", "🇨🇳", "👍🏽"
	for _, c := range []struct {
		value, want string
		limit       int
	}{
		{"ab" + family + "c", "ab…", 8},
		{"ab" + family + "c", "ab" + family + "c", 10},
		{"ab" + family + "cd", "ab" + family + "…", 10},
		{"a" + flag + flag, "a…", 3},
		{"a" + flag + flag, "a" + flag + "…", 4},
		{"a" + skin + "b", "a…", 3},
		{"e\u0301e\u0301e\u0301", "e\u0301…", 4},
		{"नमस्ते", "नम…", 5},                                               // the conjunct is one character
		{"\u1100\u1161\u11a8\u1100\u1161\u11a8", "\u1100\u1161\u11a8…", 5}, // Hangul in three letters each
		{"one two three", "one…", 5},
		{"告警告警", "告警…", 3},
		{"abc", "abc", 3},
		{"abcd", "ab…", 3},
		{"abcd", "", 0},
	} {
		if got := text.Cut(c.value, c.limit); got != c.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.value, c.limit, got, c.want)
		}
	}
	if got := text.CutBytes("ab"+family, 12); got != "ab…" {
		t.Errorf("CutBytes() = %q, want the whole family gone", got)
	}
	if got := text.Head("ab"+flag, 3); got != "ab" {
		t.Errorf("Head() = %q, want the whole flag gone", got)
	}
	if got := text.HeadBytes("ab"+flag, 9); got != "ab" {
		t.Errorf("HeadBytes() = %q, want the whole flag gone", got)
	}
}

// A letter under ten thousand accents is no character: it must not take the text with it.
func TestAHeapOfAccentsIsCutLikeAnyText(t *testing.T) {
	t.Parallel()
	if got := text.Cut("ab"+strings.Repeat("\u0301", 10000), 50); utf8.RuneCountInString(got) != 50 {
		t.Errorf("Cut() = %d code points, want 50", utf8.RuneCountInString(got))
	}
}

func TestCutsKeepTheirLimitAndUTF8(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value, limit := rapid.String().Draw(t, "text"), rapid.IntRange(0, 40).Draw(t, "limit")
		for _, got := range []string{text.Cut(value, limit), text.Head(value, limit)} {
			if utf8.RuneCountInString(got) > limit || !utf8.ValidString(got) {
				t.Fatalf("%q cut to %d code points is %q", value, limit, got)
			}
		}
		for _, got := range []string{text.CutBytes(value, limit), text.HeadBytes(value, limit)} {
			if len(got) > limit || !utf8.ValidString(got) {
				t.Fatalf("%q cut to %d bytes is %q", value, limit, got)
			}
		}
	})
}
