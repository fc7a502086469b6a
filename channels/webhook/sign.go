package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

const secretPrefix = "whsec_"

// newSecret returns a fresh signing secret: 32 random bytes in the form that
// Standard Webhooks libraries take.
func newSecret() (string, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return "", err
	}
	return secretPrefix + base64.StdEncoding.EncodeToString(key), nil
}

// checkSecret takes 24 to 64 bytes in base64, with or without the prefix.
func checkSecret(value string) (string, string) {
	if key, err := keyOf(value); err != nil || len(key) < 24 || len(key) > 64 {
		return "invalid-secret", `"whsec_" and the base64 form of 24 to 64 bytes.`
	}
	return "", ""
}

func keyOf(secret string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
}

// sign returns one signature over exactly the bytes that are sent.
// Source: Standard Webhooks, symmetric signatures (v1).
func sign(secret, id string, timestamp time.Time, body []byte) (string, error) {
	key, err := keyOf(secret)
	if err != nil {
		return "", fmt.Errorf("decode a signing secret: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s.%d.", id, timestamp.Unix()) // a hash never fails to write
	_, _ = mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}
