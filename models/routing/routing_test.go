package routing_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
)

func lowBalance() models.MessageType {
	return models.MessageType{
		Key: "account.low_balance", Category: "account",
		Default: []models.Channel{models.ChannelInbox, models.ChannelEmail, models.ChannelSMS},
		Locked:  []models.Channel{models.ChannelInbox},
	}
}

func mail(id, value string, state models.AddressState) models.Address {
	return models.Address{ID: id, Channel: models.ChannelEmail, Value: value, ValueKey: value, State: state}
}

func person(id string, addresses ...models.Address) models.Contact {
	return models.Contact{ID: id, Kind: models.ContactPerson, Name: "name of " + id, Enabled: true, Addresses: addresses}
}

func everything() []models.Channel {
	return []models.Channel{models.ChannelEmail, models.ChannelSMS, models.ChannelWebhook}
}

// addressed is a notification to these contacts, which the account chose.
func addressed(t models.MessageType, contacts ...models.Contact) routing.Input {
	in := routing.Input{Type: t}
	in.Configured = everything()
	in.Contacts, in.Choice.Kind = contacts, models.TargetContacts
	for _, c := range contacts {
		in.Choice.Targets = append(in.Choice.Targets, c.ID)
	}
	return in
}

// route is what is planned beside the account's inbox.
func route(in routing.Input) []models.Delivery {
	in.InboxWritten = true
	return routing.Plan(in).Deliveries
}

// reasons maps slots to reasons.
func reasons(decisions []models.Delivery) map[string]string {
	out := map[string]string{}
	for _, d := range decisions {
		out[d.Slot] = d.Reason
	}
	return out
}

func TestEachRowOfTheRoutingOrderRecordsItsOwnReason(t *testing.T) {
	t.Parallel()
	verified := mail("adr_1", "a@example.com", models.AddressVerified)
	bounced := mail("adr_1", "a@example.com", models.AddressFailed)
	bounced.Reason = models.ReasonRecipientInvalid
	disabled := person("ctc_1", verified)
	disabled.Enabled = false
	onlyInbox := lowBalance()
	onlyInbox.Default = []models.Channel{models.ChannelInbox}

	cases := map[string]struct {
		change func(*routing.Input)
		want   string
	}{
		"delivered when nothing objects": {func(*routing.Input) {}, ""},
		"disabled contact":               {func(in *routing.Input) { in.Contacts = []models.Contact{disabled} }, models.ReasonDisabled},
		"channel not configured":         {func(in *routing.Input) { in.Configured = nil }, models.ReasonNotConfigured},
		"cell not ticked":                {func(in *routing.Input) { in.Type = onlyInbox }, models.ReasonNotTicked},
		"waived address is as good as verified": {func(in *routing.Input) {
			in.Contacts = []models.Contact{person("ctc_1", mail("adr_1", "a@example.com", models.AddressWaived))}
		}, ""},
		"pending address": {func(in *routing.Input) {
			in.Contacts = []models.Contact{person("ctc_1", mail("adr_1", "a@example.com", models.AddressPending))}
		}, models.ReasonUnverified},
		"expired invitation": {func(in *routing.Input) {
			in.Contacts = []models.Contact{person("ctc_1", mail("adr_1", "a@example.com", models.AddressExpired))}
		}, models.ReasonUnverified},
		"bounced address": {func(in *routing.Input) { in.Contacts = []models.Contact{person("ctc_1", bounced)} }, models.ReasonBounced},
		"unsubscribed from what is not optional": {func(in *routing.Input) {
			in.Unsubscribed = map[string]bool{"a@example.com": true}
		}, ""},
		"unsubscribed": {func(in *routing.Input) {
			in.Type.Optional = true
			in.Unsubscribed = map[string]bool{"a@example.com": true}
		}, models.ReasonUnsubscribed},
		"the earlier row wins: disabled before not configured": {func(in *routing.Input) {
			in.Contacts, in.Configured = []models.Contact{disabled}, nil
		}, models.ReasonDisabled},
		"the earlier row wins: not configured before not ticked": {func(in *routing.Input) {
			in.Configured, in.Type = nil, onlyInbox
		}, models.ReasonNotConfigured},
		"the earlier row wins: bounced before unsubscribed": {func(in *routing.Input) {
			in.Contacts = []models.Contact{person("ctc_1", bounced)}
			in.Type.Optional = true
			in.Unsubscribed = map[string]bool{"a@example.com": true}
		}, models.ReasonBounced},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := addressed(lowBalance(), person("ctc_1", verified))
			c.change(&in)
			got, ok := reasons(route(in))["email:adr_1"]
			require.True(t, ok, "the address must have a decision, delivered or not")
			assert.Equal(t, c.want, got)
		})
	}
}

func TestTickedChannelWithoutAddressIsRecorded(t *testing.T) {
	t.Parallel()
	in := addressed(lowBalance(), person("ctc_1"))
	assert.Equal(t, map[string]string{
		"email:ctc_1": models.ReasonNoAddress, "sms:ctc_1": models.ReasonNoAddress,
	}, reasons(route(in)))
}

func TestLockedCellSurvivesWhatPeopleSwitchOff(t *testing.T) {
	t.Parallel()
	in := addressed(lowBalance(), person("ctc_1", mail("adr_1", "a@example.com", models.AddressVerified)))
	in.Type.Locked = append(in.Type.Locked, models.ChannelEmail)
	in.Type.Default = nil
	in.Unsubscribed = map[string]bool{"a@example.com": true}
	in.Choice.Channels = []models.Channel{}
	in.Choice.Caps = map[models.Channel]int{models.ChannelEmail: 0}
	in.Preferences = map[string]models.Preferences{"ctc_1": {
		DenyWords: []string{"b"}, MaxPerHour: 1, QuietFrom: "00:00", QuietTo: "23:59", QuietZone: "UTC",
	}}
	in.Text = func(string) string { return models.SearchText("a", "b") }
	got := route(in)
	require.Len(t, got, 1)
	assert.Empty(t, got[0].Reason, "a floor must be delivered")
	assert.Nil(t, got[0].NextAttemptAt, "at once")
	assert.True(t, got[0].Locked)
	assert.Empty(t, routing.Plan(in).Limits, "and counts against nothing")
}

func TestLockedCellStillNeedsAProvenAddress(t *testing.T) {
	t.Parallel()
	in := addressed(lowBalance(), person("ctc_1", mail("adr_1", "a@example.com", models.AddressPending)))
	in.Type.Locked = append(in.Type.Locked, models.ChannelEmail)
	assert.Equal(t, models.ReasonUnverified, reasons(route(in))["email:adr_1"])
}

func TestSameAddressGetsOneDelivery(t *testing.T) {
	t.Parallel()
	off := person("ctc_0", mail("adr_0", "a@example.com", models.AddressVerified))
	off.Enabled = false
	in := addressed(lowBalance(), off,
		person("ctc_1", mail("adr_1", "a@example.com", models.AddressVerified)),
		person("ctc_2", mail("adr_2", "a@example.com", models.AddressVerified), mail("adr_3", "b@example.com", models.AddressVerified)))
	got := reasons(route(in))
	assert.Equal(t, models.ReasonDisabled, got["email:adr_0"])
	assert.Empty(t, got["email:adr_1"], "a disabled contact must not take the message from an enabled one")
	assert.Equal(t, models.ReasonDuplicate, got["email:adr_2"])
	assert.Empty(t, got["email:adr_3"])
}

func TestEveryEnabledBotOfAConfiguredChannelGetsEverything(t *testing.T) {
	t.Parallel()
	bots := []models.Bot{
		{ID: "bot_1", Channel: models.ChannelWebhook, Name: "on", Enabled: true},
		{ID: "bot_2", Channel: models.ChannelWebhook, Name: "off"},
		{ID: "bot_3", Channel: "carrier_pigeon", Name: "none", Enabled: true},
	}
	in := addressed(lowBalance())
	in.Bots, in.Language = bots, models.LocaleEN
	got := route(in)
	assert.Equal(t, map[string]string{
		"webhook:bot_1": "", "webhook:bot_2": models.ReasonDisabled, "carrier_pigeon:bot_3": models.ReasonNotConfigured,
	}, reasons(got))
	assert.Equal(t, models.LocaleEN, got[0].Language)
}

func TestLinkedContactHasAPersonalInbox(t *testing.T) {
	t.Parallel()
	c := person("ctc_1")
	c.UserID, c.Language = "usr_1", models.LocaleZH
	in := addressed(models.MessageType{}, c)
	in.Language = models.LocaleEN
	got := routing.Plan(in)
	require.Len(t, got.Deliveries, 2, "the account's comes first")
	assert.Equal(t, models.Delivery{
		Slot: "inbox:ctc_1", Channel: models.ChannelInbox, ContactID: "ctc_1",
		Recipient: "name of ctc_1", Language: models.LocaleZH, State: models.DeliveryDelivered,
	}, got.Deliveries[1])
	assert.Equal(t, []routing.Inbox{
		{Slot: models.SlotAccountInbox, Language: models.LocaleEN}, {Slot: "inbox:ctc_1", Owner: "usr_1", Language: models.LocaleZH},
	}, got.Inboxes)
}

// inputs draws a random configuration.
func inputs(t *rapid.T) routing.Input {
	channels := []models.Channel{models.ChannelInbox, models.ChannelEmail, models.ChannelSMS, models.ChannelWebhook}
	some := rapid.SliceOfDistinct(rapid.SampledFrom(channels), rapid.ID[models.Channel])
	states := []models.AddressState{
		models.AddressPending, models.AddressVerified, models.AddressFailed, models.AddressExpired, models.AddressWaived,
	}
	in := addressed(models.MessageType{})
	in.Configured, in.Unsubscribed = some.Draw(t, "configured"), map[string]bool{}
	in.Type.Locked = some.Draw(t, "locked")
	in.Type.Default = some.Draw(t, "default")
	in.Type.Optional = rapid.Bool().Draw(t, "optional")
	for c := range rapid.IntRange(0, 5).Draw(t, "contacts") {
		contact := person(fmt.Sprintf("ctc_%d", c))
		contact.Enabled = rapid.Bool().Draw(t, "enabled")
		for a := range rapid.IntRange(0, 3).Draw(t, "addresses") {
			address := mail(fmt.Sprintf("adr_%d_%d", c, a), rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "value"),
				rapid.SampledFrom(states).Draw(t, "state"))
			address.Channel = rapid.SampledFrom([]models.Channel{models.ChannelEmail, models.ChannelSMS}).Draw(t, "channel")
			contact.Addresses = append(contact.Addresses, address)
		}
		in.Contacts = append(in.Contacts, contact)
	}
	for b := range rapid.IntRange(0, 3).Draw(t, "bots") {
		in.Bots = append(in.Bots, models.Bot{
			ID: fmt.Sprintf("bot_%d", b), Channel: models.ChannelWebhook, Enabled: rapid.Bool().Draw(t, "bot enabled"),
		})
	}
	in.Unsubscribed[rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "opted out")] = rapid.Bool().Draw(t, "out")
	return in
}

func TestRoutingHoldsItsPromisesForAnyConfiguration(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := inputs(t)
		got := route(in)
		if again := route(in); !reflect.DeepEqual(got, again) {
			t.Fatalf("routing twice differs: %v, then %v", got, again)
		}
		slots, delivered := map[string]bool{}, map[string]bool{}
		for _, d := range got {
			if slots[d.Slot] {
				t.Fatalf("slot %s decided twice", d.Slot)
			}
			slots[d.Slot] = true
			if d.Reason != "" || d.AddressKey == "" {
				continue
			}
			key := string(d.Channel) + d.AddressKey
			if delivered[key] {
				t.Fatalf("%s would get two copies", key)
			}
			delivered[key] = true
		}
		checkAddresses(t, in, reasons(got), delivered)
	})
}

// checkAddresses checks each address against an independent reading of the rules.
func checkAddresses(t *rapid.T, in routing.Input, got map[string]string, delivered map[string]bool) {
	for _, c := range in.Contacts {
		for _, a := range c.Addresses {
			reason, ok := got[string(a.Channel)+":"+a.ID]
			if !ok {
				t.Fatalf("address %s has no decision", a.ID)
			}
			if reason == "" && !a.Deliverable() {
				t.Fatalf("unproven address %s would be written to", a.ID)
			}
			floor := c.Enabled && in.Type.IsLocked(a.Channel) && a.Deliverable() && slices.Contains(in.Configured, a.Channel)
			if floor && !delivered[string(a.Channel)+a.ValueKey] {
				t.Fatalf("the floor does not reach %s: %s", a.ID, reason)
			}
		}
	}
}

func TestStrictTypesAreNotAddedTo(t *testing.T) {
	t.Parallel()
	strict := lowBalance()
	strict.Strict = true
	bots := []models.Bot{{ID: "bot_1", Channel: models.ChannelWebhook, Name: "hook", Enabled: true}}
	in := addressed(strict)
	in.Bots = bots
	got := route(in)
	assert.Equal(t, map[string]string{"webhook:bot_1": models.ReasonNotTicked}, reasons(got))
}
