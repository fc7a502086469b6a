//go:build bench

package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"belfry.dev/belfry/bench/report"
	"belfry.dev/belfry/models"
)

// dueAccounts is how many accounts share the reminders that are due at one instant.
const dueAccounts = 1000

// soonDone is how long all of it may take, and anyDue asks whether any is left.
// Index: resources_due.
const (
	soonDone = 15 * time.Minute
	anyDue   = "SELECT COUNT(*) FROM (SELECT 1 FROM resources WHERE next_at < ? LIMIT 1) AS one"
)

type (
	dues    struct{ *bench } // measures reminders that are due
	feeding struct{ *stage } // is a stage whose product registers resources
)

// dueAtOnce is P15: how long after the instant the last of many reminders is delivered.
// What is due in one account is one message. It happens once, whatever the number of
// repetitions: registering takes most of the time.
func (b dues) dueAtOnce(ctx context.Context, s *stage) error {
	accounts, err := feeding{s}.mailboxes(ctx, b.many(dueAccounts))
	if err != nil {
		return err
	}
	due, number, err := b.dueSoon(ctx, s, accounts)
	if err != nil {
		return err
	}
	rest(ctx, time.Until(due))
	m, err := s.meter(ctx)
	if err != nil {
		return err
	}
	if err := s.none(ctx, soonDone, anyDue, due.Add(time.Minute)); err != nil {
		return err
	}
	end, err := s.finished(ctx, soonDone)
	if err != nil {
		return err
	}
	costs, err := m.costs(ctx, number)
	if err != nil {
		return err
	}
	b.add(report.Figure{
		ID: "P15", Name: fmt.Sprintf("%d reminders due at one instant in %d accounts, to the last delivery", number, len(accounts)), Database: s.db.kind, Unit: "s",
		Ours: report.Of([]float64{end.Sub(due).Seconds()}), Costs: costs,
		Note: fmt.Sprintf("%d messages, each to the inbox and a mailbox; once. The costs are of a reminder.", len(accounts)),
	})
	return feeding{s}.delivered(ctx, number, len(accounts))
}

// mailboxes makes accounts with a mailbox each.
func (s feeding) mailboxes(ctx context.Context, number int) ([]models.AccountID, error) {
	made := make([]models.AccountID, 0, number)
	for i := range number {
		alias := fmt.Sprintf("due-%06d", i)
		email := alias + "@due.example"
		in, err := cast(s).account(ctx, alias, []models.Address{{Channel: models.ChannelEmail, Value: email, ValueKey: email, State: models.AddressVerified}})
		if err != nil {
			return nil, err
		}
		made = append(made, in.Account.ID)
	}
	return made, nil
}

// dueSoon registers resources whose one reminder is due as soon as all of their
// workflows sleep: it sees how long a tenth takes. It returns when, and how many.
func (b dues) dueSoon(ctx context.Context, s *stage, accounts []models.AccountID) (time.Time, int, error) {
	tenth := b.many(1000)
	before, err := b.files.sleeping(ctx)
	if err != nil {
		return time.Time{}, 0, err
	}
	began := time.Now()
	if err := (feeding{s}).feed(ctx, tenth, accounts, func(int, map[string]any) {}); err != nil {
		return began, 0, err
	}
	if err := b.files.asleep(ctx, before+tenth); err != nil {
		return began, 0, err
	}
	rate := float64(tenth) / time.Since(began).Seconds()
	number := b.many(10_000)
	due := time.Now().Add(time.Duration(1.5*float64(number)/rate)*time.Second + 5*time.Second).Truncate(time.Second)
	err = feeding{s}.feed(ctx, number, accounts, func(_ int, item map[string]any) {
		item["expires_at"], item["state"] = due, models.ResourceWillNotRenew
	})
	if err == nil {
		err = b.files.asleep(ctx, before+tenth+number)
	}
	if err == nil && time.Now().After(due) {
		err = fmt.Errorf("the workflows slept %s after they were due", time.Since(due))
	}
	return due, number, err
}

// delivered makes sure that every reminder was told of, and every message arrived.
func (s feeding) delivered(ctx context.Context, reminders, messages int) error {
	reminded, err := s.db.count(ctx, "SELECT COUNT(*) FROM reminders WHERE notification_id <> ''")
	if err != nil {
		return err
	}
	mails, err := s.db.count(ctx, "SELECT COUNT(*) FROM deliveries WHERE channel = 'email' AND state = 'delivered'")
	if err == nil && (reminded != reminders || mails != messages) {
		err = fmt.Errorf("%d of %d reminders were told of, by %d mails of %d", reminded, reminders, mails, messages)
	}
	return err
}

// forecasting is P15, too: what is to come of an account with many resources, beside a
// bare statement that reads their rows.
func (b dues) forecasting(ctx context.Context, s *stage) error {
	const resources = 1000
	account := s.plain[0]
	err := feeding{s}.feed(ctx, resources, []models.AccountID{account}, func(i int, item map[string]any) {
		item["expires_at"] = time.Now().Add(40*24*time.Hour + time.Duration(i)*8*time.Hour)
	})
	if err != nil {
		return err
	}
	c := s.caller(1).as(s.roots[0])
	ours := func(ctx context.Context) error { return c.get(ctx, "/v1/reminders", nil) }
	f, err := interleave(ctx, b.times, timed(b.many(100), ours), timed(b.many(100), feeding{s}.bareResources(account)))
	if err != nil {
		return err
	}
	f.ID, f.Name, f.Database, f.Unit = "P15", fmt.Sprintf("forecast of an account with %d resources, first page", resources), s.db.kind, "ms"
	f.Note, err = s.statementsOf(ctx, ours)
	b.add(f)
	return err
}

// bareResources reads what a forecast reads by one prepared statement.
func (s feeding) bareResources(account models.AccountID) func(context.Context) error {
	return s.prepared(`SELECT id, account_id, product_id, external_id, kind, name, expires_at, release_at, ladder, state, feed_version, reached,
		next_at, version, created_at, updated_at FROM resources WHERE account_id = ? AND next_at IS NOT NULL ORDER BY next_at, id LIMIT 10001`, account)
}

// prepared reads all rows of a statement that is prepared once, as a program written
// by hand would.
func (s *stage) prepared(text string, args ...any) func(context.Context) error {
	var statement *sql.Stmt
	return func(ctx context.Context) error {
		if statement == nil {
			var err error
			if statement, err = s.db.bare.PrepareContext(context.WithoutCancel(ctx), text); err != nil {
				return err
			}
		}
		rows, err := statement.QueryContext(ctx, args...)
		if err != nil {
			return err
		}
		return drain(rows)
	}
}

// statementsOf says how many statements one piece takes.
func (s *stage) statementsOf(ctx context.Context, piece func(context.Context) error) (string, error) {
	before := s.store.Figures().Counts()
	err := piece(ctx)
	return fmt.Sprintf("%d statements, those for the session and its permission included.", s.store.Figures().Counts().Statements-before.Statements), err
}
