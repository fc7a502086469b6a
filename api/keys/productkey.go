package keys

import (
	"context"
	"net/http"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func registerProductKeys(s *operation.Core) {
	operation.Register(s, operation.Operation{
		Action: "product_key.create", Method: http.MethodPost, Path: "/v1/products/{id}/keys", Status: http.StatusCreated,
		Summary: "Make an access key of a product", Description: "The key is shown in this answer only.",
	}, createProductKey)
	operation.Register(s, operation.Operation{
		Action: "product_key.list", Method: http.MethodGet, Path: "/v1/products/{id}/keys", Summary: "List a product's access keys, ended ones too",
		Description: "Secrets are not shown again: only the creation of a key shows its secret.",
	}, listProductKeys)
	operation.Register(s, operation.Operation{
		Action: "product_key.rotate", Method: http.MethodPost, Path: "/v1/products/{id}/keys/{key}/rotate", Status: http.StatusCreated,
		Summary: "Replace an access key of a product", Description: "The old key works on for the overlap, a day by default.",
	}, rotateProductKey)
	operation.Register(s, operation.Operation{
		Action: "product_key.delete", Method: http.MethodDelete, Path: "/v1/products/{id}/keys/{key}", Summary: "Revoke an access key of a product",
		Description: "It is refused from then on; the list goes on showing it.",
	}, deleteProductKey)
}

// productKeys are the keys of a product that exists. Code not-found: it does not.
func productKeys(ctx context.Context, p store.Platform, id string) (keyRing, error) {
	product, err := p.Products().ByID(ctx, id)
	return keyRing{
		account: models.Platform, kind: models.ActorProduct, owner: product.ID,
		path: "/v1/products/" + product.ID + "/keys/", object: "product_key",
	}, err
}

type createProductKeyIn struct {
	ID   string `path:"id" pattern:"^prd_[0-9a-f]{32}$"`
	Body newKeyBody
}

func createProductKey(ctx context.Context, c *operation.Call, in *createProductKeyIn) (*newKeyOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[newKeyOut], error) {
		ring, err := productKeys(ctx, tx.Platform().Platform, in.ID)
		if err != nil {
			return nil, err
		}
		return ring.create(ctx, tx, in.Body.Name, in.Body.ExpiresAt)
	})
}

type listProductKeysIn struct {
	ID string `path:"id" pattern:"^prd_[0-9a-f]{32}$"`
	operation.Listing
}

func listProductKeys(ctx context.Context, c *operation.Call, in *listProductKeysIn) (*operation.ListOut[KeyView], error) {
	ring, err := productKeys(ctx, c.Store.Platform(), in.ID)
	if err != nil {
		return nil, err
	}
	return ring.list(ctx, c, c.Core, in.Listing)
}

type rotateProductKeyIn struct {
	ID   string `path:"id" pattern:"^prd_[0-9a-f]{32}$"`
	Key  string `path:"key" pattern:"^key_[0-9a-f]{32}$"`
	Body *rotateBody
}

func rotateProductKey(ctx context.Context, c *operation.Call, in *rotateProductKeyIn) (*newKeyOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[newKeyOut], error) {
		ring, err := productKeys(ctx, tx.Platform().Platform, in.ID)
		if err != nil {
			return nil, err
		}
		return ring.rotate(ctx, tx, in.Key, in.Body.overlap())
	})
}

type deleteProductKeyIn struct {
	ID  string `path:"id" pattern:"^prd_[0-9a-f]{32}$"`
	Key string `path:"key" pattern:"^key_[0-9a-f]{32}$"`
}

func deleteProductKey(ctx context.Context, c *operation.Call, in *deleteProductKeyIn) (*operation.Nothing, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operation.Nothing], error) {
		ring, err := productKeys(ctx, tx.Platform().Platform, in.ID)
		if err != nil {
			return nil, err
		}
		return ring.revoke(ctx, tx, in.Key)
	})
}
