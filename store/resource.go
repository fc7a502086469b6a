package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/list"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// resourceChunk bounds the rows of one statement: databases limit its values.
const resourceChunk = 500

func resourceKey(r models.Resource) (time.Time, string) { return r.CreatedAt, r.ID }

// Resources reads the account's resources that expire, and what reminded of them.
type Resources struct{ sc Scope }

// Resources returns the account's resources that expire, and what reminded of them.
func (sc Scope) Resources() Resources { return Resources{sc: sc} }

// TxResources reads and changes the account's resources that expire, and what reminded of them, in a transaction.
type TxResources struct {
	Resources
	tx TxScope
}

// Resources returns the account's resources that expire, and what reminded of them, inside the transaction.
func (tx TxScope) Resources() TxResources {
	return TxResources{Resources: tx.Scope.Resources(), tx: tx}
}

// List returns a page, newest first. Index: resources_newest.
func (h Resources) List(ctx context.Context, f ResourceFilter, page Page) ([]models.Resource, string, error) {
	return newest(f.Apply(h.sc.rows(ctx)), page, resourceKey)
}

// ByID returns one resource. Code not-found for a deleted one, too. Index:
// primary key.
func (h Resources) ByID(ctx context.Context, id string) (models.Resource, error) {
	r, err := byID[models.Resource](ctx, h.sc, id)
	if err == nil && r.State == models.ResourceDeleted {
		return models.Resource{}, models.NotFound()
	}
	return r, err
}

// Open returns up to limit resources of which a reminder is still to come,
// those with the next one first, as far as a forecast needs them. Index: resources_next.
func (h Resources) Open(ctx context.Context, limit int) ([]models.Resource, error) {
	var rows []models.Resource
	err := h.open(ctx).Limit(limit).
		Select("id", "account_id", "product_id", "external_id", "name", "expires_at", "release_at", "ladder", "state", "reached", "next_at").
		Find(&rows).Error
	return rows, failed("list open resources", err)
}

// NextBehind returns when the next reminder of OpenResources' row behind the first
// ones is to come; nil when there is none. Index: resources_next.
func (h Resources) NextBehind(ctx context.Context, first int) (*time.Time, error) {
	var rows []models.Resource
	err := h.open(ctx).Select("next_at").Offset(first).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, failed("look behind open resources", err)
	}
	return rows[0].NextAt, nil
}

func (h Resources) open(ctx context.Context) *gorm.DB {
	return h.sc.rows(ctx).Where("next_at IS NOT NULL").Order("next_at, id")
}

const whyFeeds = "a product sees what it registered"

// Registrations reads the resources that products registered, over all accounts.
type Registrations struct{ p Platform }

// Registrations returns the resources that products registered, over all accounts.
func (p Platform) Registrations() Registrations { return Registrations{p: p} }

// List returns a page of what the product registered for any account,
// newest first. Index: resources_product.
func (h Registrations) List(ctx context.Context, product string, f ResourceFilter, page Page) ([]models.Resource, string, error) {
	return newest(f.Apply(h.p.rows(ctx, whyFeeds).Where("product_id = ?", product)), page, resourceKey)
}

// AccountOfProducts returns the account of a resource that the product registered;
// not-found otherwise. Index: primary key.
func (h Registrations) AccountOfProducts(ctx context.Context, product, id string) (models.AccountID, error) {
	r, err := one[models.Resource]("find resource", h.p.rows(ctx, whyFeeds).Where("product_id = ? AND state <> ?", product, models.ResourceDeleted), id)
	return r.AccountID, err
}

// AccountOf returns the account of a resource, for operators; not-found
// otherwise. Index: primary key.
func (h Registrations) AccountOf(ctx context.Context, id string) (models.AccountID, error) {
	r, err := one[models.Resource]("find resource", h.p.rows(ctx, "operators see the resources of any account").Where("state <> ?", models.ResourceDeleted), id)
	return r.AccountID, err
}

// Names returns what people call the products, by id; their names where they
// have no other. Index: primary key.
func (h Products) Names(ctx context.Context, ids ...string) (map[string]string, error) {
	names, err := list.Names(h.p.rows(ctx, whyProducts).Model(&models.Product{}), ids)
	return names, failed("read product names", err)
}

// LockAll inserts those of the product's fresh resources that are not there,
// deleted ones included, and returns all rows of their external ids, locked, by
// external id. A row with a fresh one's id is new. A deleted one may be forgotten
// between both (see retainer.resources): then it is inserted, too. Index:
// resources_external.
func (h TxResources) LockAll(ctx context.Context, product string, fresh []models.Resource) (map[string]models.Resource, error) {
	ids := make([]string, 0, len(fresh))
	for _, r := range fresh {
		ids = append(ids, r.ExternalID)
	}
	slices.Sort(ids)
	known, err := h.fed(ctx, h.tx.rows(ctx).Select("id", "external_id"), product, ids)
	if err != nil {
		return nil, err
	}
	for range 2 {
		if err := h.registerMissing(ctx, product, fresh, known); err != nil {
			return nil, err
		}
		if known, err = h.fed(ctx, forUpdate(h.tx.rows(ctx)), product, ids); err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(ids, func(id string) bool { return known[id].ID == "" }) {
			return known, nil
		}
	}
	return nil, fmt.Errorf("register resources of product %s: rows are gone that were just inserted", product)
}

// registerMissing inserts those of the fresh resources that are not known.
func (h TxResources) registerMissing(ctx context.Context, product string, fresh []models.Resource, known map[string]models.Resource) error {
	missing := make([]models.Resource, 0, len(fresh))
	for _, r := range fresh {
		if _, there := known[r.ExternalID]; !there {
			r.AccountID, r.ProductID, r.Version = h.tx.account, product, 1
			missing = append(missing, r)
		}
	}
	for chunk := range slices.Chunk(missing, resourceChunk) {
		if err := h.tx.insertOr(ctx, clause.OnConflict{DoNothing: true}, &chunk); err != nil {
			return failed("register resources", err)
		}
	}
	return nil
}

// fed reads the product's rows by external id. MySQL ignores trailing spaces where
// SQLite does not: callers refuse them.
func (h TxResources) fed(ctx context.Context, q *gorm.DB, product string, ids []string) (map[string]models.Resource, error) {
	q = q.Session(&gorm.Session{Context: ctx})
	found := map[string]models.Resource{}
	for chunk := range slices.Chunk(ids, resourceChunk) {
		var rows []models.Resource
		err := q.Where("product_id = ? AND external_id IN ?", product, chunk).Order("external_id").Find(&rows).Error
		if err != nil {
			return nil, failed("read fed resources", err)
		}
		for _, r := range rows {
			found[r.ExternalID] = r
		}
	}
	return found, nil
}

// Lock returns one resource and holds its row until the transaction ends.
// Code not-found for a deleted one, too. Index: primary key.
func (h TxResources) Lock(ctx context.Context, id string) (models.Resource, error) {
	return one[models.Resource]("lock resource", forUpdate(h.tx.rows(ctx)).Where("state <> ?", models.ResourceDeleted), id)
}

// Store stores rows that are locked and were changed, each with its next
// version, and wakes the workflows of those ids.
func (h TxResources) Store(ctx context.Context, changed []models.Resource, wake []string) error {
	rule := clause.OnConflict{
		Columns: []clause.Column{{Name: "id"}},
		DoUpdates: clause.AssignmentColumns([]string{
			"kind", "name", "expires_at", "release_at", "ladder", "state", "feed_version", "reached", "next_at", "version", "created_at", "updated_at",
		}),
	}
	for chunk := range slices.Chunk(changed, resourceChunk) {
		for i := range chunk {
			chunk[i].Version++
			chunk[i].UpdatedAt = h.tx.now()
		}
		if err := h.tx.insertOr(ctx, rule, &chunk); err != nil {
			return failed("change resources", err)
		}
	}
	return h.wake(ctx, wake)
}

func (h TxResources) wake(ctx context.Context, ids []string) error {
	for chunk := range slices.Chunk(ids, resourceChunk) {
		if err := h.tx.wakes().wake(ctx, models.EntityResource, chunk...); err != nil {
			return err
		}
	}
	return nil
}

// reschedule has every resource of the account that is still reminded of
// looked at again: its days begin at another time. Index: resources_next.
func (h TxResources) reschedule(ctx context.Context) error {
	var ids []string
	open := h.tx.rows(ctx).Model(&models.Resource{}).Where("next_at IS NOT NULL").Session(&gorm.Session{})
	if err := open.Pluck("id", &ids).Error; err != nil {
		return failed("find resources to reschedule", err)
	}
	err := open.UpdateColumns(map[string]any{"next_at": h.tx.now(), "version": gorm.Expr("version + 1")}).Error
	if err != nil {
		return failed("reschedule resources", err)
	}
	return h.wake(ctx, ids)
}

// errOvertaken makes a transaction that was decided on old rows end without effect.
var errOvertaken = errors.New("rows changed since they were read")
