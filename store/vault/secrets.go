package vault

import (
	"encoding/json"
	"fmt"
	"maps"
)

// fieldSecrets is the column that holds the secrets of a provider or a bot.
const fieldSecrets = "secrets"

// SealSecrets encrypts the secrets of the row; nil when there are none.
func (v *Keys) SealSecrets(rowID string, secrets map[string]string) ([]byte, error) {
	if len(secrets) == 0 {
		return nil, nil
	}
	plain, err := json.Marshal(secrets)
	if err != nil {
		return nil, fmt.Errorf("encode secrets of %s: %w", rowID, err)
	}
	return v.Seal(plain, rowID, fieldSecrets), nil
}

// OpenSecrets decrypts what SealSecrets returned for the same row.
func (v *Keys) OpenSecrets(rowID string, sealed []byte) (map[string]string, error) {
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

// EditSecrets lets fn change decrypted secrets and seals them again; sealed ones that
// fn leaves alone stay as they are.
func (v *Keys) EditSecrets(rowID string, sealed []byte, fn func(map[string]string) error) ([]byte, error) {
	secrets, err := v.OpenSecrets(rowID, sealed)
	if err != nil {
		return sealed, err
	}
	old := maps.Clone(secrets)
	if err := fn(secrets); err != nil || maps.Equal(old, secrets) {
		return sealed, err
	}
	return v.SealSecrets(rowID, secrets)
}
