// Package invitations is the proof of addresses: invitations, their codes, and the page
// behind their links.
package invitations

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	v := &verifyPage{Core: s, html: verifyPageHTML()}
	operation.Table(s, []operation.Row{
		operation.Serve("GET "+invitationPath, "invitation.get", 200, getInvitation),
		operation.Serve("POST "+invitationPath+"/resend", "invitation.resend", 202, resendInvitation),
		operation.Serve("POST "+invitationPath+"/confirm", "invitation.confirm_code", 200, confirmCode),
		operation.Serve("GET "+myInvitationPath, "my_invitation.get", 200, mine(s, getInvitation)),
		operation.Serve("POST "+myInvitationPath+"/resend", "my_invitation.resend", 202, mine(s, resendInvitation)),
		operation.Serve("POST "+myInvitationPath+"/confirm", "my_invitation.confirm_code", 200, confirmMyCode),
		operation.Serve("GET "+verifyPath+"{token}", "verify.show", 200, v.show),
		operation.Serve("POST "+verifyPath+"{token}", "verify.confirm", 200, v.confirm),
		operation.Serve("POST "+verifyPath+"{token}/resend", "verify.resend", 200, v.resend),
	}, describeInvitations(), describeVerify())
}
