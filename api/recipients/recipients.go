// Package recipients is who gets messages: contacts, contact groups, and the rules for
// their addresses.
package recipients

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	registerContacts(s)
	registerContactGroups(s)
	registerMyContact(s)
	registerAccountContact(s)
	registerUserContacts(s)
}
