package vault

import (
	"encoding/base64"
	"encoding/binary"
	"errors"

	"belfry.dev/belfry/models"
)

// OptOutLink is what the unsubscribe link of one message says.
type OptOutLink struct {
	Account    models.AccountID
	AddressKey string
	TypeKey    string
}

const optOutPlace = "opt-out link"

// SealOptOut returns the token of an unsubscribe link: base64url, at most 700
// characters. It shows nobody the address, and nobody else can make one. It does
// not expire: mail is read late, and using it twice does no harm.
func (v *Keys) SealOptOut(link OptOutLink) string {
	plain := joined([]string{string(link.Account), link.AddressKey, link.TypeKey})
	return base64.RawURLEncoding.EncodeToString(v.Seal(plain, optOutPlace))
}

// OpenOptOut reads a token; not-found when SealOptOut did not make it.
func (v *Keys) OpenOptOut(token string) (OptOutLink, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return OptOutLink{}, models.NotFound()
	}
	plain, err := v.Open(sealed, optOutPlace)
	if err != nil {
		return OptOutLink{}, models.NotFound()
	}
	parts, err := split(plain)
	if err != nil || len(parts) != 3 {
		return OptOutLink{}, models.NotFound()
	}
	return OptOutLink{Account: models.AccountID(parts[0]), AddressKey: parts[1], TypeKey: parts[2]}, nil
}

// split takes apart what joined put together.
func split(data []byte) ([]string, error) {
	var parts []string
	for len(data) > 0 {
		if len(data) < 8 {
			return nil, errors.New("split parts: cut short")
		}
		size := binary.BigEndian.Uint64(data)
		data = data[8:]
		if size > uint64(len(data)) {
			return nil, errors.New("split parts: cut short")
		}
		parts, data = append(parts, string(data[:size])), data[size:]
	}
	return parts, nil
}
