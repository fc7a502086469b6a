package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/engine"
	"gorm.io/gorm"
)

// explainRows asks MySQL and MariaDB for a plan with a row per table: since MySQL 9
// the default is a tree.
const explainRows = "EXPLAIN FORMAT=TRADITIONAL "

// Record makes the store write down the statements that run, for a test to
// explain; stop gives them back.
func Record(tb testing.TB, s *Store) (stop func() []string) {
	tb.Helper()
	var statements []string
	recording := true
	record := func(db *gorm.DB) {
		if sql := db.Statement.SQL.String(); recording && sql != "" {
			statements = append(statements, db.Dialector.Explain(sql, db.Statement.Vars...))
		}
	}
	for _, db := range []*gorm.DB{s.engine.Reader, s.engine.Writer} {
		c := db.Callback()
		for _, err := range []error{
			c.Query().After("gorm:query").Register("belfry:record", record),
			c.Row().After("gorm:row").Register("belfry:record", record),
			c.Raw().After("gorm:raw").Register("belfry:record", record),
			c.Update().After("gorm:update").Register("belfry:record", record),
			c.Delete().After("gorm:delete").Register("belfry:record", record),
		} {
			if err != nil {
				tb.Fatal(err)
			}
		}
	}
	return func() []string { recording = false; return statements }
}

// WantIndex fails the test when the database would read the whole of a table, or
// sort, for the statement.
func WantIndex(tb testing.TB, s *Store, statement string) {
	tb.Helper()
	if s.engine.Dialect == engine.SQLite {
		wantIndexSQLite(tb, s, statement)
		return
	}
	wantIndexMySQL(tb, s, statement)
}

func wantIndexSQLite(tb testing.TB, s *Store, statement string) {
	tb.Helper()
	var plan []struct{ Detail string }
	db := s.engine.Reader.WithContext(tb.Context()).Set(guardUnscoped, "a test explains")
	// The dialect writes times as numbers; the plan does not depend on them.
	if err := db.Raw("EXPLAIN QUERY PLAN " + statement).Scan(&plan).Error; err != nil {
		tb.Fatalf("explain %s: %v", statement, err)
	}
	for _, step := range plan {
		scan := strings.HasPrefix(step.Detail, "SCAN ") && !strings.Contains(step.Detail, "USING") && !strings.Contains(step.Detail, "CONSTANT")
		if scan || strings.Contains(step.Detail, "TEMP B-TREE FOR ORDER") {
			tb.Errorf("SQLite: %s\n  in %s", step.Detail, statement)
		}
	}
}

func wantIndexMySQL(tb testing.TB, s *Store, statement string) {
	tb.Helper()
	var plan []struct {
		Table, Key *string
		Extra      string
	}
	db := s.engine.Reader.WithContext(tb.Context()).Set(guardUnscoped, "a test explains")
	if err := db.Raw(explainRows + statement).Scan(&plan).Error; err != nil {
		tb.Fatalf("explain %s: %v", statement, err)
	}
	for _, step := range plan {
		missing := strings.Contains(step.Extra, "Impossible") || strings.Contains(step.Extra, "no matching row")
		if step.Table != nil && step.Key == nil && !missing || strings.Contains(step.Extra, "filesort") {
			tb.Errorf("MySQL: no key, or a sort: %s\n  in %s", step.Extra, statement)
		}
	}
}

// WantKey fails the test unless the database reads the index for the statement.
func WantKey(tb testing.TB, s *Store, statement, index string) {
	tb.Helper()
	explain := explainRows
	if s.engine.Dialect == engine.SQLite {
		explain = "EXPLAIN QUERY PLAN "
	}
	var plan []map[string]any
	if err := s.engine.Reader.WithContext(tb.Context()).Set(guardUnscoped, "a test explains").Raw(explain + statement).Scan(&plan).Error; err != nil {
		tb.Fatalf("explain %s: %v", statement, err)
	}
	for _, step := range plan {
		if strings.Contains(fmt.Sprint(step["detail"], step["key"]), index) {
			return
		}
	}
	tb.Errorf("%s is not read: %v\n  in %s", index, plan, statement)
}

// Fill inserts n rows of each kind that the hot queries read, into each account.
func Fill(tb testing.TB, s *Store, accounts []models.AccountID, n int) {
	tb.Helper()
	err := s.Write(tb.Context(), func(tx *Tx) error {
		for _, account := range accounts {
			if err := fill(tb.Context(), tx.In(account), n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	Analyze(tb, s, "users, sessions, grants, access_keys, operation_logs, idempotency_keys, accounts, contacts, addresses, optouts")
}

// Analyze counts what the tables hold: MySQL does so by itself, but later, and guesses
// until then.
func Analyze(tb testing.TB, s *Store, tables string) {
	tb.Helper()
	if s.engine.Dialect != engine.MySQL {
		return
	}
	db := s.engine.Writer.WithContext(tb.Context()).Set(guardUnscoped, "a test analyses")
	if err := db.Exec("ANALYZE TABLE " + tables).Error; err != nil {
		tb.Fatal(err)
	}
}

func fill(ctx context.Context, tx TxScope, n int) error {
	for i := range n {
		u := models.User{Name: fmt.Sprint("user", i), Kind: models.UserSub, Enabled: true}
		if err := tx.Users().Create(ctx, &u); err != nil {
			return err
		}
		hash := sha256.Sum256([]byte(u.ID))
		op := models.Operation{ActorID: u.ID, Action: "a." + fmt.Sprint(i%7), ObjectKind: "user", ObjectID: u.ID, Result: models.ResultSucceeded}
		claim := Claim{Scope: hash, Fingerprint: hash}
		for _, err := range []error{
			tx.Sessions().Create(ctx, &models.Session{UserID: u.ID, Hash: hash[:], ExpiresAt: tx.now().Add(time.Hour)}),
			tx.Grants().Create(ctx, &models.Grant{UserID: u.ID, Role: models.RoleReadOnly}),
			tx.AccessKeys().Create(ctx, &models.AccessKey{OwnerKind: models.ActorUser, OwnerID: u.ID, Hash: hash[:]}),
			tx.OperationLog().Append(ctx, &op),
			tx.OptOuts().Add(ctx, u.ID, "activity.offer"),
			tx.Contacts().insert(ctx, &models.Contact{Kind: models.ContactPerson, UserID: u.ID, Addresses: []models.Address{{Channel: models.ChannelEmail, ValueKey: u.ID}}}),
		} {
			if err != nil {
				return err
			}
		}
		if _, err := tx.Answers().Claim(ctx, claim); err != nil {
			return err
		}
	}
	return nil
}
