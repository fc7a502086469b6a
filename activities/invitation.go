package activities

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/schedule"
)

// Types of what invitations send and tell.
const (
	typeVerification         = "account.contact_verification"
	typeVerificationReminder = "account.contact_verification_reminder"
	typeUnverified           = "account.contact_unverified"
	typeAddressFailed        = "account.address_failed"
	typeSMSCap               = "exception.invitation_sms_cap"
)

// Invitations is what the activities need of the database for invitations.
type Invitations interface {
	OpenInvitation(ctx context.Context, account models.AccountID, id string) (models.Invitation, error)
	InvitationTarget(ctx context.Context, i models.Invitation) (models.Contact, models.Address, error)
	SendInvitation(ctx context.Context, account models.AccountID, m models.InvitationMessage) error
	SkipInvitation(ctx context.Context, account models.AccountID, m models.InvitationMessage) error
	ExpireInvitations(ctx context.Context, account models.AccountID, tell func([]models.Unproven) (models.Acceptance, error)) error
}

// StepInvitation does what is due for the invitation: a round begins, people are
// reminded, or the address expires.
func (a *Activities) StepInvitation(ctx context.Context, ref EntityRef) (s Step, err error) {
	defer a.catch("look after invitation", ref.ID, &err)
	i, err := a.Store.OpenInvitation(ctx, ref.AccountID, ref.ID)
	if models.CodeOf(err) == models.CodeNotFound {
		return Step{Done: true}, nil
	}
	if err != nil {
		return Step{}, a.fault("read invitation", ref.ID, err)
	}
	act := schedule.InvitationDue(a.cfg.Invitations, i, a.now())
	switch act {
	case schedule.InvitationDone, schedule.InvitationWait:
		return a.step(i.NextAt), nil
	case schedule.InvitationSend, schedule.InvitationRemind:
		err = a.sendInvitation(ctx, i)
	case schedule.InvitationExpire:
		err = a.expireInvitations(ctx, i.AccountID)
	}
	if err == nil {
		i, err = a.Store.OpenInvitation(ctx, ref.AccountID, ref.ID)
	}
	if err != nil {
		return Step{}, a.fault("look after invitation", ref.ID, err)
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
	err = a.Store.SendInvitation(ctx, i.AccountID, m)
	if models.CodeOf(err) != models.CodeRateLimited {
		return err
	}
	if m.Reminders == 0 {
		i.LinkExpiresAt = m.LinkExpiresAt
		m.NextAt = schedule.InvitationNext(a.cfg.Invitations, i)
	}
	return a.Store.SkipInvitation(ctx, i.AccountID, m)
}

// invitationMessage prepares the first message of a round or the reminder that is due.
func (a *Activities) invitationMessage(ctx context.Context, i models.Invitation) (models.InvitationMessage, error) {
	rules, now := a.cfg.Invitations, a.now()
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
	m.Alarm, err = a.notice(ctx, models.Platform, typeSMSCap, map[string]string{"limit": strconv.FormatInt(m.Cap.Limit, 10)})
	m.Alarm.Notification.ExternalID = "invitation_sms_cap/" + now.Format(time.DateOnly)
	return m, err
}

// invitationNotification is what carries the message. Link and code are put in when
// it is sent, and stand in no notification.
func (a *Activities) invitationNotification(ctx context.Context, account models.AccountID, key string, ends time.Time) (models.Notification, error) {
	language, err := a.Store.AccountLanguage(ctx, account)
	if err != nil {
		return models.Notification{}, err
	}
	kind, err := a.Store.CurrentMessageType(ctx, key)
	return models.Notification{
		AccountID: account, Type: key, TypeVersion: kind.Version, Category: kind.Category, Severity: kind.Severity,
		Source: models.SourceInvitation, Language: language, ExpiresAt: ends,
	}, err
}

// maxNamed bounds the addresses that a message names.
const maxNamed = 20

// expireInvitations ends what nobody confirmed in time, and tells the account.
func (a *Activities) expireInvitations(ctx context.Context, account models.AccountID) error {
	draft, err := a.notice(ctx, account, typeUnverified, nil)
	if err != nil {
		return err
	}
	kind, err := a.Store.CurrentMessageType(ctx, typeUnverified)
	if err != nil {
		return err
	}
	return a.Store.ExpireInvitations(ctx, account, func(list []models.Unproven) (models.Acceptance, error) {
		notice := draft
		notice.Notification.Variables = unverifiedVariables(list)
		var err error
		notice.Inbox, err = a.Renderer.Render(kind, draft.Notification.Language, catalog.Input{
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

// decideInvitation plans the one delivery of an invitation's message: to the address
// that it asks to prove, or to nobody when that is over.
func (a *Activities) decideInvitation(ctx context.Context, n models.Notification) (models.Plan, error) {
	i, err := a.Store.OpenInvitation(ctx, n.AccountID, n.SubjectID)
	if err != nil {
		return models.Plan{}, err
	}
	contact, address, err := a.Store.InvitationTarget(ctx, i)
	if err != nil {
		return models.Plan{}, err
	}
	row := models.Delivery{
		Slot: fmt.Sprintf("%s:%s", i.Channel, i.AddressID), Channel: i.Channel, ContactID: i.ContactID, AddressID: i.AddressID,
		Recipient: contact.Name, AddressKey: i.AddressKey, Language: cmp.Or(contact.Language, n.Language), State: models.DeliveryPending,
	}
	switch {
	case !asks(n, i) || address.ID == "":
		row.State, row.Reason = models.DeliveryCancelled, models.ReasonInvitation
	case !a.now().Before(n.ExpiresAt):
		row.State, row.Reason = models.DeliverySuppressed, models.ReasonExpired
	}
	return models.Plan{Notification: n, Deliveries: []models.Delivery{row}}, nil
}

// asks reports whether the notification is the newest message of an invitation that
// is pending.
func asks(n models.Notification, i models.Invitation) bool {
	return i.State == models.InvitationPending && n.ExternalID == i.MessageID() && !i.Waits()
}

// invitationOver returns why the message of an invitation may not be sent any more,
// or "". The address needs no proof for it, and gets nothing else.
func (t *turn) invitationOver() string {
	a := t.d.Address
	switch {
	case a.ID == "" || a.ValueKey != t.d.Delivery.AddressKey:
		return models.ReasonDeleted
	case t.d.Disabled:
		return models.ReasonDisabled
	case t.d.Letter == nil || !asks(t.d.Notification, t.d.Letter.Invitation) || a.State != models.AddressPending:
		return models.ReasonInvitation
	}
	return ""
}

// composeInvitation renders the message with link and code, which stand nowhere else.
func (t *turn) composeInvitation(m channels.Message, format document.Format) (channels.Message, error) {
	rules, letter, reader := t.a.cfg.Invitations, t.d.Letter, catalog.ReaderOf(t.d)
	m.Data = map[string]string{
		"account_name": cmp.Or(reader.Account, reader.Alias), "account_alias": reader.Alias, "code": letter.Code, "code_minutes": ceiling(rules.LifeOfCode(t.d.Delivery.Channel), time.Minute), "link_hours": ceiling(rules.LinkLife, time.Hour),
	}
	var err error
	m.Rendered, err = t.a.Renderer.Render(t.kind, t.d.Delivery.Language, catalog.Input{
		Variables: m.Data, Link: t.a.Links.Verify(letter.Token), Severity: t.d.Notification.Severity, Reader: reader, Format: format,
	})
	return m, err
}

func ceiling(d, unit time.Duration) string { return strconv.FormatInt(int64((d+unit-1)/unit), 10) }

// bounceNotice tells the account of an address that does not exist.
func (t *turn) bounceNotice(ctx context.Context) *models.Acceptance {
	d := t.d.Delivery
	e := models.DestinationEffect{Destination: "address:" + d.AddressID, AccountID: d.AccountID}
	return t.tell(ctx, e, typeAddressFailed, map[string]string{"contact_name": d.Recipient, "address": models.Masked(t.d.Address.Value), "channel": string(d.Channel)})
}
