package list

import (
	"belfry.dev/belfry/models/announcement"
	"gorm.io/gorm"
)

// Announcements selects announcements of a list; zero values select all.
type Announcements struct {
	State announcement.State
	Type  string
	// ExternalID is exact.
	ExternalID string
}

// Apply narrows the rows of announcements.
func (f Announcements) Apply(q *gorm.DB) *gorm.DB {
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if f.Type != "" {
		q = q.Where("type = ?", f.Type)
	}
	if f.ExternalID != "" {
		q = q.Where("external_id = ?", f.ExternalID)
	}
	return q
}
