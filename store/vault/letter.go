package vault

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"

	"belfry.dev/belfry/models"
)

const letterPlace = "invitation"

// OpenLetter reads link and code. It fails for an invitation that has none.
func (v *Keys) OpenLetter(i models.Invitation) (models.Letter, error) {
	plain, err := v.Open(i.Sealed, letterPlace, i.ID)
	if err != nil {
		return models.Letter{}, fmt.Errorf("invitation %s: %w", i.ID, err)
	}
	parts, err := split(plain)
	if err != nil || len(parts) != 2 {
		return models.Letter{}, fmt.Errorf("invitation %s: its letter is none", i.ID)
	}
	return models.Letter{Invitation: i, Token: parts[0], Code: parts[1]}, nil
}

// SealLetter seals what OpenLetter reads.
func (v *Keys) SealLetter(invitation string, l models.Letter) []byte {
	return v.Seal(joined([]string{l.Token, l.Code}), letterPlace, invitation)
}

// tokenSize is the length of a link's token: 256 random bits.
const tokenSize = 32

// NewToken returns a link's token.
func NewToken() string {
	raw := make([]byte, tokenSize)
	_, _ = rand.Read(raw) // never fails; it ends the program instead
	return base64.RawURLEncoding.EncodeToString(raw)
}

// HashToken is what is stored of a token.
func HashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// NewCode returns six random digits.
func NewCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", fmt.Errorf("make a code: %w", err)
	}
	return fmt.Sprintf("%06d", n), nil
}

// HashCode binds the code to the invitation. The key, which the database does not
// have, stands for a slow hash: six digits are guessed in no time otherwise.
func (v *Keys) HashCode(invitation, code string) []byte {
	return v.MAC("invitation code", invitation, code)
}
