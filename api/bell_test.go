package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

const (
	myBell   = "/v1/me/bell-tokens"
	bellPath = "/v1/bell-tokens"
	mine     = "/v1/me/inbox"
)

// bell asks for a token, and returns who shows it in a page of the shop.
func (h *harness) bell(p person, path string, body object) client {
	h.t.Helper()
	body["origin"] = shopOrigin
	token := h.as(p).post(path, body).wants(200).field("token")
	return h.as(person{name: "bell of " + p.name, token: token}).with("Origin", shopOrigin)
}

// vouched is the shop's request for a person of account A.
func vouched(name string) object { return object{"account": "alpha", "name": name} }

func TestABellShowsListensAndMarksInPagesOfItsOrigin(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.deliver(h.a.Account.ID, h.none.id, "account.low: One", "account.low: Two")
	h.deliver(h.a.Account.ID, "", "account.low: Of the account")
	for name, bell := range map[string]client{"by the session": h.bell(h.none, myBell, object{}), "by the product": h.bell(h.product, bellPath, vouched("none"))} {
		list := bell.get(mine + "/messages?state=unread").wants(200)
		if got := list.items("title"); !strings.Contains(strings.Join(got, " "), "Two") || list.header.Get("Access-Control-Allow-Origin") != shopOrigin {
			t.Errorf("%s: the list is %v for %q", name, got, list.header.Get("Access-Control-Allow-Origin"))
		}
		bell.get(mine + "/counts").wants(200)
		bell.get(mine + "/events").wants(200)
		bell.get(mine + "/messages/" + list.field("items", 0, "id")).wants(200)
		bell.post(mine+"/messages/read", object{"ids": []string{list.field("items", 0, "id")}}).wants(200)
		bell.post(mine+"/messages/read-all", object{"up_to": 1}).wants(200)
		h.deliver(h.a.Account.ID, h.none.id, "account.low: Two again")
	}
	row := h.logged(h.a.Account.ID)[0]
	if row.ActorID != h.none.id || row.ActorName != "none" || (row.Credential != h.product.credential && row.Credential != h.none.credential) {
		t.Errorf("the operation log says %+v of what the bell did", row)
	}
}

func TestABellDoesNothingElse(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.deliver(h.a.Account.ID, h.full.id, "account.low: One")
	bell := h.bell(h.full, myBell, object{})
	may := map[string]bool{}
	for _, verb := range []string{"list", "get", "counts", "read", "read_all"} {
		may["my_message."+verb] = true
	}
	may["my_inbox.events"] = true
	for _, op := range h.document().operations(t) {
		if access()[op.Action] == "public" {
			continue
		}
		got := bell.send(op.Method, op.nowhere(), nil)
		if forbidden := got.status == 403; forbidden == may[op.Action] {
			t.Errorf("%s with a bell's token = %d: %s", op.Action, got.status, got.body)
		}
		if shared := got.header.Get("Access-Control-Allow-Origin") != ""; shared != may[strings.Replace("my_"+op.Action, "my_my_", "my_", 1)] {
			t.Errorf("%s is shared with the page: %v", op.Action, shared)
		}
	}
}

func TestABellOfTheAccountNeedsTheRight(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.deliver(h.a.Account.ID, "", "account.low: Of the account")
	body := object{"origin": shopOrigin, "inbox": "account"}
	h.as(h.none).post(myBell, body).wants(403)
	h.as(h.product).post(bellPath, object{"origin": shopOrigin, "inbox": "account", "account": "alpha", "name": "none"}).wants(403)
	reader := h.bell(h.reader, myBell, object{"inbox": "account"})
	list := reader.get("/v1/inbox/messages").wants(200)
	reader.get(mine + "/messages").wants(403)
	reader.post("/v1/inbox/messages/read", object{"ids": []string{list.field("items", 0, "id")}}).wants(403)
}

func TestATokenIsGoodForTenMinutesInPagesOfItsOrigin(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *operation.Config) { c.BellOrigins = append(c.BellOrigins, "https://other.example.com") })
	token := h.as(h.none).post(myBell, object{"origin": shopOrigin}).wants(200).field("token")
	bearer := h.as(person{token: token})
	bearer.get(mine + "/counts").wants(401)
	for _, from := range []string{"https://other.example.com", "https://belfry.example.com", "null", "https://evil.example"} {
		bearer.with("Origin", from).get(mine + "/counts").wants(401)
	}
	page := bearer.with("Origin", shopOrigin)
	page.get(mine + "/counts").wants(200)
	h.clock.advance(10*time.Minute - time.Second)
	page.get(mine + "/counts").wants(200)
	h.clock.advance(time.Second)
	late := page.get(mine + "/counts").wants(401)
	if late.header.Get("Access-Control-Allow-Origin") != shopOrigin {
		t.Error("the bell cannot see that its token has ended")
	}
	for _, forged := range []string{"bt_", "bt_" + strings.Repeat("A", 200), token[:len(token)-4] + "AAAA", "bt_%%%"} {
		h.as(person{token: forged}).with("Origin", shopOrigin).get(mine + "/counts").wants(401)
	}
}

func TestABellEndsWithWhatItStandsFor(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*harness){
		"the user is disabled": func(h *harness) { h.as(h.root).patch("/v1/users/"+h.none.id, object{"enabled": false}).wants(200) },
		"the user is deleted":  func(h *harness) { h.as(h.root).delete("/v1/users/" + h.none.id).wants(204) },
		"the account is disabled": func(h *harness) {
			h.as(h.admin).patch("/v1/accounts/"+string(h.a.Account.ID), object{"enabled": false}).wants(200)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			bells := []client{h.bell(h.none, myBell, object{}), h.bell(h.product, bellPath, vouched("none"))}
			for _, bell := range bells {
				bell.get(mine + "/counts").wants(200)
			}
			end(h)
			for _, bell := range bells {
				bell.get(mine + "/counts").wants(401)
			}
		})
	}
}

func TestABellEndsWithTheCredentialThatAskedForIt(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	bySession, byProduct := h.bell(h.none, myBell, object{}), h.bell(h.product, bellPath, vouched("none"))
	h.as(h.none).delete("/v1/me/sessions/current").wants(204)
	bySession.get(mine + "/counts").wants(401)
	byProduct.get(mine + "/counts").wants(200)
	h.as(h.admin).patch("/v1/products/"+h.productID, object{"accounts": []string{string(h.b.Account.ID)}}).wants(200)
	byProduct.get(mine + "/counts").wants(401)
	h.as(h.admin).patch("/v1/products/"+h.productID, object{"accounts": []string{"*"}}).wants(200)
	byProduct.get(mine + "/counts").wants(200)
	h.as(h.admin).delete("/v1/products/" + h.productID + "/keys/" + h.product.credential).wants(204)
	byProduct.get(mine + "/counts").wants(401)
}

func TestAProductVouchesForPeopleOfItsAccountsOnly(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ask := func(account, name string) *answer {
		return h.as(h.product).post(bellPath, object{"origin": shopOrigin, "account": account, "name": name})
	}
	ask(string(h.a.Account.ID), "none").wants(200)
	ask("beta", "root").wants(404).complains("#/account", "unknown-value")
	ask("nowhere", "root").wants(404).complains("#/account", "unknown-value")
	ask("platform", "admin").wants(404).complains("#/account", "unknown-value")
	ask("alpha", "nobody").wants(404).complains("#/name", "unknown-value")
	h.as(h.product).post(bellPath, object{"origin": "https://evil.example", "account": "alpha", "name": "none"}).wants(422).complains("#/origin", "unknown-value")
	h.as(h.none).post(myBell, object{"origin": "https://shop.example.com/"}).wants(422).complains("#/origin", "unknown-value")
	h.as(h.none).post(myBell, object{"origin": shopOrigin, "account": "beta"}).wants(400).complains("#/account", "unknown")
}

func TestPagesOfOtherOriginsMaySendWhatTheBellSends(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ask := func(from, method, path string) *answer {
		return h.as(h.anonymous).with("Origin", from).with("Access-Control-Request-Method", method).send(http.MethodOptions, path, nil)
	}
	for path, method := range map[string]string{mine + "/events": "GET", mine + "/messages": "GET", mine + "/messages/read": "POST", "/v1/inbox/messages/read-all": "POST"} {
		got := ask(shopOrigin, method, path).wants(204)
		if got.header.Get("Access-Control-Allow-Methods") != method || !strings.Contains(got.header.Get("Access-Control-Allow-Headers"), "Authorization") {
			t.Errorf("a page of the shop asks for %s %s: %v", method, path, got.header)
		}
		if stranger := ask("https://evil.example", method, path).wants(204); stranger.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("a strange page asks for %s %s: %v", method, path, stranger.header)
		}
	}
	if got := ask(shopOrigin, "POST", mine+"/messages/delete"); got.header.Get("Access-Control-Allow-Methods") != "" {
		t.Errorf("a page of the shop may delete: %v", got.header)
	}
	ask(shopOrigin, "GET", "/v1/users").wants(405)
	cookie := h.as(h.anonymous).with("Origin", shopOrigin).with("Sec-Fetch-Site", "cross-site").with("Cookie", "__Host-belfry="+h.none.token)
	cookie.get(mine + "/messages").wants(403)
}

func TestAStreamOfABellEndsWithItsTokenAndItsUser(t *testing.T) {
	t.Parallel()
	h := newEventHouse(t)
	h.deliver(h.a.Account.ID, h.none.id, "account.low: One")
	token := func(p person, path string, body object) person {
		return h.bell(p, path, body).p
	}
	bySession, byProduct := token(h.none, myBell, object{}), token(h.product, bellPath, vouched("none"))
	other := token(h.product, bellPath, vouched("full"))
	streams := []*listener{h.listenFrom(t, bySession), h.listenFrom(t, byProduct), h.listenFrom(t, other)}
	streams[0].wants([2]string{"counts 1", `"unread":1`})
	streams[1].wants([2]string{"counts 1", `"unread":1`})
	streams[2].wants([2]string{"counts 0", `"unread":0`})
	h.tick()
	h.deliver(h.a.Account.ID, h.none.id, "account.low: Two")
	h.tick()
	for _, stream := range streams[:2] {
		stream.wants([2]string{"message 2", `"title":"Two"`}, [2]string{"counts 2", `"unread":2`})
	}
	h.write(func(tx *store.Tx) error {
		_, _, err := tx.In(h.a.Account.ID).Users().Update(t.Context(), h.none.id, 0, func(u *models.User) error { u.Enabled = false; return nil })
		return err
	})
	h.tick()
	streams[0].wantsEnd("revoked")
	streams[1].wantsEnd("revoked")
	h.clock.advance(10 * time.Minute)
	h.tick()
	streams[2].wantsEnd("revoked")
	renewed := h.listenFrom(t, token(h.product, bellPath, vouched("full")))
	renewed.wants([2]string{"counts 0", `"unread":0`})
	h.as(h.admin).delete("/v1/products/" + h.productID + "/keys/" + h.product.credential).wants(204)
	h.tick()
	renewed.wantsEnd("revoked")
}

// listenFrom opens the stream of a bell's inbox in a page of the shop.
func (h *eventHouse) listenFrom(t *testing.T, p person) *listener {
	t.Helper()
	request := h.request(t, p, mine+"/events", "")
	request.Header.Set("Origin", shopOrigin)
	return h.listenTo(t, request)
}
