package activities

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/announcement"
)

// Announcements is what Announce needs of the database.
type Announcements interface {
	OpenAnnouncement(ctx context.Context, id string) (announcement.Announcement, error)
	AnnouncingProduct(ctx context.Context, n announcement.Announcement) (*models.Product, error)
	BeginAnnouncement(ctx context.Context, n announcement.Announcement) (announcement.Announcement, error)
	ExpireAnnouncement(ctx context.Context, n announcement.Announcement) (announcement.Announcement, error)
	HoldAnnouncement(ctx context.Context, n announcement.Announcement, reason string) (announcement.Announcement, error)
	NextAccounts(ctx context.Context, n announcement.Announcement, limit int) ([]models.Account, error)
	AdvanceAnnouncement(ctx context.Context, n announcement.Announcement, page announcement.Page) (announcement.Announcement, error)
}

// announceFor bounds how long one step goes on with pages that are due: well below
// what a short step may take.
const announceFor = 2 * time.Second

// Announce tells the next accounts of the announcement, for as long as pages are due.
// What a page did is recorded with it, so running again does no harm.
func (a *Activities) Announce(ctx context.Context, ref EntityRef) (s Step, err error) {
	defer a.work.Catch("announce", ref.ID, &err)
	n, err := a.store.OpenAnnouncement(ctx, ref.ID)
	if err != nil {
		return Step{}, a.work.Fault("open announcement", ref.ID, err)
	}
	until := a.work.Now().Add(announceFor)
	for !n.State.Final() && n.NextAt != nil && !n.NextAt.After(a.work.Now()) && a.work.Now().Before(until) {
		if n, err = a.announce(ctx, n); err != nil {
			return Step{}, a.work.Fault("announce", n.ID, err)
		}
	}
	return a.step(n.NextAt), nil
}

// announce does the one thing that is due.
func (a *Activities) announce(ctx context.Context, n announcement.Announcement) (announcement.Announcement, error) {
	if n.ExpiresAt != nil && !a.work.Now().Before(*n.ExpiresAt) {
		return a.store.ExpireAnnouncement(ctx, n)
	}
	product, reason, err := a.objection(ctx, n)
	if err != nil {
		return n, err
	}
	if reason != "" {
		return a.store.HoldAnnouncement(ctx, n, reason)
	}
	if n.State == announcement.Scheduled {
		return a.store.BeginAnnouncement(ctx, n)
	}
	page, err := a.page(ctx, n, product)
	if err != nil {
		return n, err
	}
	after, err := a.store.AdvanceAnnouncement(ctx, n, page)
	if err == nil && after.Reached == page.Reached {
		a.countAnnounced(page)
	}
	return after, err
}

// objection is why it must not go on now; "" for none. The product is nil for an
// operator's.
func (a *Activities) objection(ctx context.Context, n announcement.Announcement) (*models.Product, string, error) {
	product, err := a.store.AnnouncingProduct(ctx, n)
	if err != nil {
		return nil, "", err
	}
	if product != nil && (!product.Enabled || !product.MayUse(n.Type)) {
		return nil, announcement.ReasonProductRefused, nil
	}
	kind, err := a.store.CurrentMessageType(ctx, n.Type)
	if err == nil && !kind.Enabled {
		return nil, announcement.ReasonTypeDisabled, nil
	}
	return product, "", err
}

// page makes the notifications of the next accounts.
func (a *Activities) page(ctx context.Context, n announcement.Announcement, product *models.Product) (announcement.Page, error) {
	most, _ := n.Pace()
	accounts, err := a.store.NextAccounts(ctx, n, most)
	if err != nil {
		return announcement.Page{}, err
	}
	kind, err := a.store.MessageTypeVersion(ctx, n.Type, n.TypeVersion)
	if err != nil {
		return announcement.Page{}, err
	}
	p := announcement.Page{From: n.Reached, Reached: n.Reached, Last: len(accounts) < most}
	texts := map[string]models.Rendered{}
	for _, account := range accounts {
		p.Reached = account.ID
		switch {
		case !account.Enabled:
			p.Disabled++
		case product != nil && !product.MayAddress(account.ID):
			p.Refused++
		default:
			p.Acceptances = append(p.Acceptances, a.announced(n, kind, account, texts))
		}
	}
	return p, nil
}

// announced is the account's notification. Every language is rendered once.
func (a *Activities) announced(n announcement.Announcement, kind models.MessageType, account models.Account, texts map[string]models.Rendered) models.Acceptance {
	expires := a.work.Now().Add(time.Duration(kind.DeadlineSeconds) * time.Second)
	if n.ExpiresAt != nil && n.ExpiresAt.Before(expires) {
		expires = *n.ExpiresAt
	}
	out := models.Notification{
		AccountID: account.ID, Type: n.Type, TypeVersion: n.TypeVersion, Category: n.Category, Severity: n.Severity,
		Source: models.SourceAnnouncement, ProductID: n.ProductID, SubjectID: n.ID, Language: account.Language,
		Variables: n.Variables, Link: n.Link, ExternalID: n.ID + "/" + string(account.ID), Fingerprint: n.Fingerprint,
		ExpiresAt: expires,
	}
	text, known := texts[account.Language]
	if !known {
		text = a.work.InboxText(out, kind, account.Language)
		texts[account.Language] = text
	}
	return models.Acceptance{Notification: out, Inbox: text}
}

// countAnnounced counts what a page accepted as if each had been submitted.
func (a *Activities) countAnnounced(p announcement.Page) {
	for _, each := range p.Acceptances {
		n := each.Notification
		n.Status = models.StatusPending
		a.work.Meter.Submitted(n, 0)
	}
}
