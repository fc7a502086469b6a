// Package subscriptions is who hears what: the matrix of message types, its history,
// preferences, what it leaves unheard, and the ways out for people.
package subscriptions

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	registerSubscriptions(s)
	registerSubscriptionHistory(s)
	registerPreferences(s)
	registerCoverage(s)
	registerMyOptOuts(s)
	registerUnsubscribe(s)
}
