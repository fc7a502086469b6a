package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// step sends the first message as its workflow would, with the rules of the pace, and
// returns the invitation as it stands then.
func (v invitee) step(t *testing.T) models.Invitation {
	t.Helper()
	m := v.message(t, 0)
	m.Rules = rules()
	require.NoError(t, v.s.Proofs().SendInvitation(t.Context(), v.id, m))
	_, i := v.now(t)
	return i
}

func (v invitee) delete(t *testing.T) {
	t.Helper()
	inTx(t, v.s, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.In(v.id).Contacts().Delete(ctx, v.contact.ID)
		return err
	})
}

// TestAnotherContactDoesNotHastenTheMailboxsNextMessage: whoever deletes a contact and
// adds it again, in another spelling, waits as for a resend, and longer each time.
func TestAnotherContactDoesNotHastenTheMailboxsNextMessage(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		first := mine.invite(t, models.ChannelEmail, "ada@acme.example")
		require.Equal(t, 1, first.step(t).Round)
		begin := mine.now.Now()
		first.delete(t)

		again := mine.invite(t, models.ChannelEmail, "a.da+x@acme.example")
		mine.now.advance(time.Minute)
		for range 2 {
			i := again.step(t)
			assert.Zero(t, i.Round, "nothing was sent")
			assert.True(t, i.Waits())
			assert.Equal(t, begin.Add(2*time.Minute), *i.NextAt)
		}
		wantCode(t, again.resend(t), models.CodeRateLimited)
		assert.Equal(t, 1, other.invite(t, models.ChannelEmail, "ada@acme.example").step(t).Round, "another account has its own pace")
		assert.Equal(t, 1, mine.invite(t, models.ChannelEmail, "bob@acme.example").step(t).Round, "and so has another mailbox")

		mine.now.advance(time.Minute)
		i := again.step(t)
		require.Equal(t, 1, i.Round)
		assert.Equal(t, 1, i.Resends, "it is the second in a row")
		again.delete(t)
		third := mine.invite(t, models.ChannelEmail, "ada@acme.example")
		assert.Equal(t, begin.Add(6*time.Minute), *third.step(t).NextAt, "four minutes after the second one")
		wantCode(t, third.resend(t), models.CodeRateLimited)

		mine.now.advance(24 * time.Hour)
		i = third.step(t)
		assert.Equal(t, 1, i.Round)
		assert.Zero(t, i.Resends, "a day without one begins anew")
	})
}

func TestAResendCountsForTheMailbox(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		first := mine.invite(t, models.ChannelEmail, "ada@acme.example")
		first.step(t)
		mine.now.advance(2 * time.Minute)
		require.NoError(t, first.resend(t))
		first.send(t)
		second := mine.invite(t, models.ChannelEmail, "ada@acme.example")
		assert.Equal(t, mine.now.Now().Add(4*time.Minute), *second.step(t).NextAt)
		mine.now.advance(4 * time.Minute)
		assert.Equal(t, 2, second.step(t).Resends)
	})
}
