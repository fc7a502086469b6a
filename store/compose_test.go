package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// compose runs the change of stored rows to its end and returns its calls.
func compose(t *testing.T, s *store.Store) int {
	t.Helper()
	for calls := 1; calls < 100; calls++ {
		left, err := s.Attic().Compose(t.Context())
		require.NoError(t, err)
		if !left {
			return calls
		}
	}
	require.Fail(t, "composing never ends")
	return 0
}

const (
	composed   = "Caf\u00e9"
	decomposed = "Cafe\u0301"
)

func TestWhatWasStoredDecomposedIsFoundByAComposedQuery(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const more = 450 // than two batches
		for _, b := range inboxes(s) {
			b.append(t, slices.Repeat([]models.Message{{Type: "a.b", Category: "a", Severity: models.SeverityInfo, Title: decomposed, Body: "x"}}, more)...)
		}
		account := storetest.Account(t, s, "alpha").Account.ID
		b := &inbox{Inbox: s.In(account).Inbox(""), s: s, key: models.InboxKey{AccountID: account}}
		b.append(t, models.Message{Type: "a.b", Category: "a", Severity: models.SeverityInfo, Title: decomposed, Body: "Grüße"})
		c := newContact(t, s, b.key.AccountID, decomposed, "email:a@b.example:verified")
		require.NoError(t, store.Exec(t.Context(), s, "UPDATE messages SET search_text = ?", strings.ToUpper(decomposed+"\nx")))
		require.NoError(t, store.Exec(t.Context(), s, "UPDATE contacts SET name_key = ?", decomposed))
		found := func() (messages, contacts int) {
			list, _, err := s.In(b.key.AccountID).Contacts().List(t.Context(), store.ContactFilter{Search: composed}, store.Page{Limit: 10})
			require.NoError(t, err)
			return len(b.pages(t, models.InboxFilter{Text: composed}, 10)), len(list)
		}
		messages, contacts := found()
		require.Zero(t, messages)
		require.Zero(t, contacts)
		require.Greater(t, compose(t, s), 4*more/200, "a batch is larger than it should be")
		messages, contacts = found()
		require.Equal(t, 1, messages)
		require.Equal(t, 1, contacts)
		require.Len(t, b.pages(t, models.InboxFilter{Text: "grüße"}, 10), 1, "the body is searched, too")
		require.Equal(t, 1, compose(t, s), "what is done is not done again")
		again, err := s.In(b.key.AccountID).Contacts().ByID(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, c.Version, again.Version, "nobody changed the contact")
	})
}

func TestRowsOfLaterReleasesAreLeftToThem(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		compose(t, s)
		require.NoError(t, store.Exec(t.Context(), s, "INSERT INTO upkeeps (task, reached, done) VALUES ('later', '', ?)", false))
		require.Equal(t, 1, compose(t, s))
	})
}

func TestRowsThatLookForRoomGoAway(t *testing.T) {
	t.Parallel()
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		now := newClock()
		cfg.Now = now.Now
		s := storetest.Open(t, cfg)
		require.NoError(t, s.Writable(t.Context()))
		require.NoError(t, store.Touch(t.Context(), s))
		require.NoError(t, store.Touch(t.Context(), s), "the same row again")
		now.Advance(2 * day)
		n, err := s.Attic().Purge(t.Context(), day)
		require.NoError(t, err)
		require.Equal(t, int64(1), n)
	})
}
