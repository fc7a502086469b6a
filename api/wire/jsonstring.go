package wire

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string literal, whose opening quote is at hand. The data is known
// to be valid UTF-8.
func (p *parser) text() (string, error) {
	p.at++
	start := p.at
	for p.at < len(p.data) {
		switch c := p.data[p.at]; {
		case c == '"':
			text := string(p.data[start:p.at])
			p.at++
			return text, nil
		case c == '\\':
			return p.escaped(start)
		case c < 0x20:
			return "", p.fail("control-character", "A control character stands in a string without an escape.")
		}
		p.at++
	}
	return "", p.syntax()
}

// escaped continues text at the first backslash.
func (p *parser) escaped(start int) (string, error) {
	var b strings.Builder
	b.Write(p.data[start:p.at])
	for p.at < len(p.data) {
		c := p.data[p.at]
		switch {
		case c == '"':
			p.at++
			return b.String(), nil
		case c < 0x20:
			return "", p.fail("control-character", "A control character stands in a string without an escape.")
		case c != '\\':
			b.WriteByte(c)
			p.at++
			continue
		}
		r, err := p.escape()
		if err != nil {
			return "", err
		}
		b.WriteRune(r)
	}
	return "", p.syntax()
}

// escape reads one escape sequence, or the two of a surrogate pair.
func (p *parser) escape() (rune, error) {
	p.at++
	c := p.next()
	if i := strings.IndexByte(`"\/bfnrt`, c); c != 0 && i >= 0 {
		p.at++
		return rune("\"\\/\b\f\n\r\t"[i]), nil
	}
	if c != 'u' {
		return 0, p.syntax()
	}
	first, err := p.hex()
	if err != nil || !utf16.IsSurrogate(first) {
		return first, err
	}
	if p.next() == '\\' && p.at+1 < len(p.data) && p.data[p.at+1] == 'u' {
		p.at++
		second, err := p.hex()
		if err != nil {
			return 0, err
		}
		if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
			return r, nil
		}
	}
	return 0, p.fail("lone-surrogate", "An escape names half of a surrogate pair.")
}

// hex reads the four digits after \u; the u is at hand.
func (p *parser) hex() (rune, error) {
	p.at++
	if p.at+4 > len(p.data) {
		return 0, p.syntax()
	}
	digits := string(p.data[p.at : p.at+4])
	if strings.Trim(digits, "0123456789abcdefABCDEF") != "" {
		return 0, p.syntax()
	}
	n, err := strconv.ParseInt(digits, 16, 32)
	if err != nil {
		return 0, p.syntax()
	}
	p.at += 4
	return rune(n), nil
}
