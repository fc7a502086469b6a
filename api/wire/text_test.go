package wire_test

import (
	"testing"

	"belfry.dev/belfry/api/wire"
)

func TestCheckLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                        "",
		"Zoë 王小明 O'Brien":         "",
		"a b":                     "",
		"👨\u200d👩\u200d👧\u200d👦":  "",
		"❤\ufe0f":                 "",
		"🏳\ufe0f\u200d🌈":          "",
		"1\ufe0f\u20e3":           "",
		"👍🏽":                      "",
		"Ｆｕｌｌ ＝１":                 "",
		"K ſ ﬀ ı İ":               "",
		"{{.}} ${x} <script> %00": "",
		" a":                      wire.CodeUntrimmed,
		"a ":                      wire.CodeUntrimmed,
		"a\u00a0":                 wire.CodeUntrimmed,
		"\u3000a":                 wire.CodeUntrimmed,
		" ":                       wire.CodeBlank,
		"\u00a0\u2003":            wire.CodeBlank,
		"a\tb":                    wire.CodeInvalidCharacters,
		"a\nb":                    wire.CodeInvalidCharacters,
		"a\rb":                    wire.CodeInvalidCharacters,
		"a\x00b":                  wire.CodeInvalidCharacters,
		"a\x1bb":                  wire.CodeInvalidCharacters,
		"a\x7fb":                  wire.CodeInvalidCharacters,
		"a\u0085b":                wire.CodeInvalidCharacters,
		"a\u2028b":                wire.CodeInvalidCharacters,
		"a\u2029b":                wire.CodeInvalidCharacters,
		"a\u202eb":                wire.CodeInvalidCharacters,
		"a\u2066b":                wire.CodeInvalidCharacters,
		"a\u200bb":                wire.CodeInvalidCharacters,
		"a\u200db":                wire.CodeInvalidCharacters,
		"a\u200d":                 wire.CodeInvalidCharacters,
		"a\u200cb":                wire.CodeInvalidCharacters,
		"\ufeffa":                 wire.CodeInvalidCharacters,
		"a\u00adb":                wire.CodeInvalidCharacters,
		"a\U000e0041b":            wire.CodeInvalidCharacters,
		"a\ufe0fb":                wire.CodeInvalidCharacters,
		"a\u034fb":                wire.CodeInvalidCharacters,
		"\u3164":                  wire.CodeInvalidCharacters,
		"\u2800":                  wire.CodeInvalidCharacters,
		"a\uffffb":                wire.CodeInvalidCharacters,
		"a\xffb":                  wire.CodeInvalidCharacters,
	} {
		if got := wire.CheckLine(text); got != want {
			t.Errorf("CheckLine(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestCheckTextKeepsLinesAndDirections(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" a\r\n\tb \u202eabc\u200b": "",
		"a\x00":                     wire.CodeInvalidCharacters,
		"a\x1b[31m":                 wire.CodeInvalidCharacters,
		"a\u0085":                   wire.CodeInvalidCharacters,
	} {
		if got := wire.CheckText(text); got != want {
			t.Errorf("CheckText(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestCheckSecretLetsSpacesPass(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{" a b ": "", "a\nb": wire.CodeInvalidCharacters} {
		if got := wire.CheckSecret(text); got != want {
			t.Errorf("CheckSecret(%q) = %q, want %q", text, got, want)
		}
	}
}
