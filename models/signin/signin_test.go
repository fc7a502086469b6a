package signin_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"belfry.dev/belfry/models/signin"
)

func TestFurtherTriesWaitLongerAndLongerButAreNeverKeptOut(t *testing.T) {
	t.Parallel()
	rules := signin.Rules{}.WithDefaults()
	name, network := rules.OfName("acme", "root", "192.0.2.0/24"), rules.OfNetwork("192.0.2.0/24")
	for _, c := range []struct {
		what  signin.Allowance
		count int64
		age   time.Duration
		want  time.Duration
	}{
		{name, 1, 0, 0},
		{name, 10, 0, 0},
		{name, 11, 0, 5 * time.Second},
		{name, 11, 4 * time.Second, time.Second},
		{name, 11, 5 * time.Second, 0},
		{name, 12, 5 * time.Second, 10 * time.Second},
		{name, 13, 0, 35 * time.Second},
		{name, 17, 0, 635 * time.Second},
		{name, 18, 0, 1235 * time.Second}, // ten minutes more, not 640 s
		{name, 1 << 40, 0, time.Hour},
		{name, 1 << 40, 59 * time.Minute, time.Minute},
		{network, 100, 0, 0},
		{network, 101, 0, 2 * time.Second},
		{network, 102, 0, 4 * time.Second},
		{network, 102, 5 * time.Second, 0},
		{network, 1 << 40, 0, 15 * time.Minute},
	} {
		assert.Equal(t, c.want, c.what.Wait(c.count, c.age), "%s: try %d after %v", c.what.Key, c.count, c.age)
	}
}

func TestNetworksAreWhatOneSiteIsGiven(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.200": "192.0.2.0/24", "::ffff:192.0.2.7": "192.0.2.0/24",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1::/48", "2001:db8:1:ffff::1": "2001:db8:1::/48", "fe80::1%eth0": "fe80::/48",
		"": "", "unix": "unix",
	} {
		assert.Equal(t, want, signin.NetworkOf(address), address)
	}
}
