package notifications

import (
	"context"
	"maps"
	"slices"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func describeRetention() map[string]operation.Operation {
	return map[string]operation.Operation{
		"retention.get": {
			Summary:     "Show how long things are kept",
			Description: "In days, for inbox messages and for notifications, and for categories that differ.",
		},
		"retention.update": {
			Summary:     "Say how long things are kept",
			Description: "What is over by it is deleted with the next run, for good. Operation logs are never deleted.",
		},
	}
}

// retentionRule is a rule as it is seen and given.
type retentionRule struct {
	Days       int            `json:"days" minimum:"0" maximum:"3650" doc:"7–3,650 days; 0 keeps them for ever."`
	Categories map[string]int `json:"categories,omitempty" doc:"By category, for those that differ; 0 keeps them for ever."`
}

// RetentionBody is what an operator decides about how long things are kept.
type RetentionBody struct {
	Messages      retentionRule `json:"messages" doc:"Of inboxes, read or not, counted from when they arrived."`
	Notifications retentionRule `json:"notifications" doc:"With their deliveries and attempts, and announcements: counted from their end. What is open stays. The days of the category account also hold for invitations that ended, those of product for reminders whose deadline is over and for resources that were deleted; the latter are remembered for 30 days at least."`
}

type retentionOut struct {
	ETag string `header:"ETag"`
	Body struct {
		RetentionBody
		Version   int64     `json:"version"`
		UpdatedAt time.Time `json:"updated_at"`
	}
}

func outRetention(p models.RetentionPolicy) *retentionOut {
	out := &retentionOut{ETag: operation.ETag(p.Version)}
	out.Body.RetentionBody = RetentionBody{Messages: retentionRule(p.Messages), Notifications: retentionRule(p.Notifications)}
	out.Body.Version, out.Body.UpdatedAt = p.Version, p.UpdatedAt
	return out
}

func getRetention(ctx context.Context, c *operation.Call, _ *struct{}) (*retentionOut, error) {
	policy, err := c.Store.Platform().Retention().Policy(ctx)
	if err != nil {
		return nil, err
	}
	return outRetention(policy), nil
}

type putRetentionIn struct {
	operation.Editing
	Body RetentionBody
}

func putRetention(ctx context.Context, c *operation.Call, in *putRetentionIn) (*retentionOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	if err := checkRetention(ctx, c.Core, in.Body); err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[retentionOut], error) {
		before, after, err := tx.Platform().Retention().Update(ctx, version, func(p *models.RetentionPolicy) error {
			p.Messages, p.Notifications = models.RetentionRule(in.Body.Messages), models.RetentionRule(in.Body.Notifications)
			return nil
		})
		if err != nil {
			return nil, err
		}
		return operation.Did(outRetention(after), operation.Of("retention", models.RetentionID, ""),
			outRetention(before).Body, outRetention(after).Body), nil
	})
}

// checkRetention wants numbers within the bounds, and categories that exist.
func checkRetention(ctx context.Context, s *operation.Core, b RetentionBody) error {
	categories, err := s.Store.Platform().MessageTypes().Categories(ctx)
	if err != nil {
		return err
	}
	var fields []models.Field
	check := func(pointer string, days int) {
		if days != 0 && (days < models.MinRetention || days > models.MaxRetention) {
			fields = append(fields, models.Field{Pointer: pointer, Code: "out-of-range", Detail: "must be 7–3,650, or 0 for ever"})
		}
	}
	for _, each := range []struct {
		name string
		rule retentionRule
	}{{"messages", b.Messages}, {"notifications", b.Notifications}} {
		check(wire.Pointer(each.name, "days"), each.rule.Days)
		for _, key := range slices.Sorted(maps.Keys(each.rule.Categories)) {
			if len(fields) == operation.MaxFields {
				break
			}
			pointer := wire.Pointer(each.name, "categories", key)
			if !slices.ContainsFunc(categories, func(c models.Category) bool { return c.Key == key }) {
				fields = append(fields, models.Field{Pointer: pointer, Code: "unknown-value", Detail: "There is no such category."})
				continue
			}
			check(pointer, each.rule.Categories[key])
		}
	}
	if len(fields) > 0 {
		return models.InvalidFields(fields)
	}
	return nil
}
