package store

import (
	"context"
	"sync"

	"belfry.dev/belfry/models"
)

// typeCache remembers versions of message types: they never change.
type typeCache struct {
	mu    sync.Mutex
	known map[typeVersion]models.MessageType
}

type typeVersion struct {
	key     string
	version int64
}

// maxCachedTypes bounds the memory: one version is some 10 kB.
const maxCachedTypes = 2000

func newTypeCache() *typeCache { return &typeCache{known: map[typeVersion]models.MessageType{}} }

func (c *typeCache) get(key string, version int64) (models.MessageType, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.known[typeVersion{key, version}]
	return t, ok
}

func (c *typeCache) put(t models.MessageType) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= maxCachedTypes {
		clear(c.known)
	}
	c.known[typeVersion{t.Key, t.Version}] = t
}

// all returns the versions that the heads name, in their order; those that are
// not remembered come from one query. Index: primary key.
func (c *typeCache) all(ctx context.Context, p Platform, rows []messageTypeRow) ([]models.MessageType, error) {
	found := make([]models.MessageType, len(rows))
	at := map[typeVersion]int{}
	var missing [][]any
	for i, row := range rows {
		t, ok := c.get(row.TypeKey, row.Version)
		if found[i] = t; !ok {
			at[typeVersion{row.TypeKey, row.Version}] = i
			missing = append(missing, []any{row.TypeKey, row.Version})
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	var versions []messageTypeVersionRow
	if err := p.rows(ctx, whyTypes).Where("(type_key, version) IN ?", missing).Find(&versions).Error; err != nil {
		return nil, failed("read message type versions", err)
	}
	for _, row := range versions {
		t, err := row.definition()
		if err != nil {
			return nil, err
		}
		c.put(t)
		found[at[typeVersion{row.TypeKey, row.Version}]] = t
	}
	return found, nil
}
