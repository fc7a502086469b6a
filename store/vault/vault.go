// Package vault holds the keys that are derived from the configuration's secret, and what they
// seal: it knows no database.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
)

// SecretSize is the length of the configuration's secret, in bytes.
const SecretSize = 32

// sealedV1 is the first byte of what Seal returns: AES-256-GCM, nonce in front.
const sealedV1 = 1

// Keys are the keys derived from the configuration's secret.
type Keys struct {
	secret []byte
	aead   cipher.AEAD
	signer ed25519.PrivateKey
}

// New derives the keys by HKDF-SHA-256.
func New(secret []byte) (*Keys, error) {
	if len(secret) != SecretSize {
		return nil, fmt.Errorf("the secret key must be %d bytes long, not %d", SecretSize, len(secret))
	}
	v := &Keys{secret: append([]byte(nil), secret...)}
	key, err := v.derive("seal")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("prepare the vault: %w", err)
	}
	if v.aead, err = cipher.NewGCM(block); err != nil {
		return nil, fmt.Errorf("prepare the vault: %w", err)
	}
	seed, err := v.derive("operation log")
	if err != nil {
		return nil, err
	}
	v.signer = ed25519.NewKeyFromSeed(seed)
	return v, nil
}

func (v *Keys) derive(purpose string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, v.secret, nil, "belfry 1 "+purpose, 32)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	return key, nil
}

// Seal encrypts and authenticates plain for the place that it is stored at: the
// row's id and the field, say. Only Open with the same place reads it.
func (v *Keys) Seal(plain []byte, place ...string) []byte {
	sealed := make([]byte, 1+v.aead.NonceSize(), 1+v.aead.NonceSize()+len(plain)+v.aead.Overhead())
	sealed[0] = sealedV1
	_, _ = rand.Read(sealed[1:]) // never fails; it ends the program instead
	return v.aead.Seal(sealed, sealed[1:], plain, joined(place))
}

// Open decrypts what Seal returned. It fails when the secret, the place or a
// single bit differs.
func (v *Keys) Open(sealed []byte, place ...string) ([]byte, error) {
	head := 1 + v.aead.NonceSize()
	if len(sealed) < head || sealed[0] != sealedV1 {
		return nil, errors.New("open sealed value: unknown format")
	}
	plain, err := v.aead.Open(nil, sealed[1:head], sealed[head:], joined(place))
	if err != nil {
		return nil, errors.New("open sealed value: it was sealed with another secret or for another place")
	}
	return plain, nil
}

// MAC returns the HMAC-SHA-256 of the parts for the purpose: 32 bytes. Purposes
// have keys of their own, and parts are unambiguous.
func (v *Keys) MAC(purpose string, parts ...string) []byte {
	key, err := v.derive("mac " + purpose)
	if err != nil {
		panic(err) // the length is constant: it cannot fail
	}
	h := hmac.New(sha256.New, key)
	_, _ = h.Write(joined(parts)) // a hash never fails
	return h.Sum(nil)
}

// CheckMAC reports in constant time whether mac is MAC's answer.
func (v *Keys) CheckMAC(mac []byte, purpose string, parts ...string) bool {
	return hmac.Equal(mac, v.MAC(purpose, parts...))
}

// Sign returns the ed25519 signature of data.
func (v *Keys) Sign(data []byte) []byte { return ed25519.Sign(v.signer, data) }

// PublicKey returns the key that verifies what Sign returns.
func (v *Keys) PublicKey() ed25519.PublicKey {
	return v.signer.Public().(ed25519.PublicKey) //nolint:errcheck // what an ed25519 key answers
}

// KeyID names the public key: the first 8 bytes of its SHA-256, in hexadecimal.
func (v *Keys) KeyID() string {
	sum := sha256.Sum256(v.PublicKey())
	return hex.EncodeToString(sum[:8])
}

// joined writes each part after its length, so that no two lists are alike.
func joined(parts []string) []byte {
	var out []byte
	for _, part := range parts {
		out = binary.BigEndian.AppendUint64(out, uint64(len(part)))
		out = append(out, part...)
	}
	return out
}
