package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// Remindings is what the workflow of a resource orders.
type Remindings struct{ s *Store }

// Remindings returns what the workflow of a resource orders.
func (s *Store) Remindings() Remindings { return Remindings{s: s} }

// Resource returns the resource as its workflow needs it. Index: primary key.
func (h Remindings) Resource(ctx context.Context, account models.AccountID, id string) (models.Resource, error) {
	return byID[models.Resource](ctx, h.s.In(account), id)
}

// DueResources returns up to limit resources of the account of which a reminder is
// due, those that are due longest first chosen. Indexes: resources_next, primary keys.
func (h Remindings) DueResources(ctx context.Context, account models.AccountID, limit int) (models.DueResources, error) {
	sc := h.s.In(account)
	due := models.DueResources{Reminded: map[string]bool{}}
	var err error
	if due.Account, err = sc.Account().Read(ctx); err != nil {
		return due, err
	}
	err = sc.rows(ctx).Where("next_at <= ?", h.s.Now()).Order("next_at, id").Limit(limit).Find(&due.Resources).Error
	if err != nil {
		return due, failed("find due resources", err)
	}
	slices.SortFunc(due.Resources, func(a, b models.Resource) int { return strings.Compare(a.ID, b.ID) })
	ids, products := make([]string, 0, len(due.Resources)), map[string]bool{}
	for _, r := range due.Resources {
		ids = append(ids, r.ID)
		products[r.ProductID] = true
	}
	past, err := sc.Resources().Reminders(ctx, ids...)
	if err != nil {
		return due, err
	}
	for _, r := range past {
		due.Reminded[r.Key()] = true
	}
	due.Products, err = h.s.Platform().Products().Names(ctx, keysOf(products)...)
	return due, err
}

func keysOf(set map[string]bool) []string {
	keys := make([]string, 0, len(set))
	for key := range set {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Reminders returns the reminders of the resources that were dealt with, in the
// order they were due. Index: primary key.
func (h Resources) Reminders(ctx context.Context, resources ...string) ([]models.Reminder, error) {
	all := []models.Reminder{}
	for chunk := range slices.Chunk(resources, resourceChunk) {
		var rows []models.Reminder
		if err := h.sc.rows(ctx).Where("resource_id IN ?", chunk).Find(&rows).Error; err != nil {
			return nil, failed("read reminders", err)
		}
		all = append(all, rows...)
	}
	slices.SortFunc(all, func(a, b models.Reminder) int {
		if c := a.DueAt.Compare(b.DueAt); c != 0 {
			return c
		}
		return strings.Compare(a.Key(), b.Key())
	})
	return all, nil
}

// Remind brings the resources forward, records the reminders and accepts the
// notifications that tell of them, all or nothing. It reports false, and does
// nothing, when one of the rows was changed since it was read: another worker was
// faster, or the product. Indexes: primary keys.
func (h Remindings) Remind(ctx context.Context, account models.AccountID, r models.Reminding) (bool, error) {
	err := h.s.Write(ctx, func(tx *Tx) error { return tx.In(account).Resources().remind(ctx, tx, r) })
	if errors.Is(err, errOvertaken) {
		return false, nil
	}
	return err == nil, err
}

func (h TxResources) remind(ctx context.Context, whole *Tx, r models.Reminding) error {
	acceptances := slices.Clone(r.Acceptances)
	var together []string
	for i := range acceptances {
		acceptances[i].Notification.ID = NewID(models.KindNotification)
		together = append(together, acceptances[i].Notification.ID)
	}
	if len(together) > 1 {
		for i := range acceptances {
			acceptances[i].Notification.MergedWith = together
		}
	}
	if err := h.lockAsRead(ctx, r.Steps); err != nil {
		return err
	}
	if err := h.advance(ctx, r.Steps); err != nil {
		return err
	}
	var rows []models.Reminder
	for _, step := range r.Steps {
		if step.Reminder == nil {
			continue
		}
		row := *step.Reminder
		row.AccountID, row.CreatedAt = h.tx.account, h.tx.now()
		if step.Acceptance >= 0 {
			row.NotificationID = acceptances[step.Acceptance].Notification.ID
		}
		rows = append(rows, row)
	}
	for chunk := range slices.Chunk(rows, resourceChunk) {
		if err := h.tx.insert(ctx, &chunk); err != nil {
			return failed("record reminders", err)
		}
	}
	_, err := whole.Accept(ctx, acceptances)
	return err
}

// lockAsRead locks the rows of the steps, which are sorted by id, and makes sure that
// they are what was read.
func (h TxResources) lockAsRead(ctx context.Context, steps []models.ReminderStep) error {
	for chunk := range slices.Chunk(steps, resourceChunk) {
		ids := make([]string, 0, len(chunk))
		for _, step := range chunk {
			ids = append(ids, step.Resource.ID)
		}
		var rows []models.Resource
		err := forUpdate(h.tx.rows(ctx)).Select("id", "version").Where("id IN ?", ids).Order("id").Find(&rows).Error
		if err != nil {
			return failed("lock due resources", err)
		}
		if len(rows) != len(chunk) {
			return errOvertaken
		}
		for i, step := range chunk {
			if rows[i].ID != step.Resource.ID || rows[i].Version != step.Resource.Version {
				return errOvertaken
			}
		}
	}
	return nil
}

// stance is where resources stand that are brought forward by one statement.
type stance struct {
	state   models.ResourceState
	reached int64
	next    time.Time
}

// advance stores where the resources stand now: one statement for all that stand
// alike, as those of one account and day do.
func (h TxResources) advance(ctx context.Context, steps []models.ReminderStep) error {
	alike := map[stance][]string{}
	var order []stance
	for _, step := range steps {
		r := step.Resource
		at := stance{r.State, r.Reached, r.NextOf()}
		if alike[at] == nil {
			order = append(order, at)
		}
		alike[at] = append(alike[at], r.ID)
	}
	for _, at := range order {
		var next *time.Time
		if !at.next.IsZero() {
			next = &at.next
		}
		for chunk := range slices.Chunk(alike[at], resourceChunk) {
			result := h.tx.rows(ctx).Model(&models.Resource{}).Where("id IN ?", chunk).UpdateColumns(map[string]any{
				"state": at.state, "reached": at.reached, "next_at": next, "version": gorm.Expr("version + 1"),
			})
			if result.Error != nil {
				return failed("bring resources forward", result.Error)
			}
			if int(result.RowsAffected) != len(chunk) {
				return fmt.Errorf("bring resources forward: %d of %d rows", result.RowsAffected, len(chunk))
			}
		}
	}
	return nil
}
