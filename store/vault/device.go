package vault

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// A device's token is "bd_" and the base32 form of when it ends (8 bytes, seconds), its id
// (16 bytes, random) and a signature that binds both to the user (32 bytes).
const (
	devicePrefix = "bd_"
	deviceHead   = 8 + 16
	deviceSize   = deviceHead + 32
)

var deviceCoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// KnowDevice returns a token that lets a device prove until the instant that the user signed
// in on it. It is no credential: it only says that somebody there knew the password once.
func (v *Keys) KnowDevice(user string, until time.Time) string {
	raw := make([]byte, deviceHead, deviceSize)
	binary.BigEndian.PutUint64(raw, uint64(until.Unix())) //nolint:gosec // after 1970
	_, _ = rand.Read(raw[8:])                             // never fails; it ends the program instead
	raw = append(raw, v.MAC("device", user, string(raw))...)
	return devicePrefix + strings.ToLower(deviceCoding.EncodeToString(raw))
}

// KnownDevice returns the device's id, and whether KnowDevice made the token for this user
// and it has not ended at now.
func (v *Keys) KnownDevice(user, token string, now time.Time) (id string, known bool) {
	text, found := strings.CutPrefix(token, devicePrefix)
	raw, err := deviceCoding.DecodeString(strings.ToUpper(text))
	if !found || err != nil || len(raw) != deviceSize || user == "" {
		return "", false
	}
	head, signature := raw[:deviceHead], raw[deviceHead:]
	if !hmac.Equal(signature, v.MAC("device", user, string(head))) {
		return "", false
	}
	until := time.Unix(int64(binary.BigEndian.Uint64(head)), 0) //nolint:gosec // signed: it is ours
	return deviceCoding.EncodeToString(head[8:]), now.Before(until)
}
