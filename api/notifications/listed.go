package notifications

import (
	"context"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/list"
)

// ListedNotification is a notification as lists and reports show it.
type ListedNotification struct {
	NotificationView
	ProductName string    `json:"product_name" doc:"What people call the product; empty for none."`
	Title       string    `json:"title" doc:"Of the message in the account's inbox; empty when it is deleted, or not due."`
	Counts      tallyView `json:"counts"`
}

// summariser reads titles and states of deliveries.
type summariser interface {
	Summaries(ctx context.Context, ids []string) (map[string]list.Summary, error)
}

// viewListed adds names, titles and counts to the notifications.
func viewListed(ctx context.Context, s *operation.Core, from summariser, rows []models.Notification) ([]ListedNotification, error) {
	var products, ids []string
	for _, n := range rows {
		products, ids = append(products, n.ProductID), append(ids, n.ID, holder(n))
	}
	names, err := s.Store.Platform().Products().Names(ctx, products...)
	if err != nil {
		return nil, err
	}
	summaries, err := from.Summaries(ctx, ids)
	views := make([]ListedNotification, len(rows))
	for i, n := range rows {
		views[i] = ListedNotification{NotificationView: viewNotification(n), ProductName: names[n.ProductID], Title: summaries[holder(n)].Title}
		for state, number := range summaries[n.ID].States {
			views[i].Counts.add(state, number)
		}
	}
	return views, err
}

// holder is the notification whose message in the inbox tells of this one, too.
func holder(n models.Notification) string {
	if len(n.MergedWith) > 0 {
		return n.MergedWith[0]
	}
	return n.ID
}
