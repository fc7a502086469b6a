// Package invitations is the proof of addresses: invitations, their codes, and the page
// behind their links.
package invitations

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	registerInvitations(s)
	registerVerify(s)
}
