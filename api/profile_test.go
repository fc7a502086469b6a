package api_test

import (
	"slices"
	"testing"
)

// TestIAmToldMyLanguageAndTimeZone: a page asks nobody else which language it is written
// in and whose midnight counts.
func TestIAmToldMyLanguageAndTimeZone(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.as(h.admin).post("/v1/providers", smtpProvider("relay")).wants(201)
	h.as(h.root).patch("/v1/account", object{"language": "zh-CN", "time_zone": "Asia/Shanghai"}).wants(200)
	told := func(p person, language, zone string) {
		t.Helper()
		me := h.as(p).get("/v1/me").wants(200)
		if me.field("effective", "language") != language || me.field("effective", "time_zone") != zone {
			t.Errorf("%s is told %s, want %s and %s", p.name, me.body, language, zone)
		}
	}
	told(h.none, "zh-CN", "Asia/Shanghai")
	h.as(h.none).patch("/v1/me", object{"language": "en-US"}).wants(200)
	told(h.none, "en-US", "Asia/Shanghai")
	h.as(h.none).put("/v1/me/contact", object{
		"name": "none", "time_zone": "Europe/Berlin", "addresses": []object{{"channel": "email", "value": "none@alpha.example"}},
	}).wants(200)
	told(h.none, "en-US", "Europe/Berlin")
	h.as(h.none).patch("/v1/me", object{"language": nil}).wants(200)
	told(h.none, "zh-CN", "Europe/Berlin")
	platform := h.as(h.admin).get("/v1/account").wants(200)
	told(h.admin, platform.field("language"), platform.field("time_zone"))
	told(h.product, platform.field("language"), platform.field("time_zone"))
}

// TestMyActionsAreWhatIsLetThrough: a console shows what is in the list and nothing else,
// so the list is neither longer nor shorter than what the server allows.
func TestMyActionsAreWhatIsLetThrough(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for _, p := range h.everybody() {
		if p.token == "" {
			continue
		}
		actions := h.as(p).get("/v1/me").wants(200)
		var me struct {
			Actions []string `json:"actions"`
		}
		actions.into(&me)
		for _, op := range h.document().operations(t) {
			if op.Public {
				continue
			}
			status := h.as(p).send(op.Method, op.nowhere(), nil).status
			if listed, allowed := slices.Contains(me.Actions, op.Action), status != 403; listed != allowed {
				t.Errorf("%s of %s: listed %t, let through %t (%d)", op.Action, p.name, listed, allowed, status)
			}
		}
	}
}

// TestEverybodyReadsTheNamesInTheOwnInbox: whoever has no grant has messages and addresses
// all the same.
func TestEverybodyReadsTheNamesInTheOwnInbox(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.ship()
	for _, p := range []person{h.none, h.auditor} {
		if got := h.as(p).get("/v1/categories").wants(200).items("key"); len(got) != 7 {
			t.Errorf("%s sees the categories %v", p.name, got)
		}
		if got := h.as(p).get("/v1/message-types").wants(200).items("names"); len(got) == 0 || got[0] == "" {
			t.Errorf("%s sees the message types %v", p.name, got)
		}
		channels := h.as(p).get("/v1/channels").wants(200)
		for _, fields := range channels.items("provider_fields") {
			if fields != "[]" {
				t.Errorf("%s sees what operators configure: %s", p.name, fields)
			}
		}
	}
}
