//go:build bench

package main

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"strconv"
	"sync"
	"time"

	"belfry.dev/belfry/bench/report"
	"belfry.dev/belfry/cmd/belfry/process"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/engine"
)

// submitters is how many submit at the same time where accepting is measured.
const submitters = 16

// accepting is P3 without Temporal on the same cores: it cannot be reached, so that
// what is accepted stays in the outbox.
func (b *bench) accepting(ctx context.Context, s *stage) error {
	nowhere := process.New(b.log)
	err := s.serveAway(ctx, nowhere)
	if err == nil {
		err = b.compareAccepting(ctx, s, "accept, Temporal away", s.hand(submitters, b.many(6000)))
	}
	return errors.Join(err, nowhere.Stop(context.WithoutCancel(ctx)))
}

// acceptingBusy is P3 with Temporal and the worker on the same cores, both behind
// with their work; so they are for the program written by hand, too.
func (b *bench) acceptingBusy(ctx context.Context, s *stage) error {
	bare := s.hand(submitters, b.many(3000))
	return b.compareAccepting(ctx, s, "accept, Temporal busy on the same cores", func(ctx context.Context) (run, error) {
		loaded, stop := context.WithCancel(ctx)
		var load sync.WaitGroup
		load.Go(func() { _, _ = b.limit.saturated(1 << 30)(loaded) }) // ends with the context
		defer load.Wait()
		defer stop()
		return bare(ctx)
	})
}

func (b *bench) compareAccepting(ctx context.Context, s *stage, name string, limit trial) error {
	f, err := interleave(ctx, b.times, s.accept(submitters, b.many(3000)), limit)
	if err != nil {
		return err
	}
	f.ID, f.Name, f.Database, f.Unit, f.Bound, f.Budget = "P3", name, s.db.kind, "/s", report.AtLeast, 0.6
	b.add(f)
	return nil
}

// serveAway serves the API over an engine that does not answer.
func (s *stage) serveAway(ctx context.Context, p *process.Process) error {
	away, err := p.DialEmbedded("127.0.0.1:1", namespace)
	if err != nil {
		return err
	}
	var l net.ListenConfig
	listener, err := l.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.base = "http://" + listener.Addr().String()
	return p.ServeAPI(ctx, listener, process.APIParts{
		Store: s.store, Temporal: away, Channels: s.channels, Config: process.Web{}.Config("bench"),
	})
}

// accept is how many notifications are accepted in a second.
func (s *stage) accept(clients, number int) trial {
	c := s.caller(clients)
	return func(ctx context.Context) (run, error) {
		m, err := s.meter(ctx)
		if err != nil {
			return run{}, err
		}
		err = share(ctx, clients, number, func(ctx context.Context, i int) error {
			_, err := c.submit(ctx, typeInbox, s.plain[i%len(s.plain)], strconv.Itoa(i))
			return err
		})
		return m.rate(ctx, number, err)
	}
}

// rate ends a measurement of number pieces.
func (m meter) rate(ctx context.Context, number int, err error) (run, error) {
	if err != nil {
		return run{}, err
	}
	took := time.Since(m.began)
	costs, err := m.costs(ctx, number)
	return run{value: float64(number) / took.Seconds(), costs: costs}, err
}

// mean ends a measurement of number pieces, one after the other, in milliseconds.
func (m meter) mean(ctx context.Context, number int, err error) (run, error) {
	r, err := m.rate(ctx, number, err)
	if err == nil {
		r.value = 1000 / r.value
	}
	return r, err
}

// Statements of the program written by hand: the rows of one accepted notification.
const (
	insertNotification = `INSERT INTO notifications (id, account_id, type, type_version, category, severity, source, product_id, language,
		variables, link, external_id, idempotency_key, fingerprint, status, reason, expires_at, created_at)
		VALUES (?, ?, ?, 1, 'activity', 'info', 'product', ?, 'en-US', ?, '', '', '', ?, 'pending', '', ?, ?)`
	insertOutbox   = `INSERT INTO outbox (notification_id, kind, account_id, due_at, tries) VALUES (?, 'start', ?, ?, 0)`
	insertDelivery = `INSERT INTO deliveries (id, account_id, notification_id, slot, channel, contact_id, address_id, bot_id, recipient,
		address_key, language, locked, state, reason, attempts, replay_of, created_at, finished_at)
		VALUES (?, ?, ?, 'inbox:account', 'inbox', '', '', '', '', '', 'en-US', 1, 'delivered', '', 0, '', ?, ?)`
	advanceHead = `UPDATE inbox_heads SET seq = seq + 1, revision = revision + 1, last_at = ? WHERE account_id = ? AND owner = ''`
	readHead    = `SELECT seq FROM inbox_heads WHERE account_id = ? AND owner = ''`

	insertMessage = `INSERT INTO messages (id, account_id, owner, seq, notification_id, type, category, severity, language, title, body, link,
		search_text, read_by, read_by_name, created_at, read_state) VALUES (?, ?, '', ?, ?, ?, 'activity', 'info', 'en-US', ?, ?, '', ?, '', '', ?, 0)`
)

// hand is the same rows, inserted by a program written by hand: prepared
// statements, one durable transaction each, no HTTP.
func (s *stage) hand(clients, number int) trial {
	return func(ctx context.Context) (run, error) {
		h, err := s.prepare(ctx)
		if err != nil {
			return run{}, err
		}
		m, err := s.meter(ctx)
		if err != nil {
			return run{}, err
		}
		err = share(ctx, clients, number, func(ctx context.Context, i int) error {
			return h.accept(ctx, s.plain[i%len(s.plain)])
		})
		r, err := m.rate(ctx, number, err)
		r.costs.Transactions, r.costs.Statements = 1, float64(len(h.statements))
		if s.db.kind == onSQLite {
			r.costs.Flushes = 1
		}
		return r, errors.Join(err, h.close())
	}
}

// byHand holds the prepared statements, in the order in which they run.
type byHand struct {
	db         *sql.DB
	product    string
	statements []*sql.Stmt
}

func (s *stage) prepare(ctx context.Context) (*byHand, error) {
	h := &byHand{db: s.db.writer, product: s.product}
	for _, text := range []string{insertNotification, insertOutbox, insertDelivery, advanceHead, readHead, insertMessage} {
		statement, err := h.db.PrepareContext(ctx, text)
		if err != nil {
			return nil, errors.Join(err, h.close())
		}
		h.statements = append(h.statements, statement)
	}
	return h, nil
}

func (h *byHand) close() error {
	var errs []error
	for _, each := range h.statements {
		errs = append(errs, each.Close())
	}
	return errors.Join(errs...)
}

// accept inserts one notification's rows, and again after a conflict.
func (h *byHand) accept(ctx context.Context, account models.AccountID) error {
	for {
		err := h.try(ctx, account)
		if !engine.Conflict(err) {
			return err
		}
	}
}

func (h *byHand) try(ctx context.Context, account models.AccountID) error {
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	do := func(i int, args ...any) error {
		_, err := tx.StmtContext(ctx, h.statements[i]).ExecContext(ctx, args...)
		return err
	}
	now, id := time.Now().UTC().Truncate(time.Microsecond), store.NewID(models.KindNotification)
	const text = "Serverless Database is launched on 2026-04-08. Pay per request and nothing while idle."
	variables := `{"product_name":"Serverless Database","launch_on":"2026-04-08","summary":"1"}`
	var seq int64
	for _, step := range []func() error{
		func() error {
			return do(0, id, account, typeInbox, h.product, variables, []byte("01234567890123456789012345678901"), now.Add(72*time.Hour), now)
		},
		func() error { return do(1, id, account, now.Add(3*time.Second)) },
		func() error { return do(2, store.NewID(models.KindDelivery), account, id, now, now) },
		func() error { return do(3, now, account) },
		func() error { return tx.StmtContext(ctx, h.statements[4]).QueryRowContext(ctx, account).Scan(&seq) },
		func() error {
			return do(5, store.NewID(models.KindMessage), account, seq, id, typeInbox, "Serverless Database", text, text, now)
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return tx.Commit()
}
