package store

import (
	"cmp"
	"context"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/vault"
	"gorm.io/gorm"
)

// replacedLink is the link of an earlier round: its page says so.
type replacedLink struct {
	TokenHash    []byte `gorm:"primaryKey"`
	AccountID    models.AccountID
	InvitationID string
	ExpiresAt    time.Time
}

// keepReplaced is for how long a replaced link is known after its end.
const keepReplaced = 30 * 24 * time.Hour

// Invitations reads the requests to prove the addresses of the account's contacts.
type Invitations struct{ sc Scope }

// Invitations returns the requests to prove the addresses of the account's contacts.
func (sc Scope) Invitations() Invitations { return Invitations{sc: sc} }

// TxInvitations reads and changes the requests to prove the addresses of the account's contacts, in a transaction.
type TxInvitations struct {
	Invitations
	tx TxScope
}

// Invitations returns the requests to prove the addresses of the account's contacts, inside the transaction.
func (tx TxScope) Invitations() TxInvitations {
	return TxInvitations{Invitations: tx.Scope.Invitations(), tx: tx}
}

// invite makes the invitation of an address that has just become pending, and wakes
// its workflow. Nothing is valid before that sends the first round.
func (h TxInvitations) invite(ctx context.Context, a models.Address, granted, resends int) (models.Invitation, error) {
	now := h.tx.now()
	i := models.Invitation{
		ID: NewID(models.KindInvitation), AccountID: h.tx.account, ContactID: a.ContactID, AddressID: a.ID,
		Channel: a.Channel, AddressKey: a.ValueKey, State: models.InvitationPending, Granted: granted, Resends: resends,
		CodeExpiresAt: now, LinkExpiresAt: now, SentAt: now, NextAt: &now, CreatedAt: now,
	}
	if err := h.tx.insert(ctx, &i); err != nil {
		return i, failed("create invitation", err)
	}
	return i, h.tx.wakes().wake(ctx, models.EntityInvitation, i.ID)
}

// cancel ends what is pending for the addresses, which are gone, other
// ones, waived or bounced now. Index: invitations_pending.
func (h TxInvitations) cancel(ctx context.Context, addressIDs ...string) error {
	if len(addressIDs) == 0 {
		return nil
	}
	var ids []string
	err := forUpdate(h.tx.rows(ctx)).Model(&models.Invitation{}).
		Where("pending_address IN ?", addressIDs).Order("id").Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return failed("find invitations", err)
	}
	if err := h.end(ctx, models.EventCancel, ids); err != nil {
		return err
	}
	return h.tx.wakes().wake(ctx, models.EntityInvitation, ids...)
}

// end lets the event end those that are pending, and forgets their codes.
func (h TxInvitations) end(ctx context.Context, event models.Event, ids []string) error {
	end, _ := models.InvitationLife().At(models.InvitationPending, event)
	err := h.tx.rows(ctx).Model(&models.Invitation{}).Where("id IN ? AND state = ?", ids, end.In).Updates(map[string]any{
		"state": end.To, "ended_at": h.tx.now(), "next_at": nil, "code_hash": nil, "sealed": nil,
	}).Error
	return failed("end invitations", err)
}

// Proofs is what the workflow of an invitation orders, and who proves an address.
type Proofs struct{ s *Store }

// Proofs returns what the workflow of an invitation orders, and who proves an address.
func (s *Store) Proofs() Proofs { return Proofs{s: s} }

// OpenInvitation returns the invitation. Index: primary key.
func (h Proofs) OpenInvitation(ctx context.Context, account models.AccountID, id string) (models.Invitation, error) {
	return byID[models.Invitation](ctx, h.s.In(account), id)
}

// InvitationTarget returns whom the invitation is for: the contact with the one
// address, which is zero when it is gone or another one now. Indexes: primary keys.
func (h Proofs) InvitationTarget(ctx context.Context, i models.Invitation) (models.Contact, models.Address, error) {
	sc := h.s.In(i.AccountID)
	contact, err := byID[models.Contact](ctx, sc, i.ContactID)
	if models.CodeOf(err) == models.CodeNotFound {
		return models.Contact{}, models.Address{}, nil
	}
	if err != nil {
		return contact, models.Address{}, err
	}
	a, err := sc.Invitations().invited(ctx, i)
	return contact, a, err
}

// invited returns the address of the invitation; zero when it is gone or another
// one now. Index: primary key.
func (h Invitations) invited(ctx context.Context, i models.Invitation) (models.Address, error) {
	a, err := byID[models.Address](ctx, h.sc, i.AddressID)
	if models.CodeOf(err) == models.CodeNotFound || err == nil && a.ValueKey != i.AddressKey {
		return models.Address{}, nil
	}
	return a, err
}

// ByAddress returns the newest invitation of each address, by address. Index:
// invitations_address.
func (h Invitations) ByAddress(ctx context.Context, addressIDs ...string) (map[string]models.Invitation, error) {
	return newestInvitations(h.sc.rows(ctx), addressIDs)
}

// newestInvitations returns the newest of q's rows of each address, by address, in one
// query. Index: invitations_address.
func newestInvitations(q *gorm.DB, addressIDs []string) (map[string]models.Invitation, error) {
	newest := map[string]models.Invitation{}
	if len(addressIDs) == 0 {
		return newest, nil
	}
	var rows []models.Invitation
	if err := q.Omit("sealed").Where("address_id IN ?", addressIDs).Find(&rows).Error; err != nil {
		return nil, failed("read invitations", err)
	}
	for _, row := range rows {
		known, some := newest[row.AddressID]
		if !some || cmp.Or(known.CreatedAt.Compare(row.CreatedAt), cmp.Compare(known.ID, row.ID)) < 0 {
			newest[row.AddressID] = row
		}
	}
	return newest, nil
}

// InvitedAddress returns the contact's address with its newest invitation, which is
// zero when there was none. Indexes: primary key, invitations_address.
func (h Invitations) InvitedAddress(ctx context.Context, contactID, addressID string) (models.Address, models.Invitation, error) {
	a, err := one[models.Address]("read address", h.sc.rows(ctx).Where("contact_id = ?", contactID), addressID)
	if err != nil {
		return a, models.Invitation{}, err
	}
	newest, err := h.ByAddress(ctx, addressID)
	return a, newest[addressID], err
}

// lockInvited locks the contact of the invitation, so that everything that changes
// its addresses happens one after the other, and returns the invitation as it
// stands then. Indexes: primary keys.
func (h TxInvitations) lockInvited(ctx context.Context, id string) (models.Invitation, error) {
	i, err := byID[models.Invitation](ctx, h.tx.Scope, id)
	if err != nil {
		return i, err
	}
	if err := h.holdContact(ctx, i.ContactID); err != nil {
		return i, err
	}
	return one[models.Invitation]("lock invitation", forUpdate(h.tx.rows(ctx)), id)
}

// holdContact locks the contact's row, the account contact's too, if it is still there.
func (h TxInvitations) holdContact(ctx context.Context, id string) error {
	_, err := one[models.Contact]("lock contact", forUpdate(h.tx.rows(ctx)).Select("id"), id)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil
	}
	return err
}

// SendInvitation makes the next message of the invitation, with a code of its own
// and, at the beginning of a round, a link; and accepts the notification that
// carries it. It changes nothing when the message was made before, or is not due any
// more; a first round waits where the account asked the mailbox just before, for
// another contact. Code rate-limited: a budget is used up, and nothing was made.
func (h Proofs) SendInvitation(ctx context.Context, account models.AccountID, m models.InvitationMessage) error {
	return h.s.Write(ctx, func(tx *Tx) error {
		i, err := tx.In(account).Invitations().lockInvited(ctx, m.InvitationID)
		if err != nil {
			return err
		}
		begins := m.Reminders == 0
		if begins != i.Waits() || !begins && (i.State != models.InvitationPending || i.Reminders >= m.Reminders) {
			return nil
		}
		return tx.Inviting().sendInvitation(ctx, i, m)
	})
}

// Inviting is invitations, as they are sent and sent again.
type Inviting struct{ tx *Tx }

// Inviting returns invitations, as they are sent and sent again.
func (tx *Tx) Inviting() Inviting { return Inviting{tx: tx} }

// sendInvitation makes the message, which is due, if it is granted.
func (h Inviting) sendInvitation(ctx context.Context, i models.Invitation, m models.InvitationMessage) (err error) {
	scope, begins, granted := h.tx.In(i.AccountID), m.Reminders == 0, true
	if !begins || i.Granted == i.Round {
		i, granted, err = h.grant(ctx, i, m)
	}
	if err != nil || !granted {
		return err
	}
	if i, err = scope.Invitations().writeLetter(ctx, i, m); err != nil {
		return err
	}
	if begins {
		err = scope.Invitations().keepPace(ctx, i)
	}
	if err != nil {
		return err
	}
	return h.acceptInvitation(ctx, i, m)
}

// grant asks for a message that nobody has granted yet: the mailbox's pace when a round
// begins, which may have that wait, and the budgets.
func (h Inviting) grant(ctx context.Context, i models.Invitation, m models.InvitationMessage) (models.Invitation, bool, error) {
	if m.Reminders == 0 {
		scope := h.tx.In(i.AccountID)
		pace, err := scope.Invitations().pace(ctx, i.Channel, i.AddressKey)
		if err != nil {
			return i, false, err
		}
		if m.Rules.After(pace).After(h.tx.now) {
			return i, false, scope.Invitations().postpone(ctx, i, pace, m.Rules)
		}
		i.Resends = pace.Next(h.tx.now)
	}
	return i, true, h.tx.limits().spend(ctx, m.Budgets)
}

// writeLetter gives the invitation its new code, and its link when a round begins.
func (h TxInvitations) writeLetter(ctx context.Context, i models.Invitation, m models.InvitationMessage) (models.Invitation, error) {
	letter := models.Letter{}
	var err error
	switch {
	case m.Reminders == 0:
		letter.Token = vault.NewToken()
		i.Round, i.SentAt, i.LinkExpiresAt = i.Round+1, h.tx.now(), m.LinkExpiresAt
		i.Granted = i.Round
		i.TokenHash = vault.HashToken(letter.Token)
	default:
		if letter, err = h.tx.vault.OpenLetter(i); err != nil {
			return i, err
		}
	}
	if letter.Code, err = vault.NewCode(); err != nil {
		return i, err
	}
	next := m.NextAt
	i.Reminders, i.Reason, i.CodeTries, i.CodeExpiresAt, i.NextAt = m.Reminders, "", 0, m.CodeExpiresAt, &next
	i.CodeHash = h.tx.vault.HashCode(i.ID, letter.Code)
	i.Sealed = h.tx.vault.SealLetter(i.ID, letter)
	err = h.tx.rows(ctx).Model(&i).Select("round", "granted", "resends", "reason", "token_hash", "code_hash", "sealed", "code_tries",
		"code_expires_at", "link_expires_at", "sent_at", "reminders", "next_at").Updates(&i).Error
	return i, failed("send invitation", err)
}

// acceptInvitation accepts the notification of the invitation's newest message.
func (h Inviting) acceptInvitation(ctx context.Context, i models.Invitation, m models.InvitationMessage) error {
	n := m.Notification
	n.AccountID, n.Source, n.SubjectID, n.ExternalID = i.AccountID, models.SourceInvitation, i.ID, i.MessageID()
	if _, err := h.tx.Accept(ctx, []models.Acceptance{{Notification: n}}); err != nil {
		return err
	}
	return h.alarm(ctx, m)
}

// alarm tells the operators, once for each external id, that a budget is used up.
func (h Inviting) alarm(ctx context.Context, m models.InvitationMessage) error {
	if m.Cap.Key == "" {
		return nil
	}
	used, err := h.tx.limits().usedUp(ctx, m.Cap)
	if err != nil || !used {
		return err
	}
	_, err = h.tx.Accept(ctx, []models.Acceptance{m.Alarm})
	return err
}

// SkipInvitation records that the message was not made because a budget is used up:
// a first round leaves the address pending until the link would have ended, a
// reminder is left out.
func (h Proofs) SkipInvitation(ctx context.Context, account models.AccountID, m models.InvitationMessage) error {
	return h.s.Write(ctx, func(tx *Tx) error {
		scope := tx.In(account)
		i, err := scope.Invitations().lockInvited(ctx, m.InvitationID)
		if err != nil {
			return err
		}
		change := map[string]any{"next_at": m.NextAt}
		switch {
		case m.Reminders > 0 && i.State == models.InvitationPending && i.Reminders < m.Reminders && !i.Waits():
			change["reminders"] = m.Reminders
		case m.Reminders == 0 && i.Waits() && i.Granted == i.Round:
			change["reason"], change["link_expires_at"] = models.ReasonRateLimited, m.LinkExpiresAt
		default:
			return nil
		}
		if err := scope.rows(ctx).Model(&models.Invitation{}).Where("id = ?", i.ID).Updates(change).Error; err != nil {
			return failed("skip invitation", err)
		}
		return tx.Inviting().alarm(ctx, m)
	})
}

// maxExpired bounds the invitations that end in one transaction, and that one
// message names.
const maxExpired = 50

// ExpireInvitations ends all of the account's invitations whose time is over, makes
// their addresses expired, and accepts what notify makes of them: one message for all.
// Indexes: invitations_pending, primary keys.
func (h Proofs) ExpireInvitations(ctx context.Context, account models.AccountID, notify func([]models.Unproven) (models.Acceptance, error)) error {
	return h.s.Write(ctx, func(tx *Tx) error {
		scope := tx.In(account)
		over, err := scope.Invitations().lockOver(ctx)
		if err != nil || len(over) == 0 {
			return err
		}
		ids, list := make([]string, 0, len(over)), []models.Unproven{}
		for _, i := range over {
			ids = append(ids, i.ID)
			u, changed, err := scope.Invitations().expireAddress(ctx, i)
			if err != nil {
				return err
			}
			if changed {
				list = append(list, u)
			}
		}
		if err := scope.Invitations().end(ctx, models.EventExpire, ids); err != nil || len(list) == 0 {
			return err
		}
		notice, err := notify(list)
		if err != nil {
			return err
		}
		_, err = tx.Accept(ctx, []models.Acceptance{notice})
		return err
	})
}

// lockOver locks what expires, and its contacts before that, in the order of ids.
func (h TxInvitations) lockOver(ctx context.Context) ([]models.Invitation, error) {
	var found []models.Invitation
	over := h.tx.rows(ctx).Where("pending_address IS NOT NULL AND link_expires_at <= ?", h.tx.now())
	if err := over.Order("contact_id, id").Limit(maxExpired).Find(&found).Error; err != nil {
		return nil, failed("find expired invitations", err)
	}
	var out []models.Invitation
	for _, each := range found {
		i, err := h.lockInvited(ctx, each.ID)
		if err != nil {
			return nil, err
		}
		if i.Over(h.tx.now()) {
			out = append(out, i)
		}
	}
	return out, nil
}

func (h TxInvitations) expireAddress(ctx context.Context, i models.Invitation) (models.Unproven, bool, error) {
	a, err := h.invited(ctx, i)
	if err != nil || a.State != models.AddressPending {
		return models.Unproven{}, false, err
	}
	if _, err := h.moveAddress(ctx, i, models.AddressExpired); err != nil {
		return models.Unproven{}, false, err
	}
	var contact models.Contact
	err = h.tx.rows(ctx).Select("name").Where("id = ?", i.ContactID).Take(&contact).Error
	return models.Unproven{Contact: contact.Name, Channel: a.Channel, Value: a.Value}, true, failed("read contact", err)
}

// moveAddress takes the invitation's address out of pending, if it still is. Index:
// primary key.
func (h TxInvitations) moveAddress(ctx context.Context, i models.Invitation, state models.AddressState) (bool, error) {
	result := h.tx.rows(ctx).Model(&models.Address{}).
		Where("id = ? AND value_key = ? AND state = ?", i.AddressID, i.AddressKey, models.AddressPending).
		Updates(map[string]any{"state": state, "reason": "", "state_at": h.tx.now(), "updated_at": h.tx.now()})
	return result.RowsAffected == 1, failed("change address", result.Error)
}

// Resend orders the next round of the address's invitation, or a new
// invitation when the last one expired or the address bounced; links and codes
// before it do not count any more. It returns the invitation before, zero when there
// was none, and after. Codes: not-found; conflict when there is nothing to prove;
// rate-limited during the cool-down, and when a budget is used up.
func (h Inviting) Resend(ctx context.Context, account models.AccountID, contactID, addressID string, rules models.InvitationRules) (before, after models.Invitation, err error) {
	scope := h.tx.In(account)
	if err := scope.Invitations().holdContact(ctx, contactID); err != nil {
		return before, after, err
	}
	a, err := one[models.Address]("read address", scope.rows(ctx).Where("contact_id = ?", contactID), addressID)
	if err != nil {
		return before, after, err
	}
	if a.Deliverable() {
		return before, after, Proven(a)
	}
	newest, err := scope.Invitations().ByAddress(ctx, addressID)
	if err != nil {
		return before, after, err
	}
	before = newest[addressID]
	if wait := rules.ResendAt(before).Sub(h.tx.now); before.ID != "" && wait > 0 {
		return before, after, limited(wait)
	}
	if err := h.tx.limits().spend(ctx, rules.RoundBudgets(account, a.Channel, a.ValueKey)); err != nil {
		return before, after, err
	}
	pace, err := scope.Invitations().pace(ctx, a.Channel, a.ValueKey)
	if err != nil {
		return before, after, err
	}
	if wait := rules.After(pace).Sub(h.tx.now); wait > 0 {
		return before, after, limited(wait)
	}
	resends := max(pace.Next(h.tx.now), before.Pace().Next(h.tx.now))
	if before.State == models.InvitationPending {
		after, err = scope.Invitations().orderRound(ctx, before, resends)
	} else {
		after, err = scope.Invitations().inviteAgain(ctx, a, resends)
	}
	if err != nil {
		return before, after, err
	}
	return before, after, scope.Invitations().keepPace(ctx, after)
}

// Proven is the refusal of what would prove an address that needs no proof.
func Proven(a models.Address) *models.Error {
	e := models.Errorf(models.CodeConflict, "The address needs no proof: it is %s.", a.State)
	e.Fields = []models.Field{{Pointer: "path/address", Code: string(a.State), Detail: "needs no proof"}}
	return e
}

// orderRound replaces link and code of the pending invitation.
func (h TxInvitations) orderRound(ctx context.Context, i models.Invitation, resends int) (models.Invitation, error) {
	now := h.tx.now()
	if i.TokenHash != nil {
		old := replacedLink{TokenHash: i.TokenHash, AccountID: h.tx.account, InvitationID: i.ID, ExpiresAt: i.LinkExpiresAt.Add(keepReplaced)}
		if err := h.tx.insert(ctx, &old); err != nil {
			return i, failed("replace link", err)
		}
	}
	i.Resends = resends
	i.Granted, i.SentAt, i.NextAt, i.Reason = i.Round+1, now, &now, ""
	i.TokenHash, i.CodeHash, i.Sealed = nil, nil, nil
	err := h.tx.rows(ctx).Model(&i).Select("granted", "resends", "sent_at", "next_at", "reason", "token_hash", "code_hash", "sealed").Updates(&i).Error
	if err != nil {
		return i, failed("order round", err)
	}
	return i, h.tx.wakes().wake(ctx, models.EntityInvitation, i.ID)
}

// inviteAgain makes the address pending again, with an invitation that was granted.
func (h TxInvitations) inviteAgain(ctx context.Context, a models.Address, resends int) (models.Invitation, error) {
	err := h.tx.rows(ctx).Model(&models.Address{}).Where("id = ?", a.ID).Updates(map[string]any{
		"state": models.AddressPending, "reason": "", "state_at": h.tx.now(), "updated_at": h.tx.now(),
	}).Error
	if err != nil {
		return models.Invitation{}, failed("change address", err)
	}
	return h.invite(ctx, a, 1, resends)
}
