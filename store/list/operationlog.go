package list

import (
	"strings"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// Operations selects rows of an operation log; empty parts select all.
type Operations struct {
	Actor      string // id
	Action     string
	ObjectKind string
	ObjectID   string
	Result     models.Result
	// From is inclusive, To exclusive.
	From, To *time.Time
}

// List returns a page of those of q's rows that the filter selects, newest first, without
// Before and After.
func (f Operations) List(q *gorm.DB, page Page) ([]models.Operation, string, error) {
	q = q.Omit("before", "after")
	for column, value := range map[string]string{
		"actor_id": f.Actor, "action": f.Action, "object_kind": f.ObjectKind, "object_id": f.ObjectID, "result": string(f.Result),
	} {
		if strings.HasSuffix(value, " ") { // MySQL ignores trailing spaces where SQLite does not
			return []models.Operation{}, "", nil
		}
		if value != "" {
			q = q.Where(column+" = ?", value)
		}
	}
	if f.everything() && q.Name() == MySQL { // it would sort by another index
		q = q.Table("operation_logs " + IndexHint(MySQL, "PRIMARY"))
	}
	if f.From != nil {
		q = q.Where("at >= ?", *f.From)
	}
	if f.To != nil {
		q = q.Where("at < ?", *f.To)
	}
	return BySeq(q, page, func(op models.Operation) int64 { return op.Seq })
}

// everything reports whether no index but the primary key serves the filter.
func (f Operations) everything() bool {
	return f.Actor == "" && f.Action == "" && f.ObjectKind == "" && f.From == nil && f.To == nil
}
