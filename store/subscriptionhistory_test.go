package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// matrixAt is the account's matrix as it was at the instant.
func (n tenant) matrixAt(t *testing.T, at time.Time) models.Matrix {
	t.Helper()
	m, err := n.s.In(n.id).Subscriptions().MatrixAt(t.Context(), at)
	require.NoError(t, err)
	return m
}

func TestTheMatrixOfAnyPastInstantIsWhatItWasThen(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		const second = "service.contract"
		now := func() models.Matrix {
			m, err := mine.s.In(mine.id).Subscriptions().Matrix(t.Context())
			require.NoError(t, err)
			return m
		}
		want := map[time.Time]models.Matrix{mine.now.Now(): now()}
		for _, change := range []func(){
			func() { mine.choose(t, billType, func(c *models.Choice) { c.Bots = []string{"bot_1"} }) },
			func() {
				mine.choose(t, second, func(c *models.Choice) { c.Kind, c.Targets = models.TargetContacts, []string{"ctc_1"} })
			},
			func() { mine.choose(t, billType, func(c *models.Choice) { c.Bots = []string{} }) },
			func() { mine.choose(t, billType, func(c *models.Choice) { *c = models.Choice{} }) },
			func() { // two changes at one instant: the later one counts
				mine.choose(t, second, func(c *models.Choice) { c.Targets = []string{"ctc_2"} })
				mine.choose(t, second, func(c *models.Choice) { c.Targets = []string{"ctc_3"} })
			},
		} {
			mine.now.advance(time.Second)
			change()
			want[mine.now.Now()] = now()
			other.choose(t, billType, func(c *models.Choice) { c.Bots = append(c.Bots, "bot_9") })
		}
		require.Len(t, want, 6)
		for at, then := range want {
			assert.Equal(t, then, mine.matrixAt(t, at), "to the microsecond")
			assert.Equal(t, then, mine.matrixAt(t, at.Add(time.Second-time.Microsecond)), "until the next change")
			of, err := mine.s.In(mine.id).Subscriptions().MatrixOfVersion(t.Context(), then.Version)
			require.NoError(t, err)
			assert.Equal(t, then, of)
		}
		assert.Empty(t, mine.matrixAt(t, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).Choices, "before everything")
		assert.NotContains(t, other.matrixAt(t, mine.now.Now()).Choices, second, "another account's history is its own")
	})
}

func TestTypesStandAsTheyDidThen(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		s, before := mine.s, mine.now.Now().Add(-time.Microsecond)
		shipped := seed(t, s)
		seeded := mine.now.Now()
		mine.now.advance(time.Hour)
		_, edited, err := updateType(t, s, billType, 0, retitle("Mine {{amount}}"))
		require.NoError(t, err)
		changed := mine.now.Now()
		mine.now.advance(time.Hour)
		_, off, err := updateType(t, s, billType, 0, func(mt *models.MessageType) error { mt.Enabled = false; return nil })
		require.NoError(t, err)
		own := shippedType(t, "service.contract")
		own.Key = "service.abacus"
		inTx(t, s, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Platform().MessageTypes().Create(ctx, own, "usr_1")
			return err
		})
		at := func(at time.Time) (keys []string, bill models.MessageType) {
			types, err := s.Catalogue().TypesAt(t.Context(), at)
			require.NoError(t, err)
			for _, each := range types {
				keys = append(keys, each.Key)
				if each.Key == billType {
					bill = each
				}
			}
			assert.True(t, slices.IsSorted(keys))
			return keys, bill
		}
		keys, _ := at(before)
		assert.Empty(t, keys)
		keys, bill := at(seeded)
		assert.Len(t, keys, len(shipped.Types))
		assert.EqualValues(t, 1, bill.Version)
		assert.Equal(t, shippedType(t, billType).Templates, bill.Templates)
		_, bill = at(changed.Add(-time.Microsecond))
		assert.EqualValues(t, 1, bill.Version)
		keys, bill = at(changed)
		assert.Equal(t, edited.MessageType, bill)
		assert.NotContains(t, keys, own.Key, "it did not exist")
		keys, bill = at(mine.now.Now())
		assert.Equal(t, off.MessageType, bill)
		assert.Contains(t, keys, own.Key)
	})
}
