//go:build bench

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"belfry.dev/belfry/bench/report"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// inviteFor is how long a turn may take, invitingFor how long making the invitations that
// stay open.
const inviteFor, invitingFor = 25 * time.Second, 150 * time.Second

// inviting is P11 for invitations: how fast contacts are made, until their invitations
// are sent, and what many that are open cost while nothing happens.
func (b *bench) inviting(ctx context.Context, s *stage) error {
	if err := (invitees{s}).allowContacts(ctx); err != nil {
		return err
	}
	alone := s.alone(ctx)
	before, err := invitees{s}.held(ctx)
	if err != nil {
		return err
	}
	v := &invitations{stage: s, turns: b.turns(100, 1000)}
	v.patience = inviteFor
	f, err := interleave(ctx, b.times, v.trial, b.limit.saturated(b.many(300)))
	if err != nil {
		return err
	}
	f.ID, f.Name, f.Database, f.Unit = "P11", fmt.Sprintf("%d contacts made, until their invitations are sent", v.made), s.db.kind, "/s"
	f.Note = fmt.Sprintf("by the API, %d at a time, each with one mailbox; the limit are bare workflows, of which a contact takes two: its invitation's and its message's.", v.each)
	b.add(f)
	for until := time.Now().Add(invitingFor); v.made < b.many(10_000) && time.Now().Before(until); {
		number := min(500, b.many(10_000)-v.made)
		if err := v.invite(ctx, number); err != nil {
			return err
		}
		v.made += number
	}
	if err := s.calm(ctx, alone); err != nil {
		return err
	}
	after, err := invitees{s}.held(ctx)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("%d open invitations", v.made)
	b.add(report.Figure{
		ID: "P11", Name: what + ", growth of the heap", Database: s.db.kind, Unit: "MB",
		Ours: report.Of([]float64{after.heap - before.heap}),
		Note: "of worker, API and Temporal together, after a collection; 2,000 workflows at most are kept in memory.",
	})
	b.add(report.Figure{
		ID: "P11", Name: "an invited contact in Belfry's database", Database: s.db.kind, Unit: "bytes",
		Ours: report.Of([]float64{(after.bytes - before.bytes) / float64(v.made)}),
		Note: "contact, address, invitation, and the record of the message: notification, delivery, attempt and operation log.",
	})
	b.addIdle(ctx, s, what, alone)
	return errors.Join(b.openInvitation(ctx, s), ctx.Err())
}

// openInvitation is what one takes in Temporal's database, beside a bare workflow that
// sleeps. What its message left there is not in it.
func (b *bench) openInvitation(ctx context.Context, s *stage) error {
	const some = 100
	sleeping, err := b.files.sleeping(ctx)
	if err != nil {
		return err
	}
	if err := b.limit.sleepers(ctx, some); err != nil {
		return err
	}
	if err := b.files.asleep(ctx, sleeping+some); err != nil {
		return err
	}
	ours, err := b.files.held(ctx, "invitation")
	if err != nil {
		return err
	}
	bare, err := b.files.held(ctx, "asleep")
	limit := report.Of([]float64{bare})
	b.add(report.Figure{
		ID: "P11", Name: "an open invitation in Temporal's database", Database: s.db.kind, Unit: "bytes",
		Ours: report.Of([]float64{ours}), Limit: &limit, Bound: report.AtMost, Budget: 1.3,
		Note: "state and history, without indexes and visibility.",
	})
	return err
}

type invitees struct{ *stage } // is a stage whose contacts are invited

// allowContacts lets the plain accounts have as many contacts as anybody may.
func (s invitees) allowContacts(ctx context.Context) error {
	return s.write(ctx, func(tx *store.Tx) error {
		for _, account := range s.plain {
			_, _, err := tx.Platform().Accounts().Update(ctx, account, 0, func(a *models.Account) error {
				a.MaxContacts = 10_000
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// kept is what is kept in memory, in MB, and in the database, in bytes.
type kept struct{ heap, bytes float64 }

func (s invitees) held(ctx context.Context) (kept, error) {
	bytes, err := s.db.size(ctx)
	return kept{heap(), bytes}, err
}

// invitations makes contacts in all plain accounts.
type invitations struct {
	*stage
	*turns
}

// trial is how many contacts are made and invited in a second.
func (v *invitations) trial(ctx context.Context) (run, error) {
	number := v.next()
	m, err := v.meter(ctx)
	if err != nil {
		return run{}, err
	}
	r, err := m.rate(ctx, number, v.invite(ctx, number))
	v.over(number, r.value)
	return r, err
}

// invite makes contacts, and returns when each has its mail.
func (v *invitations) invite(ctx context.Context, number int) error {
	c := v.caller(submitters)
	err := share(ctx, submitters, number, func(ctx context.Context, i int) error {
		i += v.made
		return c.as(v.roots[i%len(v.roots)]).post(ctx, "/v1/contacts", map[string]any{
			"name":      fmt.Sprint("person", i),
			"addresses": []map[string]any{{"channel": "email", "value": fmt.Sprintf("person%d@invited.example", i)}},
		}, nil)
	})
	if err == nil {
		err = v.none(ctx, soonAsleep, "SELECT COUNT(*) FROM invitations WHERE state = 'pending' AND round = 0")
	}
	if err == nil {
		_, err = v.finished(ctx, soonAsleep)
	}
	if err != nil {
		return err
	}
	return v.invited(ctx, v.made+number)
}

// invited makes sure that every message went out.
func (v *invitations) invited(ctx context.Context, number int) error {
	sent, err := v.db.count(ctx, "SELECT COUNT(*) FROM deliveries WHERE channel = 'email' AND state = 'delivered'")
	if err == nil && sent != number {
		err = fmt.Errorf("%d of %d invitations were sent", sent, number)
	}
	return err
}
