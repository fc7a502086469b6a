package store

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Settings of a statement that the guard reads.
const (
	guardAccount  = "belfry:account"  // the account that bounds it
	guardUnscoped = "belfry:unscoped" // why no account bounds it
)

// errUnguarded means a programming error: the statement never ran.
var errUnguarded = errors.New("statement on a tenant table without its account")

// tenantTables are the tables whose every statement names an account.
var tenantTables = map[string]bool{
	"users": true, "access_keys": true, "sessions": true, "grants": true, "contacts": true, "addresses": true,
	"bots": true, "destination_states": true, "notifications": true, "deliveries": true, "attempts": true, "messages": true,
	"inbox_heads": true, "outbox": true, "idempotency_keys": true, "operation_logs": true, "operation_heads": true, "seals": true,
	"optouts": true, "contact_groups": true, "contact_group_members": true, "invitations": true, "wakeups": true, "announcements": true,
	"subscription_heads": true, "subscriptions": true, "subscription_changes": true, "preferences": true, "resources": true, "reminders": true,
	"calendar_feeds": true, "replaced_links": true, "dedup_windows": true, "dedup_repeats": true, "envelopes": true,
}

// predicate is how a condition that bounds a statement to an account starts.
var predicate = regexp.MustCompile("^(?:`?\\w+`?\\.)?`?account_id`? = \\?")

var (
	disjunction = regexp.MustCompile(`(?i)\bor\b`)
	word        = regexp.MustCompile(`\w+`)
)

// guard makes gorm refuse statements on tenant tables that no account bounds.
func guard(db *gorm.DB) error {
	c := db.Callback()
	return errors.Join(
		c.Create().Before("gorm:create").Register("belfry:guard", checkCreate),
		c.Query().Before("gorm:query").Register("belfry:guard", checkWhere),
		c.Update().Before("gorm:update").Register("belfry:guard", checkWhere),
		c.Delete().Before("gorm:delete").Register("belfry:guard", checkWhere),
		c.Row().Before("gorm:row").Register("belfry:guard", checkWhere),
		c.Raw().Before("gorm:raw").Register("belfry:guard", checkText),
	)
}

// account returns the account that bounds the statement; "" and true when the
// statement says that none does.
func bound(db *gorm.DB) (models.AccountID, bool) {
	if reason, ok := db.Get(guardUnscoped); ok && reason != "" {
		return "", true
	}
	account, _ := db.Get(guardAccount)
	id, _ := account.(models.AccountID)
	return id, false
}

func checkWhere(db *gorm.DB) {
	if db.Statement.SQL.Len() > 0 { // Raw with Scan, Row or Rows
		checkText(db)
		return
	}
	account, unscoped := bound(db)
	if unscoped || !mentionsTenant(db.Statement) {
		return
	}
	if account == "" || !hasPredicate(db.Statement, account) || !joinsGuarded(db.Statement) {
		refuse(db)
	}
}

func refuse(db *gorm.DB) {
	_ = db.AddError(fmt.Errorf("table %q: %w", db.Statement.Table, errUnguarded)) // keeps it in db.Error
}

func mentionsTenant(stmt *gorm.Statement) bool {
	if tenantTables[stmt.Table] || stmt.Schema != nil && tenantTables[stmt.Schema.Table] {
		return true
	}
	if stmt.TableExpr != nil && namesTenant(stmt.TableExpr.SQL) {
		return true
	}
	for _, j := range stmt.Joins {
		if namesTenant(j.Name) {
			return true
		}
	}
	return false
}

func namesTenant(text string) bool {
	for _, each := range word.FindAllString(text, -1) {
		if tenantTables[each] {
			return true
		}
	}
	return false
}

// hasPredicate reports whether one of the conditions that all must hold is
// "account_id = ?" with the statement's account.
func hasPredicate(stmt *gorm.Statement, account models.AccountID) bool {
	where, ok := stmt.Clauses["WHERE"].Expression.(clause.Where)
	if !ok {
		return false
	}
	found := false
	for _, expression := range where.Exprs {
		switch e := expression.(type) {
		case clause.OrConditions:
			return false
		case clause.Expr:
			found = found || isPredicate(e, account)
		}
	}
	return found
}

func isPredicate(e clause.Expr, account models.AccountID) bool {
	if !predicate.MatchString(e.SQL) || disjunction.MatchString(e.SQL) || len(e.Vars) == 0 {
		return false
	}
	id, ok := e.Vars[0].(models.AccountID)
	return ok && id == account
}

// joinsGuarded reports whether every joined tenant table is joined by account too.
func joinsGuarded(stmt *gorm.Statement) bool {
	for _, j := range stmt.Joins {
		if namesTenant(j.Name) && !strings.Contains(j.Name, "account_id") {
			return false
		}
	}
	return true
}

// checkText guards hand-written SQL: it must name the account column.
func checkText(db *gorm.DB) {
	account, unscoped := bound(db)
	text := db.Statement.SQL.String()
	if unscoped || !namesTenant(text) {
		return
	}
	if account == "" || !strings.Contains(text, "account_id") {
		refuse(db)
	}
}

// checkCreate guards inserts: each row carries the statement's account.
func checkCreate(db *gorm.DB) {
	account, unscoped := bound(db)
	if unscoped || !mentionsTenant(db.Statement) {
		return
	}
	if account == "" || !rowsOf(db, account) {
		refuse(db)
	}
}

func rowsOf(db *gorm.DB, account models.AccountID) bool {
	if db.Statement.Schema == nil {
		return false
	}
	field := db.Statement.Schema.LookUpField("account_id")
	if field == nil {
		return false
	}
	same := func(row reflect.Value) bool {
		row = reflect.Indirect(row)
		if row.Kind() != reflect.Struct { // maps have no use here
			return false
		}
		value, _ := field.ValueOf(db.Statement.Context, row)
		id, ok := value.(models.AccountID)
		return ok && id == account
	}
	rows := db.Statement.ReflectValue
	if rows.Kind() != reflect.Slice && rows.Kind() != reflect.Array {
		return same(rows)
	}
	for i := range rows.Len() {
		if !same(rows.Index(i)) {
			return false
		}
	}
	return rows.Len() > 0
}
