package store

import (
	"context"

	"belfry.dev/belfry/models"
)

// Letter shows tests what the messages of the invitation carry.
func (s *Store) Letter(ctx context.Context, account models.AccountID, id string) (models.Letter, error) {
	i, err := s.Proofs().OpenInvitation(ctx, account, id)
	if err != nil {
		return models.Letter{}, err
	}
	return s.vault.OpenLetter(i)
}
