package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// proofs is a world in which anything happens to addresses in any order, and what is
// known about it: which were proven, and everything that ever could prove one.
type proofs struct {
	tenant
	t *testing.T
	// who are the addresses; letters what each got, oldest first.
	who     []invitee
	letters map[string][]models.Letter
	proven  map[string]bool
}

func (p *proofs) pick(r *rapid.T) invitee { return rapid.SampledFrom(p.who).Draw(r, "who") }

// shown is a letter that anybody got, the right one or not.
func (p *proofs) shown(r *rapid.T) (models.Letter, bool) {
	all := p.letters[p.pick(r).address.ID]
	if len(all) == 0 {
		return models.Letter{}, false
	}
	return rapid.SampledFrom(all).Draw(r, "letter"), true
}

// newest reports whether the letter is the last that its address got.
func (p *proofs) newest(l models.Letter) bool {
	all := p.letters[l.AddressID]
	return all[len(all)-1].MessageID() == l.MessageID()
}

func (p *proofs) send(r *rapid.T) {
	v := p.pick(r)
	if _, i := v.now(p.t); i.Waits() {
		m := v.message(p.t, 0)
		m.Budgets = nil
		require.NoError(p.t, v.s.Proofs().SendInvitation(p.t.Context(), v.id, m))
		l, err := v.s.Letter(p.t.Context(), v.id, i.ID)
		require.NoError(p.t, err)
		p.letters[v.address.ID] = append(p.letters[v.address.ID], l)
	}
}

// follow shows any link: it proves the address that it was sent to.
func (p *proofs) follow(r *rapid.T) {
	l, ok := p.shown(r)
	if !ok {
		return
	}
	v := invitee{tenant: p.tenant}
	if v.follow(p.t, l.Token) == nil {
		require.True(p.t, p.newest(l), "a link that was replaced confirms")
		p.proven[l.AddressID] = true
	}
}

// enter shows any code for any address.
func (p *proofs) enter(r *rapid.T) {
	l, ok := p.shown(r)
	if !ok {
		return
	}
	v := p.pick(r)
	if v.guess(p.t, l.Code) == nil {
		require.Equal(p.t, v.address.ID, l.AddressID, "a code confirms another address")
		require.True(p.t, p.newest(l), "a code that was replaced confirms")
		p.proven[v.address.ID] = true
	}
}

// change is what people do to addresses, and what providers say of them.
func (p *proofs) change(r *rapid.T) {
	v := p.pick(r)
	state := rapid.SampledFrom([]models.AddressState{models.AddressPending, models.AddressWaived, models.AddressFailed, ""}).Draw(r, "state")
	inTx(p.t, p.s, func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.In(p.id).Contacts().Update(ctx, v.contact.ID, 0, func(c *models.Contact) error {
			if state == "" { // the same value again: another address with the old one's spelling
				c.Addresses[0].Value += "x"
				return nil
			}
			c.Addresses[0].State = state
			return nil
		})
		return err
	})
	if state != "" {
		p.proven[v.address.ID] = false
	}
}

func (p *proofs) check() {
	for _, v := range p.who {
		a, i := v.now(p.t)
		if a.State == models.AddressVerified {
			require.True(p.t, p.proven[a.ID], "verified without a proof")
		}
		require.Equal(p.t, a.State == models.AddressPending, i.State == models.InvitationPending, "%s with an invitation that is %s", a.State, i.State)
	}
}

func TestAddressesAreVerifiedByProofOnly(t *testing.T) {
	t.Parallel()
	clock := &tenantClock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	cfg := storetest.SQLite(t)
	cfg.Now = clock.Now
	s := storetest.Open(t, cfg)
	worlds := 0
	rapid.Check(t, func(r *rapid.T) {
		worlds++
		p := &proofs{t: t, tenant: newTenant(t, s, clock, fmt.Sprintf("world-%d", worlds)), letters: map[string][]models.Letter{}, proven: map[string]bool{}}
		for n := range 3 {
			p.who = append(p.who, p.invite(t, models.ChannelEmail, fmt.Sprintf("a%d-%d@acme.example", worlds, n)))
		}
		r.Repeat(map[string]func(*rapid.T){
			"send": p.send, "follow": p.follow, "enter": p.enter, "change": p.change,
			"resend": func(r *rapid.T) { _ = p.pick(r).resend(t) }, // refused or not
			"wait": func(r *rapid.T) {
				clock.advance(rapid.SampledFrom([]time.Duration{time.Minute, 2 * time.Minute, 72 * time.Hour}).Draw(r, "wait"))
			},
			"expire": func(*rapid.T) { expire(t, p.tenant) },
			"":       func(*rapid.T) { p.check() },
		})
	})
}
