package channels

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// These are causes that never leave the package as they are. errUnlisted closes what
// would be open: whether an address is the machine's own cannot be told.
var (
	errHost     = errors.New("no acceptable host")
	errBlocked  = errors.New("address not allowed")
	errUnlisted = errors.New("the machine's own addresses cannot be listed")
)

// denied are the networks that are no public unicast addresses or belong to
// clouds' own services. IPv4 inside IPv6 is unwrapped first. On top of the list
// everything outside 2000::/3 is refused.
// Source: docs/channels.md#outgoing-calls.
var denied = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
	"172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "::1/128", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32",
	"2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

// neverOpen are link-local networks and clouds' metadata services: an allowed
// network that contains them does not open them; only the address itself does.
var neverOpen = prefixes(
	"169.254.0.0/16", "fe80::/10", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32",
	"fd00:ec2::254/128", "0.0.0.0/8", "::/128", "224.0.0.0/4", "240.0.0.0/4", "ff00::/8",
)

var globalUnicast = netip.MustParsePrefix("2000::/3")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, each := range list {
		out[i] = netip.MustParsePrefix(each)
	}
	return out
}

// guard decides which addresses may be dialled.
type guard struct {
	allow []netip.Prefix
	deny  []netip.Prefix
	ports []int
	http  bool
	local func() ([]netip.Addr, error)
}

// check says why a tenant's URL may not lead to the address: errBlocked or
// errUnlisted; nil when it may.
func (g *guard) check(a netip.Addr) error {
	a, ok := plain(a)
	if !ok {
		return errBlocked
	}
	if slices.Contains(g.allow, netip.PrefixFrom(a, a.BitLen())) {
		return nil
	}
	if contains(neverOpen, a) || contains(neverOpen, embedded(a)) {
		return errBlocked
	}
	if contains(g.allow, a) {
		return nil
	}
	if contains(denied, a) || contains(g.deny, a) || (a.Is6() && !globalUnicast.Contains(a)) {
		return errBlocked
	}
	own, err := g.local()
	if err == nil && slices.Contains(own, a) {
		err = errBlocked
	}
	return err
}

// checkOperator says why a host that an operator named may not have the address:
// private networks may, metadata and link-local addresses may not.
func (g *guard) checkOperator(a netip.Addr) error {
	a, ok := plain(a)
	if !ok {
		return errBlocked
	}
	if slices.Contains(g.allow, netip.PrefixFrom(a, a.BitLen())) {
		return nil
	}
	if contains(neverOpen, a) || contains(neverOpen, embedded(a)) || contains(g.deny, a) {
		return errBlocked
	}
	return nil
}

// plain unwraps IPv4 in IPv6; false means that the address is not usable.
func plain(a netip.Addr) (netip.Addr, bool) {
	if !a.IsValid() || a.Zone() != "" {
		return a, false
	}
	return a.Unmap(), true
}

// embedded returns the IPv4 address inside a transition address (NAT64, 6to4,
// IPv4-compatible), and the zero Addr when there is none.
func embedded(a netip.Addr) netip.Addr {
	if !a.Is6() {
		return netip.Addr{}
	}
	b := a.As16()
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(a), netip.MustParsePrefix("::/96").Contains(a):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case netip.MustParsePrefix("2002::/16").Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return netip.Addr{}
}

func contains(list []netip.Prefix, a netip.Addr) bool {
	return a.IsValid() && slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}

// control is a net.Dialer's: it sees the very address that is about to be
// dialled, so that no name resolution can be faster.
func control(check func(netip.Addr) error) func(string, string, syscall.RawConn) error {
	return func(network, address string, _ syscall.RawConn) error {
		if network != "tcp4" && network != "tcp6" {
			return errBlocked
		}
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return errBlocked
		}
		return check(ap.Addr())
	}
}

// maxURL is the longest URL, in bytes.
const maxURL = 2048

// checkURL returns the URL in the form that is dialled: its host in ASCII.
func (g *guard) checkURL(raw string, rules Rules) (*url.URL, error) {
	if len(raw) > maxURL || strings.ContainsAny(raw, "#\\ \t") {
		return nil, fmt.Errorf("the URL is too long or holds a fragment, a backslash or white space")
	}
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" || u.Host == "" {
		return nil, fmt.Errorf("it is not an absolute URL")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || (!g.http && !rules.AllowHTTP)) {
		return nil, fmt.Errorf("only https is allowed")
	}
	if u.User != nil {
		return nil, fmt.Errorf("user names and passwords are not allowed in the URL")
	}
	if err := g.checkPort(u, rules); err != nil {
		return nil, err
	}
	host, err := g.checkHost(u.Hostname())
	if err != nil {
		return nil, err
	}
	u.Host = join(host, u.Port())
	return u, nil
}

func join(host, port string) string {
	if port != "" {
		return net.JoinHostPort(host, port)
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// checkPort allows 443, 80, 8443 and what the operator added.
func (g *guard) checkPort(u *url.URL, rules Rules) error {
	port := u.Port()
	if port == "" {
		if strings.HasSuffix(u.Host, ":") {
			return fmt.Errorf("the port is empty")
		}
		return nil
	}
	n, err := strconv.Atoi(port)
	if err != nil || strconv.Itoa(n) != port || n < 1 || n > 65535 {
		return fmt.Errorf("the port is not a number from 1 to 65535")
	}
	if n != 443 && n != 80 && n != 8443 && !slices.Contains(g.ports, n) && !slices.Contains(rules.Ports, n) {
		return fmt.Errorf("port %d is not allowed", n)
	}
	return nil
}

// checkHost returns the host as it is dialled: a permitted IP address or a name
// in ASCII that cannot be mistaken for a number.
func (g *guard) checkHost(host string) (string, error) {
	if strings.ContainsAny(host, "%") {
		return "", errHost
	}
	if a, err := netip.ParseAddr(host); err == nil {
		if err := g.check(a); err != nil {
			return "", err
		}
		return a.Unmap().String(), nil
	}
	ascii, err := ASCIIHost(host)
	if err != nil || numeric(ascii) {
		return "", errHost
	}
	if ascii == "localhost" || strings.HasSuffix(ascii, ".localhost") || !strings.Contains(ascii, ".") {
		if len(g.allow) == 0 {
			return "", errBlocked
		}
	}
	return ascii, nil
}

// numeric reports whether some resolver would read the name as a number: its
// last label is digits or hexadecimal ("127.1", "2130706433", "0x7f.1").
func numeric(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if rest, found := strings.CutPrefix(last, "0x"); found {
		return strings.Trim(rest, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

// ownFor is how long the list of the machine's own addresses is taken for true.
const ownFor = 30 * time.Second

// listing returns the machine's own addresses, read with list at most twice a minute. It
// is errUnlisted while they cannot be read, or while one of them cannot be understood:
// what is missing in the list would be open.
func listing(list func() ([]net.Addr, error), now func() time.Time) func() ([]netip.Addr, error) {
	var mu sync.Mutex
	var own []netip.Addr
	var read time.Time
	return func() ([]netip.Addr, error) {
		mu.Lock()
		defer mu.Unlock()
		if !read.IsZero() && now().Sub(read) < ownFor {
			return own, nil
		}
		addrs, err := list()
		if err != nil {
			return nil, errUnlisted
		}
		fresh := make([]netip.Addr, 0, len(addrs))
		for _, each := range addrs {
			p, err := netip.ParsePrefix(each.String())
			if err != nil {
				return nil, errUnlisted
			}
			fresh = append(fresh, p.Addr().Unmap().WithZone(""))
		}
		own, read = fresh, now()
		return own, nil
	}
}
