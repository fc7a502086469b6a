package channels

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const ellipsis = "…"

// CutBytes returns text in at most limit bytes of UTF-8, cut between code
// points and ended by an ellipsis where something was cut. Invalid UTF-8
// becomes U+FFFD. Below 3 bytes there is no room for the ellipsis.
// Source: docs/channels.md#size (vectors in the tests).
func CutBytes(text string, limit int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= limit {
		return text
	}
	mark := ellipsis
	if limit < len(mark) {
		mark = ""
	}
	end := max(limit-len(mark), 0)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + mark
}

// CutRunes is CutBytes with a limit in code points.
func CutRunes(text string, limit int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	if limit < 1 {
		return ""
	}
	return string([]rune(text)[:limit-1]) + ellipsis
}

// Limits of what an attempt keeps of a provider's words, in bytes.
const (
	maxCode    = 64
	maxMessage = 1024
	redacted   = "[redacted]"
)

// Words returns a provider's words as an attempt may keep them: without control
// characters and secrets, at most 1,024 bytes. The secrets are those of the
// target and the further ones given, in plain, escaped and base64 spelling.
func (t Target) Words(text string, further ...string) string {
	return clean(text, maxMessage, append(t.secrets(), further...))
}

// Code is Words for a provider's code: at most 64 bytes.
func (t Target) Code(text string, further ...string) string {
	return clean(text, maxCode, append(t.secrets(), further...))
}

func clean(text string, limit int, secrets []string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	for _, s := range spellings(secrets) {
		text = strings.ReplaceAll(text, s, redacted)
	}
	text = strings.Map(visible, text)
	return CutBytes(strings.Join(strings.Fields(text), " "), limit)
}

// visible turns white space and control characters into spaces and drops
// characters that change how others are shown.
func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r), unicode.IsControl(r):
		return ' '
	case unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}

// minSecret is the shortest text worth hiding; hiding shorter ones would make
// every answer unreadable and hide nothing.
const minSecret = 4

// spellings returns the ways in which the secrets may come back, longest first
// so that a part never spoils the whole.
func spellings(secrets []string) []string {
	var out []string
	add := func(s string) {
		if len(s) < minSecret {
			return
		}
		quoted, _ := json.Marshal(s) // a string always encodes
		out = append(out, s, url.QueryEscape(s), url.PathEscape(s), string(quoted[1:len(quoted)-1]),
			base64.StdEncoding.EncodeToString([]byte(s)), base64.URLEncoding.EncodeToString([]byte(s)))
	}
	for _, s := range secrets {
		add(s)
		for _, part := range parts(s) {
			add(part)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(out)
}

// parts returns what is secret on its own inside a secret: the path and the
// query of a URL, the values of header lines, a list's members.
func parts(secret string) []string {
	const worth = 8 // shorter path segments and words are ordinary text
	var out []string
	keep := func(s string) {
		if s = strings.TrimSpace(s); len(s) >= worth {
			out = append(out, s)
		}
	}
	if u, err := url.Parse(secret); err == nil && u.Host != "" {
		keep(u.RequestURI())
		for segment := range strings.SplitSeq(u.Path, "/") {
			keep(segment)
		}
		for _, values := range u.Query() {
			for _, v := range values {
				keep(v)
			}
		}
		return out
	}
	for line := range strings.SplitSeq(secret, "\n") {
		_, value, found := strings.Cut(line, ":")
		if !found {
			value = line
		}
		keep(value)
		for word := range strings.FieldsSeq(value) {
			keep(word)
		}
	}
	return append(out, strings.TrimPrefix(secret, "whsec_"))
}
