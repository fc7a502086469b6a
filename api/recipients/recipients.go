// Package recipients is who gets messages: contacts, and the rules for their addresses.
package recipients

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("POST /v1/contacts", "contact.create", 201, createContact),
		operation.Serve("GET /v1/contacts", "contact.list", 200, listContacts),
		operation.Serve("GET /v1/contacts/{id}", "contact.get", 200, getContact),
		operation.Serve("PATCH /v1/contacts/{id}", "contact.update", 200, updateContact),
		operation.Serve("DELETE /v1/contacts/{id}", "contact.delete", 204, deleteContact),
		operation.Serve("POST /v1/contacts/batch", "contact.batch", 200, batchContacts),
		operation.Serve("GET /v1/me/contact", "my_contact.get", 200, getMyContact),
		operation.Serve("PUT /v1/me/contact", "my_contact.update", 200, updateMyContact),
		operation.Serve("GET /v1/account/contact", "account.contact", 200, getAccountContact),
		operation.Serve("PUT /v1/account/contact", "account.contact_update", 200, updateAccountContact),
		operation.Serve("GET /v1/user-contacts", "user_contact.list", 200, listUserContacts),
		operation.Serve("GET /v1/accounts/{id}/users/{user_id}/contact", "user_contact.get", 200, getUserContact),
		operation.Serve("PUT /v1/accounts/{id}/users/{user_id}/contact", "user_contact.update", 200, updateUserContact),
		operation.Serve("POST /v1/accounts/{id}/contacts/{contact_id}/waive", "user_contact.waive", 200, waiveAddresses),
	}, describeContacts(), describeMyContact(), describeAccountContact(), describeUserContacts())
}
