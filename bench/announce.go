//go:build bench

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/bench/report"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/announcement"
	"belfry.dev/belfry/store"
)

// audience is how many accounts an announcement tells.
const audience = 20_000

// announcing is P7: how many inboxes get an announcement in a second, beside a program
// written by hand that inserts the same rows, as many in each transaction.
func (b *bench) announcing(ctx context.Context, s *stage) error {
	c := &crowded{stage: s, work: activities.New(activities.Config{}, activities.Dependencies{
		Store: s.store.Work(), Channels: s.channels, Links: noLinks{}, Renderer: catalog.NewRenderer(brand.Site{}), Now: time.Now,
	})}
	if err := c.gather(ctx, b.many(audience)); err != nil {
		return err
	}
	f, err := interleave(ctx, b.times, c.announce, c.insert)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("announcement to %d accounts", len(c.accounts))
	f.ID, f.Name, f.Database, f.Unit, f.Bound, f.Budget = "P7", what, s.db.kind, "/s", report.AtLeast, 0.5
	b.add(f)
	b.add(report.Figure{
		ID: "P7", Name: what + ", highest heap above the one before", Database: s.db.kind, Unit: "MB",
		Ours: report.Of(c.grown[1:]), Bound: report.Within, Budget: 50, Note: "garbage included, looked at every 5 ms.",
	})
	return nil
}

// crowded is a stage with many accounts that nobody can be written to.
type crowded struct {
	*stage
	work     *activities.Activities
	accounts []models.AccountID
	// grown is by how much the heap grew at most during each announcement, in MB.
	grown []float64
}

// gather makes the accounts.
func (c *crowded) gather(ctx context.Context, n int) error {
	const together = 1000
	for len(c.accounts) < n {
		var made []models.AccountID
		err := c.write(ctx, func(tx *store.Tx) error {
			made = nil
			for range min(together, n-len(c.accounts)) {
				in := store.NewAccount{
					Account: models.Account{Alias: fmt.Sprintf("crowd-%06d", len(c.accounts)+len(made)), Language: models.LocaleEN, TimeZone: "UTC", Enabled: true},
					Root:    models.User{Name: "root", Enabled: true},
					Contact: models.Contact{Name: "crowd", Enabled: true},
				}
				if err := tx.Platform().Accounts().Create(ctx, &in); err != nil {
					return err
				}
				made = append(made, in.Account.ID)
			}
			return nil
		})
		if err != nil {
			return err
		}
		c.accounts = append(c.accounts, made...)
	}
	return nil
}

// announce tells all of them, by the steps that the workflow orders.
func (c *crowded) announce(ctx context.Context) (run, error) {
	var a announcement.Announcement
	err := c.write(ctx, func(tx *store.Tx) error {
		var err error
		a, err = tx.Announcing().Create(ctx, announcement.Announcement{
			Type: typeInbox, TypeVersion: 1, Category: "activity", Severity: models.SeverityInfo, Fingerprint: make([]byte, 32),
			Audience: announcement.Audience{AliasPrefix: "crowd-"}, Variables: map[string]string{"product_name": "Zeppelin", "summary": "It flies."},
		}, nil)
		return err
	})
	if err != nil {
		return run{}, err
	}
	m, err := c.meter(ctx)
	if err != nil {
		return run{}, err
	}
	var r run
	grown := highest(func() { r, err = m.rate(ctx, len(c.accounts), c.steps(ctx, a.ID)) })
	c.grown = append(c.grown, grown)
	if end, openErr := c.store.Rollouts().OpenAnnouncement(ctx, a.ID); openErr != nil || end.Accepted != int64(len(c.accounts)) {
		return r, errors.Join(err, openErr, fmt.Errorf("%d of %d accounts were told", end.Accepted, len(c.accounts)))
	}
	return r, err
}

// steps goes through the announcement's steps.
func (c *crowded) steps(ctx context.Context, id string) error {
	for {
		step, err := c.work.Announce(ctx, activities.EntityRef{AccountID: models.Platform, ID: id})
		if err != nil || step.Done {
			return err
		}
	}
}

// insert writes the same rows by hand, as many in each transaction.
func (c *crowded) insert(ctx context.Context) (run, error) {
	m, err := c.meter(ctx)
	if err != nil {
		return run{}, err
	}
	for part := range slices.Chunk(c.accounts, announcement.MaxPage) {
		if err := c.page(ctx, part); err != nil {
			return run{}, err
		}
	}
	r, err := m.rate(ctx, len(c.accounts), nil)
	pages := float64((len(c.accounts) + announcement.MaxPage - 1) / announcement.MaxPage)
	r.costs.Transactions, r.costs.Statements = pages/float64(len(c.accounts)), 5*pages/float64(len(c.accounts))
	return r, err
}

// page inserts the rows of one page's accounts.
func (c *crowded) page(ctx context.Context, accounts []models.AccountID) error {
	const title, text = "Introducing Zeppelin", "Zeppelin is available from now on.\n\nIt flies."
	upsert := "ON CONFLICT (account_id, owner) DO UPDATE SET seq = inbox_heads.seq + 1, revision = inbox_heads.revision + 1, last_at = excluded.last_at"
	if c.db.kind != onSQLite {
		upsert = "ON DUPLICATE KEY UPDATE seq = seq + 1, revision = revision + 1, last_at = VALUES(last_at)"
	}
	notifications := inserted{into: "notifications (id, account_id, type, type_version, category, severity, source, product_id, subject_id, language, variables, link, external_id, idempotency_key, fingerprint, status, reason, schedule_at, expires_at, cancelled_at, planned_at, finished_at, created_at)"}
	starts := inserted{into: "outbox (notification_id, kind, account_id, lane, due_at, tries)"}
	deliveries := inserted{into: "deliveries (id, account_id, notification_id, slot, channel, contact_id, address_id, bot_id, recipient, address_key, language, locked, state, reason, attempts, next_attempt_at, replay_of, created_at, finished_at)"}
	heads := inserted{into: "inbox_heads (account_id, owner, seq, revision, last_at)", end: upsert}
	messages := inserted{into: "messages (id, account_id, owner, seq, notification_id, type, category, severity, language, title, body, link, search_text, read_state, read_at, read_by, read_by_name, created_at)"}
	now := time.Now().UTC().Truncate(time.Microsecond)
	for _, account := range accounts {
		id := store.NewID(models.KindNotification)
		notifications.add(id, account, typeInbox, 1, "activity", "info", "announcement", "", "ann_by_hand", "en-US",
			`{"product_name":"Zeppelin","summary":"It flies."}`, "", "ann_by_hand/"+id, "", make([]byte, 32), "pending", "", nil, now, nil, nil, nil, now)
		starts.add(id, "start", account, 1, now, 0)
		deliveries.add(store.NewID(models.KindDelivery), account, id, models.SlotAccountInbox, "inbox", "", "", "", "", "", "en-US", true, "delivered", "", 0, nil, "", now, now)
		heads.add(account, "", 1, 1, now)
		messages.add(store.NewID(models.KindMessage), account, "", time.Now().UnixNano(), id, typeInbox, "activity", "info", "en-US",
			title, text, "", models.SearchText(title, text), 0, nil, "", "", now)
	}
	tx, err := c.db.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, each := range []inserted{notifications, starts, deliveries, heads, messages} {
		if err := each.insert(ctx, tx); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// inserted are the rows of one INSERT.
type inserted struct {
	into, end string
	rows      int
	all       []any
}

func (v *inserted) add(row ...any) {
	v.rows++
	v.all = append(v.all, row...)
}

func (v *inserted) insert(ctx context.Context, tx *sql.Tx) error {
	one := "(" + strings.Repeat("?, ", len(v.all)/v.rows-1) + "?)"
	_, err := tx.ExecContext(ctx, "INSERT INTO "+v.into+" VALUES "+strings.Repeat(one+", ", v.rows-1)+one+" "+v.end, v.all...)
	return err
}
