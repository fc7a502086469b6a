package schedule_test

import (
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
)

// TestAFirstRoundWaitsForItsInstant: one that the mailbox's pace put off is sent then.
func TestAFirstRoundWaitsForItsInstant(t *testing.T) {
	t.Parallel()
	rules := models.InvitationRules{}.WithDefaults()
	for after, want := range map[time.Duration]schedule.InvitationAct{
		-time.Microsecond: schedule.InvitationWait, 0: schedule.InvitationSend, time.Hour: schedule.InvitationSend,
	} {
		at := noon
		i := models.Invitation{ID: "inv_1", State: models.InvitationPending, SentAt: noon.Add(-time.Minute), LinkExpiresAt: noon.Add(-time.Minute), NextAt: &at}
		if got := schedule.InvitationDue(rules, i, noon.Add(after)); got != want {
			t.Errorf("%v after its instant: %s, want %s", after, got, want)
		}
	}
}
