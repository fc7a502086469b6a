package channels_test

import (
	"strings"
	"testing"

	"belfry.dev/belfry/channels"
)

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
	if got := target.Words("before tok-\u200b1234\x005678 after"); strings.Contains(got, "tok-12345678") {
		t.Errorf("Words() = %q: what was taken out of it shows a secret", got)
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
	if strings.ContainsAny(got, "\r\n\x00\x1b\u202e\u200b") || len(got) > 1024 || !strings.HasPrefix(got, "a b[31mcde ") {
		t.Errorf("Words() = %d bytes, %.40q", len(got), got)
	}
	if got := target.Code(strings.Repeat("x", 100)); len(got) > 64 {
		t.Errorf("Code() = %d bytes, want at most 64", len(got))
	}
}
