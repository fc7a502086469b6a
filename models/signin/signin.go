// Package signin is how fast passwords can be guessed: how long tries wait, and what they are
// counted by.
package signin

import (
	"cmp"
	"net/netip"
	"time"
)

// Allowance lets some tries through at once and further ones more and more slowly. It never
// closes: whoever uses it up makes others wait, but does not keep them out.
type Allowance struct {
	// Key names whose tries are counted.
	Key string
	// Free tries cost no wait, within a Window that begins with the first.
	Free   int64
	Window time.Duration
	// Step is the wait of the first further one; each next one waits twice as long, up to
	// Most. All waits count from the first try of the window.
	Step, Most time.Duration
	// Clears says that a right try makes good all wrong ones, and not only itself.
	Clears bool
}

// Wait returns how long the try that is the count-th of its window must wait, age after the
// first one; zero when it need not.
func (a Allowance) Wait(count int64, age time.Duration) time.Duration {
	due, step := time.Duration(0), a.Step
	for range count - a.Free {
		due += min(step, a.Most)
		step = min(2*step, a.Most)
		if due >= a.Window {
			due = a.Window
			break
		}
	}
	return max(due-age, 0)
}

// Rules bound how fast passwords can be guessed. Zero values mean the defaults named
// at each field.
type Rules struct {
	// Tries at one name from one network, or from one known device, cost no wait within an
	// hour: 10. Further ones wait Wait, 5 s, doubled each time up to MostWait, 10 min.
	Tries          int64
	Wait, MostWait time.Duration
	// NetworkTries of one network, whatever the names, cost no wait within 15 minutes: 100.
	// Further ones are let through one every NetworkWait: 2 s.
	NetworkTries int64
	NetworkWait  time.Duration
	// DeviceLife is how long a device that signed in is known: 90 days.
	DeviceLife time.Duration
}

// WithDefaults returns the rules with the defaults in place of zero values.
func (r Rules) WithDefaults() Rules {
	r.Tries, r.NetworkTries = cmp.Or(r.Tries, 10), cmp.Or(r.NetworkTries, 100)
	r.Wait, r.MostWait = cmp.Or(r.Wait, 5*time.Second), cmp.Or(r.MostWait, 10*time.Minute)
	r.NetworkWait, r.DeviceLife = cmp.Or(r.NetworkWait, 2*time.Second), cmp.Or(r.DeviceLife, 90*24*time.Hour)
	return r
}

// OfName is what a try at a name from a network uses up.
func (r Rules) OfName(account, name, network string) Allowance {
	return r.growing("sign-in " + account + "\x00" + name + "\x00" + network)
}

// OfDevice is what a try from a known device uses up, instead of what its network has.
func (r Rules) OfDevice(device string) Allowance { return r.growing("sign-in device " + device) }

// OfPassword is what an attempt to change one's password uses up.
func (r Rules) OfPassword(user string) Allowance { return r.growing("password of " + user) }

func (r Rules) growing(key string) Allowance {
	return Allowance{Key: key, Free: r.Tries, Window: time.Hour, Step: r.Wait, Most: r.MostWait, Clears: true}
}

// OfNetwork is what a try from a network uses up.
func (r Rules) OfNetwork(network string) Allowance {
	return Allowance{
		Key: "sign-in network " + network, Free: r.NetworkTries, Window: 15 * time.Minute,
		Step: r.NetworkWait, Most: r.NetworkWait,
	}
}

// NetworkOf is the network that guesses are counted by: the first 24 bits of an IPv4
// address, the first 48 of an IPv6 address, which is what one site is given. What is no
// address stays as it is: one network of its own.
func NetworkOf(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	bits := 24
	if a = a.Unmap().WithZone(""); a.Is6() {
		bits = 48
	}
	return netip.PrefixFrom(a, bits).Masked().String()
}
