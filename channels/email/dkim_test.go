package email_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
	"github.com/emersion/go-msgauth/dkim"
)

// keyPair is a private key as a provider's setting and its public half as in DNS.
type keyPair struct{ private, record string }

func newKey(t *testing.T, kind string) keyPair {
	t.Helper()
	var key crypto.Signer
	var err error
	if kind == "rsa" {
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	} else {
		_, key, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, _ := key.Public().(ed25519.PublicKey)
	if public == nil {
		if public, err = x509.MarshalPKIXPublicKey(key.Public()); err != nil {
			t.Fatal(err)
		}
	}
	return keyPair{
		private: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		record:  fmt.Sprintf("v=DKIM1; k=%s; p=%s", kind, base64.StdEncoding.EncodeToString(public)),
	}
}

// TestEveryShippedTypeVerifies, in each language, with and without a way to unsubscribe.
func TestEveryShippedTypeVerifies(t *testing.T) {
	t.Parallel()
	key, shipped := newKey(t, "rsa"), shipment(t)
	server, sender := channeltest.NewSMTP(t, channeltest.SMTPScript{}), newSender(t)
	to := target(server, "dkim_domain", "notifications.mail.cloud.belfry.example", "dkim_selector", "2026-q4")
	to.Provider.Secrets["dkim_key"] = key.private
	n := 0
	for _, kind := range shipped.Types {
		for _, locale := range catalog.Locales() {
			for _, optional := range []bool{false, true} {
				m := channeltest.Message("bob@customer.example")
				m.Type, m.Optional, m.Unsubscribe = kind.Key, optional, "https://belfry.example/u/"+strings.Repeat("token", 60)
				var err error
				if m.Rendered, err = catalog.Preview(kind, locale, catalog.Input{Site: brand.Site{Name: "云 Cloud", URL: "https://belfry.example"}, Link: "/orders/1"}); err != nil {
					t.Fatal(err)
				}
				if _, err := sender.Send(t.Context(), to, m); err != nil {
					t.Fatal(err)
				}
				n++
				if got := verify(t, key, server.Mails()[n-1].Data); got.Err != nil {
					t.Errorf("%s in %s, optional %v: %v", kind.Key, locale, optional, got.Err)
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d mails were looked at", n)
	}
}

func shipment(t *testing.T) catalog.Shipment {
	t.Helper()
	s, err := catalog.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// verify asks a library that did not sign the mail.
func verify(t *testing.T, key keyPair, data string) *dkim.Verification {
	t.Helper()
	all, err := dkim.VerifyWithOptions(strings.NewReader(data), &dkim.VerifyOptions{
		LookupTXT: func(string) ([]string, error) { return []string{key.record}, nil },
	})
	if err != nil || len(all) != 1 {
		t.Fatalf("%d signatures, %v", len(all), err)
	}
	return all[0]
}

// verified sends the message signed and returns what a library that did not sign it makes of it.
func verified(t *testing.T, key keyPair, domain, selector string, m channels.Message) *dkim.Verification {
	t.Helper()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{})
	to := target(server, "dkim_domain", domain, "dkim_selector", selector)
	to.Provider.Secrets["dkim_key"] = key.private
	if err := channels.Check(newSender(t), to); err != nil {
		t.Fatalf("Check() = %v", err)
	}
	if _, err := newSender(t).Send(t.Context(), to, m); err != nil {
		t.Fatal(err)
	}
	asked := ""
	all, err := dkim.VerifyWithOptions(strings.NewReader(server.Mails()[0].Data), &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) { asked = name; return []string{key.record}, nil },
	})
	if err != nil || len(all) != 1 {
		t.Fatalf("%d signatures, %v", len(all), err)
	}
	if want := selector + "._domainkey." + domain; asked != want || all[0].Domain != domain {
		t.Errorf("the key of %q was asked for, of domain %q, want %q", asked, all[0].Domain, want)
	}
	return all[0]
}

func TestSignaturesVerify(t *testing.T) {
	t.Parallel()
	long := strings.Repeat(strings.Repeat("a", 60)+".", 4) + "example"
	for _, kind := range []string{"rsa", "ed25519"} {
		key := newKey(t, kind)
		for _, c := range []struct{ domain, selector string }{
			{"belfry.example", "s1"},
			{"mail.belfry.example", "2026-q4.west"},
			{strings.Repeat("d", 63) + ".example", strings.Repeat("s", 63)},
			{long, "s"},
			{long, long[:100] + "z"},
		} {
			for _, optional := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %d %d %v", kind, len(c.domain), len(c.selector), optional), func(t *testing.T) {
					t.Parallel()
					m := channeltest.Message("bob@customer.example")
					m.Optional, m.Unsubscribe = optional, "https://belfry.example/u/"+strings.Repeat("token", 60)
					m.Rendered.Subject = "=?utf-8?q?x?= " + strings.Repeat("磁盘 quota ", 20)
					got := verified(t, key, c.domain, c.selector, m)
					if got.Err != nil {
						t.Errorf("the signature does not verify: %v", got.Err)
					}
					covered := strings.ToLower(strings.Join(got.HeaderKeys, " ")) + " "
					for _, name := range []string{"from ", "to ", "subject ", "date ", "message-id ", "content-type "} {
						if !strings.Contains(covered, name) {
							t.Errorf("the signature covers %q, not %q", covered, name)
						}
					}
					if strings.Contains(covered, "list-unsubscribe list-unsubscribe-post") != optional {
						t.Errorf("the signature covers %q of a mail that is optional: %v", covered, optional)
					}
				})
			}
		}
	}
}

func TestSignaturesVerifyWhateverTheTextsAre(t *testing.T) {
	t.Parallel()
	key := newKey(t, "ed25519")
	for name, change := range map[string]func(*channels.Message){
		"blanks and empty lines": func(m *channels.Message) {
			m.Rendered.Text, m.Rendered.HTML = "a  b \t c \n\n .\n..\n \n\n\n", "<p>x  y </p>\n\n\n"
		},
		"no HTML":    func(m *channels.Message) { m.Rendered.HTML = "" },
		"no subject": func(m *channels.Message) { m.Rendered.Subject = "" },
		"long line":  func(m *channels.Message) { m.Rendered.Text = strings.Repeat("长 text ", 3000) },
		"broken":     func(m *channels.Message) { m.Rendered.Text, m.Rendered.Subject = "a\xff\r\rb\r", "\xff a\rb" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := channeltest.Message("bob@customer.example")
			change(&m)
			if got := verified(t, key, "belfry.example", "s1", m); got.Err != nil {
				t.Errorf("the signature does not verify: %v", got.Err)
			}
		})
	}
}

func TestKeysThatNoVerifierTakesAreRefused(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0")
	small, err := rsa.GenerateKey(rand.Reader, 512)
	if err != nil {
		t.Fatal(err)
	}
	key := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(small)}))
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{})
	good := newKey(t, "ed25519").private
	for name, c := range map[string]struct{ domain, selector, key string }{
		"512 bits": {"belfry.example", "s1", key}, "no PEM": {"belfry.example", "s1", "key"},
		"selector with a tag": {"belfry.example", "s1; d=other.example", good}, "selector of two words": {"belfry.example", "s 1", good},
		"no selector": {"belfry.example", "", good}, "no domain": {"", "s1", good},
	} {
		to := target(server, "dkim_domain", c.domain, "dkim_selector", c.selector)
		to.Provider.Secrets["dkim_key"] = c.key
		if err := channels.Check(newSender(t), to); err == nil {
			t.Errorf("%s: Check() accepts it", name)
		}
	}
}
