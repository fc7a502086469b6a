package api_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

const explainPath = "/v1/notifications/explain"

func TestExplainSaysWhoWouldGetItAndWhyNot(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	root := h.as(h.root)
	root.patch(matrixPath+"/service.bill?confirm=true", object{"contacts": []string{h.ann, h.bob}}).wants(200)
	root.patch("/v1/contacts/"+h.ann+"/preferences", object{"deny_words": []string{"BILL"}}).wants(200)
	root.patch("/v1/contacts/"+h.bob+"/preferences", object{"quiet_hours": object{"from": "00:00", "to": "23:59", "time_zone": "UTC"}}).wants(200)
	got := root.post(explainPath, object{"type": "service.bill"}).wants(200)
	verdicts := map[string]string{}
	var body struct {
		Deliveries []struct{ Recipient, Channel, Verdict, Reason, Text, Address, Until string }
	}
	got.into(&body)
	for _, d := range body.Deliveries {
		verdicts[d.Recipient+" "+d.Channel] = d.Verdict + " " + d.Reason
		if d.Text == "" {
			t.Errorf("no text for %+v", d)
		}
	}
	want := map[string]string{
		" inbox": "deliver ", "Ann email": "suppress filtered", "Bob email": "hold quiet_hours", "hook webhook": "deliver ",
	}
	for key, fate := range want {
		if verdicts[key] != fate && (key != "hook webhook" || len(verdicts) == 0) {
			t.Errorf("%s: %q, want %q in %s", key, verdicts[key], fate, got.body)
		}
	}
	if body.Deliveries[0].Channel != "inbox" || !slices.ContainsFunc(body.Deliveries, func(d struct{ Recipient, Channel, Verdict, Reason, Text, Address, Until string }) bool {
		return d.Address == "b…@example.com" && d.Until == "2026-03-01T23:59:00Z"
	}) {
		t.Errorf("%s", got.body)
	}
	if critical := root.post(explainPath, object{"type": "service.bill", "severity": "critical"}).wants(200); critical.field("severity") != "critical" {
		t.Errorf("%s", critical.body)
	}
	if all := h.as(h.product).get("/v1/notifications").wants(200); len(all.items("id")) != 0 {
		t.Error("explaining submitted something")
	}
}

func TestExplainIsForThoseWhoMayKnow(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	mine, foreign := string(h.a.Account.ID), string(h.b.Account.ID)
	bill := func(account string) object { return object{"type": "service.bill", "account": account} }
	h.as(h.root).post(explainPath, bill(mine)).wants(200)
	h.as(h.root).post(explainPath, bill("alpha")).wants(200)
	h.as(h.root).post(explainPath, bill(foreign)).wants(404)
	h.as(h.root).post(explainPath, bill("beta")).wants(404)
	h.as(h.product).post(explainPath, bill(mine)).wants(200)
	h.as(h.product).post(explainPath, bill(foreign)).wants(404)
	h.as(h.product).post(explainPath, object{"type": "service.bill"}).wants(404)
	h.as(h.admin).post(explainPath, bill(foreign)).wants(200)
	h.as(h.root).post(explainPath, object{"type": "service.nothing"}).wants(422).complains("#/type", "unknown-value")
	h.as(h.root).post(explainPath, object{"type": "service.bill", "variables": object{"x": "y"}}).wants(422)
}

// randomAccount makes an account of every kind of configuration that the seed leads to, and
// returns whom it can be told about.
func (h *harness) randomAccount(r *rand.Rand, i int) models.Account {
	h.t.Helper()
	some := func(n int) bool { return r.IntN(n) == 0 }
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	state := func() models.AddressState {
		return models.AddressState(pick("verified", "verified", "verified", "waived", "pending", "failed", "expired"))
	}
	address := func(channel models.Channel, key string) models.Address {
		a := models.Address{Channel: channel, Value: key, ValueKey: key, State: state()}
		if a.State == models.AddressFailed && some(2) {
			a.Reason = models.ReasonRecipientInvalid
		}
		return a
	}
	in := store.NewAccount{
		Account: models.Account{Alias: fmt.Sprintf("random-%d", i), Name: "Random", Language: pick("zh-CN", "en-US"), TimeZone: pick("UTC", "Asia/Shanghai", "America/New_York"), Enabled: true},
		Root:    models.User{Name: "root", Enabled: true},
		Contact: models.Contact{Kind: models.ContactAccount, Name: "Account", Enabled: true, Addresses: []models.Address{address("email", "account@example.com")}},
	}
	ctx := h.t.Context()
	h.write(func(tx *store.Tx) error {
		in := in
		in.Contact.Addresses = slices.Clone(in.Contact.Addresses)
		if err := tx.Platform().Accounts().Create(ctx, &in); err != nil {
			return err
		}
		sc := tx.In(in.Account.ID)
		var contacts, groups, bots, everybody []string
		everybody = append(everybody, in.Contact.ID)
		for c := range r.IntN(5) {
			contact := models.Contact{Kind: models.ContactPerson, Name: fmt.Sprintf("C%d", c), Enabled: !some(4), Language: pick("", "zh-CN", "en-US"), TimeZone: pick("", "UTC", "Asia/Tokyo")}
			if !some(4) {
				contact.Addresses = append(contact.Addresses, address("email", pick("a", "b", "c")+"@example.com"))
			}
			if some(2) {
				contact.Addresses = append(contact.Addresses, address("sms", pick("+8613800138000", "+8613800138001")))
			}
			if err := sc.Contacts().Create(ctx, &contact); err != nil {
				return err
			}
			contacts = append(contacts, contact.ID)
		}
		everybody = append(everybody, contacts...)
		for g := range r.IntN(3) {
			group := models.ContactGroup{Name: fmt.Sprintf("G%d", g)}
			if err := sc.ContactGroups().Create(ctx, &group); err != nil {
				return err
			}
			var members []string
			for _, id := range contacts {
				if some(2) {
					members = append(members, id)
				}
			}
			if _, err := sc.ContactGroups().ChangeMembers(ctx, group.ID, 0, store.Membership{Add: members}); err != nil {
				return err
			}
			groups = append(groups, group.ID)
		}
		for b := range r.IntN(3) {
			bot := models.Bot{Channel: models.ChannelWebhook, Name: fmt.Sprintf("B%d", b), Enabled: !some(4), Settings: map[string]string{}}
			if err := sc.Bots().Create(ctx, &bot, map[string]string{"url": "https://example.com/x"}); err != nil {
				return err
			}
			bots = append(bots, bot.ID)
		}
		everybody = append(everybody, bots...)
		gathering := rand.New(rand.NewPCG(uint64(i), 11)) // of its own: the accounts are those of before
		for _, id := range everybody {
			_, _, err := sc.Preferences().Update(ctx, id, 0, func(p *models.Preferences) error {
				if some(4) {
					p.DenyWords = []string{pick("a", "余额", "zzz")}
				}
				if some(5) {
					p.AllowWords = []string{pick("e", "账", "zzz")}
				}
				if some(3) {
					p.QuietFrom, p.QuietTo, p.QuietZone = pick("00:00", "07:30", "22:00"), pick("08:00", "12:00", "06:00"), pick("", "UTC", "Australia/Lord_Howe")
				}
				if some(3) {
					p.MaxPerHour = 1 + r.IntN(2)
				}
				p.Digests = randomDigests(gathering)
				return nil
			})
			if err != nil {
				return err
			}
		}
		if some(3) {
			if err := sc.OptOuts().Add(ctx, pick("a", "b")+"@example.com", pick("*", "marketing", randomTypes()[r.IntN(len(randomTypes()))])); err != nil {
				return err
			}
		}
		_, _, err := sc.Subscriptions().Update(ctx, store.MatrixChange{Action: "test"}, func(m *models.Matrix) error {
			m.Choices[models.Every] = models.Choice{MarketingOff: some(4)}
			for _, key := range randomTypes() {
				m.Choices[key] = randomChoice(r, contacts, groups, bots)
			}
			return nil
		})
		return err
	})
	account, err := h.store.Platform().Accounts().ByAlias(ctx, in.Account.Alias)
	if err != nil {
		h.t.Fatal(err)
	}
	return account
}

// randomTypes are those of the test: mandatory, strict, marketing, security, free.
func randomTypes() []string {
	return []string{"account.low_balance", "account.balance_warning", "activity.promotion", "security.ddos", "service.bill", "exception.monitor_alert"}
}

// randomDigests are the rules of some recipients.
func randomDigests(r *rand.Rand) []models.Digest {
	if r.IntN(4) > 0 {
		return nil
	}
	of := []string{"service", "exception", "activity", "security"}[r.IntN(4)]
	at := []string{"00:30", "09:00", "23:30"}[r.IntN(3)]
	return []models.Digest{{Category: of, DailyAt: at}, {Type: "service.bill", WindowMinutes: 5 + r.IntN(600)}}
}

func randomChoice(r *rand.Rand, contacts, groups, bots []string) models.Choice {
	var c models.Choice
	some := func(ids []string) (chosen []string) {
		for _, id := range ids {
			if r.IntN(2) == 0 {
				chosen = append(chosen, id)
			}
		}
		return chosen
	}
	switch r.IntN(3) {
	case 0:
		c.Kind, c.Targets = models.TargetContacts, some(contacts)
	case 1:
		c.Kind, c.Targets = models.TargetGroups, some(groups)
	}
	if len(c.Targets) == 0 {
		c.Kind = models.TargetAccount
	}
	switch r.IntN(3) {
	case 0:
		c.Channels = []models.Channel{}
	case 1:
		c.Channels = []models.Channel{models.ChannelEmail, models.ChannelSMS}
	}
	if r.IntN(3) == 0 {
		c.Bots = append([]string{}, some(bots)...)
	}
	if r.IntN(3) == 0 {
		c.Caps = map[models.Channel]int{models.ChannelEmail: r.IntN(3), models.ChannelWebhook: 1 + r.IntN(2)}
	}
	return c
}

// TestWhatExplainSaysIsWhatHappens is BY-1: 1,000 random accounts, each told twice of a type
// by the real planning; what explain said just before is exactly what planning stores, and
// every floor is met.
func TestWhatExplainSaysIsWhatHappens(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	relay := object{"kind": "sms_http", "name": "sms", "settings": object{"url": "https://sms.example.com/"}}
	h.as(h.admin).post("/v1/providers", relay).wants(201)
	worker := activities.New(activities.Config{}, activities.Dependencies{
		Store: h.store.Work(), Channels: h.channels, Now: h.clock.Now, Renderer: catalog.NewRenderer(brand.Site{URL: "https://belfry.example.com"}),
	})
	accounts := 1000 // fewer under the race detector, and on a server
	if stride() > 1 {
		accounts = 120
	}
	r := rand.New(rand.NewPCG(20260301, 4))
	seen := map[string]bool{}
	for i := range accounts {
		account := h.randomAccount(r, i)
		h.admin = h.signIn("admin", models.User{ID: h.admin.id, AccountID: models.Platform}) // sessions end
		h.clock.advance(time.Duration(r.IntN(300)) * time.Minute)
		key := randomTypes()[r.IntN(len(randomTypes()))]
		severity := []models.Severity{models.SeverityInfo, models.SeverityWarning, models.SeverityCritical}[r.IntN(3)]
		for range 2 {
			for _, reason := range h.explained(t, worker, account, key, severity) {
				seen[reason] = true
			}
		}
	}
	for _, reason := range []string{
		"", models.ReasonDisabled, models.ReasonNotTicked, models.ReasonMarketingOff, models.ReasonNoAddress, models.ReasonBounced,
		models.ReasonUnverified, models.ReasonUnsubscribed, models.ReasonFiltered, models.ReasonDuplicate, models.ReasonCapped,
		models.ReasonThrottled, models.ReasonQuietHours, models.ReasonDigest,
	} {
		if !seen[reason] {
			t.Errorf("no account came across the reason %q: the test shows less than it says", reason)
		}
	}
}

// explained compares what explain says with what planning stores, and returns the reasons.
func (h *choosable) explained(t *testing.T, worker *activities.Activities, account models.Account, key string, severity models.Severity) (reasons []string) {
	t.Helper()
	var said struct {
		Deliveries []struct {
			Channel, Recipient, Language, Verdict, Reason string
			ContactID                                     string `json:"contact_id"`
			BotID                                         string `json:"bot_id"`
			Locked                                        bool
			Until                                         *time.Time
		}
	}
	h.as(h.admin).post(explainPath, object{"type": key, "account": string(account.ID), "severity": string(severity)}).wants(200).into(&said)
	kind, err := h.store.Catalogue().CurrentMessageType(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	variables := catalog.Samples(kind, account.Language)
	body := object{"type": key, "account": string(account.ID), "severity": string(severity), "variables": variables}
	id := h.as(h.admin).post("/v1/notifications", body).wants(202).field("id")
	if _, err := worker.Plan(t.Context(), activities.NotificationRef{AccountID: account.ID, NotificationID: id}); err != nil {
		t.Fatal(err)
	}
	report, err := h.store.In(account.ID).Notifications().Report(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, d := range said.Deliveries {
		until := time.Time{}
		if d.Until != nil {
			until = *d.Until
		}
		if d.Verdict == "deliver" && d.Channel != "inbox" {
			until = h.clock.Now()
		}
		want = append(want, fmt.Sprint(d.Channel, d.Recipient, d.ContactID, d.BotID, d.Language, d.Locked, d.Verdict == "suppress", d.Reason, until.UTC()))
	}
	reached := map[models.Channel]bool{}
	for _, d := range report.Deliveries {
		reasons = append(reasons, d.Reason)
		until := time.Time{}
		if d.NextAttemptAt != nil {
			until = *d.NextAttemptAt
		}
		if e, gathered := report.Envelopes[d.EnvelopeID]; gathered {
			until = e.ClosesAt
		}
		got = append(got, fmt.Sprint(d.Channel, d.Recipient, d.ContactID, d.BotID, d.Language, d.Locked, d.State == models.DeliverySuppressed, d.Reason, until.UTC()))
		reached[d.Channel] = reached[d.Channel] || d.State != models.DeliverySuppressed
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Fatalf("%s %s for %s: explain said\n%q\nplanning stored\n%q", key, severity, account.Alias, want, got)
	}
	h.floorsHold(t, account.ID, kind, reached)
	return reasons
}

// floorsHold wants every locked channel reached, if the account contact can be.
func (h *choosable) floorsHold(t *testing.T, account models.AccountID, kind models.MessageType, reached map[models.Channel]bool) {
	t.Helper()
	contact, err := h.store.In(account).Contacts().OfAccount(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, channel := range kind.Locked {
		possible := channel == models.ChannelInbox || slices.ContainsFunc(contact.Addresses, func(a models.Address) bool {
			return a.Channel == channel && a.Deliverable()
		})
		if possible && !reached[channel] {
			t.Fatalf("%s: nobody is reached over %s, which is locked", kind.Key, channel)
		}
	}
}
