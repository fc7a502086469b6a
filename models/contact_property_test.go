package models_test

import (
	"slices"
	"strings"
	"testing"

	"belfry.dev/belfry/models"
	"pgregory.net/rapid"
)

// addresses draws a list without repeats, over two channels and few values.
func addresses(t *rapid.T, label string, states ...models.AddressState) []models.Address {
	keys := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"email a", "email b", "email c", "sms 1", "sms 2"}), 0, 5, rapid.ID[string]).Draw(t, label)
	list := []models.Address{}
	for _, key := range keys {
		name, value, _ := strings.Cut(key, " ")
		channel := models.Channel(name)
		list = append(list, models.Address{
			ID: key, Channel: channel, Value: value, ValueKey: value, State: rapid.SampledFrom(states).Draw(t, "state of "+key),
		})
	}
	return list
}

func proven(list []models.Address, channel models.Channel) bool {
	return slices.ContainsFunc(list, func(a models.Address) bool { return a.Channel == channel && a.Deliverable() })
}

// TestMandatoryMessagesKeepAWay: whatever the root user wants, and in whatever order
// addresses are proven, a channel of the account contact that reached it goes on
// reaching it; no address is ever proven by being wanted; none stands twice.
func TestMandatoryMessagesKeepAWay(t *testing.T) {
	t.Parallel()
	all := []models.AddressState{models.AddressPending, models.AddressVerified, models.AddressFailed, models.AddressExpired, models.AddressWaived}
	channels := []models.Channel{models.ChannelEmail, models.ChannelSMS}
	rapid.Check(t, func(t *rapid.T) {
		list := addresses(t, "current", all...)
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			before := slices.Clone(list)
			if rapid.Bool().Draw(t, "prove") && len(list) > 0 {
				id := rapid.SampledFrom(list).Draw(t, "which").ID
				var err error
				if list, err = models.Prove(list, id, models.AddressVerified); err != nil {
					t.Fatalf("Prove(%s) = %v", id, err)
				}
				before = slices.DeleteFunc(before, func(a models.Address) bool { return a.ID == id })
			} else if next, err := models.Successors(list, addresses(t, "wanted", models.AddressPending)); err == nil {
				for _, a := range next {
					if a.Deliverable() && !slices.ContainsFunc(list, func(old models.Address) bool { return old.Same(a) && old.State == a.State }) {
						t.Fatalf("%v is proven by being wanted", a)
					}
				}
				list = next
			}
			check(t, before, list, channels)
		}
	})
}

func check(t *rapid.T, before, list []models.Address, channels []models.Channel) {
	for _, channel := range channels {
		if proven(before, channel) && !proven(list, channel) {
			t.Fatalf("%s reaches nobody any more: %v, before %v", channel, list, before)
		}
	}
	for i, a := range list {
		if slices.ContainsFunc(list[i+1:], a.Same) {
			t.Fatalf("%v stands twice in %v", a, list)
		}
		if a.Leaving && !a.Deliverable() {
			t.Fatalf("%v waits for its successor and reaches nobody", a)
		}
	}
}
