package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"

	"belfry.dev/belfry/models"
)

const letterPlace = "invitation"

// openLetter reads link and code. It fails for an invitation that has none.
func (v *Vault) openLetter(i models.Invitation) (models.Letter, error) {
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

// tokenSize is the length of a link's token: 256 random bits.
const tokenSize = 32

func newToken() string {
	raw := make([]byte, tokenSize)
	_, _ = rand.Read(raw) // never fails; it ends the program instead
	return base64.RawURLEncoding.EncodeToString(raw)
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// newCode returns six random digits.
func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", fmt.Errorf("make a code: %w", err)
	}
	return fmt.Sprintf("%06d", n), nil
}

// hashCode binds the code to the invitation. The key, which the database does not
// have, stands for a slow hash: six digits are guessed in no time otherwise.
func (v *Vault) hashCode(invitation, code string) []byte {
	return v.MAC("invitation code", invitation, code)
}

// dispatchInvitation adds what the message of an invitation carries. Index: primary
// key.
func (h Deliveries) dispatchInvitation(ctx context.Context, sc Scope, d *models.Dispatch) error {
	i, err := byID[models.Invitation](ctx, sc, d.Notification.SubjectID)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	d.Letter = &models.Letter{Invitation: i}
	if len(i.Sealed) == 0 {
		return nil
	}
	letter, err := h.s.vault.openLetter(i)
	if err != nil {
		return err
	}
	d.Letter = &letter
	return nil
}
