package api_test

import (
	"strings"
	"testing"

	"belfry.dev/belfry/models"
)

// offerContacts configures the channels to people: mail comes from
// no-reply@example.com.
func (h *harness) offerContacts() *harness {
	h.t.Helper()
	h.as(h.admin).post("/v1/providers", smtpProvider("relay")).wants(201)
	h.as(h.admin).post("/v1/providers", object{"kind": "sms_http", "name": "sms", "settings": object{"url": "https://sms.example.com/send"}}).wants(201)
	return h
}

// person is the body of a contact with addresses: e-mail, unless they begin with +.
func contactBody(name string, addresses ...string) object {
	list := []object{}
	for _, value := range addresses {
		channel := "email"
		if strings.HasPrefix(value, "+") {
			channel = "sms"
		}
		list = append(list, object{"channel": channel, "value": value})
	}
	return object{"name": name, "addresses": list}
}

// newContact adds one and returns the answer.
func (h *harness) newContact(name string, addresses ...string) *answer {
	h.t.Helper()
	if len(addresses) == 0 {
		addresses = []string{strings.ToLower(name) + "@example.org"}
	}
	return h.as(h.root).post("/v1/contacts", contactBody(name, addresses...)).wants(201)
}

func (h *harness) newContactGroup(name string) *answer {
	h.t.Helper()
	return h.as(h.root).post("/v1/contact-groups", object{"name": name}).wants(201)
}

// contactRequests are those of contacts, contact groups and positions.
func contactRequests() map[string]func(*harness) request {
	at := func(a *answer) string { return a.header.Get("Location") }
	members := func(h *harness, path string) request {
		a, b := h.offerContacts().newContact("Ann").field("id"), h.newContact("Bob").field("id")
		return request{
			as: h.root, path: at(h.newContactGroup("ops")) + path,
			body: object{"contact_ids": []string{a}}, other: object{"contact_ids": []string{a, b}},
		}
	}
	own, other := contactBody("Zoe", "zoe@example.org"), contactBody("Zoe", "zoe@example.net")
	return map[string]func(*harness) request{
		"contact.create": func(h *harness) request {
			return request{as: h.offerContacts().full, path: "/v1/contacts", body: own, other: other}
		},
		"contact.update": func(h *harness) request {
			return request{as: h.full, path: at(h.offerContacts().newContact("Ann")), body: object{"enabled": false}, other: object{"enabled": true}}
		},
		"contact.delete": func(h *harness) request { return request{as: h.full, path: at(h.offerContacts().newContact("Ann"))} },
		"contact.batch": func(h *harness) request {
			ids := []string{h.offerContacts().newContact("Ann").field("id")}
			return request{as: h.full, path: "/v1/contacts/batch", body: object{"action": "disable", "ids": ids}, other: object{"action": "delete", "ids": ids}}
		},
		"contact_group.create": func(h *harness) request {
			return request{as: h.full, path: "/v1/contact-groups", body: object{"name": "ops"}, other: object{"name": "dev"}}
		},
		"contact_group.update": func(h *harness) request {
			return request{as: h.full, path: at(h.newContactGroup("ops")), body: object{"name": "dev"}, other: object{"name": "qa"}}
		},
		"contact_group.delete":         func(h *harness) request { return request{as: h.full, path: at(h.newContactGroup("ops"))} },
		"contact_group.set_members":    func(h *harness) request { return members(h, "/members") },
		"contact_group.add_members":    func(h *harness) request { return members(h, "/members/add") },
		"contact_group.remove_members": func(h *harness) request { return members(h, "/members/remove") },
		"position.replace": func(h *harness) request {
			list := func(key string) object {
				return object{"items": []object{{"key": key, "names": object{"zh-CN": "船长", "en-US": "Captain"}}}}
			}
			return request{as: h.admin, path: "/v1/positions", body: list("captain"), other: list("master")}
		},
		"account.contact_update": func(h *harness) request {
			return request{as: h.offerContacts().root, path: "/v1/account/contact", body: own, other: other}
		},
		"my_contact.update": func(h *harness) request {
			return request{as: h.offerContacts().none, path: "/v1/me/contact", body: own, other: other}
		},
		"my_contact.set_unsubscribed": func(h *harness) request {
			h.invitedUser(h.none)
			h.verify(h.as(h.none).get("/v1/me/contact").field("id"), h.as(h.none).get("/v1/me/contact").field("addresses", 0, "id"))
			body := func(on bool) object { return object{"marketing": on, "types": []string{}} }
			return request{as: h.none, path: "/v1/me/contact/unsubscribed", body: body(true), other: body(false)}
		},
		"user_contact.update": func(h *harness) request {
			path := "/v1/accounts/" + string(h.a.Account.ID) + "/users/" + h.none.id + "/contact"
			return request{as: h.offerContacts().admin, path: path, body: own, other: other}
		},
		"user_contact.waive": func(h *harness) request {
			made := h.offerContacts().newContact("Ann", "ann@example.org", "+8613800138000")
			path := "/v1/accounts/" + string(h.a.Account.ID) + "/contacts/" + made.field("id") + "/waive"
			return request{
				as: h.admin, path: path, body: object{"address_ids": []string{made.field("addresses", 0, "id")}},
				other: object{"address_ids": []string{made.field("addresses", 1, "id")}},
			}
		},
	}
}

// TestOperatorsLeaveATraceInTheAccount: what an operator does to an account stands in
// both logs, and the account is not told from where.
func TestOperatorsLeaveATraceInTheAccount(t *testing.T) {
	t.Parallel()
	all := requests()
	for action, method := range map[string]string{"user_contact.update": "PUT", "user_contact.waive": "POST", "account.update": "PATCH"} {
		h := newHarness(t)
		r := all[action](h)
		before := len(h.logged(h.a.Account.ID))
		r.send(h.as(r.as), method, r.body).wants(200)
		rows := h.logged(h.a.Account.ID)
		if len(rows) != before+1 || rows[0].Action != action || rows[0].ActorID != h.admin.id || rows[0].IP != "" {
			t.Errorf("%s: the account's operation log has %+v", action, rows[0])
		}
		if verdict, err := h.store.Seals().Verify(t.Context(), h.a.Account.ID); err != nil || verdict.Bad != nil {
			t.Errorf("%s: the chain does not verify: %+v, %v", action, verdict, err)
		}
		if rows := h.logged(models.Platform); rows[0].Action != action || rows[0].IP == "" {
			t.Errorf("%s: the operators' log has %+v", action, rows[0])
		}
	}
}
