package channels_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"belfry.dev/belfry/channels"
	"pgregory.net/rapid"
)

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
			if got := channels.CutBytes(c.text, c.limit); got != c.want || len(got) != c.bytes {
				t.Errorf("CutBytes(%d bytes, %d) = %d bytes %.20q…, want %d bytes", len(c.text), c.limit, len(got), got, c.bytes)
			}
		})
	}
}

func TestCuttingKeepsLimitAndUTF8(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, limit := rapid.String().Draw(t, "text"), rapid.IntRange(0, 40).Draw(t, "limit")
		if got := channels.CutBytes(text, limit); len(got) > limit || !utf8.ValidString(got) {
			t.Fatalf("CutBytes(%q, %d) = %q", text, limit, got)
		}
		if got := channels.CutRunes(text, limit); utf8.RuneCountInString(got) > limit || !utf8.ValidString(got) {
			t.Fatalf("CutRunes(%q, %d) = %q", text, limit, got)
		}
	})
}

func TestWordsHideSecretsInEverySpelling(t *testing.T) {
	t.Parallel()
	target := channels.Target{
		Provider: channels.Config{Settings: channels.Settings{Secrets: map[string]string{
			"password": `pa"ss wörd/+&`, "headers": "Authorization: Bearer tok-12345678\nX-A: b",
		}}},
		Bot: channels.Config{Settings: channels.Settings{Secrets: map[string]string{
			"url":    "https://hooks.example.com/services/T0001234/abcdefgh?key=zyxw9876vuts",
			"secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
		}}},
	}
	for _, leak := range []string{
		`pa"ss wörd/+&`, `pa\"ss wörd/+&`, "pa%22ss+w%C3%B6rd%2F%2B%26", "cGEic3Mgd8O2cmQvKyY=",
		"tok-12345678", "Bearer tok-12345678", "zyxw9876vuts", "/services/T0001234/abcdefgh", "abcdefgh", "T0001234",
		"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "signature-of-this-attempt",
	} {
		got := target.Words("before "+leak+" after", "signature-of-this-attempt")
		if strings.Contains(got, leak) || !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") {
			t.Errorf("Words(%q) = %q: a secret stays", leak, got)
		}
	}
}

func TestWordsAreCleanAndShort(t *testing.T) {
	t.Parallel()
	var target channels.Target
	got := target.Words("a\r\nb\x00\x1b[31mc\u202ed\u200be  " + strings.Repeat("告", 2000))
	if strings.ContainsAny(got, "\r\n\x00\x1b\u202e\u200b") || len(got) > 1024 || !strings.HasPrefix(got, "a b [31mcde ") {
		t.Errorf("Words() = %d bytes, %.40q", len(got), got)
	}
	if got := target.Code(strings.Repeat("x", 100)); len(got) > 64 {
		t.Errorf("Code() = %d bytes, want at most 64", len(got))
	}
}
