package store

import (
	"encoding/json"
	"fmt"
)

// fieldSecrets is the column that holds the secrets of a provider or a bot.
const fieldSecrets = "secrets"

// sealSecrets encrypts the secrets of the row; nil when there are none.
func (v *Vault) sealSecrets(rowID string, secrets map[string]string) ([]byte, error) {
	if len(secrets) == 0 {
		return nil, nil
	}
	plain, err := json.Marshal(secrets)
	if err != nil {
		return nil, fmt.Errorf("encode secrets of %s: %w", rowID, err)
	}
	return v.Seal(plain, rowID, fieldSecrets), nil
}

// openSecrets decrypts what sealSecrets returned for the same row.
func (v *Vault) openSecrets(rowID string, sealed []byte) (map[string]string, error) {
	secrets := map[string]string{}
	if len(sealed) == 0 {
		return secrets, nil
	}
	plain, err := v.Open(sealed, rowID, fieldSecrets)
	if err != nil {
		return nil, fmt.Errorf("secrets of %s: %w", rowID, err)
	}
	if err := json.Unmarshal(plain, &secrets); err != nil {
		return nil, fmt.Errorf("decode secrets of %s: %w", rowID, err)
	}
	return secrets, nil
}
