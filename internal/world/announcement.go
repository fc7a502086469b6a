package world

import (
	"context"
	"fmt"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/announcement"
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

// Announcements are what the world's operator announces.
type Announcements struct{ w *World }

// Announcements is the handle of announcements.
func (w *World) Announcements() Announcements { return Announcements{w} }

// Create stores an announcement to all accounts unless changed.
func (h Announcements) Create(change func(*announcement.Announcement)) announcement.Announcement {
	h.w.t.Helper()
	kind, err := h.w.Store.Catalogue().CurrentMessageType(context.WithoutCancel(h.w.t.Context()), AnnouncedType)
	if err != nil {
		h.w.t.Fatalf("read the message type: %v", err)
	}
	a := announcement.Announcement{
		Type: kind.Key, TypeVersion: kind.Version, Category: kind.Category, Severity: kind.Severity, Fingerprint: []byte("x"),
		Variables: map[string]string{"product_name": "Zeppelin", "summary": "It flies."},
	}
	if change != nil {
		change(&a)
	}
	var stored announcement.Announcement
	h.w.Write(func(ctx context.Context, tx *store.Tx) error {
		stored, err = tx.Announcing().Create(ctx, a, nil)
		return err
	})
	return stored
}

// Update changes it as its announcer could.
func (h Announcements) Update(id string, move func(announcement.Announcement) (announcement.Announcement, error)) {
	h.w.t.Helper()
	h.w.Write(func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.Announcing().Update(ctx, store.Announcer{All: true}, id, move)
		return err
	})
}

// ByID reads it.
func (h Announcements) ByID(id string) announcement.Announcement {
	h.w.t.Helper()
	a, err := h.w.Store.Rollouts().OpenAnnouncement(context.WithoutCancel(h.w.t.Context()), id)
	if err != nil {
		h.w.t.Fatalf("read announcement %s: %v", id, err)
	}
	return a
}

// Arrived counts the messages in the account's inbox.
func (h Announcements) Arrived(account models.AccountID) int {
	h.w.t.Helper()
	list, err := h.w.Store.In(account).Inbox("").After(context.WithoutCancel(h.w.t.Context()), 0, 100)
	if err != nil {
		h.w.t.Fatalf("read inbox of %s: %v", account, err)
	}
	return len(list)
}
