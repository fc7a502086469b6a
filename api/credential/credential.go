// Package credential is what people and machines sign in with, as they send it: tokens of
// sessions and access keys, which end in 32 random bytes in lower-case base32 of which only
// the SHA-256 is stored, and tokens of bells, which are stored nowhere.
package credential

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"strings"

	"belfry.dev/belfry/models"
)

// Cookie is the name of the cookie that a session in a browser has.
const Cookie = "__Host-belfry"

const (
	keyPrefix     = "bk_" // bk_<32 hexadecimal digits of the key's id>_<secret>
	sessionPrefix = "bs_" // bs_<secret>
	bellPrefix    = "bt_" // bt_<what the vault sealed>
)

var (
	keyPattern     = regexp.MustCompile(`^bk_([0-9a-f]{32})_([a-z2-7]{52})$`)
	sessionPattern = regexp.MustCompile(`^bs_([a-z2-7]{52})$`)
)

// NewSecret returns a random secret and its hash.
func NewSecret() (secret string, hash []byte) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails; it ends the program instead
	secret = strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
	return secret, Hash(secret)
}

// Hash is the SHA-256 of a secret: all that is stored of it.
func Hash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// OfKey is the token of an access key with the id.
func OfKey(id, secret string) string {
	return keyPrefix + strings.TrimPrefix(id, string(models.KindAccessKey)+"_") + "_" + secret
}

// Key takes the token of an access key apart; false for anything else.
func Key(token string) (id, secret string, ok bool) {
	m := keyPattern.FindStringSubmatch(token)
	if m == nil {
		return "", "", false
	}
	return string(models.KindAccessKey) + "_" + m[1], m[2], true
}

// IsBell reports whether the token is one of a bell.
func IsBell(token string) bool { return strings.HasPrefix(token, bellPrefix) }

// OfSession is the token of a session.
func OfSession(secret string) string { return sessionPrefix + secret }

// Session takes the token of a session apart; false for anything else.
func Session(token string) (secret string, ok bool) {
	m := sessionPattern.FindStringSubmatch(token)
	if m == nil {
		return "", false
	}
	return m[1], true
}
