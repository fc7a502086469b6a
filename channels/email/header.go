package email

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// header are the fields of a mail in their order, each as it is sent: "Name: value\r\n".
type header []string

// Limits of a line, in bytes. Source: RFC 5322, 2.1.1; RFC 2047, 2.
const (
	maxLine = 76
	maxWord = 75
)

// add appends a field of tokens, which may not hold white space. Lines end between tokens
// only, and never before the first: a first line without a value is unreadable to some.
func (h *header) add(name string, tokens ...string) {
	*h = append(*h, fold(name, tokens)+"\r\n")
}

func fold(name string, tokens []string) string {
	var b strings.Builder
	b.WriteString(name + ":")
	used := b.Len()
	for i, token := range tokens {
		if i > 0 && used+1+len(token) > maxLine {
			b.WriteString("\r\n")
			used = 0
		}
		b.WriteString(" " + token)
		used += 1 + len(token)
	}
	return b.String()
}

// unstructured returns the tokens of free text for the named field. Text that is not plain
// becomes encoded words, and so does what a reader would take for one: it decodes to what
// stands here, and no further.
func unstructured(name, value string) []string {
	if plain(value) {
		return strings.Fields(value)
	}
	return encodedWords(value, maxWord-len(name)-len(": "))
}

// phrase returns the tokens of a person's or a platform's name for the named field.
func phrase(name, value string) []string {
	if !plain(value) {
		return encodedWords(value, maxWord-len(name)-len(": "))
	}
	if strings.IndexFunc(value, func(r rune) bool { return r != ' ' && !atomic(r) }) < 0 {
		return strings.Fields(value)
	}
	return []string{`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`}
}

// plain reports whether the text may stand in a header as it is.
func plain(value string) bool {
	return strings.IndexFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) < 0 && !strings.Contains(value, "=?")
}

// atomic reports whether a rune needs no quotes in a name. Source: RFC 5322, 3.2.3.
func atomic(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

const (
	wordBegin = "=?utf-8?b?"
	wordEnd   = "?="
)

// encodedWords spells the text in encoded words of whole code points: the first has at most
// room bytes, since the field's name stands before it, the others fill a line. Blanks
// between the words count for nothing. Source: RFC 2047, sections 2, 5 and 6.2.
func encodedWords(value string, room int) []string {
	var words []string
	for value != "" {
		size := (room - len(wordBegin) - len(wordEnd)) / 4 * 3
		end := 0
		for i, r := range value {
			if i > 0 && i+utf8.RuneLen(r) > size {
				break
			}
			end = i + utf8.RuneLen(r)
		}
		words = append(words, wordBegin+base64.StdEncoding.EncodeToString([]byte(value[:end]))+wordEnd)
		value, room = value[end:], maxWord
	}
	return words
}
