package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/api"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/rbac"
)

func TestAContactIsMadeShownAndChanged(t *testing.T) {
	t.Parallel()
	h := newHarness(t).offerContacts()
	full := h.as(h.full)
	body := contactBody("王小明", "Ming@Example.ORG", "+86 138 0013 8000", "ming@example.org")
	body["position"], body["user_id"], body["language"], body["time_zone"] = "finance", h.none.id, "zh-CN", "Europe/Berlin"
	made := full.post("/v1/contacts", body).wants(201)
	for path, want := range map[string]string{
		"name": "王小明", "kind": "person", "position": "finance", "user_id": h.none.id, "language": "zh-CN", "time_zone": "Europe/Berlin",
		"enabled": "true", "version": "1", "groups": "[]", "created_at": "2026-03-01T08:00:00Z",
	} {
		if got := made.field(path); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
	if made.field("addresses", 0, "value") != "Ming@Example.ORG" || made.field("addresses", 0, "state") != "pending" ||
		made.field("addresses", 1, "channel") != "sms" || made.field("addresses", 2, "id") != "" {
		t.Errorf("addresses = %s", made.body)
	}
	path := made.header.Get("Location")
	seen := h.as(h.reader).get(path).wants(200)
	if string(seen.body) != string(made.body) || seen.header.Get("ETag") != `"1"` {
		t.Errorf("read as %s (%s), made as %s", seen.body, seen.header.Get("ETag"), made.body)
	}
	h.verify(made.field("id"), made.field("addresses", 0, "id"))
	seen = h.as(h.reader).get(path).wants(200)
	change := object{"addresses": []object{{"channel": "email", "value": "ming@EXAMPLE.org"}, {"channel": "email", "value": "new@example.org"}}, "enabled": false}
	after := full.ifMatch(seen).patch(path, change).wants(200)
	if after.field("addresses", 0, "state") != "verified" || after.field("addresses", 0, "id") != made.field("addresses", 0, "id") ||
		after.field("addresses", 1, "state") != "pending" || after.field("addresses", 2, "id") != "" || after.field("enabled") != "false" || after.field("position") != "finance" {
		t.Errorf("changed to %s", after.body)
	}
	full.ifMatch(seen).patch(path, object{"name": "x"}).wants(412)
	full.patch(path, object{"position": "", "user_id": "", "time_zone": "", "language": ""}).wants(200)
	rows := h.as(h.reader).get("/v1/operations?object_kind=contact&object_id=" + made.field("id")).wants(200).items("action")
	if fmt.Sprint(rows) != "[contact.update contact.update contact.update contact.create]" {
		t.Errorf("the contact's slice of the operation log = %v", rows)
	}
	full.delete(path).wants(204)
	full.get(path).wants(404)
	if got := h.logged(h.a.Account.ID)[0]; got.ObjectName != "王小明" || got.Action != "contact.delete" {
		t.Errorf("operation log has %+v", got)
	}
}

// verify proves an address as its owner would.
func (h *harness) verify(contact, address string) {
	h.t.Helper()
	h.setState(contact, address, models.AddressVerified)
}

func TestNamesOfContacts(t *testing.T) {
	t.Parallel()
	h := newHarness(t).offerContacts()
	create := func(name string) *answer {
		return h.as(h.root).post("/v1/contacts", contactBody(name, "a@example.org"))
	}
	h.as(h.admin).patch("/v1/accounts/"+string(h.a.Account.ID), object{"max_contacts": 100}).wants(200)
	for name, code := range map[string]string{
		"": "required", "a b": "invalid-characters", "a\u00a0b": "invalid-characters", "a\u3000b": "invalid-characters", "a\u2003b": "invalid-characters",
		"a\u200bb": "invalid-characters", "a\u202eb": "invalid-characters", "a\x00b": "invalid-characters", "a\U000e0041b": "invalid-characters",
		"a\u00adb": "invalid-characters", "\ufeffa": "invalid-characters", "a\u2800": "invalid-characters", "a\u1680b": "invalid-characters",
		strings.Repeat("a", 21): "too-long", strings.Repeat("王", 21): "too-long", strings.Repeat("💥", 21): "too-long", strings.Repeat("x", 201): "too-long",
	} {
		got := create(name).wants(422)
		if !strings.Contains(string(got.body), `"pointer":"#/name"`) || !strings.Contains(string(got.body), code) {
			t.Errorf("%q: %s, want %s", name, got.body, code)
		}
	}
	for name, stored := range map[string]string{
		"a": "a", strings.Repeat("王", 20): strings.Repeat("王", 20), strings.Repeat("💥", 20): strings.Repeat("💥", 20),
		"Zoe\u0308": "Zoe\u0308", strings.Repeat("e\u0301", 20): strings.Repeat("e\u0301", 20), "Ｆｕｌｌ": "Ｆｕｌｌ", "<b>{{.}}=1": "<b>{{.}}=1", "O'Neil--": "O'Neil--",
		"👨\u200d👩\u200d👧": "👨\u200d👩\u200d👧", "аdmin": "аdmin",
	} {
		for range 2 { // names may repeat
			if got := create(name).wants(201).field("name"); got != stored {
				t.Errorf("%q is stored as %q, want %q", name, got, stored)
			}
		}
	}
}

func TestAddressesThatNoContactCanHave(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *operation.Config) {
		c.Contacts = operation.ContactConfig{Countries: []string{"CN", "DE"}, DeniedDomains: []string{"mailinator.com"}, PerChannel: 2}
	}).offerContacts()
	root := h.as(h.root)
	for value, code := range map[string]string{
		"a@b": "invalid-email", "a@localhost": "invalid-email", "a@[127.0.0.1]": "invalid-email", "a@example.com.": "invalid-email",
		"a@example.org,b@example.org": "invalid-email", `"a b"@example.org`: "invalid-email", "Zoe<a@example.org>": "invalid-email",
		"No-Reply@Example.com": "own-address", "a@mailinator.com": "domain-not-allowed", "a@x.mailinator.com": "domain-not-allowed",
		"+1": "invalid-number", "+1 415 555 2671": "country-not-allowed", "+86 10086": "invalid-number", "+8613800138000 ext 5": "invalid-number",
		"+8613800138000138001": "invalid-number", "+49 900 1234567": "invalid-number",
	} {
		body := contactBody("Ann", "ok@example.org", value)
		root.post("/v1/contacts", body).wants(422).complains("#/addresses/1/value", code)
	}
	hostile := map[string]string{"a@exam\u200bple.org": "invalid-characters", "a@example.org\r\nBcc: b@example.org": "invalid-characters", " a@example.org": "untrimmed"}
	for value, code := range hostile {
		root.post("/v1/contacts", contactBody("Ann", value)).wants(422).complains("#/addresses/0/value", code)
	}
	for _, value := range []string{"a+tag@example.org", "a@bücher.example", "o'neil@example.org"} {
		root.post("/v1/contacts", contactBody("Ann", value)).wants(201)
	}
	root.post("/v1/contacts", contactBody("Ann")).wants(422).complains("#/addresses", "required")
	root.post("/v1/contacts", contactBody("Ann", "+8613800138000")).wants(422).complains("#/addresses", "required")
	root.post("/v1/contacts", contactBody("Ann", "a@example.org", "b@example.org", "c@example.org")).wants(422).complains("#/addresses", "too-many")
	for _, channel := range []string{"webhook", "pigeon", "inbox", "", "Email", "email "} {
		body := object{"name": "Ann", "addresses": []object{{"channel": channel, "value": "a@example.org"}}}
		got := root.post("/v1/contacts", body).wants(422)
		if !strings.Contains(string(got.body), "#/addresses/0/channel") {
			t.Errorf("channel %q: %s", channel, got.body)
		}
	}
	state := object{"name": "Ann", "addresses": []object{{"channel": "email", "value": "a@example.org", "state": "verified"}}}
	root.post("/v1/contacts", state).wants(400).complains("#/addresses/0/state", "unknown")
	for field, value := range map[string]any{"position": "captain", "user_id": h.stranger.id, "time_zone": "Mars/Base"} {
		body := contactBody("Ann", "a@example.org")
		body[field] = value
		root.post("/v1/contacts", body).wants(422).complains("#/"+field, map[string]string{"user_id": "not-found"}[field]+map[bool]string{true: "unknown-value"}[field != "user_id"])
	}
}

func TestOnlyConfiguredChannelsCanBeChosen(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	create := func(addresses ...string) *answer {
		return h.as(h.root).post("/v1/contacts", contactBody("Ann", addresses...))
	}
	create("a@example.org").wants(422).complains("#/addresses/0/channel", "unavailable-channel")
	mail := h.as(h.admin).post("/v1/providers", smtpProvider("relay")).wants(201).header.Get("Location")
	create("a@example.org", "+8613800138000").wants(422).complains("#/addresses/1/channel", "unavailable-channel")
	made := create("a@example.org").wants(201)
	h.as(h.admin).patch(mail, object{"enabled": false}).wants(200)
	create("b@example.org").wants(422).complains("#/addresses/0/channel", "unavailable-channel")
	// What is there already stays as it is.
	kept := object{"addresses": []object{{"channel": "email", "value": "a@example.org"}}, "name": "Bob"}
	h.as(h.root).patch(made.header.Get("Location"), kept).wants(200)
}

func TestRequiredChannelsArePolicy(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *operation.Config) { c.Contacts.Required = []models.Channel{models.ChannelSMS} }).offerContacts()
	h.as(h.root).post("/v1/contacts", contactBody("Ann", "a@example.org")).wants(422).complains("#/addresses", "required")
	h.as(h.root).post("/v1/contacts", contactBody("Ann", "+8613800138000")).wants(201)
	none := newHarness(t, func(c *operation.Config) { c.Contacts.Required = []models.Channel{} }).offerContacts()
	none.as(none.root).post("/v1/contacts", contactBody("Ann")).wants(422).complains("#/addresses", "required")
	none.as(none.root).post("/v1/contacts", contactBody("Ann", "+8613800138000")).wants(201)
}

func TestRulesThatNothingMatchesStopTheStart(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	guard, err := rbac.New(rbac.Config{Grants: h.store.Roles(), Now: h.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.New(operation.Config{Contacts: operation.ContactConfig{Countries: []string{"CN"}, DeniedDomains: []string{"x.example"}}}, h.deps(guard)); err != nil {
		t.Errorf("good rules: %v", err)
	}
	for name, rules := range map[string]operation.ContactConfig{
		"a channel to bots": {Required: []models.Channel{models.ChannelWebhook}}, "no channel": {Required: []models.Channel{"emial"}},
		"a name of a country": {Countries: []string{"China"}}, "lower case": {Countries: []string{"cn"}},
		"a domain in capitals": {DeniedDomains: []string{"Mailinator.com"}}, "an address": {DeniedDomains: []string{"a@b.example"}},
	} {
		if _, err := api.New(operation.Config{Contacts: rules}, h.deps(guard)); err == nil {
			t.Errorf("%s: New() takes %+v", name, rules)
		}
	}
}

func TestLimitsOfAnAccountAreNamedAndCanBeRaised(t *testing.T) {
	t.Parallel()
	h := newHarness(t).offerContacts()
	path := "/v1/accounts/" + string(h.a.Account.ID)
	limits := h.as(h.reader).get("/v1/account").wants(200)
	if limits.field("max_contacts") != "20" || limits.field("max_contact_groups") != "12" || limits.field("max_bots") != "20" {
		t.Errorf("limits = %s", limits.body)
	}
	h.as(h.admin).patch(path, object{"max_contacts": 1, "max_contact_groups": 1}).wants(200)
	h.newContact("Ann")
	h.newContactGroup("ops")
	for what, body := range map[string]any{"/v1/contacts": contactBody("Bob", "b@example.org"), "/v1/contact-groups": object{"name": "dev"}} {
		refused := h.as(h.root).post(what, body).wants(409).problem(models.CodeLimit)
		if !strings.Contains(refused.field("detail"), "limit is 1") {
			t.Errorf("%s: the refusal does not name the limit: %s", what, refused.body)
		}
	}
	h.as(h.none).put("/v1/me/contact", contactBody("Zoe", "z@example.org")).wants(409).problem(models.CodeLimit)
	h.as(h.admin).patch(path, object{"max_contacts": 2, "max_contact_groups": 2}).wants(200)
	h.newContact("Bob")
	h.newContactGroup("dev")
	for _, limit := range []int{-1, 10001} {
		h.as(h.admin).patch(path, object{"max_contacts": limit}).wants(422)
	}
	h.as(h.root).patch("/v1/account", object{"max_contacts": 50}).wants(400)
}

func TestContactsAreFound(t *testing.T) {
	t.Parallel()
	h := newHarness(t).offerContacts()
	ann := h.newContact("Ann", "ann@example.org", "+8613800138000")
	h.clock.advance(time.Second)
	bob := h.newContact("Bob")
	h.as(h.root).patch(bob.header.Get("Location"), object{"enabled": false, "user_id": h.none.id}).wants(200)
	h.verify(ann.field("id"), ann.field("addresses", 1, "id"))
	group := h.newContactGroup("ops")
	h.as(h.root).put(group.header.Get("Location")+"/members", object{"contact_ids": []string{ann.field("id")}}).wants(200)
	for query, want := range map[string]string{
		"": "[Bob Ann alpha]", "q=AN": "[Ann]", "q=example.org": "[Bob Ann]", "q=%25": "[]", "q=13800": "[Ann]",
		"enabled=false": "[Bob]", "enabled=true": "[Ann alpha]", "channel=sms": "[Ann]", "state=pending": "[Bob Ann]",
		"channel=email&state=verified": "[alpha]", "channel=sms&state=verified": "[Ann]", "user_id=" + h.none.id: "[Bob]",
		"group_id=" + group.field("id"): "[Ann]", "channel=pigeon": "[]", "user_id=x": "[]",
	} {
		if got := fmt.Sprint(h.as(h.reader).get("/v1/contacts?" + query).wants(200).items("name")); got != want {
			t.Errorf("?%s = %s, want %s", query, got, want)
		}
	}
	for _, query := range []string{"enabled=yes", "state=Verified", "enabled=true&enabled=false", "name=x"} {
		if got := h.as(h.reader).get("/v1/contacts?" + query); got.status != 422 && got.status != 400 {
			t.Errorf("?%s = %d", query, got.status)
		}
	}
	first := h.as(h.reader).get("/v1/contacts?limit=1&q=example").wants(200)
	second := h.as(h.reader).get("/v1/contacts?limit=1&q=example&cursor=" + first.field("next_cursor")).wants(200)
	if first.items("name")[0] != "Bob" || second.items("name")[0] != "Ann" {
		t.Errorf("pages = %s, %s", first.body, second.body)
	}
	h.as(h.reader).get("/v1/contacts?limit=1&cursor=" + first.field("next_cursor")).wants(400)
	if got := h.as(h.reader).get("/v1/contacts/"+ann.field("id")).wants(200).field("groups", 0, "name"); got != "ops" {
		t.Errorf("the contact is in %q", got)
	}
}

func TestABatchHasAResultPerItem(t *testing.T) {
	t.Parallel()
	h := newHarness(t).offerContacts()
	ann, bob := h.newContact("Ann").field("id"), h.newContact("Bob").field("id")
	theirs := h.belongings(h.b.Account.ID, h.stranger)["ctc"]
	account := h.as(h.root).get("/v1/account/contact").wants(200).field("id")
	batch := func(action string, ids ...string) string {
		got := h.as(h.root).post("/v1/contacts/batch", object{"action": action, "ids": ids}).wants(200)
		return fmt.Sprint(got.items("result"))
	}
	before := len(h.logged(h.a.Account.ID))
	if got := batch("disable", ann, theirs, account, "x"); got != "[disabled not_found account_contact not_found]" {
		t.Errorf("disable = %s", got)
	}
	if rows := h.logged(h.a.Account.ID); len(rows) != before+1 || rows[0].ObjectID != ann || rows[0].Action != "contact.batch" {
		t.Errorf("operation log has %+v", rows[0])
	}
	if got := batch("disable", ann, bob); got != "[unchanged disabled]" {
		t.Errorf("disable again = %s", got)
	}
	if got := batch("enable", bob); got != "[enabled]" {
		t.Errorf("enable = %s", got)
	}
	if got := batch("delete", bob, ann, account); got != "[deleted deleted account_contact]" {
		t.Errorf("delete = %s", got)
	}
	rows := h.as(h.reader).get("/v1/operations?object_kind=contact&object_id=" + ann).wants(200).items("action")
	if fmt.Sprint(rows) != "[contact.batch contact.batch contact.batch contact.create]" {
		t.Errorf("the contact's slice of the operation log = %v", rows)
	}
	if got := h.as(h.root).get("/v1/contacts").wants(200).items("name"); fmt.Sprint(got) != "[alpha]" {
		t.Errorf("left are %v", got)
	}
	if got := h.as(h.stranger).get("/v1/contacts/" + theirs).wants(200).field("enabled"); got != "true" {
		t.Error("a batch reached another account's contact")
	}
	twice := h.as(h.root).post("/v1/contacts/batch", object{"action": "delete", "ids": []string{"x", "x"}}).wants(200).items("result")
	if fmt.Sprint(twice) != "[not_found not_found]" {
		t.Errorf("an id that stands twice has the results %v", twice)
	}
	h.as(h.root).post("/v1/contacts/batch", object{"action": "delete", "ids": []string{}}).wants(422)
	h.as(h.root).post("/v1/contacts/batch", object{"action": "verify", "ids": []string{ann}}).wants(422)
}
