package wire

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
)

// Fingerprints compares requests without keeping them. The hash is keyed: the
// bodies may hold passwords, and a plain hash could be searched.
type Fingerprints struct {
	key []byte
}

// NewFingerprints returns Fingerprints over a secret key of at least 32 bytes.
func NewFingerprints(key []byte) Fingerprints { return Fingerprints{key: key} }

// Of returns the 32-byte fingerprint of a body and of what else makes the request
// (a query, a precondition). Bodies that mean the same have the same: the order of
// members, white space, escapes and the spelling of numbers do not count. A nil
// body differs from every JSON value.
func (f Fingerprints) Of(body *Value, parts ...string) []byte {
	canonical := ""
	if body != nil {
		canonical = Canonical(*body)
	}
	return keyedHash(f.key, append([]string{"fingerprint", canonical}, parts...)...)
}

// Scope returns the 32-byte hash of what an idempotency key is unique in.
func (f Fingerprints) Scope(parts ...string) []byte {
	return keyedHash(f.key, append([]string{"scope"}, parts...)...)
}

// Canonical writes a value in its one form: members sorted by key, no white
// space, strings as they are between length marks, numbers as digits and exponent.
// It is for comparing, not for reading back.
func Canonical(v Value) string {
	var b strings.Builder
	writeCanonical(&b, v)
	return b.String()
}

func writeCanonical(b *strings.Builder, v Value) {
	switch v.Kind {
	case Null, Bool:
		b.WriteString(v.Text)
	case Number:
		b.WriteString(canonicalNumber(v.Text))
	case String:
		writeString(b, v.Text)
	case Array:
		b.WriteByte('[')
		for _, item := range v.Items {
			writeCanonical(b, item)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case Object:
		b.WriteByte('{')
		members := slices.Clone(v.Members)
		slices.SortFunc(members, func(x, y Member) int { return cmp.Compare(x.Key, y.Key) })
		for _, m := range members {
			writeString(b, m.Key)
			b.WriteByte(':')
			writeCanonical(b, m.Value)
			b.WriteByte(',')
		}
		b.WriteByte('}')
	}
}

// writeString quotes s; a quote inside is doubled, so the end is unambiguous.
func writeString(b *strings.Builder, s string) {
	b.WriteByte('"')
	b.WriteString(strings.ReplaceAll(s, `"`, `""`))
	b.WriteByte('"')
}

// canonicalNumber writes a JSON number as significant digits, "e" and the
// exponent: 1200, 1.2e3 and 1200.0 are all "12e2"; zeros are "0".
func canonicalNumber(literal string) string {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(literal), "e")
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0"
	}
	scale := new(big.Int)
	if len(exponent) > 0 {
		scale.SetString(strings.TrimPrefix(exponent, "+"), 10)
	}
	trimmed := strings.TrimRight(digits, "0")
	scale.Add(scale, big.NewInt(int64(len(digits)-len(trimmed)-len(fraction))))
	sign := ""
	if negative {
		sign = "-"
	}
	return sign + trimmed + "e" + scale.String()
}
