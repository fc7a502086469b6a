package credential_test

import (
	"bytes"
	"strings"
	"testing"

	"belfry.dev/belfry/api/credential"
)

func TestTokensAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	secret, hash := credential.NewSecret()
	id := "key_" + strings.Repeat("0a", 16)
	gotID, got, ok := credential.Key(credential.OfKey(id, secret))
	if !ok || gotID != id || got != secret || !bytes.Equal(credential.Hash(got), hash) {
		t.Errorf("Key() = %q, %q, %v, want %q and the secret", gotID, got, ok, id)
	}
	if got, ok := credential.Session(credential.OfSession(secret)); !ok || got != secret {
		t.Errorf("Session() = %q, %v, want the secret", got, ok)
	}
}

func TestOneKindOfTokenIsNeverTheOther(t *testing.T) {
	t.Parallel()
	secret, _ := credential.NewSecret()
	key, session := credential.OfKey("key_"+strings.Repeat("0a", 16), secret), credential.OfSession(secret)
	for _, token := range []string{"", secret, session, key + "a", " " + key, strings.ToUpper(key), "bk_" + secret} {
		if _, _, ok := credential.Key(token); ok {
			t.Errorf("%q is taken for an access key", token)
		}
	}
	for _, token := range []string{"", secret, key, session + "a", session + "\n", strings.ToUpper(session)} {
		if _, ok := credential.Session(token); ok {
			t.Errorf("%q is taken for a session", token)
		}
	}
}
