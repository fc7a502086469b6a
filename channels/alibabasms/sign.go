package alibabasms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// action is a call in the provider's RPC style, without a body. Source: ACS3-HMAC-SHA256.
type action struct {
	name, version, host, path, nonce string
	query                            url.Values
	at                               time.Time
	id, secret                       string
}

const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// headers are those that are signed.
func (a action) headers() map[string]string {
	return map[string]string{
		"host": a.host, "x-acs-action": a.name, "x-acs-content-sha256": emptyHash, "x-acs-date": a.at.UTC().Format("2006-01-02T15:04:05Z"),
		"x-acs-signature-nonce": a.nonce, "x-acs-version": a.version,
	}
}

// authorization is the header with the signature.
func (a action) authorization() string {
	_, names, signature := a.sign()
	return "ACS3-HMAC-SHA256 Credential=" + a.id + ",SignedHeaders=" + names + ",Signature=" + signature
}

// sign returns the hash of the canonical request, the names of the signed headers and the
// signature.
func (a action) sign() (hash, names, signature string) {
	headers := a.headers()
	sorted := slices.Sorted(maps.Keys(headers))
	var lines strings.Builder
	for _, name := range sorted {
		lines.WriteString(name + ":" + headers[name] + "\n")
	}
	names = strings.Join(sorted, ";")
	sum := sha256.Sum256([]byte(strings.Join([]string{"POST", a.path + "/", canonical(a.query), lines.String(), names, emptyHash}, "\n")))
	hash = hex.EncodeToString(sum[:])
	mac := hmac.New(sha256.New, []byte(a.secret))
	_, _ = mac.Write([]byte("ACS3-HMAC-SHA256\n" + hash)) // a hash never fails to write
	return hash, names, hex.EncodeToString(mac.Sum(nil))
}

// canonical is the query sorted, and escaped as RFC 3986 says.
func canonical(query url.Values) string {
	return strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(query.Encode())
}
