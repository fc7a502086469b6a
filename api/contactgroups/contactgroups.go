// Package contactgroups is contacts by name: groups, and who is in them.
package contactgroups

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("POST /v1/contact-groups", "contact_group.create", 201, createContactGroup),
		operation.Serve("GET /v1/contact-groups", "contact_group.list", 200, listContactGroups),
		operation.Serve("GET /v1/contact-groups/{id}", "contact_group.get", 200, getContactGroup),
		operation.Serve("PATCH /v1/contact-groups/{id}", "contact_group.update", 200, updateContactGroup),
		operation.Serve("DELETE /v1/contact-groups/{id}", "contact_group.delete", 204, deleteContactGroup),
		operation.Serve("GET /v1/contact-groups/{id}/members", "contact_group.members", 200, listMembers),
		operation.Serve("PUT /v1/contact-groups/{id}/members", "contact_group.set_members", 200, setMembers),
		operation.Serve("POST /v1/contact-groups/{id}/members/add", "contact_group.add_members", 200, addMembers),
		operation.Serve("POST /v1/contact-groups/{id}/members/remove", "contact_group.remove_members", 200, removeMembers),
	}, describeContactGroups())
}
