package list

import (
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// Resources selects resources of a list; its parts are combined with "and",
// and zero values select all. Deleted ones are never listed.
type Resources struct {
	Product string
	// ExternalID is exact.
	ExternalID string
	Kind       string
	State      models.ResourceState
	// ExpiringBefore is exclusive.
	ExpiringBefore time.Time
}

// Apply narrows the rows of resources.
func (f Resources) Apply(q *gorm.DB) *gorm.DB {
	q = q.Where("state <> ?", models.ResourceDeleted)
	if f.Product != "" {
		q = q.Where("product_id = ?", f.Product)
	}
	if f.ExternalID != "" {
		q = q.Where("external_id = ?", f.ExternalID)
	}
	if f.Kind != "" {
		q = q.Where("kind = ?", f.Kind)
	}
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if !f.ExpiringBefore.IsZero() {
		q = q.Where("expires_at < ?", f.ExpiringBefore)
	}
	return q
}
