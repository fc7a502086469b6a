package routing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
)

// wanting is a type that its one target wants by the rules.
func wanting(now time.Time, change func(*routing.Input, *models.Preferences), rules ...models.Digest) routing.Input {
	kind := lowBalance()
	kind.Key, kind.Category, kind.Locked = "exception.monitor_alert", "exception", nil
	in := addressed(kind, person("ctc_1", mail("adr_1", "a@example.com", models.AddressVerified)))
	in.Now, in.TimeZone, in.Language, in.Severity = now, "Europe/Berlin", models.LocaleEN, models.SeverityWarning
	p := models.Preferences{Digests: rules}
	if change != nil {
		change(&in, &p)
	}
	in.Preferences = map[string]models.Preferences{"ctc_1": p}
	return in
}

// gathered is the digest of the one delivery that is made.
func gathered(t *testing.T, in routing.Input) (models.Gathering, bool) {
	t.Helper()
	in.InboxWritten = true
	planned := routing.Plan(in)
	for _, d := range planned.Deliveries {
		if d.Channel != models.ChannelEmail {
			continue
		}
		require.Equal(t, models.DeliveryPending, d.State, d.Reason)
		g, held := planned.Digests[d.Slot]
		if held {
			assert.Equal(t, models.ReasonDigest, d.Reason)
			assert.Equal(t, g.ClosesAt, *d.NextAttemptAt)
			assert.Empty(t, planned.Limits, "it counts when it closes")
			assert.False(t, planned.HeldUntil.Before(g.ClosesAt))
		}
		return g, held
	}
	t.Fatal("no e-mail")
	return models.Gathering{}, false
}

func TestADigestClosesAfterItsWindowOrAtItsHour(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		instant, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return instant
	}
	daily := func(hour string) models.Digest { return models.Digest{Category: "exception", DailyAt: hour} }
	quiet := func(from, to string) func(*routing.Input, *models.Preferences) {
		return func(_ *routing.Input, p *models.Preferences) { p.QuietFrom, p.QuietTo = from, to }
	}
	for name, c := range map[string]struct {
		now    string
		rule   models.Digest
		change func(*routing.Input, *models.Preferences)
		want   string
	}{
		"a window":                                 {"2026-03-01T12:00:00Z", models.Digest{Type: "exception.monitor_alert", WindowMinutes: 15}, nil, "2026-03-01T12:15:00Z"},
		"later today":                              {"2026-03-01T12:00:00Z", daily("18:30"), nil, "2026-03-01T17:30:00Z"},
		"tomorrow":                                 {"2026-03-01T12:00:00Z", daily("09:00"), nil, "2026-03-02T08:00:00Z"},
		"at that very minute: the next day":        {"2026-03-01T08:00:00Z", daily("09:00"), nil, "2026-03-02T08:00:00Z"},
		"a minute that clocks skip":                {"2026-03-28T20:00:00Z", daily("02:30"), nil, "2026-03-29T01:30:00Z"},
		"a minute that is there twice":             {"2026-10-24T20:00:00Z", daily("02:30"), nil, "2026-10-25T00:30:00Z"},
		"after the second of them":                 {"2026-10-25T01:10:00Z", daily("02:30"), nil, "2026-10-26T01:30:00Z"},
		"in the contact's zone":                    {"2026-03-01T12:00:00Z", daily("09:00"), func(in *routing.Input, _ *models.Preferences) { in.Contacts[0].TimeZone = "Asia/Tokyo" }, "2026-03-02T00:00:00Z"},
		"a window that ends in quiet hours":        {"2026-03-01T20:55:00Z", models.Digest{Type: "exception.monitor_alert", WindowMinutes: 15}, quiet("22:00", "08:00"), "2026-03-02T07:00:00Z"},
		"an hour in quiet hours, and none is lost": {"2026-03-01T22:30:00Z", daily("23:00"), quiet("22:00", "08:00"), "2026-03-02T07:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, held := gathered(t, wanting(at(c.now), c.change, c.rule))
			require.True(t, held)
			assert.Equal(t, at(c.want), g.ClosesAt.UTC())
		})
	}
}

func TestWhatADigestIsOf(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	own, whole := models.Digest{Type: "exception.monitor_alert", WindowMinutes: 5}, models.Digest{Category: "exception", DailyAt: "09:00"}
	g, held := gathered(t, wanting(now, nil, whole, own))
	require.True(t, held)
	assert.Equal(t, "email/adr_1/en-US/type:exception.monitor_alert", g.Gathers, "the type's own rule goes before its category's")
	g, _ = gathered(t, wanting(now, nil, whole))
	assert.Equal(t, "email/adr_1/en-US/category:exception", g.Gathers)
	open := func(at time.Duration) func(*routing.Input, *models.Preferences) {
		return func(in *routing.Input, _ *models.Preferences) {
			in.Open = map[string]time.Time{"email/adr_1/en-US/type:exception.monitor_alert": now.Add(at)}
		}
	}
	g, _ = gathered(t, wanting(now, open(2*time.Minute), own))
	assert.Equal(t, now.Add(2*time.Minute), g.ClosesAt, "with those that wait already")
	g, _ = gathered(t, wanting(now, open(-time.Minute), own))
	assert.Equal(t, now.Add(5*time.Minute), g.ClosesAt, "what should have closed takes nothing any more")

	for name, change := range map[string]func(*routing.Input, *models.Preferences){
		"another type": func(in *routing.Input, _ *models.Preferences) {
			in.Type.Key, in.Type.Category = "service.bill", "service"
		},
		"critical":        func(in *routing.Input, _ *models.Preferences) { in.Severity = models.SeverityCritical },
		"a floor":         func(in *routing.Input, _ *models.Preferences) { in.Type.Locked = []models.Channel{models.ChannelEmail} },
		"security":        func(in *routing.Input, _ *models.Preferences) { in.Type.Category = models.CategorySecurity },
		"never twice":     func(in *routing.Input, _ *models.Preferences) { in.Type.AtMostOnce = true },
		"over by then":    func(in *routing.Input, _ *models.Preferences) { in.ExpiresAt, in.Brief = now.Add(5*time.Minute), true },
		"not over by far": nil,
	} {
		_, held := gathered(t, wanting(now, change, own))
		assert.Equal(t, change == nil, held, name)
	}
	_, held = gathered(t, wanting(now, func(in *routing.Input, _ *models.Preferences) { in.ExpiresAt, in.Brief = now.Add(6*time.Minute), true }, own))
	assert.True(t, held, "brief, and still in time")
}

// TestNothingIsHeldForADigestForLong, and what is urgent never: for any rules and quiet hours.
func TestNothingIsHeldForADigestForLong(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		clock := rapid.StringMatching("([01][0-9]|2[0-3]):[0-5][0-9]")
		now := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 220*24*60).Draw(r, "minutes")) * time.Minute)
		rule := models.Digest{Category: "exception", DailyAt: clock.Draw(r, "daily")}
		if rapid.Bool().Draw(r, "window") {
			rule.DailyAt, rule.WindowMinutes = "", rapid.IntRange(5, 1440).Draw(r, "length")
		}
		in := wanting(now, func(in *routing.Input, p *models.Preferences) {
			p.QuietFrom, p.QuietTo, p.QuietZone = clock.Draw(r, "from"), clock.Draw(r, "to"), rapid.SampledFrom([]string{"", "Asia/Tokyo", "Australia/Lord_Howe"}).Draw(r, "zone")
			in.TimeZone = rapid.SampledFrom([]string{"Europe/Berlin", "America/St_Johns", "UTC", "nowhere"}).Draw(r, "account")
			in.Severity = rapid.SampledFrom([]models.Severity{models.SeverityInfo, models.SeverityCritical}).Draw(r, "severity")
		}, rule)
		g, held := gathered(t, in)
		switch {
		case held != (in.Severity != models.SeverityCritical):
			r.Fatalf("held: %v", held)
		case held && (!g.ClosesAt.After(now) || g.ClosesAt.After(now.Add(routing.LongestHold))):
			r.Fatalf("from %s it closes at %s", now, g.ClosesAt)
		}
	})
}

// TestADigestIsOneMessageForItsLimits: it counts once for each type, and once for the
// recipient.
func TestADigestIsOneMessageForItsLimits(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC)
	part := func(key string, limit int) models.Part {
		return models.Part{
			Notification: models.Notification{Type: key}, Delivery: models.Delivery{Channel: models.ChannelEmail, ContactID: "ctc_1"},
			Recipient: models.Recipient{Preferences: models.Preferences{MaxPerHour: 3}, Account: models.Account{TimeZone: "UTC"}, Choice: models.Choice{Caps: map[models.Channel]int{models.ChannelEmail: limit}}},
		}
	}
	limits := routing.ClosingLimits([]models.Part{part("a.b", 1), part("a.b", 1), part("a.c", 2)}, now)
	require.Len(t, limits, 3)
	assert.Equal(t, "hour/ctc_1/2026-03-01T12:00:00Z", limits[""][0].Key)
	assert.Equal(t, "cap/a.b/email/2026-03-01", limits["a.b"][0].Key)
	assert.Equal(t, 2, limits["a.c"][0].Limit)
	refused := models.Refused([]models.Part{part("a.b", 1), part("a.c", 2)}, map[string]string{"a.b": models.ReasonCapped})
	require.Len(t, refused[models.ReasonCapped], 1)
	assert.Len(t, models.Refused([]models.Part{part("a.b", 1), part("a.c", 2)}, map[string]string{"": models.ReasonThrottled})[models.ReasonThrottled], 2)
}
