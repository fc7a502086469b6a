package api_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// affected lists what a refusal says that a change affects.
func (a *answer) affected() []string {
	a.t.Helper()
	var problem struct {
		Errors []models.Field `json:"errors"`
	}
	a.problem(models.CodeConfirm).into(&problem)
	list := []string{}
	for _, e := range problem.Errors {
		list = append(list, strings.TrimPrefix(e.Pointer, "types/")+" "+e.Code)
	}
	return list
}

func TestCoverageShowsWhoWouldNotHear(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	root := h.as(h.root)
	eve := h.contact(h.a.Account.ID, "Eve")
	root.patch(matrixPath+"/service.bill", object{"groups": []string{h.group}}).wants(200)
	root.patch(matrixPath+"/service.invoice?confirm=true", object{"channels": []string{}}).wants(200)
	h.suspend(h.a.Account.ID, models.BotDestination(h.bot))
	var cover struct {
		Types     int
		Unreached []struct{ Type, Reason string }
		Single    []struct {
			Type    string
			Contact struct{ Name string }
		}
		Idle    []struct{ ID string }
		Failing []struct{ ID string }
	}
	got := h.as(h.reader).get("/v1/coverage").wants(200).into(&cover)
	if len(cover.Unreached) != 1 || cover.Unreached[0].Type != "service.invoice" || cover.Unreached[0].Reason != models.ReasonNotTicked {
		t.Errorf("unreached: %+v", cover.Unreached)
	}
	if cover.Types < 40 || len(cover.Single) != cover.Types-2 {
		t.Errorf("%d of %d types hang on one person: all but the bill and the invoice do", len(cover.Single), cover.Types)
	}
	if len(cover.Idle) != 1 || cover.Idle[0].ID != eve || len(cover.Failing) != 1 || cover.Failing[0].ID != h.bot {
		t.Errorf("%s", got.body)
	}
}

// TestCoverageTellsOfFloorsThatReachNobody: the account contact has no number, and a strict
// type goes by SMS, too; what coverage says of it is what explaining it says.
func TestCoverageTellsOfFloorsThatReachNobody(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	h.as(h.admin).post("/v1/providers", object{"kind": "sms_http", "name": "sms", "settings": object{"url": "https://sms.example.com/"}}).wants(201)
	floors := func() []string {
		var cover struct {
			Floors []struct{ Type, Channel, Reason string }
		}
		h.as(h.reader).get("/v1/coverage").wants(200).into(&cover)
		list := []string{}
		for _, f := range cover.Floors {
			if f.Type == "account.balance_warning" {
				list = append(list, f.Channel+" "+f.Reason)
			}
		}
		return list
	}
	if got := floors(); !slices.Equal(got, []string{"sms " + models.ReasonNoAddress}) {
		t.Errorf("floors: %v", got)
	}
	explained := h.as(h.root).post(explainPath, object{"type": "account.balance_warning"}).wants(200)
	if !strings.Contains(string(explained.body), models.ReasonNoAddress) {
		t.Errorf("explain says otherwise: %s", explained.body)
	}
	h.write(func(tx *store.Tx) error {
		_, _, err := tx.In(h.a.Account.ID).Contacts().UpdateOfAccount(t.Context(), 0, func(c *models.Contact) error {
			c.Addresses = append(c.Addresses, models.Address{Channel: models.ChannelSMS, Value: "+8613800138000", ValueKey: "+8613800138000", State: models.AddressVerified})
			return nil
		})
		return err
	})
	if got := floors(); len(got) != 0 {
		t.Errorf("floors with a number: %v", got)
	}
}

func TestAChangeThatLeavesSomebodyUninformedMustBeConfirmed(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	root := h.as(h.root)
	bill := matrixPath + "/service.bill"
	root.patch(bill, object{"contacts": []string{h.ann, h.bob}}).wants(200)
	cases := []struct {
		name string
		body object
		want []string
	}{
		{"nobody", object{"untick": []string{"email"}}, []string{"service.bill reaches-nobody"}},
		{"one person", object{"contacts": []string{h.ann}}, []string{"service.bill single-person"}},
		{"back to the account contact", object{"reset": true}, []string{"service.bill falls-back"}},
	}
	for _, c := range cases {
		before := h.row("service.bill")
		if got := root.patch(bill, c.body).wants(409).affected(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if after := h.row("service.bill"); string(after.body) != string(before.body) {
			t.Errorf("%s: it was changed without a confirmation: %s", c.name, after.body)
		}
		bulk := object{"changes": []object{{"type": "service.bill"}}}
		for k, v := range c.body {
			bulk["changes"].([]object)[0][k] = v
		}
		if got := root.patch(matrixPath, bulk).wants(409).affected(); !slices.Equal(got, c.want) {
			t.Errorf("%s in bulk: %v", c.name, got)
		}
		root.patch(bill+"?confirm=true", c.body).wants(200)
		root.patch(bill+"?confirm=true", object{"reset": true, "contacts": []string{h.ann, h.bob}}).wants(200)
	}
	root.patch(bill, object{"contacts": []string{h.ann, h.bob}, "tick": []string{"email"}}).wants(200) // no worse than before
	root.put(matrixPath+"/marketing", object{"enabled": false}).wants(200)                             // what is silenced counts no more
	if rows := h.logged(h.a.Account.ID); !slices.ContainsFunc(rows, func(o models.Operation) bool {
		return o.Code == models.CodeConfirm && o.Result == models.ResultRefused && o.ObjectID == "service.bill"
	}) {
		t.Error("the refusal is not in the operation log")
	}
}

func TestDeletingABotInUseShowsWhatItAffects(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	root := h.as(h.root)
	root.patch(matrixPath+"/service.bill", object{"bots": []string{h.bot}}).wants(200)
	if got := root.delete("/v1/bots/" + h.bot).wants(409).affected(); !slices.Equal(got, []string{"service.bill bot-removed"}) {
		t.Errorf("deleting it affects %v", got)
	}
	root.get("/v1/bots/" + h.bot).wants(200)
	root.delete("/v1/bots/" + h.bot + "?confirm=true").wants(204)
	if row := h.row("service.bill"); row.field("every_bot") != "false" || row.field("bots", 0, "id") != "" {
		t.Errorf("after it: %s", row.body)
	}
}

func TestContactsAndGroupsInUseShowWhatTheyAffect(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	root := h.as(h.root)
	root.patch(matrixPath+"/service.bill", object{"contacts": []string{h.ann, h.bob}}).wants(200)
	root.patch(matrixPath+"/service.invoice", object{"groups": []string{h.group}}).wants(200)
	ann, members := "/v1/contacts/"+h.ann, "/v1/contact-groups/"+h.group+"/members"
	both := []string{"service.bill single-person", "service.invoice single-person"}
	for what, refused := range map[string]*answer{
		"disabling a contact": root.patch(ann, object{"enabled": false}),
		"deleting a contact":  root.delete(ann),
		"a batch":             root.post("/v1/contacts/batch", object{"action": "disable", "ids": []string{h.ann}}),
	} {
		if got := refused.wants(409).affected(); !slices.Equal(got, both) {
			t.Errorf("%s affects %v, want %v", what, got, both)
		}
	}
	if got := root.put(members, object{"contact_ids": []string{h.bob}}).wants(409).affected(); !slices.Equal(got, both[1:]) {
		t.Errorf("taking a member out affects %v", got)
	}
	if got := root.delete("/v1/contact-groups/" + h.group).wants(409).affected(); !slices.Equal(got, []string{"service.invoice falls-back"}) {
		t.Errorf("deleting the group affects %v", got)
	}
	root.get(ann).wants(200)
	root.delete(ann + "?confirm=true").wants(204)
	root.delete("/v1/contact-groups/" + h.group + "?confirm=true").wants(204)
	if got := root.delete("/v1/contacts/" + h.bob).wants(409).affected(); !slices.Equal(got, []string{"service.bill falls-back"}) {
		t.Errorf("deleting the last target affects %v", got)
	}
	root.delete("/v1/contacts/" + h.bob + "?confirm=true").wants(204)
	if row := h.row("service.bill"); row.field("target_kind") != "account" || row.field("fell_back") != "true" {
		t.Errorf("without a target: %s", row.body)
	}
	if history := root.get(matrixPath + "/changes?type=service.bill").wants(200); history.field("items", 0, "action") != "contact.delete" || history.field("items", 0, "actor") != "root" {
		t.Errorf("the history does not say who: %s", history.body)
	}
}

// TestOwnDetailsThatLeaveSomebodyUninformedMustBeConfirmed: also by the user, and by an
// operator who looks after the user's contact.
func TestOwnDetailsThatLeaveSomebodyUninformedMustBeConfirmed(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	root, mine := h.as(h.root), h.as(h.none)
	h.as(h.admin).post("/v1/providers", object{"kind": "sms_http", "name": "sms", "settings": object{"url": "https://sms.example.com/send"}}).wants(201)
	root.patch("/v1/contacts/"+h.ann, object{"user_id": h.none.id}).wants(200)
	root.patch(matrixPath+"/service.bill", object{"contacts": []string{h.ann}, "channels": []string{"email"}}).wants(200)
	moved := contactBody("Ann", "ann@example.net")
	before := mine.get("/v1/me/contact").wants(200)
	if got := mine.put("/v1/me/contact", moved).wants(409).affected(); !slices.Equal(got, []string{"service.bill reaches-nobody"}) {
		t.Errorf("another address affects %v", got)
	}
	if after := mine.get("/v1/me/contact").wants(200); string(after.body) != string(before.body) {
		t.Errorf("it was changed without a confirmation: %s", after.body)
	}
	if rows := h.logged(h.a.Account.ID); rows[0].Action != "my_contact.update" || rows[0].Code != models.CodeConfirm {
		t.Errorf("the operation log has %+v", rows[0])
	}
	mine.put("/v1/me/contact", contactBody("Ann", "ann@example.com", "ann@example.net")).wants(200) // no worse than before
	mine.put("/v1/me/contact?confirm=true", moved).wants(200)

	path := "/v1/accounts/" + string(h.a.Account.ID) + "/users/" + h.none.id + "/contact"
	operator := h.as(h.admin)
	operator.put(path, contactBody("Ann", "ann@example.org", "+8613800138000")).wants(200) // vouched for: better
	root.patch(matrixPath+"/service.bill", object{"channels": []string{"sms"}}).wants(200)
	if got := operator.put(path, contactBody("Ann", "ann@example.org")).wants(409).affected(); !slices.Equal(got, []string{"service.bill reaches-nobody"}) {
		t.Errorf("leaving the number out affects %v", got)
	}
	operator.put(path+"?confirm=true", contactBody("Ann", "ann@example.org")).wants(200)
}

// TestWhatCannotLeaveAnybodyUninformedIsNotAsked: a contact outlives its user, and the
// account contact's addresses stay until others are proven.
func TestWhatCannotLeaveAnybodyUninformedIsNotAsked(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	root := h.as(h.root)
	root.patch("/v1/contacts/"+h.ann, object{"user_id": h.none.id}).wants(200)
	root.patch(matrixPath+"/service.bill", object{"contacts": []string{h.ann}}).wants(200)
	before := root.get("/v1/coverage").wants(200)
	outlasting := []string{"contacts/" + h.ann + " outlasts"}
	if got := root.patch("/v1/users/"+h.none.id, object{"enabled": false}).wants(409).affected(); !slices.Equal(got, outlasting) {
		t.Errorf("disabling the user affects %v, want the contact that goes on", got)
	}
	root.patch("/v1/users/"+h.none.id+"?confirm=true", object{"enabled": false}).wants(200)
	root.delete("/v1/users/" + h.none.id + "?confirm=true").wants(204)
	root.put("/v1/account/contact", contactBody("alpha", "other@example.org")).wants(200)
	if after := root.get("/v1/coverage").wants(200); string(after.body) != string(before.body) {
		t.Errorf("coverage changed: %d and %d bytes", len(before.body), len(after.body))
	}
}

func TestThePastIsKeptComparedAndBroughtBack(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	root := h.as(h.root)
	bill := matrixPath + "/service.bill"
	at := func() string { return h.clock.Now().UTC().Format(time.RFC3339) }
	first := at()
	var matrices []string
	var times []string
	remember := func() {
		matrices = append(matrices, string(root.get(matrixPath).wants(200).body))
		times = append(times, at())
		h.clock.advance(5 * time.Hour)
	}
	remember()
	root.patch(bill, object{"contacts": []string{h.ann}, "caps": object{"email": 3}}).wants(200)
	remember()
	root.patch(matrixPath+"?confirm=true", object{"changes": []object{{"category": "service", "channels": []string{}, "bots": []string{}}}}).wants(200)
	remember()
	root.put(matrixPath+"/marketing", object{"enabled": false}).wants(200)
	remember()
	for i, when := range times {
		got := string(root.get(matrixPath + "?as_of=" + when).wants(200).body)
		if got = strings.Replace(got, `"as_of":"`+when+`",`, "", 1); got != matrices[i] {
			t.Errorf("the matrix of time %d is\n%s\nit was\n%s", i, got, matrices[i])
		}
	}
	history := root.get(matrixPath + "/changes?type=service.bill").wants(200)
	if got := history.items("action"); !slices.Equal(got, []string{"subscription.update_many", "subscription.update"}) || history.field("items", 1, "before", "chosen") != "false" || history.field("items", 1, "before", "channels", 0) != "email" ||
		history.field("items", 1, "before", "target_kind") != "account" || history.field("items", 0, "before", "chosen") != "true" ||
		history.field("items", 1, "after", "targets", 0) != h.ann || history.field("items", 1, "actor") != "root" {
		t.Errorf("history: %s", history.body)
	}
	paged, cursor := []string{}, ""
	for {
		page := root.get(matrixPath + "/changes?limit=3&cursor=" + cursor).wants(200)
		paged = append(paged, page.items("type")...)
		if cursor = page.field("next_cursor"); cursor == "" {
			break
		}
	}
	if all := root.get(matrixPath + "/changes?limit=100").wants(200).items("type"); !slices.Equal(paged, all) || len(all) < 5 {
		t.Errorf("page by page %v, at once %v", paged, all)
	}
	diff := root.get(matrixPath + "/diff?from=" + first + "&to=" + times[1]).wants(200)
	if got := diff.items("type"); !slices.Equal(got, []string{"service.bill"}) || diff.field("items", 0, "after", "caps", "email") != "3" {
		t.Errorf("diff: %s", diff.body)
	}

	root.post(matrixPath+"/revert?confirm=true", object{"as_of": times[1]}).wants(200)
	now := root.get(matrixPath).wants(200)
	if got := withoutVersion(string(now.body)); got != withoutVersion(matrices[1]) {
		t.Errorf("after the revert\n%s\nwant\n%s", got, matrices[1])
	}
	if now.field("version") != "5" || h.logged(h.a.Account.ID)[0].Action != "subscription.revert" {
		t.Errorf("a revert is a change like others: version %s", now.field("version"))
	}
	root.post(matrixPath+"/revert?confirm=true", object{"version": 4}).wants(200)
	if got := withoutVersion(string(root.get(matrixPath).wants(200).body)); got != withoutVersion(matrices[3]) {
		t.Errorf("the revert reverted: %s", got)
	}
	for _, body := range []object{{}, {"as_of": times[0], "version": 1}, {"as_of": "2030-01-01T00:00:00Z"}} {
		root.post(matrixPath+"/revert", body).wants(422)
	}
	root.get(matrixPath+"?as_of=2030-01-01T00:00:00Z").wants(422).complains("query/as_of", "in-the-future")
	if got := h.as(h.stranger).get(matrixPath + "/changes").wants(200).items("type"); len(got) != 0 {
		t.Errorf("the stranger sees %v", got)
	}
}

// withoutVersion cuts the matrix's version off.
func withoutVersion(body string) string {
	_, rest, _ := strings.Cut(body, `"marketing"`)
	return rest
}

func TestARevertLeavesOutWhoIsGone(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	root := h.as(h.root)
	root.patch(matrixPath+"/service.bill", object{"contacts": []string{h.ann, h.bob}, "bots": []string{h.bot}}).wants(200)
	root.patch(matrixPath+"/service.bill?confirm=true", object{"reset": true}).wants(200)
	h.write(func(tx *store.Tx) error {
		_, err := tx.In(h.a.Account.ID).Contacts().Delete(t.Context(), h.ann)
		return err
	})
	root.delete("/v1/bots/" + h.bot).wants(204)
	root.post(matrixPath+"/revert", object{"version": 2}).wants(200)
	row := h.row("service.bill")
	if row.field("targets", 0, "name") != "Bob" || row.field("targets", 1, "name") != "" || row.field("bots", 0, "id") != "" || row.field("every_bot") != "false" {
		t.Errorf("reverted to %s", row.body)
	}
}

func TestPreferencesAreCheckedAndShown(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	root := h.as(h.root)
	path := "/v1/contacts/" + h.ann + "/preferences"
	fresh := root.get(path).wants(200)
	if fresh.field("quiet_hours") != "" || fresh.field("max_per_hour") != "0" || fresh.header.Get("ETag") != `"1"` {
		t.Errorf("fresh: %s", fresh.body)
	}
	body := object{"quiet_hours": object{"from": "22:00", "to": "08:00"}, "allow_words": []string{"prod"}, "max_per_hour": 5}
	got := root.ifMatch(fresh).patch(path, body).wants(200)
	if got.field("quiet_hours", "to") != "08:00" || got.field("allow_words", 0) != "prod" || string(root.get(path).body) != string(got.body) {
		t.Errorf("set: %s", got.body)
	}
	root.ifMatch(fresh).patch(path, body).wants(412)
	if ended := root.patch(path, object{"no_quiet_hours": true, "allow_words": []string{}}).wants(200); ended.field("quiet_hours") != "" || ended.field("max_per_hour") != "5" {
		t.Errorf("ended: %s", ended.body)
	}
	for name, c := range map[string]struct {
		body          object
		pointer, code string
	}{
		"no zone":         {object{"quiet_hours": object{"from": "22:00", "to": "08:00", "time_zone": "Mars"}}, "#/quiet_hours/time_zone", "unknown-value"},
		"an empty night":  {object{"quiet_hours": object{"from": "22:00", "to": "22:00"}}, "#/quiet_hours/to", "invalid-value"},
		"an empty word":   {object{"deny_words": []string{""}}, "#/deny_words/0", "out-of-range"},
		"a word too long": {object{"deny_words": []string{"a", strings.Repeat("é", 65)}}, "#/deny_words/1", "out-of-range"},
	} {
		if a := root.patch(path, c.body); a.status != 422 {
			t.Errorf("%s: %d", name, a.status)
		} else {
			a.complains(c.pointer, c.code)
		}
	}
	root.patch(path, object{"quiet_hours": object{"from": "24:00", "to": "08:00"}}).wants(422)
	root.patch(path, object{"max_per_hour": -1}).wants(422)
	root.patch("/v1/bots/"+h.bot+"/preferences", object{"deny_words": []string{"test"}}).wants(200)
	root.patch("/v1/bots/"+h.bot+"/preferences", object{"quiet_hours": object{"from": "22:00", "to": "08:00"}}).wants(400)
}
