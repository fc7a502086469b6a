package metrics

import (
	"net/http"
	"strconv"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/receipt"
)

// A counter that is born at its first event shows no increase: what happens within
// one scrape would raise no alert. So everything that is known to be possible is 0
// from the start. Labels that nobody can know, words of a provider, are born later.

// Expect makes the series of the channels and categories, at 0. Repeating it changes
// nothing.
func (m *Metrics) Expect(channels []models.Channel, categories []string) {
	for _, category := range categories {
		for _, source := range sources() {
			m.submissions.expect(string(source), category, string(models.StatusPending))
			m.submissions.expect(string(source), category, string(models.StatusScheduled))
			m.repeats.expect(string(source), category)
		}
		m.deliveries.expect(string(models.ChannelInbox), category, string(models.DeliveryDelivered), "")
		for _, channel := range channels {
			m.expectDeliveries(string(channel), category)
		}
	}
	m.toDelivery.WithLabelValues(string(models.ChannelInbox))
	for _, channel := range channels {
		m.attempting.WithLabelValues(string(channel))
		m.toDelivery.WithLabelValues(string(channel))
		for outcome, reasons := range answers() {
			for _, reason := range reasons {
				m.attempts.expect(string(channel), outcome, reason)
			}
		}
	}
}

// ExpectRoute makes the series of a route: of the statuses that it is documented to answer,
// 200 when there are none, and of our own failures.
func (m *Metrics) ExpectRoute(method, route string, statuses ...int) {
	if len(statuses) == 0 {
		statuses = []int{http.StatusOK}
	}
	for _, status := range append(statuses, http.StatusInternalServerError, http.StatusServiceUnavailable) {
		m.requests.expect(method, route, strconv.Itoa(status))
	}
	m.answering.WithLabelValues(method, route)
}

func (m *Metrics) expectDeliveries(channel, category string) {
	for state, reasons := range ends() {
		for _, reason := range reasons {
			m.deliveries.expect(channel, category, string(state), reason)
		}
	}
}

func sources() []models.Source {
	return []models.Source{
		models.SourceProduct, models.SourcePlatform, models.SourceInvitation, models.SourceAnnouncement, models.SourceReminder,
	}
}

// ends are how a delivery may end, with the reasons of each. Source: docs/reasons.md.
func ends() map[models.DeliveryState][]string {
	refused := answers()[models.OutcomePermanent]
	return map[models.DeliveryState][]string{
		models.DeliveryAccepted:  {""},
		models.DeliveryDelivered: {""},
		models.DeliveryFailed: append(append([]string{
			models.ReasonExpired, models.ReasonUnknown, models.ReasonExhausted, models.ReasonRateLimited,
			models.ReasonSuspended, models.ReasonUnknownCode, models.ReasonRender, models.ReasonInternal,
		}, refused...), receipt.Reasons()...),
		models.DeliverySuppressed: {
			models.ReasonDisabled, models.ReasonNotConfigured, models.ReasonNotTicked, models.ReasonNoAddress, models.ReasonUnverified,
			models.ReasonBounced, models.ReasonUnsubscribed, models.ReasonMarketingOff, models.ReasonFiltered, models.ReasonDuplicate,
			models.ReasonCapped, models.ReasonThrottled, models.ReasonRead, models.ReasonExpired,
		},
		models.DeliveryCancelled: {
			models.ReasonCancelled, models.ReasonDeleted, models.ReasonDisabled, models.ReasonInvitation, models.ReasonUnsubscribed,
		},
	}
}

// answers are the outcomes of an attempt, with the reasons that the channels give.
// Source: docs/channels.md#outcomes.
func answers() map[string][]string {
	return map[string][]string{
		models.OutcomeDelivered: {""},
		models.OutcomeAccepted:  {""},
		models.OutcomeRetry: {
			"auth", "busy", "connect", "connect_timeout", "connection_lost", "dns", "nonce", "not_found", "own_addresses_unknown", "recipient_busy", "refused", "server_busy", "server_error", "server_refuses_us", "timeout", "tls", "too_early",
			models.ReasonUnknownCode,
		},
		models.OutcomeRateLimited: {"quota", models.ReasonRateLimited, "unavailable"},
		models.OutcomePermanent: {
			"bad_request", "content_rejected", "mailbox_full", "markup", "no_template", "no_text", "opted_out", "policy", models.ReasonRecipientInvalid, "refused", "too_large",
		},
		models.OutcomeMisconfigured: {
			"account", "auth", "blocked_address", "body", "ca", "clock", "dkim", "from", "gone", "ip", "keyword", "not_found", "permission", "quota", "redirect", "refused",
			"secret", "sender_rejected", "server_refuses_us", "sign", "stopped", "template", "tls", "token", "unknown_kind", "url",
		},
		models.OutcomeAmbiguous: {"connection_lost", "server_error", "timeout", "unexpected", "unreadable_answer"},
		models.OutcomeUnknown:   {models.ReasonUnknown},
	}
}
