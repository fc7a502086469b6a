package api_test

import (
	"maps"
	"strconv"
	"strings"
	"testing"

	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/storetest"
)

// request is one that succeeds, and with other it would be another request.
type request struct {
	as   person
	path string
	body any
	// other is another body; nil for operations without one.
	other any
	// unlogged requests leave no row of the operation log: products' submissions
	// are a record by themselves.
	unlogged bool
	// pure requests are POSTs that change nothing: there is nothing to repeat or record.
	pure bool
	// kind is the body's media type; "" for JSON.
	kind string
}

// send sends the request, or the other one.
func (r request) send(c client, method string, body any) *answer {
	if r.kind != "" {
		c = c.with("Content-Type", r.kind)
	}
	return c.send(method, r.path, body)
}

// requests says for every operation that changes something how to call it with
// success. A new one fails the tests until it stands here.
func requests() map[string]func(*harness) request {
	all := accessRequests()
	for _, more := range []map[string]func(*harness) request{
		inboxRequests(), catalogueRequests(), channelRequests(), notificationRequests(), announcementRequests(), subscriptionRequests(), resourceRequests(), calendarRequests(), invitationRequests(),
		contactRequests(), receiptRequests(),
	} {
		maps.Copy(all, more)
	}
	return all
}

// accessRequests are those of accounts, people, products and credentials.
func accessRequests() map[string]func(*harness) request {
	const (
		readOnly = "MessageCenterReadOnly"
		strong   = "a strong one"
	)
	created := func(c client, path string, body any) string {
		return c.post(path, body).wants(201).header.Get("Location")
	}
	account := func(alias string) object {
		return object{
			"alias": alias, "name": "Gamma", "root": object{"name": "root", "password": strong},
			"addresses": []object{{"channel": "email", "value": "billing@gamma.example"}, {"channel": "sms", "value": "+86 138 0013 8000"}},
		}
	}
	product := func(name string) object {
		return object{"name": name, "types": []string{"account.*"}, "accounts": []string{"*"}}
	}
	return map[string]func(*harness) request{
		"session.create": func(h *harness) request {
			h.withPassword(h.none)
			body := object{"account": "alpha", "name": "none", "password": goodPassword}
			return request{as: h.anonymous, path: "/v1/sessions", body: body, other: object{"account": "alpha", "name": "none", "password": goodPassword, "cookie": true}}
		},
		"session.delete": func(h *harness) request {
			second := h.signIn("root", h.a.Root)
			return request{as: h.root, path: "/v1/me/sessions/" + second.credential}
		},
		"profile.update": func(h *harness) request {
			return request{as: h.none, path: "/v1/me", body: object{"popups": false}, other: object{"popups": true}}
		},
		"profile.password": func(h *harness) request {
			h.withPassword(h.none)
			return request{as: h.none, path: "/v1/me/password", body: object{"current": goodPassword, "new": strong}, other: object{"current": goodPassword, "new": "another strong one"}}
		},
		"my_bell_token.create": func(h *harness) request {
			return request{as: h.none, path: "/v1/me/bell-tokens", body: object{"origin": shopOrigin}, pure: true}
		},
		"bell_token.create": func(h *harness) request {
			return request{as: h.product, path: "/v1/bell-tokens", body: object{"origin": shopOrigin, "account": "alpha", "name": "none"}, pure: true}
		},
		"access_key.create": func(h *harness) request {
			return request{as: h.none, path: "/v1/me/access-keys", body: object{"name": "a"}, other: object{"name": "b"}}
		},
		"access_key.rotate": func(h *harness) request {
			path := created(h.as(h.none), "/v1/me/access-keys", object{"name": "a"})
			return request{as: h.none, path: path + "/rotate", body: object{"overlap_seconds": 5}, other: object{"overlap_seconds": 6}}
		},
		"access_key.delete": func(h *harness) request {
			return request{as: h.none, path: created(h.as(h.none), "/v1/me/access-keys", object{"name": "a"})}
		},
		"account.create": func(h *harness) request {
			return request{as: h.admin, path: "/v1/accounts", body: account("gamma"), other: account("delta")}
		},
		"account.update": func(h *harness) request {
			body := object{"name": "New", "addresses": []object{{"channel": "email", "value": "new@alpha.example"}}}
			return request{as: h.admin, path: "/v1/accounts/" + string(h.a.Account.ID), body: body, other: object{"name": "Other"}}
		},
		"account.reset_root": func(h *harness) request {
			path := "/v1/accounts/" + string(h.a.Account.ID) + "/root-password"
			return request{as: h.admin, path: path, body: object{"password": strong}, other: object{"password": strong + "!"}}
		},
		"account.self_update": func(h *harness) request {
			return request{as: h.root, path: "/v1/account", body: object{"time_zone": "Europe/Berlin"}, other: object{"time_zone": "UTC"}}
		},
		"user.create": func(h *harness) request {
			return request{as: h.root, path: "/v1/users", body: object{"name": "zoe", "password": strong}, other: object{"name": "zoe", "password": strong + "!"}}
		},
		"user.update": func(h *harness) request {
			return request{as: h.root, path: "/v1/users/" + h.none.id, body: object{"display_name": "a"}, other: object{"display_name": "b"}}
		},
		"user.delete": func(h *harness) request { return request{as: h.root, path: "/v1/users/" + h.none.id} },
		"user_session.delete": func(h *harness) request {
			return request{as: h.root, path: "/v1/users/" + h.none.id + "/sessions/" + h.none.credential}
		},
		"user_key.delete": func(h *harness) request {
			own := created(h.as(h.none), "/v1/me/access-keys", object{"name": "a"})
			return request{as: h.root, path: "/v1/users/" + h.none.id + strings.TrimPrefix(own, "/v1/me")}
		},
		"grant.create": func(h *harness) request {
			body := object{"user_id": h.none.id, "role": readOnly}
			return request{as: h.root, path: "/v1/grants", body: body, other: object{"user_id": h.reader.id, "role": readOnly}}
		},
		"grant.delete": func(h *harness) request {
			return request{as: h.root, path: created(h.as(h.root), "/v1/grants", object{"user_id": h.none.id, "role": readOnly})}
		},
		"operator.create": func(h *harness) request {
			body := object{"name": "second", "password": strong, "roles": []string{"OperatorAuditor"}}
			return request{as: h.admin, path: "/v1/operators", body: body, other: object{"name": "third", "password": strong, "roles": []string{"OperatorAuditor"}}}
		},
		"operator.update": func(h *harness) request {
			body := object{"display_name": "a", "roles": []string{"OperatorAdmin", "OperatorAuditor"}}
			return request{as: h.admin, path: "/v1/operators/" + h.auditor.id, body: body, other: object{"display_name": "b"}}
		},
		"operator.delete": func(h *harness) request { return request{as: h.admin, path: "/v1/operators/" + h.auditor.id} },
		"product.create": func(h *harness) request {
			return request{as: h.admin, path: "/v1/products", body: product("cdn"), other: product("dns")}
		},
		"product.update": func(h *harness) request {
			body := object{"types": []string{"*"}, "accounts": []string{string(h.a.Account.ID)}}
			return request{as: h.admin, path: "/v1/products/" + h.productID, body: body, other: object{"enabled": false}}
		},
		"product_key.create": func(h *harness) request {
			return request{as: h.admin, path: "/v1/products/" + h.productID + "/keys", body: object{"name": "a"}, other: object{"name": "b"}}
		},
		"product_key.rotate": func(h *harness) request {
			return request{as: h.admin, path: "/v1/products/" + h.productID + "/keys/" + h.product.credential + "/rotate"}
		},
		"product_key.delete": func(h *harness) request {
			return request{as: h.admin, path: "/v1/products/" + h.productID + "/keys/" + h.product.credential}
		},
	}
}

// eachRequest runs the test for every operation that changes something.
func eachRequest(t *testing.T, test func(*testing.T, *harness, documented, request)) {
	t.Helper()
	all := requests()
	for _, op := range newHarness(t).document().operations(t) {
		if !op.mutates() {
			continue
		}
		prepare, known := all[op.Action]
		if !known {
			t.Errorf("%s %s (%s): nobody said in requests_test.go how to call it with success", op.Method, op.Path, op.Action)
			continue
		}
		t.Run(op.Action, func(t *testing.T) {
			t.Parallel()
			sink := channeltest.NewSink(t, nil)
			h := newHarnessReaching(t, storetest.SQLite(t), reaching(sink.URL))
			h.sink = sink.URL + "/hook"
			if r := prepare(h); !r.pure {
				test(t, h, op, r)
			}
		})
	}
}

// TestARepeatedKeyGetsTheFirstAnswer: the same key and request has one effect and
// one answer; the same key and another request is refused.
func TestARepeatedKeyGetsTheFirstAnswer(t *testing.T) {
	t.Parallel()
	eachRequest(t, func(t *testing.T, h *harness, op documented, r request) {
		c := h.as(r.as).key("key-1")
		first := r.send(c, op.Method, r.body)
		if first.status >= 300 {
			t.Fatalf("%s = %d: %s", first.what, first.status, first.body)
		}
		rows := len(h.logged(logOf(h, r)))
		again := r.send(c, op.Method, r.body)
		if again.status != first.status || string(again.body) != string(first.body) || again.header.Get("Idempotent-Replayed") != "true" ||
			again.header.Get("Location") != first.header.Get("Location") || again.header.Get("ETag") != first.header.Get("ETag") {
			t.Errorf("the repeat = %d %s (replayed %q), want %d %s", again.status, again.body, again.header.Get("Idempotent-Replayed"), first.status, first.body)
		}
		if first.header.Get("Idempotent-Replayed") != "" {
			t.Error("the first answer calls itself a replay")
		}
		if now := len(h.logged(logOf(h, r))); now != rows {
			t.Errorf("the repeat left %d rows in the operation log", now-rows)
		}
		other := c
		if r.other == nil {
			other = c.with("If-Match", `"7"`)
		}
		r.send(other, op.Method, firstOf(r.other, r.body)).wants(422).problem(models.CodeMismatch)
	})
}

func firstOf(a, b any) any {
	if a != nil {
		return a
	}
	return b
}

// logOf is the account in whose operation log the request stands.
func logOf(h *harness, r request) models.AccountID {
	if r.as.account == "" {
		return h.a.Account.ID
	}
	return r.as.account
}

// TestEveryChangeLeavesOneRow: who, from where, what, on which object, before and after.
func TestEveryChangeLeavesOneRow(t *testing.T) {
	t.Parallel()
	eachRequest(t, func(t *testing.T, h *harness, op documented, r request) {
		before := h.logged(logOf(h, r))
		got := r.send(h.as(r.as).with("X-Request-ID", "the-request"), op.Method, r.body)
		if got.status >= 300 {
			t.Fatalf("%s = %d: %s", got.what, got.status, got.body)
		}
		if _, known := op.Responses[strconv.Itoa(got.status)]; !known {
			t.Errorf("%s = %d: the document does not know this answer", got.what, got.status)
		}
		rows := h.logged(logOf(h, r))
		if r.unlogged {
			if len(rows) != len(before) {
				t.Errorf("%d rows, want none", len(rows)-len(before))
			}
			return
		}
		if len(rows) != len(before)+1 {
			t.Fatalf("%d rows, want one", len(rows)-len(before))
		}
		row := rows[0]
		if row.Action != op.Action || row.Result != models.ResultSucceeded || row.RequestID != "the-request" || row.IP == "" ||
			row.ObjectKind == "" || row.ActorName == "" || (r.as.id != "" && (row.ActorID != r.as.id || len(row.Roles) == 0)) {
			t.Errorf("row = %+v", row)
		}
		whole, err := h.store.In(logOf(h, r)).OperationLog().ByID(t.Context(), row.Seq)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{goodPassword, "a strong one", "argon2id", "bk_", "bs_"} {
			if strings.Contains(string(whole.Before)+string(whole.After), secret) {
				t.Errorf("the row holds a secret: %s → %s", whole.Before, whole.After)
			}
		}
		if verdict, err := h.store.Seals().Verify(t.Context(), logOf(h, r)); err != nil || verdict.Bad != nil {
			t.Errorf("the chain does not verify: %+v, %v", verdict, err)
		}
	})
}

func TestAKeyIsOneVisibleWord(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for name, key := range map[string]string{
		"empty": "", "too long": strings.Repeat("k", 256), "a comma": "a,b", "a space": "a b", "not ASCII": "ключ", "a control character": "a\x01",
	} {
		got := h.as(h.none).key(key).patch("/v1/me", object{"popups": true})
		if got.status != 400 {
			t.Errorf("%s: = %d: %s", name, got.status, got.body)
		}
	}
	h.as(h.none).key("a").key("a").patch("/v1/me", object{"popups": true}).wants(400).complains("header/Idempotency-Key", "invalid")
	h.as(h.none).key(strings.Repeat("k", 255)).patch("/v1/me", object{"popups": true}).wants(200)
}

func TestKeysAreScoped(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.as(h.none).key("k").patch("/v1/me", object{"popups": true}).wants(200)
	for _, p := range []person{h.reader, h.stranger, h.signIn("none", models.User{ID: h.none.id, AccountID: h.none.account})} {
		got := h.as(p).key("k").patch("/v1/me", object{"popups": false}).wants(200)
		if got.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("%s gets another caller's answer", p.name)
		}
	}
	h.as(h.none).key("k").post("/v1/me/access-keys", object{"name": "a"}).wants(201) // another path
}

func TestMeaningCountsAndNotSpelling(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.as(h.none).key("k").patch("/v1/me", `{"popups":true,"display_name":"Zoë"}`).wants(200)
	again := h.as(h.none).key("k").patch("/v1/me", "{ \"display_name\": \"Zo\\u00eb\",\n \"popups\": true }").wants(200)
	if again.header.Get("Idempotent-Replayed") != "true" {
		t.Error("the same request in another spelling is no repeat")
	}
}

func TestARefusedRequestDoesNotUseUpItsKey(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.as(h.root).key("k").post("/v1/users", object{"name": "none", "password": goodPassword}).wants(409)
	h.as(h.root).key("k").post("/v1/users", object{"name": "zoe", "password": goodPassword}).wants(201)
}

func TestEditsInsistOnTheirVersion(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	path := "/v1/users/" + h.none.id
	seen := h.as(h.root).get(path).wants(200)
	h.as(h.root).ifMatch(seen).patch(path, object{"display_name": "a"}).wants(200)
	h.as(h.root).ifMatch(seen).patch(path, object{"display_name": "b"}).wants(412).problem(models.CodeStale)
	h.as(h.root).with("If-Match", "*").patch(path, object{"display_name": "c"}).wants(200)
	h.as(h.root).patch(path, object{"display_name": "d"}).wants(200)
	weak := func(tag string) client { return h.as(h.root).with("If-Match", tag) }
	current := h.as(h.root).get(path).wants(200).header.Get("ETag")
	current = weak("W/"+current).patch(path, object{"display_name": "f"}).wants(200).header.Get("ETag")
	weak(`"1", W/`+current+` ,"abc"`).patch(path, object{"display_name": "g"}).wants(200)
	weak(`"1", W/`+current).patch(path, object{"display_name": "h"}).wants(412)
	current = h.as(h.root).get(path).wants(200).header.Get("ETag")
	weak(`"1"`).with("If-Match", current).patch(path, object{"display_name": "i"}).wants(200) // in two lines
	// Apache's httpd and Jetty say in it how they compressed the answer.
	for _, how := range []string{"-gzip", "--gzip", ";gzip", "-br"} {
		tag := strings.TrimSuffix(h.as(h.root).get(path).wants(200).header.Get("ETag"), `"`) + how + `"`
		weak(tag).patch(path, object{"display_name": how}).wants(200)
		weak(tag).patch(path, object{"display_name": "k"}).wants(412)
	}
	weak(strings.TrimSuffix(h.as(h.root).get(path).wants(200).header.Get("ETag"), `"`)+`-x"`).patch(path, object{"display_name": "l"}).wants(412)
	for _, bad := range []string{`W/1`, `"1" "2"`, `w/"1"`, `"1", 2`, `"1", *`} {
		weak(bad).patch(path, object{"display_name": "j"}).wants(400).complains("header/If-Match", "invalid")
	}
	for header, status := range map[string]int{`"abc"`: 412, `W/"1"`: 412, `"0"`: 412, `1`: 400, `"`: 400, `"99999999999999999999"`: 412} {
		h.as(h.root).with("If-Match", header).patch(path, object{"display_name": "e"}).wants(status)
	}
}
