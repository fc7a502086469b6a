package recipients

import (
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
)

// invitedView is an address with how far its proof is.
type invitedView struct {
	AddressView
	Invitation *InvitationView `json:"invitation" doc:"The newest request to prove it; null when there was none."`
}

// viewInvited are the contact's addresses with the newest invitation of each.
func viewInvited(s *operation.Core, c models.Contact, newest map[string]models.Invitation) []invitedView {
	views := []invitedView{}
	for _, a := range c.Addresses {
		views = append(views, invitedView{ViewAddress(a), ViewInvitation(newest[a.ID], a.State, s.Config.Invitations)})
	}
	return views
}

// InvitationView is an invitation: its state and times, never its link or code.
type InvitationView struct {
	ID            string                 `json:"id"`
	State         models.InvitationState `json:"state" enum:"pending,confirmed,expired,cancelled"`
	Reason        string                 `json:"reason" doc:"rate_limited: it was not sent, because of a limit; it can be sent again later. Else empty."`
	Round         int                    `json:"round" doc:"How many links were sent; each replaces the one before."`
	Reminders     int                    `json:"reminders" doc:"Sent since the newest link."`
	TriesLeft     int                    `json:"tries_left" doc:"Guesses that the newest code has left."`
	CreatedAt     time.Time              `json:"created_at"`
	SentAt        *time.Time             `json:"sent_at" doc:"When the newest link was sent; null before that."`
	CodeExpiresAt *time.Time             `json:"code_expires_at" doc:"Of the newest code; null without one."`
	RemindAt      *time.Time             `json:"remind_at" doc:"When the next reminder is sent; null when none is left."`
	ExpiresAt     *time.Time             `json:"expires_at" doc:"Of the link, and of the invitation with it."`
	ResendAt      *time.Time             `json:"resend_at" doc:"When it can be sent again at the earliest; null for an address that needs no proof."`
	EndedAt       *time.Time             `json:"ended_at"`
}

// ViewInvitation shows the invitation of an address in the state; nil for the zero value.
func ViewInvitation(i models.Invitation, state models.AddressState, rules models.InvitationRules) *InvitationView {
	if i.ID == "" {
		return nil
	}
	v := &InvitationView{
		ID: i.ID, State: i.State, Reason: i.Reason, Round: i.Round, Reminders: i.Reminders,
		CreatedAt: i.CreatedAt, EndedAt: i.EndedAt,
	}
	if !state.Deliverable() {
		at := rules.ResendAt(i)
		v.ResendAt = &at
	}
	if i.Round > 0 && i.Granted == i.Round {
		v.SentAt, v.ExpiresAt = &i.SentAt, &i.LinkExpiresAt
		if at, left := schedule.InvitationRemindAt(rules, i); left && i.State == models.InvitationPending {
			v.RemindAt = &at
		}
	}
	if i.CodeHash != nil {
		v.CodeExpiresAt, v.TriesLeft = &i.CodeExpiresAt, max(rules.Tries-i.CodeTries, 0)
	}
	return v
}
