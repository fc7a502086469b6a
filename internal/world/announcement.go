package world

import (
	"context"
	"fmt"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// AnnouncedType is the message type of the announcements of this world.
const AnnouncedType = "activity.launch"

// AddAccounts makes n more accounts, "<prefix>-0000" and so on.
func (w *World) AddAccounts(prefix string, n int) []models.AccountID {
	w.t.Helper()
	var ids []models.AccountID
	for i := range n {
		in := store.NewAccount{
			Account: models.Account{Alias: fmt.Sprintf("%s-%04d", prefix, i), Language: models.LocaleEN, TimeZone: "UTC", Enabled: true},
			Root:    models.User{Name: "root", Enabled: true},
			Contact: models.Contact{Name: "c", Enabled: true},
		}
		w.Write(func(ctx context.Context, tx *store.Tx) error { return tx.Platform().Accounts().Create(ctx, &in) })
		ids = append(ids, in.Account.ID)
	}
	return ids
}

// Announce stores an announcement to all accounts unless changed.
func (w *World) Announce(change func(*models.Announcement)) models.Announcement {
	w.t.Helper()
	kind, err := w.Store.Catalogue().CurrentMessageType(context.WithoutCancel(w.t.Context()), AnnouncedType)
	if err != nil {
		w.t.Fatalf("read the message type: %v", err)
	}
	a := models.Announcement{
		Type: kind.Key, TypeVersion: kind.Version, Category: kind.Category, Severity: kind.Severity, Fingerprint: []byte("x"),
		Variables: map[string]string{"product_name": "Zeppelin", "summary": "It flies."},
	}
	if change != nil {
		change(&a)
	}
	var stored models.Announcement
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		stored, err = tx.Announcing().Create(ctx, a, nil)
		return err
	})
	return stored
}

// MoveAnnouncement changes it as its announcer could.
func (w *World) MoveAnnouncement(id string, move func(models.Announcement) (models.Announcement, error)) {
	w.t.Helper()
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.Announcing().Update(ctx, store.Announcer{All: true}, id, move)
		return err
	})
}

// Announcement reads it.
func (w *World) Announcement(id string) models.Announcement {
	w.t.Helper()
	a, err := w.Store.Rollouts().OpenAnnouncement(context.WithoutCancel(w.t.Context()), id)
	if err != nil {
		w.t.Fatalf("read announcement %s: %v", id, err)
	}
	return a
}

// Told counts the messages in the account's inbox.
func (w *World) Told(account models.AccountID) int {
	w.t.Helper()
	list, err := w.Store.In(account).Inbox("").After(context.WithoutCancel(w.t.Context()), 0, 100)
	if err != nil {
		w.t.Fatalf("read inbox of %s: %v", account, err)
	}
	return len(list)
}
