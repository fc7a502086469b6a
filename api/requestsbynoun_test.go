package api_test

import (
	"strings"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
)

// inboxRequests are those of both inboxes.
func inboxRequests() map[string]func(*harness) request {
	all := map[string]func(*harness) request{}
	for noun, path := range map[string]string{"message": "/v1/inbox", "my_message": "/v1/me/inbox"} {
		messages := func(h *harness) (person, []string) {
			owner := ""
			if noun == "my_message" {
				owner = h.full.id
			}
			h.deliver(h.a.Account.ID, owner, "account.low_balance: one", "account.low_balance: two")
			return h.full, h.as(h.full).get(path + "/messages").wants(200).items("id")
		}
		for _, verb := range []string{"read", "delete"} {
			all[noun+"."+verb] = func(h *harness) request {
				as, ids := messages(h)
				return request{as: as, path: path + "/messages/" + verb, body: object{"ids": ids[:1]}, other: object{"ids": ids}}
			}
			all[noun+"."+verb+"_all"] = func(h *harness) request {
				as, _ := messages(h)
				return request{as: as, path: path + "/messages/" + verb + "-all", body: object{"up_to": 1}, other: object{"up_to": 2}}
			}
		}
	}
	return all
}

// catalogueRequests are those of message types.
func catalogueRequests() map[string]func(*harness) request {
	review := typesPath + "/service.incident_review"
	categories := func(h *harness) *harness {
		shipped, err := catalog.Shipped()
		if err == nil {
			err = h.store.Catalogue().SeedCatalogue(h.t.Context(), shipped.Categories, nil)
		}
		if err != nil {
			h.t.Fatal(err)
		}
		return h
	}
	with := func(h *harness) *harness {
		h.as(categories(h).admin).post(typesPath, definition(nil)).wants(201)
		return h
	}
	other := definition(func(d map[string]any) { d["severity"] = "warning" })
	return map[string]func(*harness) request{
		"message_type.create": func(h *harness) request {
			return request{as: categories(h).admin, path: typesPath, body: definition(nil), other: other}
		},
		"message_type.update": func(h *harness) request {
			return request{as: with(h).admin, path: review, body: object{"severity": "warning"}, other: object{"severity": "critical"}}
		},
		"message_type.preview": func(h *harness) request {
			return request{as: with(h).admin, path: review + "/preview", body: object{}, pure: true}
		},
		"unsubscribe.confirm": func(h *harness) request {
			h.as(categories(h).admin).post(typesPath, definition(func(d map[string]any) { d["key"], d["marketing"] = promotion, true })).wants(201)
			return request{as: h.anonymous, path: h.unsubscribePath("pat@example.com"), body: "List-Unsubscribe=One-Click", kind: "application/x-www-form-urlencoded"}
		},
		"unsubscribe.undo": func(h *harness) request {
			h.as(categories(h).admin).post(typesPath, definition(func(d map[string]any) { d["key"], d["marketing"] = promotion, true })).wants(201)
			return request{as: h.anonymous, path: h.unsubscribePath("pat@example.com") + "/undo", body: "", kind: "application/x-www-form-urlencoded"}
		},
	}
}

// channelRequests are those of providers and bots.
func channelRequests() map[string]func(*harness) request {
	provider := func(h *harness) string {
		return h.as(h.admin).post("/v1/providers", smtpProvider("relay")).wants(201).header.Get("Location")
	}
	bot := func(h *harness, url string) string {
		h.offerWebhooks()
		return h.as(h.root).post("/v1/bots", webhookBot(url)).wants(201).header.Get("Location")
	}
	const hook = "https://hooks.example.com/x"
	return map[string]func(*harness) request{
		"provider.create": func(h *harness) request {
			return request{as: h.admin, path: "/v1/providers", body: smtpProvider("a"), other: smtpProvider("b")}
		},
		"provider.update": func(h *harness) request {
			return request{as: h.admin, path: provider(h), body: object{"name": "a"}, other: object{"name": "b"}}
		},
		"provider.delete": func(h *harness) request { return request{as: h.admin, path: provider(h)} },
		"provider.resume": func(h *harness) request {
			path := provider(h)
			h.suspend(models.Platform, models.ProviderDestination(strings.TrimPrefix(path, "/v1/providers/")))
			return request{as: h.admin, path: path + "/resume"}
		},
		"provider.test": func(h *harness) request {
			relay := object{"kind": "sms_http", "name": "sms", "settings": object{"url": h.sink}}
			path := h.as(h.admin).post("/v1/providers", relay).wants(201).header.Get("Location")
			return request{as: h.admin, path: path + "/test", body: object{"to": "+8613800138000"}, other: object{"to": "+8613800138001"}}
		},
		"bot.create": func(h *harness) request {
			h.offerWebhooks()
			return request{as: h.root, path: "/v1/bots", body: webhookBot(hook), other: webhookBot(hook + "y")}
		},
		"bot.update": func(h *harness) request {
			return request{as: h.root, path: bot(h, hook), body: object{"name": "a"}, other: object{"name": "b"}}
		},
		"bot.delete": func(h *harness) request { return request{as: h.root, path: bot(h, hook)} },
		"bot.rotate_secret": func(h *harness) request {
			return request{as: h.root, path: bot(h, hook) + "/rotate-secret", body: object{"overlap_seconds": 1}, other: object{"overlap_seconds": 2}}
		},
		"bot.resume": func(h *harness) request {
			path := bot(h, hook)
			h.suspend(h.a.Account.ID, models.BotDestination(strings.TrimPrefix(path, "/v1/bots/")))
			return request{as: h.root, path: path + "/resume"}
		},
		"bot.test": func(h *harness) request {
			return request{as: h.root, path: bot(h, h.sink) + "/test"}
		},
	}
}

// subscriptionRequests are those of the matrix.
func subscriptionRequests() map[string]func(*harness) request {
	const lowBalance = "account.low_balance"
	return map[string]func(*harness) request{
		"subscription.update": func(h *harness) request {
			h.ship()
			return request{as: h.root, path: "/v1/subscriptions/" + lowBalance, body: object{"bots": []string{}}, other: object{"bots": []string{"*"}}}
		},
		"subscription.update_many": func(h *harness) request {
			h.ship()
			body := object{"changes": []object{{"type": lowBalance, "bots": []string{}}}}
			return request{as: h.full, path: "/v1/subscriptions", body: body, other: object{"changes": []object{{"category": "account", "bots": []string{}}}}}
		},
		"subscription.revert": func(h *harness) request {
			return request{as: h.root, path: "/v1/subscriptions/revert", body: object{"version": 1}, other: object{"version": 2}}
		},
		"contact.set_preferences": func(h *harness) request {
			path := "/v1/contacts/" + h.contact(h.a.Account.ID, "Ann") + "/preferences"
			return request{as: h.root, path: path, body: object{"max_per_hour": 1}, other: object{"max_per_hour": 2}}
		},
		"bot.set_preferences": func(h *harness) request {
			h.offerWebhooks()
			path := h.as(h.root).post("/v1/bots", webhookBot("https://hooks.example.com/x")).wants(201).header.Get("Location") + "/preferences"
			return request{as: h.root, path: path, body: object{"deny_words": []string{"a"}}, other: object{"deny_words": []string{"b"}}}
		},
		"notification.explain": func(h *harness) request {
			h.ship()
			return request{as: h.root, path: "/v1/notifications/explain", body: object{"type": lowBalance}, pure: true}
		},
		"subscription.marketing": func(h *harness) request {
			return request{as: h.root, path: "/v1/subscriptions/marketing", body: object{"enabled": false}, other: object{"enabled": true}}
		},
	}
}

// ship fills the catalogue with what Belfry ships.
func (h *harness) ship() {
	h.t.Helper()
	shipped, err := catalog.Shipped()
	if err == nil {
		err = h.store.Catalogue().SeedCatalogue(h.t.Context(), shipped.Categories, shipped.Types)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}
