package store

import (
	"context"
	"slices"
	"strings"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/list"
)

const whyPositions = "the list of positions belongs to no account"

// Positions reads the positions that contacts may have.
type Positions struct{ p Platform }

// Positions returns the positions that contacts may have.
func (p Platform) Positions() Positions { return Positions{p: p} }

// TxPositions reads and changes the positions that contacts may have, in a transaction.
type TxPositions struct {
	Positions
	tx TxPlatform
}

// Positions returns the positions that contacts may have, inside the transaction.
func (tx TxPlatform) Positions() TxPositions {
	return TxPositions{Positions: tx.Platform.Positions(), tx: tx}
}

// List returns the list in its order. Index: none, the table is one page.
func (h Positions) List(ctx context.Context) ([]models.Position, error) {
	rows := []models.Position{}
	err := h.p.rows(ctx, whyPositions).Order("place, `key`").Find(&rows).Error
	return rows, failed("list positions", err)
}

// Set replaces the list and returns the one before. check gets it, locked,
// and may refuse. Code conflict: a position that contacts have would be gone; it
// names it.
func (h TxPositions) Set(ctx context.Context, list []models.Position, check func(before []models.Position) error) ([]models.Position, error) {
	before := []models.Position{}
	if err := forUpdate(h.tx.rows(ctx, whyPositions)).Order("place, `key`").Find(&before).Error; err != nil {
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
	if err := h.unused(ctx, gone); err != nil {
		return before, err
	}
	if err := h.tx.rows(ctx, whyPositions).Where("1 = 1").Delete(&models.Position{}).Error; err != nil {
		return before, failed("empty positions", err)
	}
	for i := range list {
		list[i].Place = i + 1
	}
	if len(list) == 0 {
		return before, nil
	}
	return before, failed("store positions", h.tx.insert(ctx, &list))
}

// unused refuses positions that a contact of any account has. Index:
// contacts_position.
func (h TxPositions) unused(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	var used []string
	err := h.tx.rows(ctx, "contacts of all accounts have positions").Model(&models.Contact{}).
		Where("position IN ?", keys).Distinct("position").Order("position").Pluck("position", &used).Error
	if err == nil && len(used) > 0 {
		return models.Errorf(models.CodeConflict, "Contacts have these positions, which must stay: %s.", strings.Join(used, ", "))
	}
	return failed("look for contacts with a position", err)
}

// Hold reports whether the list has the position, and keeps it there until
// the transaction ends. Index: primary key.
func (h TxPositions) Hold(ctx context.Context, key string) (bool, error) {
	var rows []models.Position
	err := forUpdate(h.tx.rows(ctx, whyPositions)).Where("`key` = ?", list.Exactly(key)).Find(&rows).Error
	return len(rows) == 1, failed("hold position", err)
}
