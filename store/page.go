package store

import (
	"time"

	"belfry.dev/belfry/store/list"
	"gorm.io/gorm"
)

// Page asks for a part of a list.
type Page = list.Page

// What lists select by.
type (
	// NotificationFilter selects notifications.
	NotificationFilter = list.Notifications
	// AnnouncementFilter selects announcements.
	AnnouncementFilter = list.Announcements
	// ResourceFilter selects resources.
	ResourceFilter = list.Resources
	// OperationFilter selects rows of the operation log.
	OperationFilter = list.Operations
	// NamedFilter selects what has a name and can be off.
	NamedFilter = list.Named
	// DeliveryFilter selects deliveries.
	DeliveryFilter = list.Deliveries
	// AccountFilter selects accounts.
	AccountFilter = list.Accounts
)

// newest is list.Newest.
func newest[T any](q *gorm.DB, page Page, key func(T) (time.Time, string)) ([]T, string, error) {
	rows, next, err := list.Newest(q, page, key)
	return rows, next, failed("list", err)
}
