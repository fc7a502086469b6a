package store

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Viewer is on whose behalf an account's rows are read and changed. Rows of categories that
// it may not see are not found.
type Viewer struct {
	Account models.AccountID
	// Categories are those that it may see; nil means all, empty none.
	Categories []string
	// Until is when it sees nothing any more; zero means never.
	Until time.Time
}

// guardViewer is the setting of a statement that says on whose behalf it runs.
const guardViewer = "belfry:viewer"

// errUnseen means a programming error: a hand-written statement on rows with a category
// does not go by the viewer's. It never ran.
var errUnseen = errors.New("statement on a table with categories without its viewer's")

// categorised names, for tables whose rows belong to a category, the column that tells it:
// the category itself, or the message type that begins with it.
var categorised = map[string]string{
	"messages": "category", "notifications": "category", "subscriptions": "type_key", "subscription_changes": "type_key", "envelopes": "category",
}

// seesAll reports whether the viewer sees all categories.
func (v Viewer) seesAll() bool { return v.Categories == nil }

// over reports whether the viewer sees nothing any more; the clock is asked only where there
// is an end.
func (v Viewer) over(now func() time.Time) bool { return !v.Until.IsZero() && !now().Before(v.Until) }

// condition narrows rows of the table to the viewer's categories.
func (v Viewer) condition(column string) clause.Expression {
	name := clause.Column{Table: clause.CurrentTable, Name: column}
	if len(v.Categories) == 0 {
		return clause.Expr{SQL: "1 = 0"}
	}
	if column == "category" {
		values := make([]any, len(v.Categories))
		for i, category := range v.Categories {
			values[i] = category
		}
		return clause.IN{Column: name, Values: values}
	}
	ranges := clause.Expr{}
	for _, category := range v.Categories {
		ranges.SQL += " OR ? >= ? AND ? < ?"
		ranges.Vars = append(ranges.Vars, name, category+".", name, category+"/") // "/" comes after "."
	}
	ranges.SQL = "(" + strings.TrimPrefix(ranges.SQL, " OR ") + ")"
	return ranges
}

// text is the condition for a hand-written statement on messages; "" for no limit.
func (v Viewer) text() (string, []any) {
	if v.seesAll() {
		return "", nil
	}
	if len(v.Categories) == 0 {
		return seenMark + "1 = 0", nil
	}
	args := make([]any, len(v.Categories))
	for i, category := range v.Categories {
		args[i] = category
	}
	return seenMark + "category IN (?" + strings.Repeat(", ?", len(args)-1) + ")", args
}

// seenMark shows the guard that a hand-written statement goes by the viewer's categories.
const seenMark = "/* seen */ "

// limit registers, beside the guard, what keeps statements to the viewer's categories: the
// one place where grants for some categories are enforced.
func limit(db *gorm.DB) error {
	c := db.Callback()
	return errors.Join(
		c.Query().After("belfry:guard").Before("gorm:query").Register("belfry:viewer", onlySeen),
		c.Update().After("belfry:guard").Before("gorm:update").Register("belfry:viewer", onlySeen),
		c.Delete().After("belfry:guard").Before("gorm:delete").Register("belfry:viewer", onlySeen),
		c.Row().After("belfry:guard").Before("gorm:row").Register("belfry:viewer", onlySeen),
		c.Raw().After("belfry:guard").Before("gorm:raw").Register("belfry:viewer", onlySeenText),
	)
}

func viewerOf(db *gorm.DB) Viewer {
	value, _ := db.Get(guardViewer)
	v, _ := value.(Viewer)
	return v
}

// onlySeen adds the viewer's categories to the statement.
func onlySeen(db *gorm.DB) {
	if db.Statement.SQL.Len() > 0 { // Raw with Scan, Row or Rows
		onlySeenText(db)
		return
	}
	v := viewerOf(db)
	if v.seesAll() {
		return
	}
	table := db.Statement.Table
	if db.Statement.Schema != nil {
		table = db.Statement.Schema.Table
	}
	if column, ok := categorised[table]; ok {
		db.Statement.AddClause(clause.Where{Exprs: []clause.Expression{v.condition(column)}})
	}
}

// onlySeenText refuses a hand-written statement that forgot the viewer.
func onlySeenText(db *gorm.DB) {
	v := viewerOf(db)
	text := db.Statement.SQL.String()
	if v.seesAll() || strings.Contains(text, seenMark) {
		return
	}
	for _, each := range word.FindAllString(text, -1) {
		if _, ok := categorised[each]; ok {
			_ = db.AddError(fmt.Errorf("table %q: %w", each, errUnseen)) // keeps it in db.Error
			return
		}
	}
}
