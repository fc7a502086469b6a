package channels_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"belfry.dev/belfry/channels"
	"code.dny.dev/ssrf"
	"golang.org/x/net/dns/dnsmessage"
)

// public hosts pass, everything else is refused when it is saved.
func TestURLRules(t *testing.T) {
	t.Parallel()
	client := channels.NewClient(channels.GuardConfig{Ports: []int{9443}})
	for _, ok := range []string{
		"https://example.com/x?y=z", "https://example.com:443/", "https://example.com:8443/", "https://example.com:9443/",
		"https://8.8.8.8/", "https://[2606:4700::1111]/", "https://münchen.example/", "https://xn--mnchen-3ya.example/",
		"HTTPS://EXAMPLE.COM/", "https://1-2.example.com/", "https://0x7f.example/",
	} {
		if why := client.CheckURL(ok, channels.Rules{}); why != "" {
			t.Errorf("CheckURL(%q) = %q, want it allowed", ok, why)
		}
	}
	for _, bad := range refusedURLs {
		if why := client.CheckURL(bad, channels.Rules{AllowHTTP: strings.HasPrefix(bad, "http://10")}); why == "" {
			t.Errorf("CheckURL(%q) allows it", bad)
		}
	}
}

// refusedURLs has the literals of WHK-5, of the guard's rules and of spellings
// that some resolver would read as an internal address.
var refusedURLs = []string{
	"", "x", "/x", "//example.com/", "ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)", "https:example.com",
	"http://example.com/", "https:///x", "https://", "https://example.com#x", "https://example.com/#",
	"https://u@example.com/", "https://u:p@example.com/", "https://example.com:22/", "https://example.com:25/",
	"https://example.com:3306/", "https://example.com:7233/", "https://example.com:0/", "https://example.com:99999/",
	"https://example.com:/", "https://example.com:0443/", "https://example.com:+443/",
	"https://" + strings.Repeat("a", 2048) + ".com/", "https://exa mple.com/", "https://example.com\\@evil.example/",
	"https://[fe80::1%25eth0]/", "https://[::ffff:127.0.0.1]/", "https://[::127.0.0.1]/", "https://[64:ff9b::7f00:1]/",
	"http://127.0.0.1/", "https://127.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/", "https://100.100.100.200/",
	"https://[::1]/", "https://[::]/", "https://0.0.0.0/", "https://0.1.2.3/", "https://168.63.129.16/", "https://192.0.0.192/",
	"https://198.18.0.1/", "https://240.0.0.1/", "https://255.255.255.255/", "https://[2002:7f00:1::]/", "https://[fec0::1]/",
	"https://[2001:db8::1]/", "https://[fd00:ec2::254]/", "https://[4000::1]/", "http://10.0.0.1:8080/",
	"https://127.1/", "https://2130706433/", "https://0x7f.1/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.0.0.1./",
	"https://①②⑦.⓪.⓪.①/", "https://１２７.０.０.１/", "https://localhost/", "https://a.localhost/", "https://intranet/", "https://example.com./",
	"https://-x.example/", "https://ex..ample.com/", "https://ex\u200bample.com/", "https://" + strings.Repeat("a", 64) + ".com/",
}

// A rule that allows a network never opens metadata or link-local addresses in
// it, unless one is listed by itself.
func TestAllowListNeverOpensMetadata(t *testing.T) {
	t.Parallel()
	wide := channels.NewClient(channels.GuardConfig{Allow: nets("0.0.0.0/0", "::/0")})
	exact := channels.NewClient(channels.GuardConfig{Allow: nets("169.254.169.254/32", "10.0.0.0/8")})
	for raw, open := range map[string][2]bool{
		"https://10.1.2.3/":            {true, true},
		"https://127.0.0.1/":           {true, false},
		"https://169.254.169.254/":     {false, true},
		"https://169.254.1.1/":         {false, false},
		"https://100.100.100.200/":     {false, false},
		"https://168.63.129.16/":       {false, false},
		"https://[fe80::1]/":           {false, false},
		"https://[fd00:ec2::254]/":     {false, false},
		"https://[64:ff9b::a9fe:a9fe]": {false, false},
		"https://[2002:a9fe:a9fe::]/":  {false, false},
		"https://0.0.0.0/":             {false, false},
	} {
		for i, c := range []*channels.Client{wide, exact} {
			if got := c.CheckURL(raw, channels.Rules{}) == ""; got != open[i] {
				t.Errorf("list %d allows %s = %v, want %v", i, raw, got, open[i])
			}
		}
	}
}

func nets(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, each := range list {
		out[i] = netip.MustParsePrefix(each)
	}
	return out
}

// resolving returns a resolver that answers every name with the addresses, one
// list per question, the last for all further ones.
func resolving(t *testing.T, answers ...[]netip.Addr) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go serveNames(conn, answers)
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func serveNames(conn net.PacketConn, answers [][]netip.Addr) {
	buf, asked := make([]byte, 1500), 0
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buf[:n]) != nil {
			continue
		}
		m.Response, m.Authoritative, m.Additionals = true, true, nil
		q := m.Questions[0]
		if q.Type == dnsmessage.TypeA {
			for _, a := range answers[min(asked, len(answers)-1)] {
				m.Answers = append(m.Answers, dnsmessage.Resource{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1},
					Body:   &dnsmessage.AResource{A: a.As4()},
				})
			}
			asked++
		}
		if packed, err := m.Pack(); err == nil {
			_, _ = conn.WriteTo(packed, from)
		}
	}
}

func addrs(list ...string) []netip.Addr {
	out := make([]netip.Addr, len(list))
	for i, each := range list {
		out[i] = netip.MustParseAddr(each)
	}
	return out
}

// WHK-6: a name that resolves to a private address is blocked when dialled, as
// often as it is tried and whatever it resolved to before.
func TestWHK6NameOfPrivateAddressIsNeverDialled(t *testing.T) {
	t.Parallel()
	for name, list := range map[string][]netip.Addr{
		"loopback": addrs("127.0.0.1"), "private": addrs("10.0.0.1"), "metadata": addrs("100.100.100.200"),
		"several": addrs("127.0.0.1", "192.168.1.1"), "link-local": addrs("169.254.169.254"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := channels.NewClient(channels.GuardConfig{Resolver: resolving(t, list), Timeout: 5 * time.Second})
			_, err := client.Post(t.Context(), channels.Request{URL: "https://hook.example.com/secret-path"})
			var e *channels.Error
			if !errors.As(err, &e) || e.Class != channels.Misconfigured || e.Reason != "blocked_address" {
				t.Fatalf("Post() = %v, want misconfigured: blocked_address", err)
			}
			if text := e.Error() + e.Message; strings.Contains(text, "example.com") || strings.Contains(text, list[0].String()) {
				t.Errorf("the error names the host or the address: %q", text)
			}
		})
	}
}

// What cannot be known closes: an address that may be the machine's own is not called, the
// call is tried again later, and an allowed network stays open.
func TestOwnAddressesThatCannotBeListedCloseTheGuard(t *testing.T) {
	t.Parallel()
	none := func() ([]net.Addr, error) { return nil, syscall.EAFNOSUPPORT }
	strange := func() ([]net.Addr, error) {
		return []net.Addr{&net.IPNet{IP: net.IPv4(10, 0, 0, 1), Mask: net.CIDRMask(8, 32)}, &net.IPAddr{IP: net.IPv4(8, 8, 8, 8)}}, nil
	}
	own := func() ([]net.Addr, error) {
		return []net.Addr{&net.IPNet{IP: net.IPv4(8, 8, 8, 8), Mask: net.CIDRMask(24, 32)}}, nil
	}
	for name, c := range map[string]struct {
		own    func() ([]net.Addr, error)
		reason string
		listed bool
	}{
		"an error":                    {none, "own_addresses_unknown", false},
		"an address of no known form": {strange, "own_addresses_unknown", false},
		"its own address":             {own, "blocked_address", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := channels.NewClient(channels.GuardConfig{Own: c.own, Allow: nets("1.1.1.1/32"), Resolver: resolving(t, addrs("8.8.8.8"))})
			if listed := client.ListOwn() == nil; listed != c.listed {
				t.Errorf("the addresses are listed: %v, want %v", listed, c.listed)
			}
			for _, url := range []string{"https://8.8.8.8/", "https://hook.example.com/"} {
				_, err := client.Post(t.Context(), channels.Request{URL: url})
				var e *channels.Error
				if !errors.As(err, &e) || e.Reason != c.reason {
					t.Errorf("Post(%s) = %v, want %s", url, err, c.reason)
				}
			}
			if why := client.CheckURL("https://8.8.8.8/", channels.Rules{}); why == "" {
				t.Error("a URL with the address can be saved")
			}
			if why := client.CheckURL("https://1.1.1.1/", channels.Rules{}); why != "" {
				t.Errorf("an allowed address is closed: %s", why)
			}
		})
	}
}

// A list that was read holds for half a minute; one that cannot be read again does not go on.
func TestOwnAddressesAreReadAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var broken bool
		client := channels.NewClient(channels.GuardConfig{Own: func() ([]net.Addr, error) {
			if broken {
				return nil, syscall.EMFILE
			}
			return nil, nil
		}})
		open := func() bool { return client.CheckURL("https://8.8.8.8/", channels.Rules{}) == "" }
		steps := []struct {
			wait         time.Duration
			broken, open bool
		}{{0, false, true}, {29 * time.Second, true, true}, {2 * time.Second, true, false}, {0, false, true}}
		for i, step := range steps {
			<-time.After(step.wait)
			broken = step.broken
			if open() != step.open {
				t.Fatalf("step %d: open is %v, want %v", i, open(), step.open)
			}
		}
	})
}

// independent is a second list of what is not public, written from the IANA
// special-purpose registries rather than copied from the guard.
var independent = nets(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/3", "168.63.129.16/32",
	"::/3", "2001::/32", "2001:db8::/32", "2002::/16", "3fff::/20", "4000::/2", "8000::/1",
)

func isPublic(a netip.Addr) bool {
	a = a.Unmap()
	for _, p := range independent {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsValid() && a.Zone() == ""
}

// FuzzURLGuard: whatever passes never leads to a denied address, as a second
// list and another library see it.
func FuzzURLGuard(f *testing.F) {
	for i, raw := range refusedURLs {
		f.Add(raw, []byte{byte(i), 0, 0, 1})
	}
	f.Add("https://example.com/", netip.MustParseAddr("64:ff9b::7f00:1").AsSlice())
	f.Add("https://8.8.8.8/", netip.MustParseAddr("::ffff:100.100.100.200").AsSlice())
	client := channels.NewClient(channels.GuardConfig{})
	other := ssrf.New(ssrf.WithAnyPort())
	f.Fuzz(func(t *testing.T, raw string, ip []byte) {
		if client.CheckURL(raw, channels.Rules{}) == "" {
			u, err := url.Parse(raw)
			if err != nil || u.Scheme != "https" || u.User != nil {
				t.Fatalf("CheckURL allows %q", raw)
			}
			if a, err := netip.ParseAddr(u.Hostname()); err == nil && !isPublic(a) {
				t.Fatalf("CheckURL allows %q", raw)
			}
		}
		a, ok := netip.AddrFromSlice(ip)
		if !ok {
			return
		}
		literal := "https://" + netip.AddrPortFrom(a, 443).String() + "/"
		allowed := client.CheckURL(literal, channels.Rules{}) == ""
		if allowed && (!isPublic(a) || other.Safe(network(a), netip.AddrPortFrom(a.Unmap(), 443).String(), nil) != nil) {
			t.Fatalf("the guard lets %s through", a)
		}
	})
}

func network(a netip.Addr) string {
	if a.Unmap().Is4() {
		return "tcp4"
	}
	return "tcp6"
}
