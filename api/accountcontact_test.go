package api_test

import (
	"fmt"
	"strings"
	"testing"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// setState moves an address as invitations and bounces do.
func (h *harness) setState(contact, address string, state models.AddressState) {
	h.t.Helper()
	h.write(func(tx *store.Tx) error {
		_, _, err := tx.In(h.a.Account.ID).Contacts().Update(h.t.Context(), contact, 0, func(c *models.Contact) error {
			for i := range c.Addresses {
				if c.Addresses[i].ID == address {
					c.Addresses[i].State = state
				}
			}
			return nil
		})
		return err
	})
}

// states shows the addresses of a contact: "value state", and a star for those that are
// leaving.
func states(a *answer) string {
	a.t.Helper()
	var contact struct {
		Addresses []struct {
			Value, State string
			Leaving      bool
		}
	}
	a.into(&contact)
	list := []string{}
	for _, each := range contact.Addresses {
		list = append(list, each.Value+" "+each.State+map[bool]string{true: "*"}[each.Leaving])
	}
	return strings.Join(list, ", ")
}

func TestTheAccountContactHasItsOwnOperation(t *testing.T) {
	t.Parallel()
	h := newHarness(t).offerContacts()
	seen := h.as(h.reader).get("/v1/account/contact").wants(200)
	path := "/v1/contacts/" + seen.field("id")
	if h.as(h.reader).get(path).wants(200).field("kind") != "account" {
		t.Error("the account contact is not shown as what it is")
	}
	h.as(h.root).patch(path, object{"name": "Mallory"}).wants(409).problem(models.CodeAccountContact)
	h.as(h.root).patch(path, object{"enabled": false}).wants(409).problem(models.CodeAccountContact)
	h.as(h.root).delete(path).wants(409).problem(models.CodeAccountContact)
	h.as(h.full).put("/v1/account/contact", contactBody("Mallory", "m@example.org")).wants(403)
	h.as(h.root).ifMatch(seen).put("/v1/account/contact", contactBody("Billing", "billing@alpha.example")).wants(200)
	h.as(h.root).ifMatch(seen).put("/v1/account/contact", contactBody("Billing", "billing@alpha.example")).wants(412)
	h.as(h.root).put("/v1/account/contact", contactBody("a b", "x")).wants(422).complains("#/name", "invalid-characters").complains("#/addresses/0/value", "invalid-email")
}

// TestTheFloorStaysReachable: a changed address of the account contact gets nothing
// before it is proven, and until then the old one goes on.
func TestTheFloorStaysReachable(t *testing.T) {
	t.Parallel()
	h := newHarness(t).offerContacts()
	root := h.as(h.root)
	put := func(addresses ...string) *answer {
		return root.put("/v1/account/contact", contactBody("Billing", addresses...))
	}
	steps := []struct {
		addresses []string
		want      string
	}{
		{[]string{"billing@alpha.example"}, "billing@alpha.example verified"},
		{[]string{"new@alpha.example"}, "billing@alpha.example verified*, new@alpha.example pending"},
		{[]string{"newer@alpha.example"}, "billing@alpha.example verified*, newer@alpha.example pending"},
		{[]string{"billing@alpha.example", "newer@alpha.example"}, "billing@alpha.example verified, newer@alpha.example pending"},
		{[]string{"newest@alpha.example", "+8613800138000"}, "billing@alpha.example verified*, newest@alpha.example pending, +8613800138000 pending"},
	}
	for _, step := range steps {
		h.clock.advance(1000)
		put(step.addresses...).wants(200)
		if got := states(root.get("/v1/account/contact").wants(200)); got != step.want {
			t.Errorf("after %v: %s, want %s", step.addresses, got, step.want)
		}
	}
	account := root.get("/v1/account/contact").wants(200)
	waive := func(i int) {
		t.Helper()
		path := fmt.Sprintf("/v1/accounts/%s/contacts/%s/waive", h.a.Account.ID, account.field("id"))
		h.as(h.admin).post(path, object{"address_ids": []string{account.field("addresses", i, "id")}}).wants(200)
	}
	waive(1)
	waive(2)
	if got := states(root.get("/v1/account/contact").wants(200)); got != "newest@alpha.example waived, +8613800138000 waived" {
		t.Errorf("after the proof: %s", got)
	}
	put("newest@alpha.example").wants(409).problem(models.CodeLastMandatory)
	put("newest@alpha.example", "+8613800138001").wants(200)
}

func TestUsersKeepTheirOwnContactDetails(t *testing.T) {
	t.Parallel()
	h := newHarness(t).offerContacts()
	me := h.as(h.none)
	me.get("/v1/me/contact").wants(404)
	me.with("If-Match", `"1"`).put("/v1/me/contact", contactBody("Zoe", "zoe@example.org")).wants(412)
	made := me.put("/v1/me/contact", contactBody("Zoe", "zoe@example.org")).wants(200)
	if made.field("user_id") != h.none.id || states(made) != "zoe@example.org pending" {
		t.Errorf("made %s", made.body)
	}
	path := "/v1/accounts/" + string(h.a.Account.ID) + "/users/" + h.none.id + "/contact"
	seen := h.as(h.admin).get(path).wants(200)
	if seen.field("id") != made.field("id") {
		t.Error("operator and user keep two records")
	}
	h.clock.advance(1000)
	waived := h.as(h.admin).put(path, contactBody("Zoe", "zoe@example.org", "+8613800138000")).wants(200)
	if states(waived) != "zoe@example.org waived, +8613800138000 waived" {
		t.Errorf("the operator's addresses are %s", states(waived))
	}
	again := me.put("/v1/me/contact", contactBody("Zoe", "zoe@example.org", "other@example.org")).wants(200)
	if states(again) != "zoe@example.org waived, other@example.org pending" || again.field("id") != made.field("id") {
		t.Errorf("the user's change leads to %s", again.body)
	}
	if got := h.as(h.root).get("/v1/contacts/" + made.field("id")).wants(200); string(got.body) == "" || states(got) != states(me.get("/v1/me/contact").wants(200)) {
		t.Error("the account sees another record than the user")
	}
	h.as(h.root).post("/v1/contacts", object{"name": "Twin", "user_id": h.none.id, "addresses": []object{{"channel": "email", "value": "t@example.org"}}}).wants(409).problem(models.CodeConflict)
	h.as(h.root).patch("/v1/contacts/"+made.field("id"), object{"enabled": false}).wants(200)
	if got := me.put("/v1/me/contact", contactBody("Zoe", "zoe@example.org")).wants(200); got.field("enabled") != "false" {
		t.Error("a user enables a contact that was disabled")
	}
	h.as(h.root).delete("/v1/users/" + h.none.id).wants(204)
	if got := h.as(h.root).get("/v1/contacts/" + made.field("id")).wants(200); got.field("user_id") != "" {
		t.Error("the contact of a deleted user is still linked")
	}
	h.as(h.admin).put(path, contactBody("Zoe", "zoe@example.org")).wants(404)
	h.as(h.admin).put("/v1/accounts/"+string(h.b.Account.ID)+"/users/"+h.full.id+"/contact", contactBody("Zoe", "zoe@example.org")).wants(404)
}

func TestOperatorsFindTheContactsOfAllAccounts(t *testing.T) {
	t.Parallel()
	h := newHarness(t).offerContacts()
	admin := h.as(h.admin)
	admin.put("/v1/accounts/"+string(h.a.Account.ID)+"/users/"+h.full.id+"/contact", contactBody("Ann", "ann@example.org")).wants(200)
	h.clock.advance(1000)
	admin.put("/v1/accounts/"+string(h.b.Account.ID)+"/users/"+h.stranger.id+"/contact", contactBody("Bob", "bob@example.org")).wants(200)
	beta := "account_id=" + string(h.b.Account.ID)
	for query, want := range map[string]string{
		beta: "[Bob beta]", beta + "&linked=true": "[Bob]", beta + "&linked=false": "[beta]", beta + "&q=BOB": "[Bob]", beta + "&state=waived": "[Bob]",
		beta + "&user_id=" + h.full.id: "[]", "user_id=" + h.full.id: "[Ann]", "user_id=x": "[]", "address=ANN@example.ORG": "[Ann]", "address=%2B8613800138000": "[]",
		"account_id=x": "[]",
	} {
		if got := admin.get("/v1/user-contacts?" + query).wants(200).items("name"); fmt.Sprint(got) != want {
			t.Errorf("?%s = %v, want %s", query, got, want)
		}
	}
	if all := admin.get("/v1/user-contacts").wants(200).items("name"); len(all) != 5 || all[0] != "Bob" || all[4] != "Platform" {
		t.Errorf("all = %v", all)
	}
	for _, query := range []string{"q=x", "state=waived", "linked=true", "channel=sms", "enabled=true", "group_id=x"} {
		admin.get("/v1/user-contacts?"+query).wants(422).complains("query/account_id", "required")
	}
	admin.get("/v1/user-contacts?address=ann").wants(422).complains("query/address", "invalid-address")
	bob := admin.get("/v1/user-contacts?address=bob@example.org").wants(200)
	if bob.field("items", 0, "account", "alias") != "beta" || bob.field("items", 0, "user", "name") != "root" || strings.Contains(string(bob.body), "argon2") {
		t.Errorf("bob = %s", bob.body)
	}
	h.as(h.auditor).get("/v1/user-contacts").wants(403)
}

func TestGroupsHaveMembers(t *testing.T) {
	t.Parallel()
	h := newHarness(t).offerContacts()
	root := h.as(h.root)
	ann, bob := h.newContact("Ann").field("id"), h.newContact("Bob").field("id")
	theirs := h.belongings(h.b.Account.ID, h.stranger)["ctc"]
	path := h.newContactGroup("运维").header.Get("Location")
	members := func() string { return fmt.Sprint(h.as(h.reader).get(path + "/members").wants(200).items("name")) }
	if got := members(); got != "[]" || h.as(h.reader).get(path).wants(200).field("members") != "0" {
		t.Errorf("a new group has %s", got)
	}
	add := root.post(path+"/members/add", object{"contact_ids": []string{ann, theirs, ann}}).wants(200)
	if fmt.Sprint(add.items("result")) != "[added not_found added]" || add.field("group", "members") != "1" {
		t.Errorf("add = %s", add.body)
	}
	again := root.post(path+"/members/add", object{"contact_ids": []string{ann, bob}}).wants(200)
	if fmt.Sprint(again.items("result")) != "[unchanged added]" {
		t.Errorf("add again = %s", again.body)
	}
	seen := root.get(path).wants(200)
	root.put(path+"/members", object{"contact_ids": []string{bob, theirs}}).wants(422).complains("#/contact_ids/1", "not-found")
	if got := h.as(h.reader).get(path).wants(200).field("members"); got != "2" {
		t.Errorf("a refused replacement leaves %s members", got)
	}
	root.ifMatch(seen).put(path+"/members", object{"contact_ids": []string{bob}}).wants(200)
	root.ifMatch(seen).put(path+"/members", object{"contact_ids": []string{ann}}).wants(412)
	remove := root.post(path+"/members/remove", object{"contact_ids": []string{ann, bob, theirs}}).wants(200)
	if fmt.Sprint(remove.items("result")) != "[not_found removed not_found]" {
		t.Errorf("remove = %s", remove.body)
	}
	root.patch(path, object{"name": "a b"}).wants(422).complains("#/name", "invalid-characters")
	root.patch(path, object{"name": "dev"}).wants(200)
	root.post("/v1/contact-groups", object{"name": "dev"}).wants(201) // names may repeat
	rows := h.as(h.reader).get("/v1/operations?object_kind=contact_group&object_id=" + seen.field("id")).wants(200).items("action")
	want := "[contact_group.update contact_group.update contact_group.remove_members contact_group.set_members contact_group.set_members contact_group.set_members contact_group.add_members contact_group.add_members contact_group.create]"
	if fmt.Sprint(rows) != want {
		t.Errorf("the group's slice of the operation log = %v", rows)
	}
	root.delete(path).wants(204)
	root.get(path).wants(404)
	root.get("/v1/contacts/" + bob).wants(200)
}

func TestPositionsAreTheOperators(t *testing.T) {
	t.Parallel()
	h := newHarness(t).offerContacts()
	h.as(h.none).get("/v1/positions").wants(200) // the own contact has one, too
	shipped := h.as(h.reader).get("/v1/positions").wants(200)
	if len(shipped.items("key")) < 5 || shipped.field("items", 0, "names", "zh-CN") == "" {
		t.Errorf("shipped = %s", shipped.body)
	}
	body := contactBody("Ann", "ann@example.org")
	body["position"] = "finance"
	h.as(h.root).post("/v1/contacts", body).wants(201)
	item := func(key string) object { return object{"key": key, "names": object{"zh-CN": "x", "en-US": "y"}} }
	admin := h.as(h.admin)
	refused := admin.put("/v1/positions", object{"items": []object{item("captain")}}).wants(409).problem(models.CodeConflict)
	if !strings.Contains(refused.field("detail"), "finance") {
		t.Errorf("the refusal names no position: %s", refused.body)
	}
	admin.put("/v1/positions", object{"items": []object{item("a"), item("a")}}).wants(422).complains("#/items/1/key", "duplicate")
	admin.put("/v1/positions", object{"items": []object{item("A b")}}).wants(422)
	admin.put("/v1/positions", object{"items": []object{{"key": "a", "names": object{"zh-CN": "x"}}}}).wants(422)
	set := admin.ifMatch(shipped).put("/v1/positions", object{"items": []object{item("captain"), item("finance")}}).wants(200)
	admin.ifMatch(shipped).put("/v1/positions", object{"items": []object{item("finance")}}).wants(412)
	if got := h.as(h.reader).get("/v1/positions").wants(200); string(got.body) != string(set.body) || got.header.Get("ETag") != set.header.Get("ETag") {
		t.Errorf("read as %s, set as %s", got.body, set.body)
	}
}
