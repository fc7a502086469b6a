package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func TestBudgetsAreSharedOverAccountsAndSpellings(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		spellings := []string{"ada.l@acme.example", "adal@acme.example", "a.d.a.l+x@acme.example"}
		var last invitee
		for n, key := range spellings {
			last = []tenant{mine, other, mine}[n].invite(t, models.ChannelEmail, key)
			last.send(t)
		}
		over := other.invite(t, models.ChannelEmail, "adal+y@acme.example")
		m := over.message(t, 0)
		err := over.s.Proofs().SendInvitation(t.Context(), over.id, m)
		wantCode(t, err, models.CodeRateLimited)
		m.NextAt = m.LinkExpiresAt
		require.NoError(t, over.s.Proofs().SkipInvitation(t.Context(), over.id, m))
		a, i := over.now(t)
		assert.Equal(t, models.AddressPending, a.State)
		assert.Equal(t, models.ReasonRateLimited, i.Reason)
		assert.False(t, i.Waits(), "it does not try again by itself")

		mine.now.advance(4 * time.Minute)
		failure := &models.Error{}
		require.ErrorAs(t, last.resend(t), &failure)
		assert.Equal(t, models.CodeRateLimited, failure.Code)
		assert.Greater(t, failure.RetryAfter, 23*time.Hour)
		mine.now.advance(24 * time.Hour)
		require.NoError(t, over.resend(t))
		require.NoError(t, over.follow(t, over.send(t).Token))
	})
}

func TestTheSMSCapAlarmsOnce(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		alarms := func() int {
			rows, _, err := mine.s.In(mine.id).Notifications().List(t.Context(), store.NotificationFilter{Type: "exception.invitation_sms_cap"}, store.Page{Limit: 10})
			require.NoError(t, err)
			return len(rows)
		}
		for n := range 3 {
			mine.invite(t, models.ChannelSMS, fmt.Sprintf("+861380013800%d", n)).send(t)
		}
		assert.Zero(t, alarms())
		mine.invite(t, models.ChannelSMS, "+8613800138004").send(t)
		assert.Equal(t, 1, alarms(), "the last one that the cap allows says so")
		over := mine.invite(t, models.ChannelSMS, "+14155550100")
		m := over.message(t, 0)
		wantCode(t, over.s.Proofs().SendInvitation(t.Context(), over.id, m), models.CodeRateLimited)
		require.NoError(t, over.s.Proofs().SkipInvitation(t.Context(), over.id, m))
		assert.Equal(t, 1, alarms())
		mine.invite(t, models.ChannelEmail, "ada@acme.example").send(t) // other channels go on
	})
}

func TestRefusedBudgetsCountNothing(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		free, used := models.Budget{Key: "free", Limit: 1, Window: time.Hour}, models.Budget{Key: "used", Limit: 0, Window: time.Hour}
		for range 3 {
			wantCode(t, mine.s.Limits().Spend(t.Context(), []models.Budget{free, used}), models.CodeRateLimited)
		}
		require.NoError(t, mine.s.Limits().Spend(t.Context(), []models.Budget{free}))
		wantCode(t, mine.s.Limits().Spend(t.Context(), []models.Budget{free}), models.CodeRateLimited)
	})
}
