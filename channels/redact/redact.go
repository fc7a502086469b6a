// Package redact takes secrets out of what providers answer.
package redact

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"belfry.dev/belfry/models/text"
)

const redacted = "[redacted]"

// Words returns the words on one line, in at most limit bytes and without the secrets, in
// whatever spelling they come back.
func Words(words string, limit int, secrets []string) string {
	all := spellings(secrets)
	words = hide(strings.ToValidUTF8(words, "\uFFFD"), all)
	// Once more: what goes from a line may have stood inside a secret.
	return text.CutBytes(hide(text.Line(words), all), limit)
}

func hide(words string, secrets []string) string {
	for _, s := range secrets {
		words = strings.ReplaceAll(words, s, redacted)
	}
	return words
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
