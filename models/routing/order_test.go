package routing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
)

// night is when quiet hours from 22:00 to 08:00 UTC hold.
func night() time.Time { return time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC) }

// alert is a type by e-mail and SMS, with nothing outward locked.
func alert() models.MessageType {
	t := lowBalance()
	t.Key, t.Category, t.DeadlineSeconds = "exception.monitor_alert", "exception", 3600
	return t
}

// chosen is an alert for a contact with an e-mail address; the account contact has another.
func chosen() routing.Input {
	in := addressed(alert(), person("ctc_1", mail("adr_1", "a@example.com", models.AddressVerified)))
	account := person("ctc_0", mail("adr_0", "account@example.com", models.AddressVerified))
	account.Kind = models.ContactAccount
	in.AccountContact, in.Now, in.TimeZone = &account, night(), "UTC"
	in.Severity = models.SeverityWarning
	in.Text = func(string) string { return models.SearchText("Disk full", "on db-1") }
	in.Preferences = map[string]models.Preferences{}
	return in
}

func prefer(p models.Preferences) func(*routing.Input) {
	return func(in *routing.Input) { in.Preferences["ctc_1"] = p }
}

func all(changes ...func(*routing.Input)) func(*routing.Input) {
	return func(in *routing.Input) {
		for _, change := range changes {
			change(in)
		}
	}
}

func locked(in *routing.Input)   { in.Type.Locked = append(in.Type.Locked, models.ChannelEmail) }
func critical(in *routing.Input) { in.Severity = models.SeverityCritical }
func security(in *routing.Input) { in.Type.Category = models.CategorySecurity }

func TestWhatAccountsAndRecipientsChooseIsRecordedInItsPlace(t *testing.T) {
	t.Parallel()
	quiet := models.Preferences{QuietFrom: "22:00", QuietTo: "08:00"}
	capped := func(in *routing.Input) {
		in.Choice.Caps = map[models.Channel]int{models.ChannelEmail: 5}
		in.Used = map[string]int{"cap/exception.monitor_alert/email/2026-03-01": 5}
	}
	throttled := func(in *routing.Input) {
		in.Preferences["ctc_1"] = models.Preferences{MaxPerHour: 2, QuietFrom: "22:00", QuietTo: "08:00"}
		in.Used = map[string]int{"hour/ctc_1/2026-03-01T23:00:00Z": 2}
	}
	unticked := func(in *routing.Input) { in.Choice.Channels = []models.Channel{} }
	promotion := func(in *routing.Input) { in.Type.Marketing = true }
	marketingOff := func(in *routing.Input) { in.Type.Marketing, in.MarketingOff = true, true }
	const held = models.ReasonQuietHours
	cases := map[string]struct {
		change func(*routing.Input)
		want   string
	}{
		"nothing objects":                        {all(), ""},
		"unticked":                               {unticked, models.ReasonNotTicked},
		"unticked, but locked":                   {all(unticked, locked), ""},
		"marketing is off":                       {marketingOff, models.ReasonMarketingOff},
		"marketing is off for another type":      {func(in *routing.Input) { in.MarketingOff = true }, ""},
		"opted out of marketing":                 {all(promotion, func(in *routing.Input) { in.NoMarketing = map[string]bool{"a@example.com": true} }), models.ReasonUnsubscribed},
		"opted out of marketing, no marketing":   {func(in *routing.Input) { in.NoMarketing = map[string]bool{"a@example.com": true} }, ""},
		"a denied word":                          {prefer(models.Preferences{DenyWords: []string{"dISK"}}), models.ReasonFiltered},
		"a denied word that is not there":        {prefer(models.Preferences{DenyWords: []string{"memory"}}), ""},
		"no allowed word":                        {prefer(models.Preferences{AllowWords: []string{"prod"}}), models.ReasonFiltered},
		"an allowed word":                        {prefer(models.Preferences{AllowWords: []string{"prod", "DB-1"}}), ""},
		"allowed and denied":                     {prefer(models.Preferences{AllowWords: []string{"disk"}, DenyWords: []string{"db"}}), models.ReasonFiltered},
		"a denied word of a floor":               {all(locked, prefer(models.Preferences{DenyWords: []string{"disk"}})), ""},
		"a denied word, critical":                {all(critical, prefer(models.Preferences{DenyWords: []string{"disk"}})), models.ReasonFiltered},
		"the cap is used up":                     {capped, models.ReasonCapped},
		"the cap, of a floor":                    {all(capped, locked), ""},
		"the cap, critical":                      {all(capped, critical), ""},
		"the cap, security":                      {all(capped, security, func(in *routing.Input) { in.Used = map[string]int{} }), ""},
		"the hour is used up":                    {throttled, models.ReasonThrottled},
		"the hour, critical":                     {all(throttled, critical), ""},
		"the cap comes before the hour":          {all(throttled, capped), models.ReasonCapped},
		"words come before the cap":              {all(capped, prefer(models.Preferences{DenyWords: []string{"disk"}})), models.ReasonFiltered},
		"quiet hours":                            {prefer(quiet), held},
		"quiet hours of a floor":                 {all(locked, prefer(quiet)), ""},
		"quiet hours, critical":                  {all(critical, prefer(quiet)), ""},
		"quiet hours, security":                  {all(security, prefer(quiet)), ""},
		"quiet hours by the contact's time zone": {all(prefer(quiet), func(in *routing.Input) { in.Contacts[0].TimeZone = "Asia/Shanghai" }), held},
		"quiet hours are over elsewhere":         {all(prefer(quiet), func(in *routing.Input) { in.Contacts[0].TimeZone = "Pacific/Auckland" }), ""},
		"quiet hours in a zone of their own":     {prefer(models.Preferences{QuietFrom: "22:00", QuietTo: "08:00", QuietZone: "Pacific/Auckland"}), ""},
		"another's quiet hours":                  {func(in *routing.Input) { in.Preferences["ctc_0"] = quiet }, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := chosen()
			c.change(&in)
			for _, d := range route(in) {
				if d.Slot != "email:adr_1" {
					continue
				}
				assert.Equal(t, c.want, d.Reason)
				assert.Equal(t, c.want == held, d.State == models.DeliveryPending && d.NextAttemptAt != nil)
				return
			}
			t.Fatal("the address must have a decision")
		})
	}
}

func TestTargetsAreWhoWasChosenElseTheAccountContact(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*routing.Input)
		want   string
	}{
		"contacts":                     {all(), "email:adr_1"},
		"nobody chosen":                {func(in *routing.Input) { in.Choice, in.Contacts = models.Choice{}, nil }, "email:adr_0"},
		"contacts that are gone since": {func(in *routing.Input) { in.Contacts = nil }, "email:adr_0"},
		"members of groups":            {func(in *routing.Input) { in.Choice.Kind = models.TargetGroups }, "email:adr_1"},
		"a strict type":                {func(in *routing.Input) { in.Type.Strict = true }, "email:adr_0"},
		"a group without members": {func(in *routing.Input) {
			in.Choice.Kind, in.Contacts = models.TargetGroups, nil
		}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := chosen()
			c.change(&in)
			got := ""
			for _, d := range route(in) {
				if !d.State.Final() {
					got += d.Slot
				}
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestAFloorThatNobodyReachesFallsToTheAccountContact(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*routing.Input)
		want   map[string]string
	}{
		"a target has it":       {all(), map[string]string{"email:adr_1": ""}},
		"the target is off":     {func(in *routing.Input) { in.Contacts[0].Enabled = false }, map[string]string{"email:adr_1": models.ReasonDisabled, "email:adr_0": ""}},
		"its address is failed": {func(in *routing.Input) { in.Contacts[0].Addresses[0].State = models.AddressFailed }, map[string]string{"email:adr_1": models.ReasonUnverified, "email:adr_0": ""}},
		"it has no address":     {func(in *routing.Input) { in.Contacts[0].Addresses = nil }, map[string]string{"email:ctc_1": models.ReasonNoAddress, "email:adr_0": ""}},
		"a group without members": {func(in *routing.Input) {
			in.Choice.Kind, in.Contacts = models.TargetGroups, nil
		}, map[string]string{"email:adr_0": ""}},
		"the account contact counts as enabled": {func(in *routing.Input) {
			in.Contacts[0].Enabled, in.AccountContact.Enabled = false, false
		}, map[string]string{"email:adr_1": models.ReasonDisabled, "email:adr_0": ""}},
		"nobody can be reached": {func(in *routing.Input) {
			in.Contacts[0].Enabled, in.AccountContact.Addresses = false, nil
		}, map[string]string{"email:adr_1": models.ReasonDisabled, "email:ctc_0": models.ReasonNoAddress}},
		"no provider": {func(in *routing.Input) { in.Configured = nil }, map[string]string{
			"email:adr_1": models.ReasonNotConfigured, "email:adr_0": models.ReasonNotConfigured,
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := chosen()
			in.Type.Default = []models.Channel{models.ChannelInbox, models.ChannelEmail}
			locked(&in)
			c.change(&in)
			assert.Equal(t, c.want, reasons(route(in)))
		})
	}
}

func TestBotsAreAListOfTheirOwn(t *testing.T) {
	t.Parallel()
	in := chosen()
	in.Bots = []models.Bot{
		{ID: "bot_1", Channel: models.ChannelWebhook, Name: "one", Enabled: true},
		{ID: "bot_2", Channel: models.ChannelWebhook, Name: "two", Enabled: true},
	}
	in.Preferences["bot_2"] = models.Preferences{DenyWords: []string{"disk"}}
	bots := func(in routing.Input) map[string]string {
		got := reasons(route(in))
		delete(got, "email:adr_1")
		delete(got, "sms:ctc_1")
		return got
	}
	assert.Equal(t, map[string]string{"webhook:bot_1": "", "webhook:bot_2": models.ReasonFiltered}, bots(in))
	mandatory := in
	mandatory.Type.Locked = []models.Channel{models.ChannelEmail}
	assert.Empty(t, bots(mandatory)["webhook:bot_2"], "words do not stop what is mandatory")
	in.Choice.Bots = []string{"bot_1"}
	assert.Equal(t, map[string]string{"webhook:bot_1": ""}, bots(in))
	in.Choice.Bots = []string{}
	assert.Empty(t, bots(in))
}

func TestCapsCountInTheOrderOfTheDecisions(t *testing.T) {
	t.Parallel()
	in := addressed(alert(),
		person("ctc_1", mail("adr_1", "a@example.com", models.AddressVerified)),
		person("ctc_2", mail("adr_2", "b@example.com", models.AddressVerified)),
		person("ctc_3", mail("adr_3", "a@example.com", models.AddressVerified)))
	in.Now, in.TimeZone = night(), "Asia/Shanghai"
	in.Choice.Caps = map[models.Channel]int{models.ChannelEmail: 4}
	require.Equal(t, []string{"cap/exception.monitor_alert/email/2026-03-02"}, in.QuotaKeys(), "the day of the account's zone")
	in.Used = map[string]int{"cap/exception.monitor_alert/email/2026-03-02": 3}
	got := reasons(route(in))
	assert.Equal(t, []string{"", models.ReasonCapped, models.ReasonDuplicate}, []string{got["email:adr_1"], got["email:adr_2"], got["email:adr_3"]})
}
