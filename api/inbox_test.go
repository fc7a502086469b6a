package api_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"
)

const (
	inboxPath    = "/v1/inbox/messages"
	personalPath = "/v1/me/inbox/messages"
)

func TestInboxListsNewestFirstAndFiltersCombine(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.deliver(h.a.Account.ID, "", "account.low: One", "product.new: Two", "account.low: Three", "account.out: Four")
	h.deliver(h.b.Account.ID, "", "account.low: Foreign")
	h.deliver(h.a.Account.ID, h.full.id, "account.low: Personal")
	full := h.as(h.full)
	full.get(inboxPath + "/" + full.messages("").Items[1].ID).wants(200)
	tomorrow := url.QueryEscape(h.clock.Now().AddDate(0, 0, 1).Format(time.RFC3339))
	for query, want := range map[string]string{
		"": "Four,Three,Two,One", "state=all": "Four,Three,Two,One", "category=account": "Four,Three,One", "type=account.low": "Three,One",
		"state=unread": "Four,Two,One", "state=read": "Three", "category=account&state=unread&q=ONE": "One",
		"q=%25": "", "q=body+of+t": "Three,Two", "category=nothing": "", "type=account.low&category=product": "",
		"from=" + tomorrow: "", "to=" + tomorrow: "Four,Three,Two,One",
		"from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59-14:00": "Four,Three,Two,One",
	} {
		page := full.messages("?" + query)
		same(t, query, page.titles(), want)
		same(t, query+" bound", page.UpTo, 4)
	}
	same(t, "personal", decoded[messagePage](full.get(personalPath).wants(200)).titles(), "Personal")
	full.get(inboxPath + "?state=some").wants(422)
	full.get(inboxPath + "?from=yesterday").wants(422)
	full.get(inboxPath+"?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z").wants(422).complains("query/to", "too-early")
}

func TestInboxPagesAreStableAndKeepTheirBound(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	full := h.as(h.full)
	h.deliver(h.a.Account.ID, "", "account.low: One", "account.low: Two", "account.low: Three")
	first := full.messages("?limit=2&state=unread")
	h.deliver(h.a.Account.ID, "", "account.low: Four")
	full.get(inboxPath + "/" + first.Items[0].ID).wants(200)
	second := full.messages("?limit=2&state=unread&cursor=" + first.NextCursor)
	same(t, "pages", first.titles()+"|"+second.titles()+"|"+second.NextCursor, "Three,Two|One|")
	same(t, "bounds", []int64{first.UpTo, second.UpTo}, []int64{3, 3})
	h.as(h.stranger).get(inboxPath + "?limit=2&state=unread&cursor=" + first.NextCursor).wants(400)
	full.get(inboxPath + "?limit=2&state=read&cursor=" + first.NextCursor).wants(400)
	full.get(personalPath + "?limit=2&state=unread&cursor=" + first.NextCursor).wants(400)
}

func TestOpeningMarksReadForThoseWhoMay(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.deliver(h.a.Account.ID, "", "account.low: One")
	path := inboxPath + "/" + h.as(h.reader).messages("").Items[0].ID
	rows := len(h.logged(h.a.Account.ID))
	m := decoded[message](h.as(h.reader).get(path).wants(200))
	same(t, "opened by a reader", []any{m.Read, m.ReadAt == nil, m.ReadBy, m.Body}, []any{false, true, "", "body of One"})
	same(t, "log after a reader", len(h.logged(h.a.Account.ID)), rows)
	m = decoded[message](h.as(h.full).get(path).wants(200))
	same(t, "opened by a writer", []any{m.Read, m.ReadAt != nil, m.ReadBy, m.ReadByName}, []any{true, true, h.full.id, "full"})
	h.as(h.root).get(path).wants(200)
	same(t, "log after writers", len(h.logged(h.a.Account.ID)), rows+1)
	m = decoded[message](h.as(h.reader).get(path).wants(200))
	same(t, "first reader", m.ReadByName, "full")
	same(t, "unread", h.as(h.reader).counts().Unread, 0)
}

func TestReadersChangeNothingInTheSharedInbox(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.deliver(h.a.Account.ID, "", "account.low: One")
	id := h.as(h.reader).messages("").Items[0].ID
	for path, body := range map[string]object{
		"/read": {"ids": []string{id}}, "/delete": {"ids": []string{id}}, "/read-all": {"up_to": 9}, "/delete-all": {"up_to": 9},
	} {
		h.as(h.reader).post(inboxPath+path, body).wants(403)
		h.as(h.none).post(inboxPath+path, body).wants(403)
	}
	same(t, "unread after the attempts", h.as(h.reader).counts().Unread, 1)
	for _, path := range []string{inboxPath, inboxPath + "/" + id, "/v1/inbox/counts", "/v1/inbox/events"} {
		h.as(h.none).get(path).wants(403)
	}
}

func TestThePersonalInboxIsOnesOwn(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.deliver(h.a.Account.ID, h.none.id, "account.low: One", "account.low: Two")
	none := h.as(h.none)
	mine := decoded[messagePage](none.get(personalPath).wants(200))
	same(t, "mine", mine.titles(), "Two,One")
	for _, other := range []person{h.root, h.full, h.stranger, h.admin} {
		same(t, other.name+"'s", decoded[messagePage](h.as(other).get(personalPath).wants(200)).titles(), "")
		h.as(other).get(personalPath + "/" + mine.Items[0].ID).wants(404)
		h.as(other).get(inboxPath + "/" + mine.Items[0].ID).wants(404)
	}
	same(t, "opened", decoded[message](none.get(personalPath+"/"+mine.Items[0].ID).wants(200)).Read, true)
	none.post(personalPath+"/delete-all", object{"up_to": 1}).wants(200)
	same(t, "left", decoded[messagePage](none.get(personalPath).wants(200)).titles(), "Two")
}

func TestBatchesAnswerPerMessage(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	full := h.as(h.full)
	h.deliver(h.a.Account.ID, "", "account.low: One", "account.low: Two")
	h.deliver(h.b.Account.ID, "", "account.low: Foreign")
	foreign := h.as(h.stranger).messages("").Items[0].ID
	ids := []string{full.messages("").Items[0].ID, foreign, "nonsense"}
	ids = append(ids, ids[0])
	for _, step := range []struct{ path, result string }{
		{"/read", "read"}, {"/read", "already_read"}, {"/delete", "deleted"}, {"/delete", "not_found"},
	} {
		answer := full.post(inboxPath+step.path, object{"ids": ids}).wants(200)
		same(t, step.path, answer.items("result"), []string{step.result, "not_found", "not_found", step.result})
		same(t, step.path, answer.items("id"), ids)
	}
	same(t, "left", full.messages("").titles(), "One")
	same(t, "foreign", h.as(h.stranger).counts().Unread, 1)
	full.get(inboxPath + "/" + foreign).wants(404)
	full.post(inboxPath+"/read", object{"ids": make([]string, 101)}).wants(422)
	full.post(inboxPath+"/read", object{"ids": []string{}}).wants(422)
}

func TestAllMeansUnderTheFilterUpToTheBound(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	full := h.as(h.full)
	h.deliver(h.a.Account.ID, "", "account.low: One", "product.new: Two", "account.low: Three")
	bound := full.messages("").UpTo
	h.deliver(h.a.Account.ID, "", "account.low: Four")
	body := object{"up_to": bound, "filter": object{"category": "account", "q": "E"}}
	same(t, "read all", full.sweep("/read-all", body), swept{Changed: 2})
	same(t, "unread", full.messages("?state=unread").titles(), "Four,Two")
	same(t, "read all again", full.sweep("/read-all", body), swept{})
	same(t, "delete all", full.sweep("/delete-all", object{"up_to": bound, "filter": object{"state": "read"}}), swept{Changed: 2})
	counts := full.counts()
	same(t, "counts", counts, "{Total:2 Unread:2 UpTo:4 Categories:[{Category:account Total:1 Unread:1} {Category:product Total:1 Unread:1}]}")
	same(t, "operation", h.logged(h.a.Account.ID)[0].Action, "message.delete_all")
	same(t, "everything", full.sweep("/delete-all", object{"up_to": 4}), swept{Changed: 2})
}

// TestCountsUnderAFilterAreWhatTheButtonWouldDo: the number on a button and the number of
// messages that it changes are one.
func TestCountsUnderAFilterAreWhatTheButtonWouldDo(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	full := h.as(h.full)
	h.deliver(h.a.Account.ID, "", "account.low: One", "product.new: Two", "account.low: Three")
	page := full.messages("")
	h.deliver(h.a.Account.ID, "", "account.low: Four")
	full.get(inboxPath + "/" + page.Items[0].ID).wants(200)
	count := func(query string) inboxCounts {
		return decoded[inboxCounts](full.get("/v1/inbox/counts?" + query).wants(200))
	}
	for query, want := range map[string]string{
		"state=unread": "{Total:3 Unread:3 UpTo:4 Categories:[]}", "category=account": "{Total:3 Unread:2 UpTo:4 Categories:[]}",
		"q=T": "{Total:2 Unread:1 UpTo:4 Categories:[]}", "category=nothing": "{Total:0 Unread:0 UpTo:4 Categories:[]}",
		fmt.Sprint("up_to=", page.UpTo):                               "{Total:3 Unread:2 UpTo:3 Categories:[]}",
		fmt.Sprint("category=account&state=unread&up_to=", page.UpTo): "{Total:1 Unread:1 UpTo:3 Categories:[]}",
	} {
		same(t, query, count(query), want)
	}
	same(t, "done", full.sweep("/read-all", object{"up_to": page.UpTo, "filter": object{"category": "account"}}), swept{Changed: 1})
	full.get("/v1/inbox/counts?state=some").wants(422)
	same(t, "personal", decoded[inboxCounts](full.get("/v1/me/inbox/counts?state=unread").wants(200)), "{Total:0 Unread:0 UpTo:0 Categories:[]}")
}

// TestALinkInAMailFindsItsMessage: a mail knows its notification, and not the message.
func TestALinkInAMailFindsItsMessage(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.deliver(h.a.Account.ID, "", "account.low: One", "account.low: Two")
	h.deliver(h.a.Account.ID, h.full.id, "account.low: Personal")
	full := h.as(h.full)
	notification := full.get(inboxPath).wants(200).field("items", 1, "notification_id")
	same(t, "account", full.messages("?notification_id="+notification).titles(), "One")
	same(t, "foreign", decoded[messagePage](h.as(h.stranger).get(inboxPath+"?notification_id="+notification).wants(200)).titles(), "")
	mine := full.get(personalPath).wants(200).field("items", 0, "notification_id")
	same(t, "own", decoded[messagePage](full.get(personalPath+"?notification_id="+mine).wants(200)).titles(), "Personal")
	same(t, "not the account's", full.messages("?notification_id="+mine).titles(), "")
	full.get(inboxPath+"?notification_id=msg_1").wants(422).complains("query/notification_id", "invalid-format")
}

func TestAllNeedsABoundAndASensibleFilter(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.deliver(h.a.Account.ID, "", "account.low: One")
	full := h.as(h.full)
	for _, wrong := range []object{
		{},
		{"up_to": -1},
		{"up_to": "1"},
		{"up_to": 1, "filter": object{"state": "some"}},
		{"up_to": 1, "filter": object{"category": "A B"}},
		{"up_to": 1, "filter": object{"from": "2026-03-02T00:00:00Z", "to": "2026-03-01T00:00:00Z"}},
		{"up_to": 1, "filter": object{"from": "now"}},
	} {
		full.post(inboxPath+"/delete-all", wrong).wants(422)
		full.post(inboxPath+"/read-all", wrong).wants(422)
	}
	full.post(inboxPath+"/delete-all", object{"up_to": 1, "filters": 1}).wants(400)
	same(t, "left", full.counts().Unread, 1)
}

func TestARepeatedSweepGetsTheFirstAnswer(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.deliver(h.a.Account.ID, "", "account.low: One")
	full := h.as(h.full).key("k1")
	for range 2 {
		same(t, "answer", full.sweep("/delete-all", object{"up_to": 1}), swept{Changed: 1})
	}
	full.post(inboxPath+"/delete-all", object{"up_to": 2}).wants(422)
}
