package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

const (
	invitationPath   = "/v1/contacts/{id}/addresses/{address}/invitation"
	myInvitationPath = "/v1/me/contact/addresses/{address}/invitation"
)

func registerInvitations(s *server) {
	register(s, operation{
		Action: "invitation.get", Method: http.MethodGet, Path: invitationPath,
		Summary: "Show how far the proof of an address is",
	}, getInvitation)
	register(s, operation{
		Action: "invitation.resend", Method: http.MethodPost, Path: invitationPath + "/resend", Status: http.StatusAccepted,
		Summary:     "Send the invitation of an address again",
		Description: "With a new link and code in place of the old ones; after an expiry or a bounce, as a new invitation. 429 before the end of the cool-down, which is twice as long after each resend, and when the address, the account or the platform has had its share. What is verified or waived needs none: 409.",
	}, resendInvitation)
	register(s, operation{
		Action: "invitation.confirm_code", Method: http.MethodPost, Path: invitationPath + "/confirm", Status: http.StatusOK,
		Summary:     "Confirm an address by the code of its invitation",
		Description: "A wrong code is 422, an old one 410. After five wrong tries a code is locked: 429 until a new one is sent.",
	}, confirmCode)
	register(s, operation{
		Action: "my_invitation.get", Method: http.MethodGet, Path: myInvitationPath,
		Summary: "Show how far the proof of my address is",
	}, mine(s, getInvitation))
	register(s, operation{
		Action: "my_invitation.resend", Method: http.MethodPost, Path: myInvitationPath + "/resend", Status: http.StatusAccepted,
		Summary: "Send the invitation of my address again",
	}, mine(s, resendInvitation))
	register(s, operation{
		Action: "my_invitation.confirm_code", Method: http.MethodPost, Path: myInvitationPath + "/confirm", Status: http.StatusOK,
		Summary: "Confirm my address by the code of its invitation",
	}, confirmMyCode)
}

// myInvitationIn names an address of the contact that is the caller.
type myInvitationIn struct {
	Address string `path:"address" pattern:"^adr_[0-9a-f]{32}$"`
}

// mine calls the endpoint for the contact that is the caller.
func mine(s *server, endpoint func(context.Context, *Call, *InvitationIn) (*invitationOut, error)) func(context.Context, *Call, *myInvitationIn) (*invitationOut, error) {
	return func(ctx context.Context, c *Call, in *myInvitationIn) (*invitationOut, error) {
		own, err := s.store.In(c.Account()).UserContact(ctx, c.Actor.ID)
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

func confirmMyCode(ctx context.Context, c *Call, in *confirmMyCodeIn) (*invitationOut, error) {
	own, err := c.store.In(c.Account()).UserContact(ctx, c.Actor.ID)
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
	Address    addressView     `json:"address"`
	StateAt    time.Time       `json:"state_at" doc:"When the address came into its state."`
	Invitation *invitationView `json:"invitation" doc:"The newest; null when there was none."`
}

func outInvitation(s *server, a models.Address, i models.Invitation) *invitationOut {
	return &invitationOut{Body: invitationDetail{Address: viewAddress(a), StateAt: a.StateAt, Invitation: viewInvitation(i, a.State, s.config.Invitations)}}
}

func getInvitation(ctx context.Context, c *Call, in *InvitationIn) (*invitationOut, error) {
	a, i, err := c.store.In(c.Account()).InvitedAddress(ctx, in.ID, in.Address)
	if err != nil {
		return nil, err
	}
	return outInvitation(c.server, a, i), nil
}

func resendInvitation(ctx context.Context, c *Call, in *InvitationIn) (*invitationOut, error) {
	return commit(ctx, c, func(tx *store.Tx) (*invitationOut, error) {
		before, after, err := tx.ResendInvitation(ctx, c.Account(), in.ID, in.Address, c.config.Invitations)
		if err != nil {
			return nil, err
		}
		a, _, err := tx.In(c.Account()).InvitedAddress(ctx, in.ID, in.Address)
		if err != nil {
			return nil, err
		}
		c.Object("contact", in.ID, "")
		c.Change(viewInvitation(before, a.State, c.config.Invitations), viewInvitation(after, a.State, c.config.Invitations))
		return outInvitation(c.server, a, after), nil
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

func confirmCode(ctx context.Context, c *Call, in *confirmCodeIn) (*invitationOut, error) {
	code, err := in.Body.digits()
	if err != nil {
		return nil, err
	}
	if out, err := replayed[invitationOut](ctx, c); out != nil || err != nil {
		return out, err
	}
	guess, err := guess(ctx, c.server, c.Account(), in.InvitationIn, code)
	if err != nil {
		return nil, err
	}
	return commit(ctx, c, func(tx *store.Tx) (*invitationOut, error) {
		if err := confirmInvitation(ctx, c, tx, guess); err != nil {
			return nil, err
		}
		a, i, err := tx.In(c.Account()).InvitedAddress(ctx, in.ID, in.Address)
		if err != nil {
			return nil, err
		}
		return outInvitation(c.server, a, i), nil
	})
}

// guess counts the guess, then compares it, and returns the invitation whose code
// it was. Codes: not-found, conflict when there is nothing to prove, token-expired,
// locked, rate-limited, validation-failed for a wrong one.
func guess(ctx context.Context, s *server, account models.AccountID, in InvitationIn, code string) (models.Invitation, error) {
	rules := s.config.Invitations
	a, i, err := s.store.In(account).InvitedAddress(ctx, in.ID, in.Address)
	if err != nil {
		return i, err
	}
	if a.Deliverable() {
		return i, store.Proven(a)
	}
	if err := s.store.Spend(ctx, rules.GuessBudgets(account, a.Channel, a.ValueKey)); err != nil {
		return i, err
	}
	i, err = s.store.CountGuess(ctx, account, i.ID, rules.Tries)
	if failure, ok := errors.AsType[*models.Error](err); ok && failure.Code == models.CodeLocked {
		failure.RetryAfter = max(rules.ResendAt(i).Sub(s.store.Now()), time.Second)
	}
	if err == nil && !s.store.GuessFits(i, code) {
		err = models.Invalid("#/code", "wrong-code", "is not the code that was sent last")
	}
	return i, err
}

// limitOf returns the error if it says that something was too often.
func limitOf(err error) (*models.Error, bool) {
	failure, ok := errors.AsType[*models.Error](err)
	return failure, ok && failure.Code == models.CodeRateLimited
}
