package keys

import (
	"context"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func describeProductKeys() map[string]operation.Operation {
	return map[string]operation.Operation{
		"product_key.create": {
			Summary: "Make an access key of a product", Description: "The key is shown in this answer only.",
		},
		"product_key.list": {
			Summary:     "List a product's access keys, ended ones too",
			Description: "Secrets are not shown again: only the creation of a key shows its secret.",
		},
		"product_key.rotate": {
			Summary: "Replace an access key of a product", Description: "The old key works on for the overlap, a day by default.",
		},
		"product_key.delete": {
			Summary:     "Revoke an access key of a product",
			Description: "It is refused from then on; the list goes on showing it.",
		},
	}
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
