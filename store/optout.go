package store

import (
	"context"
	"slices"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm/clause"
)

// optout says that an address of the account wants no messages of a type.
type optout struct {
	AccountID  models.AccountID `gorm:"primaryKey"`
	AddressKey string           `gorm:"primaryKey"`
	TypeKey    string           `gorm:"primaryKey"`
	CreatedAt  time.Time
}

// OptOuts reads which message types the owners of addresses do not want.
type OptOuts struct{ sc Scope }

// OptOuts returns which message types the owners of addresses do not want.
func (sc Scope) OptOuts() OptOuts { return OptOuts{sc: sc} }

// TxOptOuts reads and changes which message types the owners of addresses do not want, in a transaction.
type TxOptOuts struct {
	OptOuts
	tx TxScope
}

// OptOuts returns which message types the owners of addresses do not want, inside the transaction.
func (tx TxScope) OptOuts() TxOptOuts { return TxOptOuts{OptOuts: tx.Scope.OptOuts(), tx: tx} }

// optedOut tells which of the addresses, in normal form, want no messages of the type, or
// none of those that may be switched off (models.Every), and which want no marketing.
// Index: primary key.
func (h OptOuts) optedOut(ctx context.Context, addressKeys []string, typeKey string) (out, marketing map[string]bool, err error) {
	out, marketing = map[string]bool{}, map[string]bool{}
	if len(addressKeys) == 0 {
		return out, marketing, nil
	}
	var rows []optout
	err = h.sc.rows(ctx).Where("address_key IN ?", addressKeys).
		Where("type_key IN ?", []string{typeKey, models.Every, models.Marketing}).Find(&rows).Error
	for _, row := range rows {
		if row.TypeKey == models.Marketing {
			marketing[row.AddressKey] = true
			continue
		}
		out[row.AddressKey] = true
	}
	return out, marketing, failed("read opt-outs", err)
}

// List returns, sorted, the types that any of the addresses wants no messages of:
// keys, models.Every or models.Marketing. Index: primary key.
func (h OptOuts) List(ctx context.Context, addressKeys ...string) ([]string, error) {
	keys := []string{}
	if len(addressKeys) == 0 {
		return keys, nil
	}
	err := h.sc.rows(ctx).Model(&optout{}).Where("address_key IN ?", addressKeys).Distinct("type_key").Pluck("type_key", &keys).Error
	slices.Sort(keys)
	return keys, failed("read opt-outs", err)
}

// AllOptOuts returns, by address, the types that it wants no messages of, sorted: keys,
// models.Every or models.Marketing. Index: primary key.
func (h OptOuts) AllOptOuts(ctx context.Context) (map[string][]string, error) {
	var rows []optout
	if err := h.sc.rows(ctx).Order("address_key, type_key").Find(&rows).Error; err != nil {
		return nil, failed("read opt-outs", err)
	}
	out := make(map[string][]string, len(rows))
	for _, row := range rows {
		out[row.AddressKey] = append(out[row.AddressKey], row.TypeKey)
	}
	return out, nil
}

// Add records that the address wants no messages of the type any more, or of
// all types that may be switched off (models.Every), or of marketing types
// (models.Marketing); repeating it changes nothing.
func (h TxOptOuts) Add(ctx context.Context, addressKey, typeKey string) error {
	row := optout{AccountID: h.tx.account, AddressKey: addressKey, TypeKey: typeKey}
	q := h.tx.db.WithContext(ctx).Set(guardAccount, h.tx.account).Clauses(clause.OnConflict{DoNothing: true})
	return failed("opt out", q.Create(&row).Error)
}

// Replace makes the types that each of the addresses wants no messages of those
// given, and no others. Index: primary key.
func (h TxOptOuts) Replace(ctx context.Context, addressKeys, typeKeys []string) error {
	if len(addressKeys) == 0 {
		return nil
	}
	gone := h.tx.rows(ctx).Where("address_key IN ?", addressKeys)
	if len(typeKeys) > 0 {
		gone = gone.Where("type_key NOT IN ?", typeKeys)
	}
	if err := gone.Delete(&optout{}).Error; err != nil {
		return failed("opt in", err)
	}
	var rows []optout
	for _, address := range addressKeys {
		for _, key := range typeKeys {
			rows = append(rows, optout{AccountID: h.tx.account, AddressKey: address, TypeKey: key})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return failed("opt out", h.tx.insertOr(ctx, clause.OnConflict{DoNothing: true}, &rows))
}

// Remove takes an opt-out back; repeating it changes nothing. Only who reads at the
// address may have it done.
func (h TxOptOuts) Remove(ctx context.Context, addressKey, typeKey string) error {
	q := h.tx.rows(ctx).Where("address_key = ? AND type_key = ?", addressKey, typeKey)
	return failed("opt in", q.Delete(&optout{}).Error)
}
