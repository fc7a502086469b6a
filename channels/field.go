package channels

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/idna"
)

// checkHost takes a name or an IP address, without a port.
func checkHost(_ Field, value string) (string, string) {
	if _, err := netip.ParseAddr(value); err == nil && !strings.Contains(value, "%") {
		return "", ""
	}
	if _, err := ASCIIHost(value); err != nil {
		return "invalid-host", "A host name or an IP address."
	}
	return "", ""
}

// checkEmail takes a bare address: a dot-atom, "@" and a domain name.
func checkEmail(_ Field, value string) (string, string) {
	local, domain, found := strings.Cut(value, "@")
	if _, err := ASCIIHost(domain); !found || err != nil || !dotAtom.MatchString(local) || len(local) > 64 || len(value) > 254 {
		return "invalid-email", "An e-mail address like name@example.com."
	}
	return "", ""
}

// dotAtom is a local part that needs no quotes.
var dotAtom = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")

// hostProfile maps names as resolvers look them up, and refuses empty and too
// long labels.
var hostProfile = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false),
	idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// ASCIIHost returns a host name as it is looked up: letters, digits and hyphens.
// Names with invisible characters or empty labels are refused.
func ASCIIHost(host string) (string, error) {
	if strings.ContainsFunc(host, func(r rune) bool { return unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) }) {
		return "", errHost
	}
	ascii, err := hostProfile.ToASCII(host)
	if err != nil || ascii == "" || strings.HasSuffix(ascii, ".") {
		return "", errHost
	}
	return ascii, nil
}

func checkJSON(_ Field, value string) (string, string) {
	var object map[string]any
	if json.Unmarshal([]byte(value), &object) != nil || object == nil {
		return "invalid-json", "A JSON object."
	}
	return "", ""
}

// checkPEM takes one or more certificates.
func checkPEM(_ Field, value string) (string, string) {
	if !x509.NewCertPool().AppendCertsFromPEM([]byte(value)) {
		return "invalid-pem", "One or more certificates in PEM form."
	}
	if block, _ := pem.Decode([]byte(value)); block == nil || block.Type != "CERTIFICATE" {
		return "invalid-pem", "Certificates only; no keys."
	}
	return "", ""
}

// checkURLSyntax refuses what is no absolute http(s) URL; where it may point is
// the guard's to say (Client.CheckURL).
func checkURLSyntax(_ Field, value string) (string, string) {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "invalid-url", "An absolute URL that begins with https://."
	}
	return "", ""
}

const (
	maxHeaders     = 16
	maxHeaderBytes = 4096
)

// ownHeaders are set by Belfry or decide how a request is framed and routed.
var ownHeaders = map[string]bool{
	"Accept-Encoding": true, "Connection": true, "Content-Encoding": true, "Content-Length": true,
	"Content-Type": true, "Expect": true, "Host": true, "Http2-Settings": true, "Keep-Alive": true,
	"Proxy-Authorization": true, "Proxy-Connection": true, "Te": true, "Trailer": true,
	"Transfer-Encoding": true, "Upgrade": true, "User-Agent": true, "Idempotency-Key": true,
	"Forwarded": true, "Via": true,
}

// ownPrefixes begin the names of headers that Belfry sets or that speak for a proxy.
var ownPrefixes = []string{"Webhook-", "Ce-", "Proxy-", "X-Forwarded-"}

func checkHeaders(_ Field, value string) (string, string) {
	if len(value) > maxHeaderBytes {
		return "too-long", "At most 4,096 bytes."
	}
	count := 0
	for line := range strings.SplitSeq(value, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		count++
		name, content, found := strings.Cut(line, ":")
		if !found || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(strings.TrimSpace(content)) || !printable(content) {
			return "invalid-header", `Lines of the form "Name: value", in ASCII.`
		}
		if reserved(name) {
			return "reserved-header", "The header " + http.CanonicalHeaderKey(name) + " cannot be set."
		}
	}
	if count > maxHeaders {
		return "too-many", "At most 16 headers."
	}
	return "", ""
}

func printable(s string) bool {
	for _, r := range s {
		if r > '~' {
			return false
		}
	}
	return true
}

func reserved(name string) bool {
	name = http.CanonicalHeaderKey(name)
	if ownHeaders[name] {
		return true
	}
	for _, prefix := range ownPrefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// Headers returns a field of type "headers"; empty, never nil. Lines that the
// field's check would refuse are left out.
func (s Settings) Headers(name string) http.Header {
	out := http.Header{}
	for line := range strings.SplitSeq(s.Get(name), "\n") {
		if code, _ := checkHeaders(Field{}, line); code != "" || strings.TrimSpace(line) == "" {
			continue
		}
		key, value, _ := strings.Cut(line, ":")
		out.Add(key, strings.TrimSpace(value))
	}
	return out
}
