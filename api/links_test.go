package api_test

import (
	"strings"
	"testing"
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
		"/u/", "/nothing", "/index.php", "/favicon.ico", "/console",
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
