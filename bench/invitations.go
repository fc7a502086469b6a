//go:build bench

package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"belfry.dev/belfry/bench/report"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// inviting is P11 for invitations: what many open ones cost while nothing happens.
func (b *bench) inviting(ctx context.Context, s *stage) error {
	number := b.many(10_000)
	period := time.Duration(b.many(20)) * time.Second
	var alone, beside []float64
	for range b.times {
		alone = append(alone, idle(ctx, period))
	}
	heap, size := heapNow(), s.db.size(ctx)
	began := time.Now()
	open, err := s.invite(ctx, number)
	if err != nil {
		return err
	}
	made := time.Since(began)
	if err := s.asleep(ctx, open[len(open)-1]); err != nil {
		return err
	}
	heap, size = heapNow()-heap, s.db.size(ctx)-size
	for range b.times {
		beside = append(beside, idle(ctx, period))
	}
	what := fmt.Sprintf("%d open invitations, ", number)
	extra := report.Of(beside).Median - report.Of(alone).Median
	for _, f := range []report.Figure{
		{Name: "contacts with invitations, one after the other", Unit: "/s", Ours: report.Of([]float64{float64(number) / made.Seconds()})},
		{
			Name: what + "nothing happens", Unit: "% of a core", Ours: report.Of([]float64{math.Max(extra, 0)}), Bound: report.Within, Budget: 5,
			Note: "what the process computes with them, less what it computes without; the embedded Temporal server is in it.",
		},
		{Name: what + "memory of worker, API and Temporal", Unit: "MB", Ours: report.Of([]float64{float64(heap) / (1 << 20)})},
		{Name: what + "database, with the contacts and the record of the first message", Unit: "KB each", Ours: report.Of([]float64{float64(size) / 1024 / float64(number)})},
	} {
		f.ID, f.Database = "P11", s.db.kind
		b.add(f)
	}
	return ctx.Err()
}

// invite makes contacts whose one address got its invitation, and returns the
// invitations. No mail is sent: the sink would be what is measured.
func (s *stage) invite(ctx context.Context, number int) ([]models.Subject, error) {
	in, err := s.account(ctx, "invitations", nil)
	if err != nil {
		return nil, err
	}
	account := in.Account.ID
	err = s.write(ctx, func(tx *store.Tx) error {
		_, _, err := tx.Platform().UpdateAccount(ctx, account, 0, func(a *models.Account) error {
			a.MaxContacts = number
			return nil
		})
		return err
	})
	open := make([]models.Subject, 0, number)
	for i := 0; i < number && err == nil; i++ {
		var one models.Subject
		if one, err = s.inviteOne(ctx, account, i); err == nil {
			open = append(open, one)
		}
	}
	return open, err
}

func (s *stage) inviteOne(ctx context.Context, account models.AccountID, i int) (models.Subject, error) {
	email := fmt.Sprintf("person%d@invited.example", i)
	c := models.Contact{Kind: models.ContactPerson, Name: fmt.Sprint("person", i), Enabled: true, Addresses: []models.Address{
		{Channel: models.ChannelEmail, Value: email, ValueKey: email, State: models.AddressPending},
	}}
	err := s.write(ctx, func(tx *store.Tx) error { return tx.In(account).CreateContact(ctx, &c) })
	if err != nil {
		return models.Subject{}, err
	}
	_, inv, err := s.store.In(account).InvitedAddress(ctx, c.ID, c.Addresses[0].ID)
	if err != nil {
		return models.Subject{}, err
	}
	now := s.store.Now()
	err = s.store.SendInvitation(ctx, account, models.InvitationMessage{
		InvitationID: inv.ID, CodeExpiresAt: now.Add(10 * time.Minute), LinkExpiresAt: now.Add(72 * time.Hour), NextAt: now.Add(24 * time.Hour),
		Notification: models.Notification{
			ID: store.NewID(models.KindNotification), Type: "account.contact_verification", TypeVersion: 1, Language: models.LocaleEN, ExpiresAt: now.Add(72 * time.Hour),
		},
	})
	if err != nil {
		return models.Subject{}, err
	}
	rows, _, err := s.store.In(account).Notifications(ctx, store.NotificationFilter{}, store.Page{Limit: 1})
	if err == nil {
		_, err = s.store.PlanNotification(ctx, account, rows[0].ID, models.Plan{})
	}
	return models.Subject{Kind: models.SubjectInvitation, AccountID: account, ID: inv.ID}, err
}

// asleep waits until the workflow of the newest invitation runs: those before it do,
// too. Then it gives all of them the time to fall asleep.
func (s *stage) asleep(ctx context.Context, newest models.Subject) error {
	for {
		runs, err := s.engine().SubjectRuns(ctx, newest)
		if err != nil {
			return err
		}
		wait := time.Second
		if runs {
			wait = 10 * time.Second
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		if runs {
			return nil
		}
	}
}

func heapNow() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // memory is less
}

// size is what the database takes, in bytes.
func (d *database) size(ctx context.Context) int64 {
	query := "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()"
	if d.kind == onSQLite {
		query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
	}
	var size int64
	if err := d.bare.QueryRowContext(ctx, query).Scan(&size); err != nil {
		return 0 // the figure is missing then
	}
	return size
}
