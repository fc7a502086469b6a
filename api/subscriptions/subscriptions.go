// Package subscriptions is who hears what: the matrix of message types, its history,
// what it leaves unheard, and the ways out for people.
package subscriptions

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	html := unsubscribePage()
	operation.Table(s, []operation.Row{
		operation.Serve("GET /v1/subscriptions", "subscription.list", 200, listSubscriptions),
		operation.Serve("GET /v1/subscriptions/{type}", "subscription.get", 200, getSubscription),
		operation.Serve("PATCH /v1/subscriptions/{type}", "subscription.update", 200, updateSubscription),
		operation.Serve("PATCH /v1/subscriptions", "subscription.update_many", 200, updateSubscriptions),
		operation.Serve("PUT /v1/subscriptions/marketing", "subscription.marketing", 200, switchMarketing),
		operation.Serve("GET /v1/subscriptions/changes", "subscription.history", 200, listSubscriptionChanges),
		operation.Serve("GET /v1/subscriptions/diff", "subscription.diff", 200, diffSubscriptions),
		operation.Serve("POST /v1/subscriptions/revert", "subscription.revert", 200, revertSubscriptions),
		operation.Serve("GET /v1/coverage", "coverage.get", 200, getCoverage),
		operation.Serve("GET /v1/me/contact/unsubscribed", "my_contact.unsubscribed", 200, getUnsubscribed),
		operation.Serve("PUT /v1/me/contact/unsubscribed", "my_contact.set_unsubscribed", 200, setUnsubscribed),
		operation.Serve("GET "+unsubscribePath+"{token}", "unsubscribe.show", 200, unsubscribe(s, html, false)),
		operation.Serve("POST "+unsubscribePath+"{token}", "unsubscribe.confirm", 200, unsubscribe(s, html, true)),
		operation.Serve("POST "+unsubscribePath+"{token}/undo", "unsubscribe.undo", 200, resubscribe(s, html)),
	}, describeSubscriptions(), describeSubscriptionHistory(), describeCoverage(), describeMyOptOuts(), describeUnsubscribe())
}
