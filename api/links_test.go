package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// browser asks as a person's browser does.
func (h *harness) browser() client {
	return h.as(h.anonymous).with("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
}

// linked are the paths behind links in messages and feeds, good and broken.
func (h *harness) linked() (good, broken []string) {
	verify, unsubscribe := strings.Repeat("v", 43), h.unsubscribePath("pat@example.com")
	good = []string{unsubscribe, "/healthz", "/readyz", "/openapi.json", "/docs"}
	broken = []string{
		"/verify/" + verify[:40], "/verify/" + verify + "%3E", "/verify/", "/verify", unsubscribe[:len(unsubscribe)/3], unsubscribe + "/x",
		"/u/", "/nothing", "/index.php", "/favicon.ico", "/console", "/v1/calendar", "/v1/calendar/",
	}
	return good, broken
}

func TestLinksWorkAsMailProgramsChangeThem(t *testing.T) {
	t.Parallel()
	h, _ := withCatalogue(t)
	good, _ := h.linked()
	for _, path := range good {
		for _, query := range []string{"?utm_source=x&utm_medium=mail", "?nocache=1", "?utm_source=a&utm_source=b", "?x=%E2%80%AE", "?a;b=%zz"} {
			h.browser().get(path + query).wants(200)
			h.as(h.anonymous).send("HEAD", path+query, nil).wants(200)
		}
		h.browser().with("Accept-Language", strings.Repeat("zh-CN,zh;q=0.9,", 60)).get(path).wants(200)
	}
	page := h.unsubscribePath("pat@example.com")
	feed := h.calendarFeed().field("url")
	h.as(h.anonymous).send("HEAD", feed[strings.Index(feed, "/v1/calendar/"):]+"?nocache=1", nil).wants(200)
	form := h.as(h.anonymous).with("Content-Type", "application/x-www-form-urlencoded").with("Accept", "application/json")
	form.post(page+"?utm_source=x", "List-Unsubscribe=One-Click").wants(200)
}

func TestBrokenLinksShowAPage(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	_, broken := h.linked()
	for _, path := range broken {
		got := h.browser().get(path).wants(404)
		if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") || !strings.Contains(string(got.body), "There is no such page") {
			t.Errorf("%s shows a person %s: %.200s", path, kind, got.body)
		}
		chinese := h.browser().with("Accept-Language", "zh-CN").get(path).wants(404)
		if !strings.Contains(string(chinese.body), "没有这个页面") {
			t.Errorf("%s shows somebody who reads Chinese: %.200s", path, chinese.body)
		}
		if program := h.as(h.anonymous).get(path).wants(404); !strings.Contains(program.header.Get("Content-Type"), "problem+json") {
			t.Errorf("%s answers a program with %s", path, program.header.Get("Content-Type"))
		}
	}
	if program := h.browser().get("/v1/nothing").wants(404); !strings.Contains(program.header.Get("Content-Type"), "problem+json") {
		t.Errorf("what programs call answers with %s", program.header.Get("Content-Type"))
	}
}

// wantsPage checks that a person reads the sentence.
func (a *answer) wantsPage(sentence string) {
	a.t.Helper()
	if kind := a.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") || !strings.Contains(string(a.body), sentence) {
		a.t.Errorf("a person sees %s without %q: %.300s", kind, sentence, a.body)
	}
	if strings.Count(string(a.body), "</html>") != 1 || strings.Contains(string(a.body), "/problems/") {
		a.t.Errorf("the answer is not one page: %.3000s", a.body)
	}
	if policy := a.header.Get("Content-Security-Policy"); !strings.Contains(policy, "style-src") {
		a.t.Errorf("the page has the policy %q: it would stand there without its style", policy)
	}
}

// ended are links of the right form that lead nowhere: never made, changed on their way,
// taken back, of a right that is over.
func (h *harness) ended() []string {
	unsubscribe := h.unsubscribePath("pat@example.com")
	feed := h.as(h.full).post(feedsPath, object{"name": "phone"}).wants(201)
	h.as(h.full).delete(feed.header.Get("Location")).wants(204)
	theirs := h.as(h.full).post(feedsPath, object{"name": "phone"}).wants(201).field("url")
	h.as(h.root).patch("/v1/users/"+h.full.id, object{"enabled": false}).wants(200)
	h.clock.advance(2 * time.Second)
	ended := []string{"/verify/" + strings.Repeat("v", 43), "/u/" + strings.Repeat("u", 80), unsubscribe[:len(unsubscribe)-8] + "AAAAAAAA"}
	for _, address := range []string{feed.field("url"), theirs} {
		ended = append(ended, address[strings.Index(address, "/v1/calendar/"):])
	}
	return ended
}

// TestLinksThatHaveEndedShowAPage: what a handler answers looks like what the router does.
func TestLinksThatHaveEndedShowAPage(t *testing.T) {
	t.Parallel()
	h, _ := withCatalogue(t)
	for _, path := range h.ended() {
		for _, query := range []string{"", "?utm_source=x&lang=de", "?a;b=%zz"} {
			h.browser().get(path + query).wants(404).wantsPage("There is no such page")
			h.browser().with("Accept-Language", "zh-CN").get(path + query).wants(404).wantsPage("没有这个页面")
			head := h.browser().send(http.MethodHead, path+query, nil).wants(404)
			if kind := head.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
				t.Errorf("HEAD %s: %s", path, kind)
			}
		}
		h.browser().get(path + "?lang=zh-CN").wants(404).wantsPage("没有这个页面")
		h.as(h.anonymous).get(path).wants(404).problem(models.CodeNotFound)
		h.as(h.anonymous).with("Accept", "*/*").get(path).wants(404).problem(models.CodeNotFound)
		if !strings.HasPrefix(path, "/v1/") {
			form := h.browser().with("Content-Type", "application/x-www-form-urlencoded")
			form.post(path, "code=1").wants(404).wantsPage("There is no such page")
			one := h.as(h.anonymous).with("Content-Type", "application/x-www-form-urlencoded")
			one.post(path, "List-Unsubscribe=One-Click").wants(404).problem(models.CodeNotFound)
		}
	}
}

// TestALinkThatIsRefusedSaysSo: the kind of mail became one that nobody can end since the
// page was opened; or the query has what the page never writes.
func TestALinkThatIsRefusedSaysSo(t *testing.T) {
	t.Parallel()
	h, _ := withCatalogue(t)
	token := h.store.Vault().SealOptOut(store.OptOutLink{Account: h.a.Account.ID, AddressKey: "pat@example.com", TypeKey: "security.ddos"})
	form := h.browser().with("Content-Type", "application/x-www-form-urlencoded")
	h.browser().get("/u/" + token).wants(200)
	form.post("/u/"+token, "").wants(409).wantsPage("Nothing was changed")
	form.with("Accept-Language", "zh-CN").post("/u/"+token, "").wants(409).wantsPage("未做任何更改")
	h.browser().get(h.unsubscribePath("pat@example.com") + "?scope=nonsense").wants(422).wantsPage("There is no such page")
}
