package activities

import (
	"context"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
)

// Types of what invitations send and tell.
const (
	typeVerification         = "account.contact_verification"
	typeVerificationReminder = "account.contact_verification_reminder"
	typeUnverified           = "account.contact_unverified"
	typeSMSCap               = "exception.invitation_sms_cap"
)

// Invitations is what the activities need of the database for invitations.
type Invitations interface {
	OpenInvitation(ctx context.Context, account models.AccountID, id string) (models.Invitation, error)
	InvitationTarget(ctx context.Context, i models.Invitation) (models.Contact, models.Address, error)
	SendInvitation(ctx context.Context, account models.AccountID, m models.InvitationMessage) error
	SkipInvitation(ctx context.Context, account models.AccountID, m models.InvitationMessage) error
	ExpireInvitations(ctx context.Context, account models.AccountID, notice func([]models.Unproven) (models.Acceptance, error)) error
}

// StepInvitation does what is due for the invitation: a round begins, people are
// reminded, or the address expires.
func (a *Activities) StepInvitation(ctx context.Context, ref EntityRef) (s Step, err error) {
	defer a.work.Catch("look after invitation", ref.ID, &err)
	i, err := a.store.OpenInvitation(ctx, ref.AccountID, ref.ID)
	if models.CodeOf(err) == models.CodeNotFound {
		return Step{Done: true}, nil
	}
	if err != nil {
		return Step{}, a.work.Fault("read invitation", ref.ID, err)
	}
	act := schedule.InvitationDue(a.work.Config.Invitations, i, a.work.Now())
	switch act {
	case schedule.InvitationDone, schedule.InvitationWait:
		return a.step(i.NextAt), nil
	case schedule.InvitationSend, schedule.InvitationRemind:
		err = a.sendInvitation(ctx, i)
	case schedule.InvitationExpire:
		err = a.expireInvitations(ctx, i.AccountID)
	}
	if err == nil {
		i, err = a.store.OpenInvitation(ctx, ref.AccountID, ref.ID)
	}
	if err != nil {
		return Step{}, a.work.Fault("look after invitation", ref.ID, err)
	}
	s = a.step(i.NextAt)
	s.Renew = act == schedule.InvitationRemind && !s.Done
	return s, nil
}

// sendInvitation makes the next message, or records that a budget did not allow it.
func (a *Activities) sendInvitation(ctx context.Context, i models.Invitation) error {
	m, err := a.invitationMessage(ctx, i)
	if err != nil {
		return err
	}
	err = a.store.SendInvitation(ctx, i.AccountID, m)
	if models.CodeOf(err) != models.CodeRateLimited {
		return err
	}
	if m.Reminders == 0 {
		i.LinkExpiresAt = m.LinkExpiresAt
		m.NextAt = schedule.InvitationNext(a.work.Config.Invitations, i)
	}
	return a.store.SkipInvitation(ctx, i.AccountID, m)
}

// invitationMessage prepares the first message of a round or the reminder that is due.
func (a *Activities) invitationMessage(ctx context.Context, i models.Invitation) (models.InvitationMessage, error) {
	rules, now := a.work.Config.Invitations, a.work.Now()
	m := models.InvitationMessage{InvitationID: i.ID, Rules: rules, CodeExpiresAt: now.Add(rules.LifeOfCode(i.Channel)), LinkExpiresAt: i.LinkExpiresAt}
	key := typeVerificationReminder
	next := i
	if i.Waits() {
		key = typeVerification
		m.LinkExpiresAt = now.Add(rules.LinkLife)
		m.Budgets = rules.RoundBudgets(i.AccountID, i.Channel, i.AddressKey)
		next.Round, next.SentAt, next.LinkExpiresAt, next.Reminders = i.Round+1, now, m.LinkExpiresAt, 0
	} else {
		m.Reminders = schedule.InvitationReminders(rules, i, now)
		m.Budgets = rules.ReminderBudgets(i.Channel, i.AddressKey)
		next.Reminders = m.Reminders
	}
	m.NextAt = schedule.InvitationNext(rules, next)
	ends := m.LinkExpiresAt
	metered := rules.Kinds[i.Channel].Metered
	if metered { // the code is all that it carries
		ends = m.CodeExpiresAt
	}
	var err error
	if m.Notification, err = a.invitationNotification(ctx, i.AccountID, key, ends); err != nil || !metered {
		return m, err
	}
	m.Cap = rules.SMSBudget()
	m.Alarm, err = a.work.Notice(ctx, models.Platform, typeSMSCap, map[string]string{"limit": strconv.FormatInt(m.Cap.Limit, 10)})
	m.Alarm.Notification.ExternalID = "invitation_sms_cap/" + now.Format(time.DateOnly)
	return m, err
}

// invitationNotification is what carries the message. Link and code are put in when
// it is sent, and stand in no notification.
func (a *Activities) invitationNotification(ctx context.Context, account models.AccountID, key string, ends time.Time) (models.Notification, error) {
	language, err := a.store.AccountLanguage(ctx, account)
	if err != nil {
		return models.Notification{}, err
	}
	kind, err := a.store.CurrentMessageType(ctx, key)
	return models.Notification{
		AccountID: account, Type: key, TypeVersion: kind.Version, Category: kind.Category, Severity: kind.Severity,
		Source: models.SourceInvitation, Language: language, ExpiresAt: ends,
	}, err
}

// maxNamed bounds the addresses that a message names.
const maxNamed = 20

// expireInvitations ends what nobody confirmed in time, and tells the account.
func (a *Activities) expireInvitations(ctx context.Context, account models.AccountID) error {
	draft, err := a.work.Notice(ctx, account, typeUnverified, nil)
	if err != nil {
		return err
	}
	kind, err := a.store.CurrentMessageType(ctx, typeUnverified)
	if err != nil {
		return err
	}
	return a.store.ExpireInvitations(ctx, account, func(list []models.Unproven) (models.Acceptance, error) {
		notice := draft
		notice.Notification.Variables = unverifiedVariables(list)
		var err error
		notice.Inbox, err = a.work.Renderer.Render(kind, draft.Notification.Language, catalog.Input{
			Variables: notice.Notification.Variables, Severity: draft.Notification.Severity,
		})
		return notice, err
	})
}

// unverifiedVariables name who did not verify. The account's bots hear of it, too: the
// addresses are masked.
func unverifiedVariables(list []models.Unproven) map[string]string {
	lines := make([]string, 0, maxNamed+1)
	for _, u := range list[:min(len(list), maxNamed)] {
		lines = append(lines, u.Contact+": "+models.Masked(u.Value))
	}
	if len(list) > maxNamed {
		lines = append(lines, "… +"+strconv.Itoa(len(list)-maxNamed))
	}
	return map[string]string{"count": strconv.Itoa(len(list)), "addresses": strings.Join(lines, "\n")}
}
