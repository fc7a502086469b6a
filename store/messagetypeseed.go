package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"

	"belfry.dev/belfry/models"
)

// seedTries bounds how often seeding starts again because another process seeded
// at the same time.
const seedTries = 5

// SeedCatalogue stores the categories and message types that a release ships. What
// is stored already stays; a type whose shipped definition changed gets its next
// version, unless an operator changed it before. Several processes may call it at
// once, and any number of times.
func (h Catalogue) SeedCatalogue(ctx context.Context, categories []models.Category, types []models.MessageType) error {
	var err error
	for range seedTries {
		err = h.s.Write(ctx, func(tx *Tx) error {
			p := tx.Platform()
			if err := p.MessageTypes().seedCategories(ctx, categories); err != nil {
				return err
			}
			return p.MessageTypes().seedTypes(ctx, types)
		})
		if models.CodeOf(err) != models.CodeConflict {
			return err
		}
	}
	return err
}

func (h TxMessageTypes) seedCategories(ctx context.Context, categories []models.Category) error {
	stored, err := h.Categories(ctx)
	if err != nil {
		return err
	}
	known := make(map[string]models.Category, len(stored))
	for _, c := range stored {
		known[c.Key] = c
	}
	for _, c := range categories {
		old, exists := known[c.Key]
		switch {
		case !exists:
			err = h.tx.insert(ctx, &c)
		case !reflect.DeepEqual(old, c):
			err = h.tx.rows(ctx, whyTypes).Model(&c).Select("position", "names").Updates(&c).Error
		}
		if err != nil {
			return failed("seed category "+c.Key, err)
		}
	}
	return nil
}

func (h TxMessageTypes) seedTypes(ctx context.Context, types []models.MessageType) error {
	var rows []messageTypeRow
	if err := forUpdate(h.tx.rows(ctx, whyTypes)).Order("type_key").Find(&rows).Error; err != nil {
		return failed("read message types", err)
	}
	known := make(map[string]*messageTypeRow, len(rows))
	for i := range rows {
		known[rows[i].TypeKey] = &rows[i]
	}
	for _, t := range types {
		hash, err := hashOf(t)
		if err != nil {
			return err
		}
		row := known[t.Key]
		switch {
		case row == nil:
			err = h.seedNew(ctx, t, hash)
		case row.Origin == models.TypeShipped && row.ShippedHash != hash:
			err = h.seedNext(ctx, row, t, hash)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (h TxMessageTypes) seedNew(ctx context.Context, t models.MessageType, hash string) error {
	t.Version = 1
	row := messageTypeRow{
		TypeKey: t.Key, Category: t.Category, Version: 1, Enabled: t.Enabled, Origin: models.TypeShipped, ShippedHash: hash,
	}
	if err := h.tx.insert(ctx, &row); err != nil {
		return failed("seed message type "+t.Key, err)
	}
	return h.insertVersion(ctx, t, "")
}

func (h TxMessageTypes) seedNext(ctx context.Context, row *messageTypeRow, t models.MessageType, hash string) error {
	t.Version = row.Version + 1
	row.Version, row.Enabled, row.ShippedHash = t.Version, t.Enabled, hash
	if err := h.saveTypeRow(ctx, row); err != nil {
		return err
	}
	return h.insertVersion(ctx, t, "")
}

// hashOf identifies a definition, whatever its version: 64 hexadecimal digits.
func hashOf(t models.MessageType) (string, error) {
	t.Version = 0
	definition, err := json.Marshal(t)
	if err != nil {
		return "", failed("encode definition of "+t.Key, err)
	}
	sum := sha256.Sum256(definition)
	return hex.EncodeToString(sum[:]), nil
}

func sameDefinition(a, b models.MessageType) (bool, error) {
	first, err := hashOf(a)
	if err != nil {
		return false, err
	}
	second, err := hashOf(b)
	return first == second, err
}
