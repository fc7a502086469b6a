//go:build bench

package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/bench/report"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
)

// matrixTypes is how many message types the matrix has where it is measured.
const matrixTypes = 200

// planning is P14: how many statements a plan takes, and an explanation, for an account
// with one of everything and for one with as many as it may have; and how long the plan
// takes beside the bare transaction that accepts a notification.
func (b *bench) planning(ctx context.Context, s *stage) error {
	if err := (cast{s}).seedFurther(ctx, matrixTypes); err != nil {
		return err
	}
	small, err := cast{s}.choosing(ctx, "small", smallest())
	if err != nil {
		return err
	}
	large, err := cast{s}.choosing(ctx, "large", largest())
	if err != nil {
		return err
	}
	p := &planner{stage: s, calls: s.caller(1), work: activities.New(activities.Config{}, activities.Dependencies{
		Store: s.store.Work(), Channels: s.channels, Links: noLinks{}, Renderer: catalog.NewRenderer(brand.Site{}), Now: time.Now,
	})}
	for _, each := range []struct {
		what string
		do   func(context.Context, models.AccountID) (int64, error)
	}{{"a plan", p.planned}, {"an explanation", p.explained}} {
		few, err := each.do(ctx, small.Account.ID)
		if err != nil {
			return err
		}
		many, err := each.do(ctx, large.Account.ID)
		if err != nil {
			return err
		}
		limit := report.Of([]float64{float64(few)})
		b.add(report.Figure{
			ID: "P14", Name: fmt.Sprintf("%s for %s, beside one for one of each", each.what, largest()), Database: s.db.kind, Unit: "statements",
			Ours: report.Of([]float64{float64(many)}), Limit: &limit, Bound: report.AtMost, Budget: 1,
		})
	}
	f, err := interleave(ctx, b.times, p.trial(large.Account.ID, b.many(200)), s.acceptingByHand(b.many(200)))
	if err != nil {
		return err
	}
	f.ID, f.Name, f.Database, f.Unit = "P14", fmt.Sprintf("a plan for %s, beside the bare accept transaction", largest()), s.db.kind, "ms"
	deliveries, err := s.db.count(ctx, "SELECT COUNT(*) FROM deliveries WHERE notification_id = ?", p.last)
	f.Note = fmt.Sprintf("the plan decides about %d deliveries and writes them, the transaction accepts one into an inbox.", deliveries)
	b.add(f)
	return err
}

// planner plans notifications that nothing else looks at.
type planner struct {
	*stage
	calls *caller
	work  *activities.Activities
	// last is the notification that was planned last.
	last string
}

// planned is how many statements a plan takes.
func (p *planner) planned(ctx context.Context, account models.AccountID) (int64, error) {
	return p.second(ctx, func(ctx context.Context) (int64, error) {
		id, err := p.submit(ctx, account)
		if err != nil {
			return 0, err
		}
		before := p.store.Figures().Counts().Statements
		err = p.plan(ctx, account, id)
		return p.store.Figures().Counts().Statements - before, err
	})
}

// explained is how many statements an explanation takes, with those of the request.
func (p *planner) explained(ctx context.Context, account models.AccountID) (int64, error) {
	return p.second(ctx, func(ctx context.Context) (int64, error) {
		before := p.store.Figures().Counts().Statements
		err := p.calls.post(ctx, "/v1/notifications/explain", map[string]any{"type": furtherType(0), "account": account}, nil)
		return p.store.Figures().Counts().Statements - before, err
	})
}

// second is what a repetition gives: the first one reads what later ones remember.
func (p *planner) second(ctx context.Context, measure func(context.Context) (int64, error)) (int64, error) {
	if _, err := measure(ctx); err != nil {
		return 0, err
	}
	return measure(ctx)
}

func (p *planner) submit(ctx context.Context, account models.AccountID) (string, error) {
	return p.calls.submit(ctx, furtherType(0), account, "planned")
}

func (p *planner) plan(ctx context.Context, account models.AccountID, id string) error {
	p.last = id
	_, err := p.work.Plan(ctx, activities.NotificationRef{AccountID: account, NotificationID: id})
	return err
}

// trial is how many milliseconds a plan takes, of number in a row.
func (p *planner) trial(account models.AccountID, number int) trial {
	return func(ctx context.Context) (run, error) {
		ids := make([]string, number)
		for i := range ids {
			var err error
			if ids[i], err = p.submit(ctx, account); err != nil {
				return run{}, err
			}
		}
		m, err := p.meter(ctx)
		for i := 0; i < number && err == nil; i++ {
			err = p.plan(ctx, account, ids[i])
		}
		return m.mean(ctx, number, err)
	}
}

// acceptingByHand is how many milliseconds the program written by hand takes for one
// notification, of number in a row.
func (s *stage) acceptingByHand(number int) trial {
	rate := s.hand(1, number)
	return func(ctx context.Context) (run, error) {
		r, err := rate(ctx)
		r.value = 1000 / max(r.value, 1e-9)
		return r, err
	}
}

// matrix is P14, too: the whole matrix as one page, beside bare statements that read the
// same rows.
func (b *bench) matrix(ctx context.Context, s *stage) error {
	if err := (cast{s}).seedFurther(ctx, matrixTypes); err != nil {
		return err
	}
	in, err := cast{s}.choosing(ctx, "large", largest())
	if err != nil {
		return err
	}
	session, err := s.signIn(ctx, in.Root)
	if err != nil {
		return err
	}
	c := s.caller(1).as(session)
	var page struct{ Items []struct{ Type string } }
	ours := func(ctx context.Context) error { return c.get(ctx, "/v1/subscriptions", &page) }
	f, err := interleave(ctx, b.times, timed(b.many(100), ours), timed(b.many(100), s.bareMatrix(in.Account.ID)))
	if err != nil {
		return err
	}
	f.ID, f.Name, f.Database, f.Unit = "P14", "the matrix of "+strconv.Itoa(len(page.Items))+" types, one page", s.db.kind, "ms"
	f.Note, err = s.statementsOf(ctx, ours)
	f.Note += " The limit has no HTTP, no session and no definitions of types, which never change and are remembered."
	b.add(f)
	return err
}

// bareMatrix reads what the page shows by one prepared statement for each table.
func (s *stage) bareMatrix(account models.AccountID) func(context.Context) error {
	reads := []func(context.Context) error{
		s.prepared("SELECT * FROM message_types ORDER BY type_key"),
		s.prepared("SELECT version FROM subscription_heads WHERE account_id = ?", account),
		s.prepared("SELECT * FROM subscriptions WHERE account_id = ?", account),
		s.prepared("SELECT DISTINCT channel FROM providers WHERE enabled = ? ORDER BY channel", true),
	}
	for _, table := range []string{"contacts", "contact_groups", "bots"} {
		reads = append(reads, s.prepared("SELECT id, name FROM "+table+" WHERE account_id = ?", account))
	}
	return func(ctx context.Context) error {
		for _, read := range reads {
			if err := read(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

type noLinks struct{}

func (noLinks) Unsubscribe(models.AccountID, string, string) string { return "" }
func (noLinks) Verify(string) string                                { return "" }
func (noLinks) Receipt(models.Attempt) string                       { return "" }
