package api_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

const matrixPath = "/v1/subscriptions"

// choosable is an account with two contacts, a group and a bot, e-mail and webhooks.
type choosable struct {
	*harness
	ann, bob, group, bot string
}

func newChoosable(t *testing.T) *choosable {
	t.Helper()
	h := &choosable{harness: newHarness(t)}
	h.ship()
	h.as(h.admin).post("/v1/providers", smtpProvider("relay")).wants(201)
	h.offerWebhooks()
	h.bot = h.as(h.root).post("/v1/bots", webhookBot("https://hooks.example.com/x")).wants(201).field("id")
	h.ann, h.bob = h.contact(h.a.Account.ID, "Ann"), h.contact(h.a.Account.ID, "Bob")
	h.group = h.contactGroup(h.a.Account.ID, "SRE", h.ann, h.bob)
	return h
}

// contact makes a contact with a verified e-mail address.
func (h *harness) contact(account models.AccountID, name string) string {
	h.t.Helper()
	key := strings.ToLower(name) + "@example.com"
	c := models.Contact{Kind: models.ContactPerson, Name: name, Enabled: true, Addresses: []models.Address{
		{Channel: models.ChannelEmail, Value: key, ValueKey: key, State: models.AddressVerified},
	}}
	h.write(func(tx *store.Tx) error { return tx.In(account).Contacts().Create(h.t.Context(), &c) })
	return c.ID
}

// contactGroup makes a contact group.
func (h *harness) contactGroup(account models.AccountID, name string, members ...string) string {
	h.t.Helper()
	g := models.ContactGroup{Name: name}
	h.write(func(tx *store.Tx) error {
		if err := tx.In(account).ContactGroups().Create(h.t.Context(), &g); err != nil {
			return err
		}
		_, err := tx.In(account).ContactGroups().ChangeMembers(h.t.Context(), g.ID, 0, store.Membership{Add: members})
		return err
	})
	return g.ID
}

func (h *choosable) row(key string) *answer {
	return h.as(h.root).get(matrixPath + "/" + key).wants(200)
}

// cell returns what a row says about a channel.
func (a *answer) cell(channel string) (ticked bool, state, reason string) {
	var row struct {
		Cells []struct {
			Channel, State, Reason string
			Ticked                 bool
		}
	}
	a.into(&row)
	for _, c := range row.Cells {
		if c.Channel == channel {
			return c.Ticked, c.State, c.Reason
		}
	}
	a.t.Fatalf("%s has no cell for %s: %s", a.what, channel, a.body)
	return false, "", ""
}

func TestAFreshAccountHasTheCataloguesMatrix(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	all := h.as(h.reader).get(matrixPath).wants(200)
	if n := len(all.items("type")); n < 40 || all.field("marketing") != "true" || all.header.Get("ETag") != `"1"` {
		t.Errorf("%d rows, ETag %s: %s", n, all.header.Get("ETag"), all.body[:200])
	}
	row := h.row("account.low_balance")
	for channel, want := range map[string][2]string{"inbox": {"locked", "inbox"}, "email": {"locked", "mandatory"}, "sms": {"locked", "channel_not_configured"}} {
		if ticked, state, reason := row.cell(channel); !ticked || state != want[0] || reason != want[1] {
			t.Errorf("low balance over %s: %v %s %s, want %v", channel, ticked, state, reason, want)
		}
	}
	free := h.row("exception.monitor_alert")
	if ticked, state, _ := free.cell("email"); !ticked || state != "free" {
		t.Errorf("monitor alert by e-mail: %v %s", ticked, state)
	}
	if _, state, reason := free.cell("sms"); state != "unavailable" || reason != "channel_not_configured" {
		t.Errorf("monitor alert by SMS: %s %s", state, reason)
	}
	if free.field("target_kind") != "account" || free.field("every_bot") != "true" || free.field("chosen") != "false" {
		t.Errorf("a fresh row is %s", free.body)
	}
	if row := h.row("account.balance_warning"); row.field("strict") != "true" || row.field("every_bot") != "false" {
		t.Errorf("a strict row is %s", row.body)
	}
	h.as(h.root).get(matrixPath + "/account.no_such_type").wants(404)
}

func TestAChoiceIsStoredAndShown(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	root := h.as(h.root)
	path := matrixPath + "/exception.monitor_alert?confirm=true"
	got := root.patch(path, object{"channels": []string{}, "contacts": []string{h.bob, h.ann, h.ann}, "bots": []string{h.bot}, "caps": object{"webhook": 5}}).wants(200)
	if ticked, _, _ := got.cell("email"); ticked || got.field("target_kind") != "contacts" || got.field("targets", 0, "name") != "Ann" ||
		got.field("targets", 2, "name") != "" || got.field("bots", 0, "id") != h.bot || got.field("caps", "webhook") != "5" || got.header.Get("ETag") != `"2"` {
		t.Errorf("the row is %s", got.body)
	}
	if again := h.row("exception.monitor_alert"); string(again.body) != string(got.body) {
		t.Errorf("read again: %s", again.body)
	}
	root.patch(path, object{"groups": []string{h.group}}).wants(200)
	if row := h.row("exception.monitor_alert"); row.field("target_kind") != "groups" || row.field("targets", 0, "name") != "SRE" {
		t.Errorf("with a group: %s", row.body)
	}
	root.patch(path, object{"tick": []string{"email"}}).wants(200)
	if ticked, _, _ := h.row("exception.monitor_alert").cell("email"); !ticked {
		t.Error("e-mail was ticked in vain")
	}
	if row := root.patch(path, object{"reset": true}).wants(200); row.field("chosen") != "false" || row.field("target_kind") != "account" {
		t.Errorf("after a reset: %s", row.body)
	}
	if rows := h.logged(h.a.Account.ID); rows[0].Action != "subscription.update" || rows[0].ObjectID != "exception.monitor_alert" {
		t.Errorf("operation log has %+v", rows[0])
	}
}

func TestWhatCannotBeChosenIsRefusedAndNothingIsSaved(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	other := h.contact(h.b.Account.ID, "Eve")
	cases := map[string]struct {
		key     string
		body    object
		status  int
		code    models.Code
		pointer string
		field   string
	}{
		"a locked cell":         {"account.low_balance", object{"untick": []string{"email"}}, 409, models.CodeMandatory, "#/untick/0", "mandatory-channel"},
		"a locked cell left":    {"account.low_balance", object{"channels": []string{}}, 409, models.CodeMandatory, "#/channels", "mandatory-channel"},
		"the inbox":             {"service.bill", object{"untick": []string{"inbox"}}, 409, models.CodeMandatory, "#/untick/0", "mandatory-channel"},
		"a bound on a floor":    {"account.low_balance", object{"caps": object{"email": 1}}, 409, models.CodeMandatory, "#/caps/email", "mandatory-channel"},
		"a strict type":         {"account.balance_warning", object{"contacts": []string{h.ann}}, 409, models.CodeStrict, "#", "strict-type"},
		"both kinds":            {"service.bill", object{"contacts": []string{h.ann}, "groups": []string{"grp_0"}}, 422, models.CodeInvalid, "#/groups", "both-target-kinds"},
		"an unknown contact":    {"service.bill", object{"contacts": []string{h.ann, "ctc_0"}}, 422, models.CodeInvalid, "#/contacts/1", "unknown-value"},
		"another's contact":     {"service.bill", object{"contacts": []string{other}}, 422, models.CodeInvalid, "#/contacts/0", "unknown-value"},
		"a group as a contact":  {"service.bill", object{"contacts": []string{h.group}}, 422, models.CodeInvalid, "#/contacts/0", "unknown-value"},
		"an unknown bot":        {"service.bill", object{"bots": []string{"bot_0"}}, 422, models.CodeInvalid, "#/bots/0", "unknown-value"},
		"every bot and one":     {"service.bill", object{"bots": []string{"*", h.bot}}, 422, models.CodeInvalid, "#/bots/0", "unknown-value"},
		"a channel nobody has":  {"service.bill", object{"tick": []string{"fax"}}, 422, models.CodeInvalid, "#/tick/0", "unknown-value"},
		"a channel of bots":     {"service.bill", object{"tick": []string{"webhook"}}, 422, models.CodeInvalid, "#/tick/0", "unknown-value"},
		"an unoffered channel":  {"exception.bot_failing", object{"tick": []string{"sms"}}, 422, models.CodeInvalid, "#/tick/0", "unavailable-channel"},
		"a cap of nothing":      {"service.bill", object{"caps": object{"email": 0}}, 422, models.CodeInvalid, "#/caps/email", "out-of-range"},
		"a cap of what is none": {"service.bill", object{"caps": object{"fax": 1}}, 422, models.CodeInvalid, "#/caps", "unknown-value"},
	}
	for name, c := range cases {
		before := h.row(c.key)
		h.as(h.root).patch(matrixPath+"/"+c.key, c.body).wants(c.status).problem(c.code).complains(c.pointer, c.field)
		bulk := object{"changes": []object{{"type": "service.contract", "bots": []string{}}, {"type": c.key}}}
		for k, v := range c.body {
			bulk["changes"].([]object)[1][k] = v
		}
		pointer := "#/changes/1" + strings.TrimPrefix(c.pointer, "#")
		h.as(h.root).patch(matrixPath, bulk).wants(c.status).problem(c.code).complains(pointer, c.field)
		if after := h.row(c.key); string(after.body) != string(before.body) {
			t.Errorf("%s: the row is now %s", name, after.body)
		}
	}
	if all := h.as(h.root).get(matrixPath).wants(200); all.field("version") != "1" {
		t.Errorf("something was saved: version %s", all.field("version"))
	}
}

func TestManyRowsChangeTogetherAndForTheVersionThatWasRead(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	root := h.as(h.root)
	read := root.get(matrixPath).wants(200)
	got := root.ifMatch(read).patch(matrixPath+"?confirm=true", object{"changes": []object{
		{"category": "account", "untick": []string{"email"}, "contacts": []string{h.ann}},
		{"type": "service.invoice", "contacts": []string{h.bob}},
	}}).wants(200)
	var changed struct {
		Changed []struct {
			Type  string
			Cells []struct {
				Channel string
				Ticked  bool
			}
		}
	}
	got.into(&changed)
	var keys []string
	for _, row := range changed.Changed {
		keys = append(keys, row.Type)
	}
	if !slices.Contains(keys, "account.low_balance") || !slices.Contains(keys, "service.invoice") || slices.Contains(keys, "account.balance_warning") || !slices.IsSorted(keys) {
		t.Errorf("changed: %v", keys)
	}
	if ticked, state, _ := h.row("account.low_balance").cell("email"); !ticked || state != "locked" {
		t.Error("a category's change switched a floor off")
	}
	if ticked, _, _ := h.row("account.coupon").cell("email"); ticked {
		t.Error("a category's change left a free cell ticked")
	}
	if contract := h.row("service.contract"); contract.field("target_kind") != "account" {
		t.Errorf("the contract's row follows the invoice's: %s", contract.body)
	}
	root.ifMatch(read).patch(matrixPath, object{"changes": []object{{"category": "account", "reset": true}}}).wants(412).problem(models.CodeStale)
	root.ifMatch(read).patch(matrixPath+"/service.bill", object{"reset": true}).wants(412)
	root.ifMatch(read).put(matrixPath+"/marketing", object{"enabled": false}).wants(412)
	root.patch(matrixPath, object{"changes": []object{{"category": "weather", "reset": true}}}).wants(422).complains("#/changes/0/category", "unknown-value")
	root.patch(matrixPath, object{"changes": []object{{"category": "account", "type": "service.bill"}}}).wants(422).complains("#/changes/0/type", "conflict")
	root.patch(matrixPath, object{"changes": []object{}}).wants(422)
}

func TestOneSwitchTurnsMarketingOff(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	h.as(h.full).put(matrixPath+"/marketing", object{"enabled": false}).wants(200)
	if all := h.as(h.reader).get(matrixPath).wants(200); all.field("marketing") != "false" {
		t.Errorf("the switch shows %s", all.field("marketing"))
	}
	if _, _, reason := h.row("activity.promotion").cell("email"); reason != "marketing_off" {
		t.Errorf("the cell says %q", reason)
	}
	if _, _, reason := h.row("service.bill").cell("email"); reason != "" {
		t.Errorf("another type's cell says %q", reason)
	}
}

func TestAnotherAccountsMatrixIsUntouched(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	h.as(h.root).patch(matrixPath+"/service.bill", object{"contacts": []string{h.ann}}).wants(200)
	if row := h.as(h.stranger).get(matrixPath + "/service.bill").wants(200); row.field("chosen") != "false" || strings.Contains(string(row.body), "Ann") {
		t.Errorf("the stranger sees %s", row.body)
	}
}

// TestDigestsAreSetWholeAndCheckedByField: bad rules are named, good ones hold what they cover.
func TestDigestsAreSetWholeAndCheckedByField(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	root := h.as(h.root)
	root.patch(matrixPath+"/service.bill?confirm=true", object{"contacts": []string{h.ann}}).wants(200)
	path := "/v1/contacts/" + h.ann + "/preferences"
	rules := func(all ...object) object { return object{"digests": append([]object{}, all...)} }
	for name, c := range map[string]struct {
		body    object
		pointer string
		code    string
	}{
		"neither type nor category": {rules(object{"window_minutes": 5}), "#/digests/0", "invalid-value"},
		"both":                      {rules(object{"type": "service.bill", "category": "service", "window_minutes": 5}), "#/digests/0", "invalid-value"},
		"unknown type":              {rules(object{"type": "service.nothing", "window_minutes": 5}), "#/digests/0/type", "unknown-value"},
		"unknown category":          {rules(object{"category": "nothing", "window_minutes": 5}), "#/digests/0/category", "unknown-value"},
		"security":                  {rules(object{"category": "security", "window_minutes": 5}), "#/digests/0/category", "invalid-value"},
		"window too short":          {rules(object{"category": "service", "window_minutes": 4}), "#/digests/0/window_minutes", "out-of-range"},
		"window too long":           {rules(object{"category": "service", "window_minutes": 1441}), "#/digests/0/window_minutes", "out-of-range"},
		"no time":                   {rules(object{"category": "service"}), "#/digests/0", "invalid-value"},
		"both times":                {rules(object{"category": "service", "window_minutes": 5, "daily_at": "09:00"}), "#/digests/0", "invalid-value"},
		"no clock":                  {rules(object{"category": "service", "daily_at": "24:00"}), "#/digests/0/daily_at", "invalid-value"},
		"twice":                     {rules(object{"category": "service", "daily_at": "09:00"}, object{"category": "service", "window_minutes": 5}), "#/digests/1", "duplicate"},
	} {
		t.Run(name, func(t *testing.T) {
			root.patch(path, c.body).wants(422).complains(c.pointer, c.code)
		})
	}
	many := make([]object, 21)
	for i := range many {
		many[i] = object{"category": "service", "window_minutes": 5}
	}
	root.patch(path, rules(many...)).wants(422)

	root.patch(path, rules(object{"type": "service.bill", "window_minutes": 5}, object{"category": "service", "daily_at": "09:00"})).wants(200)
	root.patch(path, object{"max_per_hour": 9}).wants(200)
	got := root.get(path).wants(200)
	if got.field("digests", 0, "type") != "service.bill" || got.field("digests", 1, "daily_at") != "09:00" {
		t.Errorf("what is left out does not stay: %s", got.body)
	}
	explained := root.post(explainPath, object{"type": "service.bill"}).wants(200)
	held := false
	for i := 0; explained.field("deliveries", i, "channel") != ""; i++ {
		held = held || explained.field("deliveries", i, "verdict") == "hold" && explained.field("deliveries", i, "reason") == "digest" &&
			explained.field("deliveries", i, "until") == h.clock.Now().Add(5*time.Minute).Format(time.RFC3339)
	}
	if !held {
		t.Errorf("explaining does not say until when it is held: %s", explained.body)
	}
	root.patch(path, rules()).wants(200)
	if got := root.get(path).wants(200); got.field("digests", 0, "type") != "" {
		t.Errorf("an empty list does not end them: %s", got.body)
	}
}
