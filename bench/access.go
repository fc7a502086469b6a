//go:build bench

package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"time"

	"github.com/gin-gonic/gin"

	"belfry.dev/belfry/api"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/bench/report"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/rbac"
)

// members is how many users an account has where permissions are measured.
const members = 1000

type (
	access  struct{ *bench } // measures permissions and what every request costs
	guarded struct{ *stage } // is a stage with many grants
)

// permissions is P9.
func (b access) permissions(ctx context.Context) error {
	return b.on(ctx, onSQLite, false, func(ctx context.Context, plain *stage) error {
		s := guarded{plain}
		few, err := s.guardMemory(ctx)
		if err != nil {
			return err
		}
		grants := b.many(1_000_000)
		if err := s.fillGrants(ctx, grants); err != nil {
			return fmt.Errorf("make the grants: %w", err)
		}
		many, err := s.guardMemory(ctx)
		if err != nil {
			return err
		}
		for _, each := range []struct {
			name     string
			remember time.Duration
			limit    trial
		}{{"remembered", 0, nil}, {"read anew", -1, computing(b.many(20_000), s.bareRoles())}} {
			guard, err := rbac.New(rbac.Config{Grants: s.store.Roles(), Now: time.Now, Remember: each.remember})
			if err != nil {
				return err
			}
			f, err := interleave(ctx, b.times, computing(b.many(20_000), s.check(guard)), each.limit)
			if err != nil {
				return err
			}
			f.ID, f.Name, f.Unit, f.Bound, f.Budget = "P9", fmt.Sprintf("a permission check among %s grants, roles %s", thousands(grants), each.name), "CPU µs", report.Within, 20
			if each.limit != nil {
				f.Bound, f.Budget = report.AtMost, 2
			}
			b.add(f)
		}
		b.add(report.Figure{
			ID: "P9", Name: fmt.Sprintf("memory of a guard over %s grants, beyond that over a hundred", thousands(grants)), Unit: "MB",
			Ours: report.Of([]float64{max(0, many-few)}), Bound: report.Within, Budget: 1,
		})
		return nil
	})
}

// fillGrants gives so many roles to users who need not exist, and one to each member.
func (s guarded) fillGrants(ctx context.Context, number int) error {
	tx, err := s.db.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	insert, err := tx.PrepareContext(ctx, "INSERT INTO grants (id, account_id, user_id, role, created_by, created_at) VALUES (?, ?, ?, ?, '', ?)")
	if err != nil {
		return err
	}
	for i := range number {
		account, user := fmt.Sprintf("acc_%032x", i%5000), fmt.Sprintf("usr_%032x", i)
		if i < members {
			account = string(s.plain[0])
			_, err := tx.ExecContext(ctx, `INSERT INTO users (id, account_id, kind, name, display_name, password_hash, language, popups, enabled, version, created_at, updated_at)
				VALUES (?, ?, 'sub', ?, '', '', '', 0, 1, 1, ?, ?)`, user, account, user, longAgo, longAgo)
			if err != nil {
				return err
			}
		}
		if _, err := insert.ExecContext(ctx, fmt.Sprintf("grt_%032x", i), account, user, models.RoleReadOnly, longAgo); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (s guarded) member(i int) models.Actor {
	return models.Actor{Kind: models.ActorUser, ID: fmt.Sprintf("usr_%032x", i%members), Account: s.plain[0]}
}

// check asks for another member each time.
func (s guarded) check(guard *rbac.Guard) func(context.Context) error {
	i := 0
	return func(ctx context.Context) error {
		i++
		return guard.Allow(ctx, s.member(i), "bot.list", s.plain[0])
	}
}

// bareRoles reads a member's roles by one prepared statement.
func (s guarded) bareRoles() func(context.Context) error {
	i := 0
	var statement *sql.Stmt
	return func(ctx context.Context) error {
		var err error
		if statement == nil {
			statement, err = s.db.bare.PrepareContext(ctx, `SELECT u.kind, g.role, g.expires_at FROM users u JOIN accounts a ON a.id = u.account_id AND a.enabled = 1
				LEFT JOIN grants g ON g.account_id = u.account_id AND g.user_id = u.id WHERE u.account_id = ? AND u.id = ? AND u.enabled = 1`)
		}
		if err != nil {
			return err
		}
		i++
		rows, err := statement.QueryContext(ctx, s.plain[0], s.member(i).ID)
		if err != nil {
			return err
		}
		return drain(rows)
	}
}

// guardMemory is what a guard that has answered for every member holds, in MB.
func (s guarded) guardMemory(ctx context.Context) (float64, error) {
	least := math.MaxFloat64
	for range 5 { // what others in the process allocate meanwhile is no matter of the guard
		held, err := s.guardHeld(ctx)
		if err != nil {
			return 0, err
		}
		least = min(least, max(0, held))
	}
	return least, nil
}

func (s guarded) guardHeld(ctx context.Context) (float64, error) {
	before := heap()
	guard, err := rbac.New(rbac.Config{Grants: s.store.Roles(), Now: time.Now})
	if err != nil {
		return 0, err
	}
	for range members {
		if err := s.check(guard)(ctx); err != nil && models.CodeOf(err) != models.CodeForbidden {
			return 0, err
		}
	}
	held := heap() - before
	runtime.KeepAlive(guard)
	return held, nil
}

func heap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// computing is how many microseconds the process computes for one piece, of number
// in a row: others on the machine do not count, and a budget that is no ratio holds.
func computing(number int, piece func(context.Context) error) trial {
	return func(ctx context.Context) (run, error) {
		before := cpuTime()
		for range number {
			if err := piece(ctx); err != nil {
				return run{}, err
			}
		}
		return run{value: 1000 * millis(cpuTime()-before) / float64(number)}, nil
	}
}

// overhead is P10: a small read through everything, beside gin with nothing.
func (b access) overhead(ctx context.Context) error {
	return b.on(ctx, onSQLite, false, func(ctx context.Context, plain *stage) error {
		s := guarded{plain}
		guard, err := rbac.New(rbac.Config{Grants: s.store.Roles(), Now: time.Now})
		if err != nil {
			return err
		}
		ours, err := api.New(operation.Config{}, operation.Deps{
			Store: s.store, Rbac: guard, Channels: s.channels, Logger: b.log, Now: time.Now,
		})
		if err != nil {
			return err
		}
		me, err := s.whoAmI(ctx, ours)
		if err != nil {
			return err
		}
		return b.compareOverhead(ctx, getting(s.roots[0], ours), getting(s.roots[0], s.bareGet(me))) //nolint:contextcheck // the handler has the request's
	})
}

// getting asks the handler for GET /v1/me, with the key.
func getting(key string, handler http.Handler) func(context.Context) error {
	return func(ctx context.Context) error {
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/me", nil)
		r.Header.Set("Authorization", "Bearer "+key)
		answer := httptest.NewRecorder()
		if handler.ServeHTTP(answer, r); answer.Code != http.StatusOK {
			return fmt.Errorf("status %d: %s", answer.Code, answer.Body)
		}
		return nil
	}
}

// identity is what GET /v1/me reads.
type identity struct {
	ID      string
	Account struct{ ID models.AccountID }
}

func (s guarded) whoAmI(ctx context.Context, handler http.Handler) (identity, error) {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/me", nil)
	r.Header.Set("Authorization", "Bearer "+s.roots[0])
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	var me identity
	return me, json.Unmarshal(answer.Body.Bytes(), &me)
}

// bareGet is gin with a handler that does the operation's work, its two reads, and
// nothing around it: nobody is asked who they are and what they may.
func (s guarded) bareGet(me identity) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	bare := gin.New()
	bare.GET("/v1/me", func(c *gin.Context) {
		scope := s.store.In(me.Account.ID)
		user, err := scope.Users().ByID(c.Request.Context(), me.ID)
		account, accountErr := scope.Account().Read(c.Request.Context())
		if err = errors.Join(err, accountErr); err != nil {
			c.String(http.StatusInternalServerError, err.Error())
			return
		}
		c.JSON(http.StatusOK, map[string]string{"id": user.ID, "name": user.Name, "account": account.Name})
	})
	return bare
}

func (b access) compareOverhead(ctx context.Context, ours, bare func(context.Context) error) error {
	number := b.many(20_000)
	f, err := interleave(ctx, b.times, computing(number, ours), computing(number, bare))
	if err != nil {
		return err
	}
	above := f.Ours
	above.Median, above.Least, above.Most = above.Median-f.Limit.Median, above.Least-f.Limit.Most, above.Most-f.Limit.Least
	b.add(report.Figure{
		ID: "P10", Name: "GET /v1/me, above bare gin with the same reads", Unit: "CPU µs", Ours: above, Bound: report.Within, Budget: 60,
		Note: fmt.Sprintf("bare gin takes %.0f µs, most of them for reading user and account.", f.Limit.Median),
	})
	all, err := allocated(ctx, number, ours)
	if err != nil {
		return err
	}
	work, err := allocated(ctx, number, bare)
	if err != nil {
		return err
	}
	b.add(report.Figure{
		ID: "P10", Name: "GET /v1/me, above bare gin with the same reads", Unit: "allocations", Ours: report.Of([]float64{all - work}),
		Bound: report.Within, Budget: 200, Note: fmt.Sprintf("%.0f with the reads.", all),
	})
	return nil
}

// allocated is how often one piece allocates.
func allocated(ctx context.Context, number int, piece func(context.Context) error) (float64, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var errs []error
	for range number {
		errs = append(errs, piece(ctx))
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(number), errors.Join(errs...)
}
