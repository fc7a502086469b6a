package store_test

import (
	"context"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// billed accepts a notification of another category than the usual.
func (n tenant) billed(t *testing.T) models.Notification {
	t.Helper()
	return n.accept(t, func(n *models.Notification) { n.Type, n.Category = billType, "service" })
}

func TestAViewerSeesItsCategoriesOnly(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		hidden, seen := mine.accept(t, nil), mine.billed(t)
		other.billed(t)
		for _, key := range []string{billType, hidden.Type, "service_desk.call"} {
			mine.choose(t, key, func(c *models.Choice) { c.Bots = []string{"bot_1"} })
		}
		view := mine.s.For(store.Viewer{Account: mine.id, Categories: []string{"service", "other"}})

		list, _, err := view.Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
		require.NoError(t, err)
		require.Len(t, list, 1)
		assert.Equal(t, seen.ID, list[0].ID)
		_, err = view.Notifications().Report(t.Context(), hidden.ID)
		wantCode(t, err, models.CodeNotFound)
		_, err = view.Notifications().Report(t.Context(), seen.ID)
		require.NoError(t, err)

		m, err := view.Subscriptions().Matrix(t.Context())
		require.NoError(t, err)
		assert.Len(t, m.Choices, 1)
		assert.Contains(t, m.Choices, billType)
		changes, _, err := view.Subscriptions().Changes(t.Context(), "", store.Page{})
		require.NoError(t, err)
		assert.Len(t, changes, 1)
	})
}

func TestAViewersInboxHasItsCategoriesOnly(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		mine.accept(t, nil)
		mine.billed(t)
		viewer := store.Viewer{Account: mine.id, Categories: []string{"service"}}
		whole, box := mine.s.In(mine.id).Inbox(""), mine.s.For(viewer).Inbox("")
		all, _, err := whole.Messages(t.Context(), models.InboxFilter{}, store.Page{})
		require.NoError(t, err)
		require.Len(t, all, 2)

		filter := models.InboxFilter{From: mine.s.Now().Add(-time.Hour), To: mine.s.Now().Add(time.Hour)}
		for _, f := range []models.InboxFilter{{}, filter} {
			list, _, err := box.Messages(t.Context(), f, store.Page{})
			require.NoError(t, err)
			require.Len(t, list, 1)
			assert.Equal(t, "service", list[0].Category)
		}
		after, err := box.After(t.Context(), 0, 10)
		require.NoError(t, err)
		assert.Len(t, after, 1)
		unread, err := box.Unread(t.Context())
		require.NoError(t, err)
		assert.EqualValues(t, 1, unread)
		counts, err := box.Counts(t.Context())
		require.NoError(t, err)
		require.Len(t, counts, 1)
		assert.Equal(t, "service", counts[0].Category)
		_, err = box.Message(t.Context(), all[1].ID)
		wantCode(t, err, models.CodeNotFound)

		inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
			_, found, err := tx.For(viewer).Inbox("").Mark(ctx, []string{all[0].ID, all[1].ID}, store.Reader{ID: "usr_1"})
			assert.Equal(t, []string{all[0].ID}, found)
			return err
		})
		inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
			swept, err := tx.For(viewer).Inbox("").DeleteAll(ctx, models.InboxFilter{}, 100)
			assert.EqualValues(t, 1, swept.Changed)
			return err
		})
		left, _, err := whole.Messages(t.Context(), models.InboxFilter{}, store.Page{})
		require.NoError(t, err)
		require.Len(t, left, 1)
		assert.Equal(t, all[1].ID, left[0].ID)
	})
}

func TestAViewerWithoutCategoriesSeesNothing(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		mine.billed(t)
		view := mine.s.For(store.Viewer{Account: mine.id, Categories: []string{}})
		list, _, err := view.Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
		require.NoError(t, err)
		assert.Empty(t, list)
		unread, err := view.Inbox("").Unread(t.Context())
		require.NoError(t, err)
		assert.Zero(t, unread)
	})
}

func TestAViewerSeesNothingAfterItsEnd(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		mine.billed(t)
		view := mine.s.For(store.Viewer{Account: mine.id, Until: mine.s.Now().Add(time.Minute)})
		_, err := view.Inbox("").Unread(t.Context())
		require.NoError(t, err)
		mine.now.advance(time.Minute)
		_, err = view.Inbox("").Unread(t.Context())
		wantCode(t, err, models.CodeForbidden)
		_, _, err = view.Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
		wantCode(t, err, models.CodeForbidden)
	})
}
