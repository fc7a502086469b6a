package models_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"belfry.dev/belfry/models"
)

func open(id string, channel models.Channel, address string, change func(*models.Delivery)) models.Delivery {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	d := models.Delivery{ID: id, Channel: channel, AddressKey: address, State: models.DeliveryPending, NextAttemptAt: &at}
	if change != nil {
		change(&d)
	}
	return d
}

func locked(d *models.Delivery) { d.Locked = true }
func held(d *models.Delivery)   { d.Reason = models.ReasonQuietHours }
func final(d *models.Delivery)  { d.State = models.DeliverySuppressed }

func TestOneOfThoseToARecipientLeadsTheOthers(t *testing.T) {
	t.Parallel()
	const mail, sms = models.ChannelEmail, models.ChannelSMS
	for name, c := range map[string]struct {
		all  [][]models.Delivery
		into map[string]string
	}{
		"the most urgent": {
			[][]models.Delivery{{open("a", mail, "x", nil)}, {open("b", mail, "x", nil)}, {open("c", mail, "x", nil)}},
			map[string]string{"b": "a", "c": "a"},
		},
		"each address and channel by itself": {
			[][]models.Delivery{{open("a", mail, "x", nil), open("b", sms, "x", nil)}, {open("c", mail, "y", nil), open("d", sms, "x", nil)}},
			map[string]string{"d": "b"},
		},
		"bots by their id, as their address is a credential": {
			[][]models.Delivery{
				{open("a", models.ChannelWebhook, "", func(d *models.Delivery) { d.BotID = "1" })},
				{open("b", models.ChannelWebhook, "", func(d *models.Delivery) { d.BotID = "2" })},
				{open("c", models.ChannelWebhook, "", func(d *models.Delivery) { d.BotID = "1" })},
			},
			map[string]string{"c": "a"},
		},
		"a floor before what can be switched off": {
			[][]models.Delivery{{open("a", mail, "x", nil)}, {open("b", mail, "x", locked)}, {open("c", mail, "x", locked)}},
			map[string]string{"a": "b", "c": "b"},
		},
		"what is due before what is held": {
			[][]models.Delivery{{open("a", mail, "x", held)}, {open("b", mail, "x", nil)}},
			map[string]string{"a": "b"},
		},
		"what is final stays apart": {
			[][]models.Delivery{{open("a", mail, "x", final)}, {open("b", mail, "x", nil)}, {open("c", mail, "x", nil)}},
			map[string]string{"c": "b"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			models.Gather(c.all)
			into := map[string]string{}
			for _, list := range c.all {
				for _, d := range list {
					if d.EnvelopeID != "" {
						into[d.ID] = d.EnvelopeID
						assert.Equal(t, models.ReasonMerged, d.Reason)
						assert.Nil(t, d.NextAttemptAt, "it waits for the other")
					}
				}
			}
			assert.Equal(t, c.into, into)
		})
	}
}

// TestMergingLosesNobody: every open delivery leaves by itself or with one that does, to the
// same recipient, and no two leave to one recipient.
func TestMergingLosesNobody(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := make([][]models.Delivery, rapid.IntRange(1, 6).Draw(t, "notifications"))
		for i := range all {
			for j := range rapid.IntRange(0, 5).Draw(t, "deliveries") { // addresses are unique in a notification
				all[i] = append(all[i], open(fmt.Sprint(i, "-", j), models.ChannelEmail, fmt.Sprint(j), func(d *models.Delivery) {
					d.Locked = rapid.Bool().Draw(t, "locked")
					if rapid.Bool().Draw(t, "held") {
						held(d)
					}
					if rapid.IntRange(0, 3).Draw(t, "final") == 0 {
						final(d)
					}
				}))
			}
		}
		models.Gather(all)
		leaves := map[string]models.Delivery{}
		for _, list := range all {
			for _, d := range list {
				if d.State.Final() || d.EnvelopeID != "" {
					continue
				}
				if other, twice := leaves[d.AddressKey]; twice {
					t.Fatalf("%s and %s leave to one recipient", other.ID, d.ID)
				}
				leaves[d.AddressKey] = d
			}
		}
		for _, list := range all {
			for _, d := range list {
				carrier := leaves[d.AddressKey]
				switch {
				case d.State.Final() && d.EnvelopeID != "":
					t.Fatalf("%s is final and carried", d.ID)
				case d.EnvelopeID != "" && d.EnvelopeID != carrier.ID:
					t.Fatalf("%s is carried by %s, and %s leaves", d.ID, d.EnvelopeID, carrier.ID)
				case d.EnvelopeID != "" && d.Locked && !carrier.Locked:
					t.Fatalf("a floor, %s, depends on %s, which is none", d.ID, carrier.ID)
				}
			}
		}
	})
}

func TestWhatIsCarriedFollows(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	live := models.Notification{ExpiresAt: now.Add(time.Hour)}
	over, cancelled := models.Notification{ExpiresAt: now}, live
	cancelled.CancelledAt = &now
	waiting := models.Delivery{ID: "d", EnvelopeID: "c", State: models.DeliveryPending, Reason: models.ReasonMerged, Attempts: 2}
	untold := waiting
	untold.Attempts = 0
	free := models.Delivery{ID: "d", State: models.DeliveryPending, NextAttemptAt: &now}
	carrier := func(state models.DeliveryState, attempts int) models.Delivery {
		return models.Delivery{ID: "c", State: state, Reason: "why", Attempts: attempts, FinishedAt: &now}
	}
	ended := func(d models.Delivery, state models.DeliveryState, reason string) models.Delivery {
		d.State, d.Reason, d.FinishedAt = state, reason, &now
		return d
	}
	const pending, delivered, failed, stopped = models.DeliveryPending, models.DeliveryDelivered, models.DeliveryFailed, models.DeliveryCancelled
	for name, c := range map[string]struct {
		d       models.Delivery
		carrier models.Delivery
		n       models.Notification
		calling bool
		want    models.Delivery
	}{
		"waits while the other is open":            {waiting, carrier(pending, 2), live, false, waiting},
		"delivered with it":                        {waiting, carrier(delivered, 2), live, false, ended(waiting, delivered, "why")},
		"delivered with it, its own time over":     {waiting, carrier(delivered, 2), over, false, ended(waiting, delivered, "why")},
		"delivered with it, cancelled too late":    {waiting, carrier(delivered, 2), cancelled, false, ended(waiting, delivered, "why")},
		"failed with it":                           {waiting, carrier(failed, 2), live, false, ended(waiting, failed, "why")},
		"free: the last attempt did not tell it":   {waiting, carrier(delivered, 3), live, false, free},
		"free: the other was cancelled":            {waiting, carrier(stopped, 2), live, false, free},
		"free: the other is not for the recipient": {waiting, carrier(models.DeliverySuppressed, 2), live, false, free},
		"free: the other's text could not be made": {untold, carrier(failed, 0), live, false, free},
		"free: its time ended before any attempt":  {untold, carrier(pending, 0), over, false, free},
		"failed: its time ended after an attempt":  {waiting, carrier(pending, 2), over, false, ended(waiting, failed, models.ReasonExpired)},
		"cancelled":                         {waiting, carrier(pending, 2), cancelled, false, ended(waiting, stopped, models.ReasonCancelled)},
		"cancelled, not free":               {waiting, carrier(stopped, 2), cancelled, false, ended(waiting, stopped, models.ReasonCancelled)},
		"waits for the call, cancelled":     {waiting, carrier(pending, 2), cancelled, true, waiting},
		"waits for the call, its time over": {waiting, carrier(pending, 2), over, true, waiting},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, moved := c.d.Follow(c.carrier.Led(), c.n, c.calling, now)
			assert.Equal(t, c.want, got)
			assert.Equal(t, !assert.ObjectsAreEqual(c.d, c.want), moved)
		})
	}
}

// TestTheLifeOfAnEnvelopeIsThatOfItsDelivery: what a delivery that stands for an envelope says
// is where its table leads.
func TestTheLifeOfAnEnvelopeIsThatOfItsDelivery(t *testing.T) {
	t.Parallel()
	for _, row := range models.EnvelopeLife() {
		d := models.Envelope{ID: "env_1", State: row.To}.Delivery()
		assert.True(t, d.StandsForEnvelope())
		assert.Equal(t, row.To.Final(), d.State.Final(), row.To)
		if row.To != models.EnvelopeOpen { // an open one is not tried
			assert.Equal(t, row.To, d.Led().State)
		}
		if row.In != "" && row.In.Final() {
			t.Errorf("%s is final, and %s happens to it", row.In, row.On)
		}
		assert.Equal(t, row.To.Final(), row.Next == models.Never, "%s %s", row.In, row.On)
	}
}

// TestAFinalEnvelopeIsEmpty: what its last attempt told of ends with it, the rest goes on.
func TestAFinalEnvelopeIsEmpty(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	in := []models.Delivery{{ID: "a", Attempts: 2, EnvelopeID: "env_1"}, {ID: "b", Attempts: 1, EnvelopeID: "env_1"}, {ID: "c", Attempts: 2, EnvelopeID: "env_1"}, {ID: "d", EnvelopeID: "env_1"}}
	for state, want := range map[models.EnvelopeState]map[models.DeliveryState][]string{
		models.EnvelopeDelivered: {models.DeliveryDelivered: {"a", "c"}, models.DeliveryPending: {"b", "d"}},
		models.EnvelopeFailed:    {models.DeliveryFailed: {"a", "c"}, models.DeliveryPending: {"b", "d"}},
		models.EnvelopeCancelled: {models.DeliveryPending: {"a", "b", "c", "d"}},
	} {
		rows := make([]models.Delivery, len(in))
		for i, d := range in {
			d.State = models.DeliveryPending
			rows[i] = d
		}
		got := map[models.DeliveryState][]string{}
		for next, alike := range (models.Envelope{State: state, Attempts: 2, FinishedAt: &now}).Empty(rows, now) {
			for _, d := range alike {
				got[next] = append(got[next], d.ID)
				assert.Equal(t, next == models.DeliveryPending, d.EnvelopeID == "")
			}
		}
		assert.Equal(t, want, got, state)
	}
}

func TestWhatIsInADigestIsLedByNobody(t *testing.T) {
	t.Parallel()
	all := [][]models.Delivery{{open("a", models.ChannelEmail, "x", nil)}, {open("b", models.ChannelEmail, "x", func(d *models.Delivery) { d.Reason = models.ReasonDigest })}, {open("c", models.ChannelEmail, "x", nil)}}
	models.Gather(all)
	assert.Equal(t, []string{"", "", "a"}, []string{all[0][0].EnvelopeID, all[1][0].EnvelopeID, all[2][0].EnvelopeID})
}

func TestJoiningsAreSortedByTheirEnvelopes(t *testing.T) {
	t.Parallel()
	plan := func(names ...string) *models.Plan {
		p := &models.Plan{Digests: map[string]models.Gathering{}}
		for _, name := range names {
			p.Deliveries = append(p.Deliveries, models.Delivery{Slot: name}, models.Delivery{Slot: "alone " + name})
			p.Digests[name] = models.Gathering{Gathers: name}
		}
		return p
	}
	first, second := plan("c", "a"), plan("b", "a")
	got := models.Joinings([]*models.Plan{first, second})
	assert.Len(t, got, 3)
	for i, name := range []string{"a", "b", "c"} {
		assert.Equal(t, name, got[i].Gathering.Gathers)
	}
	got[0].Deliveries[1].EnvelopeID = "env_1"
	assert.Equal(t, "env_1", second.Deliveries[2].EnvelopeID, "the plan's own")
	assert.Len(t, got[0].Deliveries, 2)
}
