// Package upkeep is what a database needs for its own sake: a look whether it takes writes,
// and rows of earlier releases in the form of today.
package upkeep

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"belfry.dev/belfry/models"
)

// probe is the row that a process writes. Others have their own, so that none waits.
type probe struct {
	ID string `gorm:"primaryKey"`
	At time.Time
}

// TableName is the table's name.
func (probe) TableName() string { return "write_probes" }

// Touch writes the row with the id. Those that nobody writes any more are purged.
func Touch(db *gorm.DB, id string, now time.Time) error {
	again := clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoUpdates: clause.AssignmentColumns([]string{"at"})}
	return db.Clauses(again).Create(&probe{ID: id, At: now}).Error
}

// batch bounds the rows that one call looks at.
const batch = 200

// task is how far a change of stored rows is.
type task struct {
	Task    string `gorm:"primaryKey"`
	Reached string
	Done    bool
}

// TableName is the table's name.
func (task) TableName() string { return "upkeeps" }

// Compose folds the next stored texts as they are searched today: earlier releases kept
// what was decomposed as it was. It works in db's transaction, remembers there how far it
// came, and reports whether any may be left. Whoever else does the same waits.
func Compose(db *gorm.DB) (left bool, err error) {
	var open []task
	locked := db.Session(&gorm.Session{}).Clauses(clause.Locking{Strength: "UPDATE"})
	known := locked.Where("done = ?", false).Where("task IN ?", slices.Sorted(maps.Keys(steps()))) // later releases add others
	if err := known.Order("task").Limit(1).Find(&open).Error; err != nil || len(open) == 0 {
		return false, err
	}
	t := open[0]
	last, err := steps()[t.Task](db, t.Reached)
	if err != nil {
		return false, fmt.Errorf("upkeep %s: %w", t.Task, err)
	}
	if t.Done = last == ""; !t.Done {
		t.Reached = last
	}
	return true, db.Session(&gorm.Session{}).Model(&t).Select("reached", "done").Updates(&t).Error
}

// steps look at the rows after the id, and return the last one's: "" when none is left.
func steps() map[string]func(db *gorm.DB, after string) (last string, err error) {
	return map[string]func(*gorm.DB, string) (string, error){
		"compose-contacts": func(db *gorm.DB, after string) (string, error) {
			return computed{"contacts", "name_key", []string{"id", "name AS title", "name_key AS found"}}.again(db, after, func(r row) string {
				return models.SearchKey(r.Title)
			})
		},
		"compose-messages": func(db *gorm.DB, after string) (string, error) {
			return computed{"messages", "search_text", []string{"id", "title", "body", "search_text AS found"}}.again(db, after, func(r row) string {
				return models.SearchText(r.Title, r.Body)
			})
		},
	}
}

// row is what is searched, and what it is searched by.
type row struct{ ID, Title, Body, Found string }

// computed is a column that holds what other columns say; read are those of a row.
type computed struct {
	table, column string
	read          []string
}

// again stores what the column must hold in the rows that hold something else. Index:
// primary key.
func (c computed) again(db *gorm.DB, after string, want func(row) string) (last string, err error) {
	var rows []row
	find := db.Session(&gorm.Session{}).Table(c.table).Select(c.read).Where("id > ?", after)
	if err := find.Order("id").Limit(batch).Scan(&rows).Error; err != nil {
		return "", err
	}
	for _, r := range rows {
		last = r.ID
		if text := want(r); text != r.Found {
			err = db.Session(&gorm.Session{}).Table(c.table).Where("id = ?", r.ID).UpdateColumn(c.column, text).Error
		}
		if err != nil {
			return "", err
		}
	}
	return last, nil
}
