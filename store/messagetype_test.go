package store_test

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func seed(t *testing.T, s *store.Store) catalog.Shipment {
	t.Helper()
	shipped, err := catalog.Shipped()
	require.NoError(t, err)
	require.NoError(t, s.Catalogue().SeedCatalogue(t.Context(), shipped.Categories, shipped.Types))
	return shipped
}

// shippedType is a shipped type that shares nothing with another call's.
func shippedType(t *testing.T, key string) models.MessageType {
	t.Helper()
	shipped, err := catalog.Shipped()
	require.NoError(t, err)
	i := slices.IndexFunc(shipped.Types, func(mt models.MessageType) bool { return mt.Key == key })
	require.GreaterOrEqual(t, i, 0)
	return shipped.Types[i]
}

func updateType(t *testing.T, s *store.Store, key string, ifVersion int64, fn func(*models.MessageType) error) (before, after models.MessageTypeHead, err error) {
	t.Helper()
	err = s.Write(t.Context(), func(tx *store.Tx) (err error) {
		before, after, err = tx.Platform().MessageTypes().Update(t.Context(), key, ifVersion, "usr_1", fn)
		return err
	})
	return before, after, err
}

func retitle(title string) func(*models.MessageType) error {
	return func(mt *models.MessageType) error {
		template := mt.Templates[models.LocaleEN]
		template.Title = title
		mt.Templates[models.LocaleEN] = template
		return nil
	}
}

func TestSeedingStoresWhatIsShippedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shipped := seed(t, s)
		seed(t, s)
		categories, err := s.Platform().MessageTypes().Categories(t.Context())
		require.NoError(t, err)
		assert.Equal(t, shipped.Categories, categories)
		for _, want := range shipped.Types {
			got, err := s.Catalogue().MessageType(t.Context(), want.Key)
			require.NoError(t, err)
			want.Version = 1
			assert.Equal(t, want, got.MessageType)
			assert.Equal(t, models.TypeShipped, got.Origin)
			revisions, next, err := s.Platform().MessageTypes().Revisions(t.Context(), want.Key, store.Page{})
			require.NoError(t, err)
			assert.Len(t, revisions, 1)
			assert.Empty(t, next)
		}
	})
}

func TestSeedingFollowsReleasesButNotOverOperators(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		shipped := seed(t, s)
		_, edited, err := updateType(t, s, "service.bill", 1, retitle("Mine {{amount}}"))
		require.NoError(t, err)
		c.Advance(time.Hour)
		bill, refund := shippedType(t, "service.bill"), shippedType(t, "account.refund")
		bill.DeadlineSeconds, refund.DeadlineSeconds = 61, 61
		shipped.Categories[0].Names = map[string]string{"zh-CN": "新", "en-US": "New"}
		require.NoError(t, s.Catalogue().SeedCatalogue(t.Context(), shipped.Categories, []models.MessageType{bill, refund}))

		got, err := s.Catalogue().MessageType(t.Context(), "service.bill")
		require.NoError(t, err)
		assert.Equal(t, edited.MessageType, got.MessageType, "an operator's version stays")
		got, err = s.Catalogue().MessageType(t.Context(), "account.refund")
		require.NoError(t, err)
		assert.EqualValues(t, 2, got.Version)
		assert.EqualValues(t, 61, got.DeadlineSeconds)
		assert.Equal(t, c.Now().Truncate(time.Microsecond), got.UpdatedAt.UTC())
		old, err := s.Catalogue().MessageTypeVersion(t.Context(), "account.refund", 1)
		require.NoError(t, err)
		assert.EqualValues(t, 172800, old.DeadlineSeconds, "old versions stay as they were")
		categories, err := s.Platform().MessageTypes().Categories(t.Context())
		require.NoError(t, err)
		assert.Equal(t, shipped.Categories, categories)
	})
}

func TestProcessesMaySeedAtOnce(t *testing.T) {
	t.Parallel()
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		shipped, err := catalog.Shipped()
		require.NoError(t, err)
		errs := make([]error, 4)
		var wait sync.WaitGroup
		for i := range errs {
			s := storetest.Open(t, cfg)
			wait.Go(func() { errs[i] = s.Catalogue().SeedCatalogue(t.Context(), shipped.Categories, shipped.Types) })
		}
		wait.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		s := storetest.Open(t, cfg)
		got, err := s.Catalogue().CurrentMessageType(t.Context(), "other.survey")
		require.NoError(t, err)
		assert.EqualValues(t, 1, got.Version)
	})
}

func TestEditsMakeVersionsThatNeverChange(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		seed(t, s)
		first, err := s.Catalogue().CurrentMessageType(t.Context(), "account.refund")
		require.NoError(t, err)
		c.Advance(time.Hour)
		before, after, err := updateType(t, s, "account.refund", 1, retitle("Two {{amount}}"))
		require.NoError(t, err)
		assert.Equal(t, first, before.MessageType)
		assert.EqualValues(t, 2, after.Version)
		assert.Equal(t, models.TypeOperator, after.Origin)
		assert.False(t, after.Trusted)
		assert.Equal(t, "Two {{amount}}", after.Templates[models.LocaleEN].Title)
		assert.NotEqual(t, "Two {{amount}}", before.Templates[models.LocaleEN].Title, "before and after share nothing")

		_, disabled, err := updateType(t, s, "account.refund", 0, func(mt *models.MessageType) error {
			mt.Key, mt.Category, mt.Version, mt.Trusted, mt.Enabled = "x.y", "x", 77, true, false
			return nil
		})
		require.NoError(t, err)
		assert.EqualValues(t, 3, disabled.Version)
		assert.Equal(t, "account.refund", disabled.Key)
		assert.False(t, disabled.Enabled || disabled.Trusted)

		_, same, err := updateType(t, s, "account.refund", 3, func(*models.MessageType) error { return nil })
		require.NoError(t, err)
		assert.EqualValues(t, 3, same.Version, "a change that changes nothing makes no version")

		again, err := s.Catalogue().MessageTypeVersion(t.Context(), "account.refund", 1)
		require.NoError(t, err)
		assert.Equal(t, first, again)
		revisions, next, err := s.Platform().MessageTypes().Revisions(t.Context(), "account.refund", store.Page{Limit: 2})
		require.NoError(t, err)
		assert.Equal(t, []int64{3, 2}, []int64{revisions[0].Version, revisions[1].Version})
		assert.Equal(t, "usr_1", revisions[0].CreatedBy)
		revisions, next, err = s.Platform().MessageTypes().Revisions(t.Context(), "account.refund", store.Page{Limit: 2, After: next})
		require.NoError(t, err)
		assert.Len(t, revisions, 1)
		assert.Empty(t, next)
		assert.Empty(t, revisions[0].CreatedBy)
	})
}

func TestEditsOfMessageTypesAreRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		seed(t, s)
		_, _, err := updateType(t, s, "account.refund", 2, retitle("x"))
		wantCode(t, err, models.CodeStale)
		_, _, err = updateType(t, s, "account.nothing", 0, retitle("x"))
		wantCode(t, err, models.CodeNotFound)
		refusal := models.Invalid("#/x", "y", "z")
		_, _, err = updateType(t, s, "account.refund", 1, func(*models.MessageType) error { return refusal })
		assert.ErrorIs(t, err, refusal)
		for _, key := range []string{"", "account.refund ", "ACCOUNT.REFUND", "account", "account.refund' --", fmt.Sprintf("%0100d", 1)} {
			_, err := s.Catalogue().MessageType(t.Context(), key)
			wantCode(t, err, models.CodeNotFound)
			_, _, err = s.Platform().MessageTypes().Revisions(t.Context(), key, store.Page{})
			wantCode(t, err, models.CodeNotFound)
		}
		_, err = s.Catalogue().MessageTypeVersion(t.Context(), "account.refund", 2)
		wantCode(t, err, models.CodeNotFound)
		_, _, err = s.Platform().MessageTypes().Revisions(t.Context(), "account.refund", store.Page{After: "x"})
		wantCode(t, err, models.CodeMalformed)
	})
}

// TestNobodySwitchesOffWhatIsShippedLocked: locks are floors for operators, too.
func TestNobodySwitchesOffWhatIsShippedLocked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		seed(t, s)
		edit := func(key string, fn func(*models.MessageType)) error {
			_, _, err := updateType(t, s, key, 0, func(mt *models.MessageType) error { fn(mt); return nil })
			return err
		}
		for name, off := range map[string]func(*models.MessageType){
			"all locks": func(mt *models.MessageType) { mt.Strict, mt.Locked = false, nil },
			"one lock":  func(mt *models.MessageType) { mt.Strict, mt.Locked = false, mt.Locked[:2] },
			"strict":    func(mt *models.MessageType) { mt.Strict = false },
			"enabled":   func(mt *models.MessageType) { mt.Enabled = false },
		} {
			require.NoError(t, edit("account.balance_warning", func(mt *models.MessageType) { mt.DeadlineSeconds++ }))
			assert.Equal(t, models.CodeConflict, models.CodeOf(edit("account.balance_warning", off)), name)
		}
		got, err := s.Catalogue().CurrentMessageType(t.Context(), "account.balance_warning")
		require.NoError(t, err)
		assert.True(t, got.Strict && got.Enabled && len(got.Locked) == 3)

		// What operators lock themselves, they unlock.
		inbox := []models.Channel{models.ChannelInbox}
		require.NoError(t, edit("service.bill", func(mt *models.MessageType) { mt.Locked = inbox }))
		require.NoError(t, edit("service.bill", func(mt *models.MessageType) { mt.Locked, mt.Enabled = nil, false }))
	})
}

func TestOperatorsAddMessageTypes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		seed(t, s)
		create := func(key string) (head models.MessageTypeHead, err error) {
			mt := shippedType(t, "other.survey")
			mt.Key, mt.Category = key, models.CategoryOf(key)
			err = s.Write(t.Context(), func(tx *store.Tx) (err error) {
				head, err = tx.Platform().MessageTypes().Create(t.Context(), mt, "usr_2")
				return err
			})
			return head, err
		}
		head, err := create("service.incident_review")
		require.NoError(t, err)
		assert.Equal(t, models.TypeOperator, head.Origin)
		got, err := s.Catalogue().MessageType(t.Context(), "service.incident_review")
		require.NoError(t, err)
		assert.Equal(t, head.MessageType, got.MessageType)
		assert.EqualValues(t, 1, got.Version)
		assert.False(t, got.Trusted)
		_, err = create("service.incident_review")
		wantCode(t, err, models.CodeConflict)
		_, err = create("nothing.review")
		wantCode(t, err, models.CodeInvalid)
		// A release that ships the same key later leaves the operator's alone.
		mt := shippedType(t, "other.survey")
		mt.Key, mt.Category = "service.incident_review", "service"
		require.NoError(t, s.Catalogue().SeedCatalogue(t.Context(), nil, []models.MessageType{mt}))
		got, err = s.Catalogue().MessageType(t.Context(), "service.incident_review")
		require.NoError(t, err)
		assert.EqualValues(t, 1, got.Version)
	})
}

func TestMessageTypesAreListedByKey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shipped := seed(t, s)
		_, _, err := updateType(t, s, "service.bill", 0, func(mt *models.MessageType) error {
			mt.Enabled = false
			return nil
		})
		require.NoError(t, err)
		list := func(filter store.MessageTypeFilter) (keys []string) {
			page := store.Page{Limit: 7}
			for {
				heads, next, err := s.Catalogue().MessageTypes(t.Context(), filter, page)
				require.NoError(t, err)
				for _, head := range heads {
					require.NotEmpty(t, head.Templates)
					keys = append(keys, head.Key)
				}
				if page.After = next; next == "" {
					return keys
				}
			}
		}
		var all []string
		for _, mt := range shipped.Types {
			all = append(all, mt.Key)
		}
		assert.Equal(t, all, list(store.MessageTypeFilter{}))
		assert.Equal(t, []string{"service.bill", "service.contract", "service.invoice"}, list(store.MessageTypeFilter{Category: "service"}))
		yes, no := true, false
		assert.Equal(t, []string{"service.contract", "service.invoice"}, list(store.MessageTypeFilter{Category: "service", Enabled: &yes}))
		assert.Equal(t, []string{"service.bill"}, list(store.MessageTypeFilter{Enabled: &no}))
		assert.Empty(t, list(store.MessageTypeFilter{Category: "nothing"}))
	})
}

func TestMoreVersionsThanAreRemembered(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	seed(t, s)
	for i := range 30 {
		_, after, err := updateType(t, s, "service.bill", 0, retitle(fmt.Sprintf("%d {{amount}}", i)))
		require.NoError(t, err)
		got, err := s.Catalogue().MessageTypeVersion(t.Context(), "service.bill", after.Version)
		require.NoError(t, err)
		assert.Equal(t, after.MessageType, got)
		assert.ElementsMatch(t, catalog.Locales(), slices.Collect(maps.Keys(got.Templates)))
	}
}
