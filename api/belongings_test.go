package api_test

import (
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// belongings makes one object of every kind in the account and returns their ids by
// prefix. A new kind of id in a path fails the tests until it is made here.
func (h *harness) belongings(account models.AccountID, owner person) map[string]string {
	h.t.Helper()
	sub := h.user("sub-"+randomName(h.t), account, models.UserSub)
	grant := models.Grant{UserID: sub.id, Role: models.RoleReadOnly, CreatedBy: owner.id}
	key := models.AccessKey{OwnerKind: models.ActorUser, OwnerID: owner.id, Name: "belongs", Hash: make([]byte, 32)}
	bot := models.Bot{Channel: models.ChannelWebhook, Name: "belongs", Settings: map[string]string{}, Enabled: true}
	notification := models.Notification{
		AccountID: account, Type: "account.low_balance", TypeVersion: 1, Category: "account", Severity: models.SeverityInfo,
		Source: models.SourcePlatform, Language: models.LocaleEN, ExpiresAt: h.clock.Now().Add(time.Hour),
	}
	contact := models.Contact{
		Kind: models.ContactPerson, Name: "belongs", UserID: owner.id, Enabled: true,
		Addresses: []models.Address{{Channel: models.ChannelEmail, Value: "b@belongs.example", ValueKey: "b@belongs.example", State: models.AddressVerified}},
	}
	group := models.ContactGroup{Name: "belongs"}
	h.write(func(tx *store.Tx) error {
		scope := tx.In(account)
		if err := scope.Contacts().Create(h.t.Context(), &contact); err != nil {
			return err
		}
		if err := scope.ContactGroups().Create(h.t.Context(), &group); err != nil {
			return err
		}
		if err := scope.Grants().Create(h.t.Context(), &grant); err != nil {
			return err
		}
		if err := scope.AccessKeys().Create(h.t.Context(), &key); err != nil {
			return err
		}
		if err := scope.Bots().Create(h.t.Context(), &bot, map[string]string{"url": "https://example.com/hook"}); err != nil {
			return err
		}
		stored, err := tx.Accept(h.t.Context(), []models.Acceptance{{Notification: notification, Inbox: models.Rendered{Title: "belongs", Body: "text"}}})
		if err != nil {
			return err
		}
		notification = stored[0]
		return scope.OperationLog().Append(h.t.Context(), &models.Operation{
			ActorKind: models.ActorSystem, Action: "test.prepare", ObjectKind: "test", Result: models.ResultSucceeded,
		})
	})
	resource := models.Resource{
		ID: store.NewID(models.KindResource), ExternalID: "belongs", Name: "belongs", State: models.ResourceActive,
		ExpiresAt: h.clock.Now().Add(time.Hour), Timestamps: models.Timestamps{CreatedAt: h.clock.Now(), UpdatedAt: h.clock.Now()},
	}
	feed := models.CalendarFeed{Name: "belongs", TokenHash: []byte(randomName(h.t)), CreatedBy: owner.id}
	h.write(func(tx *store.Tx) error {
		if err := tx.In(account).CalendarFeeds().Create(h.t.Context(), &feed); err != nil {
			return err
		}
		_, err := tx.In(account).Resources().LockAll(h.t.Context(), h.productID, []models.Resource{resource})
		return err
	})
	messages, _, err := h.store.In(account).Inbox("").Messages(h.t.Context(), models.InboxFilter{}, store.Page{})
	if err != nil || len(messages) == 0 {
		h.t.Fatalf("no message of the notification: %v", err)
	}
	return map[string]string{
		"acc": string(account), "usr": sub.id, "ses": sub.credential, "grt": grant.ID, "key": key.ID, "msg": messages[0].ID,
		"bot": bot.ID, "ntf": notification.ID, "ctc": contact.ID, "adr": contact.Addresses[0].ID, "grp": group.ID, "rsc": resource.ID, "cal": feed.ID,
		noSeq: noSeq, // numbers of the operation log exist in every account
	}
}

func randomName(t testing.TB) string {
	t.Helper()
	secret, _ := randomSecret()
	return secret[:8]
}
