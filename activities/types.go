package activities

import (
	"context"
	"sync"

	"belfry.dev/belfry/models"
)

// typeCache keeps versions of message types: they never change.
type typeCache struct {
	store Store
	mu    sync.Mutex
	known map[typeVersion]models.MessageType
}

type typeVersion struct {
	key     string
	version int64
}

// maxTypes bounds the cache; there are some dozens of types.
const maxTypes = 2000

func newTypeCache(s Store) *typeCache {
	return &typeCache{store: s, known: map[typeVersion]models.MessageType{}}
}

func (c *typeCache) get(ctx context.Context, key string, version int64) (models.MessageType, error) {
	k := typeVersion{key, version}
	c.mu.Lock()
	t, ok := c.known[k]
	c.mu.Unlock()
	if ok {
		return t, nil
	}
	t, err := c.store.MessageTypeVersion(ctx, key, version)
	if err != nil {
		return t, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= maxTypes {
		clear(c.known)
	}
	c.known[k] = t
	return t, nil
}
