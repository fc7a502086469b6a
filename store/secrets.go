package store

import "belfry.dev/belfry/store/vault"

// Vault has the keys that are derived from the configuration's secret.
type Vault struct{ *vault.Keys }

// SecretSize is the length of the configuration's secret, in bytes.
const SecretSize = vault.SecretSize

// OptOutLink is what the unsubscribe link of one message says.
type OptOutLink = vault.OptOutLink

// NewVault derives the keys.
func NewVault(secret []byte) (*Vault, error) {
	keys, err := vault.New(secret)
	return &Vault{keys}, err
}
