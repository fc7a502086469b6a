package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
)

const whyProducts = "products belong to no account"

// Product returns one product. Index: primary key.
func (p Platform) Product(ctx context.Context, id string) (models.Product, error) {
	return one[models.Product]("read product", p.rows(ctx, whyProducts), id)
}

// Products returns a page of the products, newest first. Index: products_newest.
func (p Platform) Products(ctx context.Context, page Page) ([]models.Product, string, error) {
	return newest(p.rows(ctx, whyProducts), page, func(r models.Product) (time.Time, string) { return r.CreatedAt, r.ID })
}

// CreateProduct inserts the product; it fills in id, version and times. Code
// conflict: the name is taken.
func (tx TxPlatform) CreateProduct(ctx context.Context, r *models.Product) error {
	r.ID, r.Version = NewID(models.KindProduct), 1
	return failed("create product", tx.insert(ctx, r))
}

// UpdateProduct changes the product. Codes: see change.
func (tx TxPlatform) UpdateProduct(ctx context.Context, id string, ifVersion int64, fn func(*models.Product) error) (before, after models.Product, err error) {
	return change(tx.rows(ctx, whyProducts), id, ifVersion, func(r *models.Product) *int64 { return &r.Version }, fn)
}
