package store

import (
	"context"
	"slices"
	"strings"

	"belfry.dev/belfry/models"
)

const whyPositions = "the list of positions belongs to no account"

// Positions returns the list in its order. Index: none, the table is one page.
func (p Platform) Positions(ctx context.Context) ([]models.Position, error) {
	rows := []models.Position{}
	err := p.rows(ctx, whyPositions).Order("place, `key`").Find(&rows).Error
	return rows, failed("list positions", err)
}

// SetPositions replaces the list and returns the one before. check gets it, locked,
// and may refuse. Code conflict: a position that contacts have would be gone; it
// names it.
func (tx TxPlatform) SetPositions(ctx context.Context, list []models.Position, check func(before []models.Position) error) ([]models.Position, error) {
	before := []models.Position{}
	if err := forUpdate(tx.rows(ctx, whyPositions)).Order("place, `key`").Find(&before).Error; err != nil {
		return nil, failed("lock positions", err)
	}
	if err := check(before); err != nil {
		return before, err
	}
	var gone []string
	for _, p := range before {
		if !slices.ContainsFunc(list, func(each models.Position) bool { return each.Key == p.Key }) {
			gone = append(gone, p.Key)
		}
	}
	if err := tx.unused(ctx, gone); err != nil {
		return before, err
	}
	if err := tx.rows(ctx, whyPositions).Where("1 = 1").Delete(&models.Position{}).Error; err != nil {
		return before, failed("empty positions", err)
	}
	for i := range list {
		list[i].Place = i + 1
	}
	if len(list) == 0 {
		return before, nil
	}
	return before, failed("store positions", tx.insert(ctx, &list))
}

// unused refuses positions that a contact of any account has. Index:
// contacts_position.
func (tx TxPlatform) unused(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	var used []string
	err := tx.rows(ctx, "contacts of all accounts have positions").Model(&models.Contact{}).
		Where("position IN ?", keys).Distinct("position").Order("position").Pluck("position", &used).Error
	if err == nil && len(used) > 0 {
		return models.Errorf(models.CodeConflict, "Contacts have these positions, which must stay: %s.", strings.Join(used, ", "))
	}
	return failed("look for contacts with a position", err)
}

// HoldPosition reports whether the list has the position, and keeps it there until
// the transaction ends. Index: primary key.
func (tx TxPlatform) HoldPosition(ctx context.Context, key string) (bool, error) {
	var rows []models.Position
	err := forUpdate(tx.rows(ctx, whyPositions)).Where("`key` = ?", exactly(key)).Find(&rows).Error
	return len(rows) == 1, failed("hold position", err)
}
