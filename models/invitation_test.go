package models_test

import (
	"testing"
	"time"

	"belfry.dev/belfry/models"
)

// TestEachResendWaitsForLonger: 2, 4, 8, 16, 32 minutes and no more than that.
func TestEachResendWaitsForLonger(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		rules models.InvitationRules
		want  []int // minutes
	}{
		"as it comes":           {models.InvitationRules{}, []int{2, 4, 8, 16, 32, 32, 32}},
		"always as long":        {models.InvitationRules{CoolDownFactor: 1}, []int{2, 2, 2}},
		"a bound between":       {models.InvitationRules{MaxCoolDown: 7 * time.Minute}, []int{2, 4, 7, 7}},
		"a bound below it":      {models.InvitationRules{MaxCoolDown: time.Minute}, []int{2, 2}},
		"a factor beyond bound": {models.InvitationRules{CoolDownFactor: 1 << 40}, []int{2, 32, 32}},
	} {
		for resends, want := range c.want {
			i := models.Invitation{ID: "inv_1", SentAt: sent, Resends: resends}
			if got := c.rules.WithDefaults().ResendAt(i).Sub(sent).Minutes(); got != float64(want) {
				t.Errorf("%s: after %d resends it waits %v minutes, want %d", name, resends, got, want)
			}
		}
	}
	if got := (models.InvitationRules{}).WithDefaults().ResendAt(models.Invitation{SentAt: sent, Resends: 1 << 40}).Sub(sent); got != 32*time.Minute {
		t.Errorf("however often: %v", got)
	}
}

func TestADayWithoutAResendBeginsAnew(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	i := models.Invitation{ID: "inv_1", SentAt: sent, Resends: 3}
	for after, want := range map[time.Duration]int{time.Minute: 4, 24*time.Hour - 1: 4, 24 * time.Hour: 0} {
		if got := i.Pace().Next(sent.Add(after)); got != want {
			t.Errorf("after %v: %d resends in a row, want %d", after, got, want)
		}
	}
	if got := (models.Invitation{}).Pace().Next(sent); got != 0 {
		t.Errorf("the first is resend %d", got)
	}
}
