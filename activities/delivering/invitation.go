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
func (t *turn) invitationOver() string {
	a := t.d.Address
	switch {
	case a.ID == "" || a.ValueKey != t.d.Delivery.AddressKey:
		return models.ReasonDeleted
	case t.d.Disabled:
		return models.ReasonDisabled
	case t.d.Letter == nil || !t.d.Letter.Invitation.Asks(t.d.Notification) || a.State != models.AddressPending:
		return models.ReasonInvitation
	}
	return ""
}

// composeInvitation renders the message with link and code, which stand nowhere else.
func (t *turn) composeInvitation(m channels.Message, format document.Format) (channels.Message, error) {
	rules, letter, reader := t.a.Config.Invitations, t.d.Letter, catalog.ReaderOf(t.d)
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
