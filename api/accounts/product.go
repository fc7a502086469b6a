package accounts

import (
	"context"
	"strconv"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func describeProducts() map[string]operation.Operation {
	return map[string]operation.Operation{
		"product.create": {
			Summary:     "Add a product",
			Description: "A product acts by its access keys, for the accounts and the message types that are named here only.",
		},
		"product.list": {
			Summary:     "List the products",
			Description: "Newest first, disabled ones too.",
		},
		"product.get": {
			Summary:     "Show a product",
			Description: "With the accounts and the message types that it may submit for.",
		},
		"product.update": {
			Summary:     "Change a product",
			Description: "A disabled product's keys sign nobody in.",
		},
	}
}

type productView struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	DisplayName string    `json:"display_name"`
	Types       []string  `json:"types"`
	Accounts    []string  `json:"accounts"`
	Enabled     bool      `json:"enabled"`
	Version     int64     `json:"version"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

func viewProduct(p models.Product) productView {
	return productView{
		ID: p.ID, Name: p.Name, DisplayName: p.DisplayName, Types: append([]string{}, p.Types...),
		Accounts: append([]string{}, p.Accounts...), Enabled: p.Enabled, Version: p.Version, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
	}
}

type productOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     productView
}

func outProduct(p models.Product) *productOut {
	return &productOut{ETag: operation.ETag(p.Version), Body: viewProduct(p)}
}

type createProductIn struct {
	Body struct {
		Name        string   `json:"name" pattern:"^[a-z0-9][a-z0-9-]{2,31}$" patternDescription:"3–32 of a–z, 0–9 and -, beginning with a letter or digit"`
		DisplayName string   `json:"display_name,omitempty" maxLength:"64"`
		Types       []string `json:"types" minItems:"1" maxItems:"200" uniqueItems:"true" doc:"Message types that it may submit: keys, category.*, or *."`
		Accounts    []string `json:"accounts" minItems:"1" maxItems:"200" uniqueItems:"true" doc:"Accounts that it may address: ids, or *."`
	}
}

func createProduct(ctx context.Context, c *operation.Call, in *createProductIn) (*productOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[productOut], error) {
		if err := checkReach(ctx, tx, in.Body.Types, in.Body.Accounts); err != nil {
			return nil, err
		}
		product := models.Product{
			Name: in.Body.Name, DisplayName: in.Body.DisplayName, Types: in.Body.Types, Accounts: in.Body.Accounts, Enabled: true,
		}
		if err := tx.Platform().Products().Create(ctx, &product); err != nil {
			return nil, err
		}
		out := outProduct(product)
		out.Location = "/v1/products/" + product.ID
		return operation.Did(out, operation.Of("product", product.ID, product.Name), nil, viewProduct(product)), nil
	})
}

// checkReach checks what a product may submit and whom it may address: patterns of
// message types, and accounts that exist.
func checkReach(ctx context.Context, tx *store.Tx, types, accounts []string) error {
	var fields []models.Field
	for i, each := range types {
		if !models.IsTypePattern(each) {
			fields = append(fields, models.Field{Pointer: "#/types/" + strconv.Itoa(i), Code: "invalid-format", Detail: "must be a key, category.*, or *"})
		}
	}
	for i, each := range accounts {
		if each == models.Every {
			continue
		}
		_, err := tx.Platform().Accounts().ByID(ctx, models.AccountID(each))
		switch {
		case models.CodeOf(err) == models.CodeNotFound || each == string(models.Platform):
			fields = append(fields, models.Field{Pointer: "#/accounts/" + strconv.Itoa(i), Code: "unknown-value", Detail: "there is no such account"})
		case err != nil:
			return err
		}
	}
	if len(fields) > 0 {
		return models.InvalidFields(fields)
	}
	return nil
}

type listProductsIn struct {
	operation.Listing
	operation.Search
}

func listProducts(ctx context.Context, c *operation.Call, in *listProductsIn) (*operation.ListOut[productView], error) {
	p, err := c.Paging(in.Listing, in.Parts()...)
	if err != nil {
		return nil, err
	}
	rows, next, err := c.Store.Platform().Products().Find(ctx, in.Filter(), p.Page)
	return operation.Listed(p, rows, next, viewProduct), err
}

type productIn struct {
	ID string `path:"id" pattern:"^prd_[0-9a-f]{32}$"`
}

func getProduct(ctx context.Context, c *operation.Call, in *productIn) (*productOut, error) {
	product, err := c.Store.Platform().Products().ByID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return outProduct(product), nil
}

type updateProductIn struct {
	ID string `path:"id" pattern:"^prd_[0-9a-f]{32}$"`
	operation.Editing
	Body struct {
		DisplayName *string   `json:"display_name,omitempty" maxLength:"64"`
		Types       *[]string `json:"types,omitempty" minItems:"1" maxItems:"200" uniqueItems:"true"`
		Accounts    *[]string `json:"accounts,omitempty" minItems:"1" maxItems:"200" uniqueItems:"true"`
		Enabled     *bool     `json:"enabled,omitempty"`
	}
}

func updateProduct(ctx context.Context, c *operation.Call, in *updateProductIn) (*productOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[productOut], error) {
		before, after, err := tx.Platform().Products().Update(ctx, in.ID, version, func(p *models.Product) error {
			operation.Set(&p.DisplayName, in.Body.DisplayName)
			operation.Set(&p.Types, in.Body.Types)
			operation.Set(&p.Accounts, in.Body.Accounts)
			operation.Set(&p.Enabled, in.Body.Enabled)
			return checkReach(ctx, tx, p.Types, p.Accounts)
		})
		if err != nil {
			return nil, err
		}
		return operation.Did(outProduct(after), operation.Of("product", after.ID, after.Name), viewProduct(before), viewProduct(after)), nil
	})
}
