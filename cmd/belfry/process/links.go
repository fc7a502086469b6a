package process

import (
	"belfry.dev/belfry/api/deliveries"
	"belfry.dev/belfry/api/invitations"
	"belfry.dev/belfry/api/subscriptions"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// links makes the links that only one recipient gets.
type links struct {
	publicURL string
	vault     *store.Vault
}

// Unsubscribe returns the one-click unsubscribe link; "" without a public URL.
func (l links) Unsubscribe(account models.AccountID, addressKey, typeKey string) string {
	token := l.vault.SealOptOut(store.OptOutLink{Account: account, AddressKey: addressKey, TypeKey: typeKey})
	return subscriptions.UnsubscribeURL(l.publicURL, token)
}

// Verify returns the link that proves an address; "" without a public URL.
func (l links) Verify(token string) string { return invitations.VerifyURL(l.publicURL, token) }

// Receipt returns where the provider of the attempt posts what became of it; "" without a
// public URL of https.
func (l links) Receipt(a models.Attempt) string { return deliveries.ReceiptURL(l.publicURL, a) }
