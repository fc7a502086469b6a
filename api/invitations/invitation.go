package invitations

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/recipients"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

const (
	invitationPath   = "/v1/contacts/{id}/addresses/{address}/invitation"
	myInvitationPath = "/v1/me/contact/addresses/{address}/invitation"
)

func describeInvitations() map[string]operation.Operation {
	return map[string]operation.Operation{
		"invitation.get": {
			Summary:     "Show how far the proof of an address is",
			Description: "The reminders that were sent, when it expires, and when it may be sent again.",
		},
		"invitation.resend": {
			Summary:     "Send the invitation of an address again",
			Description: "With a new link and code in place of the old ones; after an expiry or a bounce, as a new invitation. 429 before the end of the cool-down, which is twice as long after each resend, and when the address, the account or the platform has had its share. What is verified or waived needs none: 409.",
		},
		"invitation.confirm_code": {
			Fails: []int{http.StatusGone}, Summary: "Confirm an address by the code of its invitation",
			Description: "A wrong code is 422, an old one 410. After five wrong tries a code is locked: 429 until a new one is sent.",
		},
		"my_invitation.get": {
			Summary:     "Show how far the proof of my address is",
			Description: "The reminders that were sent, when it expires, and when it may be sent again.",
		},
		"my_invitation.resend": {
			Summary:     "Send the invitation of my address again",
			Description: "The link and the code that were sent before end. Refused before the time that the invitation shows, and for addresses that are proven.",
		},
		"my_invitation.confirm_code": {
			Fails: []int{http.StatusGone}, Summary: "Confirm my address by the code of its invitation",
			Description: "Five wrong tries end the code; sending the invitation again makes another.",
		},
	}
}

// myInvitationIn names an address of the contact that is the caller.
type myInvitationIn struct {
	Address string `path:"address" pattern:"^adr_[0-9a-f]{32}$"`
}

// mine calls the endpoint for the contact that is the caller.
func mine(s *operation.Core, endpoint func(context.Context, *operation.Call, *InvitationIn) (*invitationOut, error)) func(context.Context, *operation.Call, *myInvitationIn) (*invitationOut, error) {
	return func(ctx context.Context, c *operation.Call, in *myInvitationIn) (*invitationOut, error) {
		own, err := s.Store.In(c.Account()).Contacts().OfUser(ctx, c.Actor.ID)
		if err != nil {
			return nil, err
		}
		return endpoint(ctx, c, &InvitationIn{ID: own.ID, Address: in.Address})
	}
}

type confirmMyCodeIn struct {
	Address string `path:"address" pattern:"^adr_[0-9a-f]{32}$"`
	Body    codeBody
}

func confirmMyCode(ctx context.Context, c *operation.Call, in *confirmMyCodeIn) (*invitationOut, error) {
	own, err := c.Store.In(c.Account()).Contacts().OfUser(ctx, c.Actor.ID)
	if err != nil {
		return nil, err
	}
	return confirmCode(ctx, c, &confirmCodeIn{InvitationIn: InvitationIn{ID: own.ID, Address: in.Address}, Body: in.Body})
}

// InvitationIn is embedded: it names the address of a contact.
type InvitationIn struct {
	ID      string `path:"id" pattern:"^ctc_[0-9a-f]{32}$"`
	Address string `path:"address" pattern:"^adr_[0-9a-f]{32}$"`
}

type invitationOut struct {
	Body invitationDetail
}

// invitationDetail is an address with its newest invitation.
type invitationDetail struct {
	Address    recipients.AddressView     `json:"address"`
	StateAt    time.Time                  `json:"state_at" doc:"When the address came into its state."`
	Invitation *recipients.InvitationView `json:"invitation" doc:"The newest; null when there was none."`
}

func outInvitation(s *operation.Core, a models.Address, i models.Invitation) *invitationOut {
	return &invitationOut{Body: invitationDetail{Address: recipients.ViewAddress(a), StateAt: a.StateAt, Invitation: recipients.ViewInvitation(i, a.State, s.Config.Invitations)}}
}

func getInvitation(ctx context.Context, c *operation.Call, in *InvitationIn) (*invitationOut, error) {
	a, i, err := c.Store.In(c.Account()).Invitations().InvitedAddress(ctx, in.ID, in.Address)
	if err != nil {
		return nil, err
	}
	return outInvitation(c.Core, a, i), nil
}

func resendInvitation(ctx context.Context, c *operation.Call, in *InvitationIn) (*invitationOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[invitationOut], error) {
		before, after, err := tx.Inviting().Resend(ctx, c.Account(), in.ID, in.Address, c.Config.Invitations)
		if err != nil {
			return nil, err
		}
		a, _, err := tx.In(c.Account()).Invitations().InvitedAddress(ctx, in.ID, in.Address)
		if err != nil {
			return nil, err
		}
		return operation.Did(outInvitation(c.Core, a, after), operation.Of("contact", in.ID, ""),
			recipients.ViewInvitation(before, a.State, c.Config.Invitations), recipients.ViewInvitation(after, a.State, c.Config.Invitations)), nil
	})
}

type confirmCodeIn struct {
	InvitationIn
	Body codeBody
}

// codeBody is a code as somebody typed it.
type codeBody struct {
	Code string `json:"code" format:"secret" example:"482913" minLength:"1" maxLength:"64" doc:"Six digits; spaces around them do not count."`
}

// digits returns the code; validation-failed when it cannot be one.
func (b codeBody) digits() (string, error) {
	code := strings.TrimSpace(b.Code)
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		return "", models.Invalid("#/code", "invalid-value", "must be six digits")
	}
	return code, nil
}

func confirmCode(ctx context.Context, c *operation.Call, in *confirmCodeIn) (*invitationOut, error) {
	code, err := in.Body.digits()
	if err != nil {
		return nil, err
	}
	if out, err := operation.Replayed[invitationOut](ctx, c); out != nil || err != nil {
		return out, err
	}
	guess, err := guess(ctx, c.Core, c.Account(), in.InvitationIn, code)
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[invitationOut], error) {
		return confirmInvitation(ctx, tx, guess, func() (*invitationOut, error) {
			a, i, err := tx.In(c.Account()).Invitations().InvitedAddress(ctx, in.ID, in.Address)
			if err != nil {
				return nil, err
			}
			return outInvitation(c.Core, a, i), nil
		})
	})
}

// guess counts the guess, then compares it, and returns the invitation whose code
// it was. Codes: not-found, conflict when there is nothing to prove, token-expired,
// locked, rate-limited, validation-failed for a wrong one.
func guess(ctx context.Context, s *operation.Core, account models.AccountID, in InvitationIn, code string) (models.Invitation, error) {
	rules := s.Config.Invitations
	a, i, err := s.Store.In(account).Invitations().InvitedAddress(ctx, in.ID, in.Address)
	if err != nil {
		return i, err
	}
	if a.Deliverable() {
		return i, store.Proven(a)
	}
	if err := s.Store.Limits().Spend(ctx, rules.GuessBudgets(account, a.Channel, a.ValueKey)); err != nil {
		return i, err
	}
	i, err = s.Store.Proofs().CountGuess(ctx, account, i.ID, rules.Tries)
	if failure, ok := errors.AsType[*models.Error](err); ok && failure.Code == models.CodeLocked {
		failure.RetryAfter = max(rules.ResendAt(i).Sub(s.Store.Now()), time.Second)
	}
	if err == nil && !s.Store.Proofs().GuessFits(i, code) {
		err = models.Invalid("#/code", "wrong-code", "is not the code that was sent last")
	}
	return i, err
}

// limitOf returns the error if it says that something was too often.
func limitOf(err error) (*models.Error, bool) {
	failure, ok := errors.AsType[*models.Error](err)
	return failure, ok && failure.Code == models.CodeRateLimited
}
