package vault

import (
	"encoding/base64"
	"strconv"
	"strings"

	"belfry.dev/belfry/models"
)

// BellPrefix begins the token of a bell; the rest is sealed, in base64url.
const BellPrefix = "bt_"

const bellPlace = "bell"

// SealBell returns the token by which the actor's bell stands in pages of another origin.
// Nobody else can make one or read it; it ends with actor.BellUntil.
func (v *Keys) SealBell(actor models.Actor) string {
	until := strconv.FormatInt(actor.BellUntil, 10)
	plain := joined([]string{string(actor.Account), actor.ID, actor.SessionID, actor.KeyID, actor.Bell, actor.BellOrigin, until})
	return BellPrefix + base64.RawURLEncoding.EncodeToString(v.Seal(plain, bellPlace))
}

// OpenBell reads a token: the actor has no name and no roles. Code not-found when SealBell did
// not make it.
func (v *Keys) OpenBell(token string) (models.Actor, error) {
	text, _ := strings.CutPrefix(token, BellPrefix)
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return models.Actor{}, models.NotFound()
	}
	plain, err := v.Open(sealed, bellPlace)
	if err != nil {
		return models.Actor{}, models.NotFound()
	}
	parts, err := split(plain)
	if err != nil || len(parts) != 7 {
		return models.Actor{}, models.NotFound()
	}
	until, err := strconv.ParseInt(parts[6], 10, 64)
	if err != nil {
		return models.Actor{}, models.NotFound()
	}
	return models.Actor{
		Kind: models.ActorUser, Account: models.AccountID(parts[0]), ID: parts[1], SessionID: parts[2], KeyID: parts[3],
		Bell: parts[4], BellOrigin: parts[5], BellUntil: until,
	}, nil
}
