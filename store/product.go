package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
)

const whyProducts = "products belong to no account"

// Products reads the products.
type Products struct{ p Platform }

// Products returns the products.
func (p Platform) Products() Products { return Products{p: p} }

// TxProducts reads and changes the products, in a transaction.
type TxProducts struct {
	Products
	tx TxPlatform
}

// Products returns the products, inside the transaction.
func (tx TxPlatform) Products() TxProducts {
	return TxProducts{Products: tx.Platform.Products(), tx: tx}
}

// ByID returns one product. Index: primary key.
func (h Products) ByID(ctx context.Context, id string) (models.Product, error) {
	return one[models.Product]("read product", h.p.rows(ctx, whyProducts), id)
}

// List returns a page of the products, newest first. Index: products_newest.
func (h Products) List(ctx context.Context, page Page) ([]models.Product, string, error) {
	return h.Find(ctx, NamedFilter{}, page)
}

// Find is List for those that the filter selects. Index: products_newest.
func (h Products) Find(ctx context.Context, f NamedFilter, page Page) ([]models.Product, string, error) {
	return newest(f.Apply(h.p.rows(ctx, whyProducts), "name", "display_name"), page, func(r models.Product) (time.Time, string) { return r.CreatedAt, r.ID })
}

// Create inserts the product; it fills in id, version and times. Code
// conflict: the name is taken.
func (h TxProducts) Create(ctx context.Context, r *models.Product) error {
	r.ID, r.Version = NewID(models.KindProduct), 1
	return failed("create product", h.tx.insert(ctx, r))
}

// Update changes the product. Codes: see change.
func (h TxProducts) Update(ctx context.Context, id string, ifVersion int64, fn func(*models.Product) error) (before, after models.Product, err error) {
	return change(h.tx.rows(ctx, whyProducts), id, ifVersion, func(r *models.Product) *int64 { return &r.Version }, fn)
}
