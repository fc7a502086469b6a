package email

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/channels"
)

// signed are the fields that a signature covers where a mail has them. The unsubscribe
// fields must be among them. Source: RFC 6376, 5.4.1; RFC 8058, 4.
var signed = []string{
	"From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
	"Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post",
}

// stamp is a domain's right to sign. Source: RFC 6376 and RFC 8463.
type stamp struct {
	domain, selector string
	key              crypto.Signer
}

// stampOf returns what the provider signs with; nil when it does not. The error is an
// *Error.
func stampOf(settings channels.Settings) (*stamp, error) {
	if settings.Get("dkim_key") == "" {
		return nil, nil
	}
	key, err := privateKey(settings.Get("dkim_key"))
	if err != nil {
		return nil, &channels.Error{Class: channels.Misconfigured, Reason: "dkim", Message: "The DKIM key cannot be read."}
	}
	domain, err := channels.ASCIIHost(settings.Get("dkim_domain"))
	if err != nil || !selectorPattern.MatchString(settings.Get("dkim_selector")) {
		return nil, &channels.Error{Class: channels.Misconfigured, Reason: "dkim", Message: "The DKIM domain or selector is none."}
	}
	return &stamp{domain, settings.Get("dkim_selector"), key}, nil
}

// selectorPattern are labels of a name in DNS, as selectors are.
var selectorPattern = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$`)

func checkSelector(value string) (string, string) {
	if !selectorPattern.MatchString(value) {
		return "invalid-selector", "Letters, digits, hyphens and dots, as in DNS."
	}
	return "", ""
}

// smallest is the shortest RSA key that receivers take, in bits. Source: RFC 8301, 3.2.
const smallest = 1024

// privateKey reads an RSA or Ed25519 key in PEM form, PKCS #1 or PKCS #8.
func privateKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if block.Type == "RSA PRIVATE KEY" {
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, err
	}
	switch key := parsed.(type) {
	case ed25519.PrivateKey:
		return key, nil
	case *rsa.PrivateKey:
		if key.N.BitLen() >= smallest {
			return key, nil
		}
	}
	return nil, errors.New("no key to sign with")
}

func checkKey(value string) (string, string) {
	if _, err := privateKey(value); err != nil {
		return "invalid-key", "An RSA (1,024 bits or more) or Ed25519 private key in PEM form."
	}
	return "", ""
}

// sign returns the signature's field. It is folded first, and what is signed is what is
// sent: a verifier keeps the blank of each fold.
func (s *stamp) sign(h header, body []byte, now time.Time) (string, error) {
	names, fields := covered(h)
	tokens := []string{"v=1;", "a=" + s.algorithm() + ";", "c=relaxed/relaxed;", "d=" + s.domain + ";", "s=" + s.selector + ";", "t=" + strconv.FormatInt(now.Unix(), 10) + ";"}
	tokens = append(tokens, list("h=", names)...)
	hash := sha256.Sum256(relaxedBody(body))
	tokens = append(tokens, "bh="+base64.StdEncoding.EncodeToString(hash[:])+";")
	unsigned := relaxedField(fold("DKIM-Signature", append(tokens, "b=")))
	signature, err := s.signature(sha256.Sum256([]byte(strings.Join(fields, "\r\n") + "\r\n" + unsigned)))
	if err != nil {
		return "", err
	}
	return fold("DKIM-Signature", append(tokens, pieces("b="+base64.StdEncoding.EncodeToString(signature))...)) + "\r\n", nil
}

func (s *stamp) algorithm() string {
	if _, ok := s.key.(ed25519.PrivateKey); ok {
		return "ed25519-sha256"
	}
	return "rsa-sha256"
}

func (s *stamp) signature(hash [sha256.Size]byte) ([]byte, error) {
	if key, ok := s.key.(ed25519.PrivateKey); ok {
		return ed25519.Sign(key, hash[:]), nil
	}
	return s.key.Sign(rand.Reader, hash[:], crypto.SHA256)
}

// covered returns the names to sign and their fields in canonical form. No field stands
// twice in a header of ours.
func covered(h header) (names, fields []string) {
	for _, name := range signed {
		for _, field := range h {
			if strings.HasPrefix(field, name+":") {
				names, fields = append(names, name), append(fields, relaxedField(field))
			}
		}
	}
	return names, fields
}

// list returns the tag of names as tokens that fit a line: it may be folded after a colon.
func list(tag string, names []string) []string {
	tokens := []string{tag}
	for i, name := range names {
		end := ":"
		if i == len(names)-1 {
			end = ";"
		}
		last := len(tokens) - 1
		if len(tokens[last])+len(name)+len(end) > maxLine-1 {
			tokens, last = append(tokens, ""), last+1
		}
		tokens[last] += name + end
	}
	return tokens
}

// pieces cuts a value without white space into tokens that fit a line.
func pieces(value string) []string {
	var out []string
	for len(value) > maxLine-1 {
		out, value = append(out, value[:maxLine-1]), value[maxLine-1:]
	}
	return append(out, value)
}

// relaxedField is the field in relaxed canonical form, without its end.
// Source: RFC 6376, 3.4.2.
func relaxedField(field string) string {
	name, value, _ := strings.Cut(field, ":")
	return strings.ToLower(name) + ":" + strings.Join(strings.Fields(value), " ")
}

// relaxedBody is the body in relaxed canonical form. Source: RFC 6376, 3.4.4.
func relaxedBody(body []byte) []byte {
	var b bytes.Buffer
	for line := range bytes.SplitSeq(body, []byte("\r\n")) {
		b.Write(bytes.TrimRight(blanks.ReplaceAll(line, []byte(" ")), " "))
		b.WriteString("\r\n")
	}
	whole := bytes.TrimRight(b.Bytes(), "\r\n")
	if len(whole) == 0 {
		return nil
	}
	return append(whole, "\r\n"...)
}

var blanks = regexp.MustCompile(`[ \t]+`)
