package reminders

import (
	"slices"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/models"
)

func TestEachRungSaysWhetherItWasSent(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 6, 0, 0, 0, time.UTC)
	release := now.Add(30 * 24 * time.Hour)
	r := models.Resource{AccountID: "acc_1", State: models.ResourceActive, ExpiresAt: now.Add(10 * 24 * time.Hour), ReleaseAt: &release}
	r.Reached = -int64(15 * models.Day) // two rungs are behind; of one a message told
	past := []models.Reminder{
		{Rung: "expiry-15d", Deadline: r.ExpiresAt, NotificationID: "ntf_1"},
		{Rung: "expiry-7d", Deadline: r.ExpiresAt.Add(-time.Hour), NotificationID: "ntf_0"}, // of an earlier deadline
		{Rung: "expiry-30d", Deadline: r.ExpiresAt},
	}
	stand := func(state models.ResourceState) (out []string) {
		r.State = state
		for _, each := range viewRungs(r, past, time.UTC, now) {
			out = append(out, each.Rung+" "+string(each.State))
		}
		return out
	}
	want := []string{
		"expiry-30d will_not", "expiry-15d sent", "expiry-7d next", "expiry-3d planned", "expiry-1d planned", "expired planned",
		"release-3d planned", "release-1d planned", "released planned",
	}
	if got := stand(models.ResourceActive); !slices.Equal(got, want) {
		t.Errorf("active: %q", got)
	}
	want = []string{
		"expiry-30d will_not", "expiry-15d sent", "expiry-7d will_not", "expiry-3d will_not", "expiry-1d will_not", "expired next",
		"release-3d will_not", "release-1d will_not", "released will_not",
	}
	if got := stand(models.ResourceWillNotRenew); !slices.Equal(got, want) {
		t.Errorf("not renewed: %q", got)
	}
	for _, each := range stand(models.ResourceReleased) {
		if each != "expiry-15d sent" && !strings.HasSuffix(each, " will_not") {
			t.Errorf("released, but %s", each)
		}
	}
}
