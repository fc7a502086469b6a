package delivering

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

// typeAddressFailed tells of an address that does not exist.
const typeAddressFailed = "account.address_failed"

// invitationOver returns why the message of an invitation may not be sent any more,
// or "". The address needs no proof for it, and gets nothing else.
func invitationOver(d models.Dispatch) string {
	a := d.Address
	switch {
	case a.ID == "" || a.ValueKey != d.Delivery.AddressKey:
		return models.ReasonDeleted
	case d.Disabled:
		return models.ReasonDisabled
	case d.Letter == nil || !d.Letter.Invitation.Asks(d.Notification) || a.State != models.AddressPending:
		return models.ReasonInvitation
	}
	return ""
}

// composeInvitation renders the message with link and code, which stand nowhere else.
func (c *call) composeInvitation(m channels.Message, format document.Format) (channels.Message, error) {
	rules, letter, reader := c.a.Config.Invitations, c.d.Letter, catalog.ReaderOf(c.d)
	m.Data = map[string]string{
		"account_name": cmp.Or(reader.Account, reader.Alias), "account_alias": reader.Alias, "code": letter.Code, "code_minutes": ceiling(rules.LifeOfCode(c.d.Delivery.Channel), time.Minute), "link_hours": ceiling(rules.LinkLife, time.Hour),
	}
	var err error
	m.Rendered, err = c.a.Renderer.Render(c.kind, c.d.Delivery.Language, catalog.Input{
		Variables: m.Data, Link: c.a.Links.Verify(letter.Token), Severity: c.d.Notification.Severity, Reader: reader, Format: format,
	})
	return m, err
}

func ceiling(d, unit time.Duration) string { return strconv.FormatInt(int64((d+unit-1)/unit), 10) }

// bounceNotice tells the account of an address that does not exist.
func (c *call) bounceNotice(ctx context.Context) *models.Acceptance {
	d := c.d.Delivery
	e := models.DestinationEffect{Destination: "address:" + d.AddressID, AccountID: d.AccountID}
	return c.notify(ctx, e, typeAddressFailed, map[string]string{"contact_name": d.Recipient, "address": models.Masked(c.d.Address.Value), "channel": string(d.Channel)})
}
