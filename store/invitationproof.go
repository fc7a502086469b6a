package store

import (
	"context"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/vault"
)

const linkNamesNone = "a link names no account"

// LinkedInvitation returns what a link's token is of; not-found when it is of
// nothing. Indexes: invitations_token, replaced_links primary key, primary keys.
func (h Proofs) LinkedInvitation(ctx context.Context, token string) (models.Proof, error) {
	var p models.Proof
	var err error
	hash := vault.HashToken(token)
	p.Invitation, err = h.s.Platform().invitationByToken(ctx, hash)
	if models.CodeOf(err) == models.CodeNotFound {
		p.Replaced = true
		p.Invitation, err = h.s.Platform().invitationByReplaced(ctx, hash)
	}
	if err != nil {
		return p, err
	}
	contact, address, err := h.InvitationTarget(ctx, p.Invitation)
	if err != nil {
		return p, err
	}
	p.Address, p.Language = address, contact.Language
	if p.Language == "" {
		p.Language, err = h.s.Deliveries().AccountLanguage(ctx, p.Invitation.AccountID)
	}
	return p, err
}

func (p Platform) invitationByToken(ctx context.Context, hash []byte) (models.Invitation, error) {
	var i models.Invitation
	err := p.rows(ctx, linkNamesNone).Omit("sealed").Where("token_hash = ?", hash).Take(&i).Error
	return i, failed("find invitation", err)
}

func (p Platform) invitationByReplaced(ctx context.Context, hash []byte) (models.Invitation, error) {
	var link replacedLink
	if err := p.rows(ctx, linkNamesNone).Where("token_hash = ?", hash).Take(&link).Error; err != nil {
		return models.Invitation{}, failed("find replaced link", err)
	}
	return byID[models.Invitation](ctx, Scope{account: link.AccountID, db: p.db, vault: p.vault, now: p.now}, link.InvitationID)
}

// CountGuess counts a guess at the invitation's code before anybody compares it, and
// returns the invitation as it stands then. However many come at once, no more than
// tries are counted for one code. Codes: token-expired when there is no code any
// more; locked when all tries were used.
func (h Proofs) CountGuess(ctx context.Context, account models.AccountID, id string, tries int) (models.Invitation, error) {
	var i models.Invitation
	err := h.s.Write(ctx, func(tx *Tx) error {
		scope := tx.In(account)
		result := scope.rows(ctx).Model(&models.Invitation{}).
			Where("id = ? AND state = ? AND code_hash IS NOT NULL", id, models.InvitationPending).
			Where("code_expires_at > ? AND code_tries < ?", tx.now, tries).
			Updates(map[string]any{"code_tries": increment("code_tries")})
		if result.Error != nil {
			return failed("count guess", result.Error)
		}
		var err error
		i, err = byID[models.Invitation](ctx, scope.Scope, id)
		switch {
		case models.CodeOf(err) == models.CodeNotFound:
			return expired()
		case err != nil || result.RowsAffected == 1:
			return err
		}
		if i.State == models.InvitationPending && i.CodeHash != nil && i.CodeExpiresAt.After(tx.now) {
			return models.Errorf(models.CodeLocked, "Too many wrong tries. Please have a new code sent.")
		}
		return expired()
	})
	return i, err
}

func expired() *models.Error {
	return models.Errorf(models.CodeExpired, "This confirms nothing any more. Please have a new code sent.")
}

// GuessFits reports in constant time whether the code is the invitation's.
func (h Proofs) GuessFits(i models.Invitation, code string) bool {
	return len(i.CodeHash) > 0 && h.s.vault.CheckMAC(i.CodeHash, "invitation code", i.ID, code)
}

// Confirm makes the address verified that the proof is of: the invitation
// as it stood when somebody showed its link or its code. It returns the contact
// before and after. Code token-expired: it ended meanwhile, or another round began.
func (h TxInvitations) Confirm(ctx context.Context, proof models.Invitation) (before, after models.Contact, err error) {
	i, err := h.lockInvited(ctx, proof.ID)
	if err != nil {
		return before, after, err
	}
	a, err := h.invited(ctx, i)
	if err != nil {
		return before, after, err
	}
	current := i.State == models.InvitationPending && i.Round == proof.Round && !i.Waits() && !i.Over(h.tx.now())
	if !current || a.State != models.AddressPending {
		return before, after, expired()
	}
	if err := h.end(ctx, models.EventConfirm, []string{i.ID}); err != nil {
		return before, after, err
	}
	if before, after, err = h.tx.Contacts().prove(ctx, i.ContactID, i.AddressID, models.AddressVerified); err != nil {
		return before, after, err
	}
	return before, after, h.tx.wakes().wake(ctx, models.EntityInvitation, i.ID)
}
