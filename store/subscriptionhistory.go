package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/list"
	"gorm.io/gorm"
)

// Changes returns a page of the history of the account's matrix, or of one
// message type, newest first. Indexes: primary key, subscription_changes_type.
func (h Subscriptions) Changes(ctx context.Context, typeKey string, page Page) ([]models.SubscriptionChange, string, error) {
	q := h.sc.rows(ctx)
	if typeKey != "" {
		q = q.Where("type_key = ?", list.Exactly(typeKey))
	}
	if page.After != "" {
		number, key, found := strings.Cut(page.After, ",")
		version, err := strconv.ParseInt(number, 10, 64)
		if !found || err != nil {
			return nil, "", list.BadKey()
		}
		q = q.Where("version <= ?", version).Where("version < ? OR type_key > ?", version, key)
	}
	rows := []models.SubscriptionChange{}
	if err := q.Order("version DESC, type_key").Limit(page.Size() + 1).Find(&rows).Error; err != nil {
		return nil, "", failed("list subscription changes", err)
	}
	rows, next := list.Cut(rows, page, func(r models.SubscriptionChange) string {
		return strconv.FormatInt(r.Version, 10) + "," + r.TypeKey
	})
	return rows, next, nil
}

// MatrixAt returns the account's matrix as it was at the instant. Index:
// subscription_changes_at.
func (h Subscriptions) MatrixAt(ctx context.Context, at time.Time) (models.Matrix, error) {
	return h.matrixWhere(ctx, func(q *gorm.DB) *gorm.DB { return q.Where("at <= ?", at) })
}

// MatrixOfVersion returns the account's matrix as it was in the version. Index: primary key.
func (h Subscriptions) MatrixOfVersion(ctx context.Context, version int64) (models.Matrix, error) {
	return h.matrixWhere(ctx, func(q *gorm.DB) *gorm.DB { return q.Where("version <= ?", version) })
}

// matrixWhere puts the newest of the changes that until selects together, in one query.
func (h Subscriptions) matrixWhere(ctx context.Context, until func(*gorm.DB) *gorm.DB) (models.Matrix, error) {
	m := models.Matrix{Version: 1, Choices: map[string]models.Choice{}}
	newestOfEach := until(h.sc.rows(ctx).Model(&models.SubscriptionChange{})).Select("type_key, MAX(version)").Group("type_key")
	var rows []models.SubscriptionChange
	if err := h.sc.rows(ctx).Where("(type_key, version) IN (?)", newestOfEach).Find(&rows).Error; err != nil {
		return m, failed("read the history", err)
	}
	for _, row := range rows {
		m.Version = max(m.Version, row.Version)
		if row.After != nil {
			m.Choices[row.TypeKey] = *row.After
		}
	}
	return m, nil
}

// TypesAt returns all message types as they stood at the instant, sorted by key; see
// MessageTypes. Index: primary key.
func (h Catalogue) TypesAt(ctx context.Context, at time.Time) ([]models.MessageType, error) {
	p := h.s.Platform()
	newestOfEach := p.rows(ctx, whyTypes).Model(&messageTypeVersionRow{}).Select("type_key, MAX(version)").
		Where("created_at <= ?", at).Group("type_key")
	var rows []messageTypeRow
	err := p.rows(ctx, whyTypes).Model(&messageTypeVersionRow{}).Select("type_key", "version").
		Where("(type_key, version) IN (?)", newestOfEach).Order("type_key").Scan(&rows).Error
	if err != nil {
		return nil, failed("list past message types", err)
	}
	return h.s.types.all(ctx, p, rows)
}

// TypesOfChanges returns the message types as they stood at the changes, in the same order;
// the zero value for a key that no type has. Index: primary key.
func (h Catalogue) TypesOfChanges(ctx context.Context, changes []models.SubscriptionChange) ([]models.MessageType, error) {
	p, keys := h.s.Platform(), make([]string, len(changes))
	for i, c := range changes {
		keys[i] = c.TypeKey
	}
	var versions []messageTypeVersionRow
	find := p.rows(ctx, whyTypes).Select("type_key", "version", "created_at").Where("type_key IN ?", keys)
	if err := find.Order("type_key, version").Find(&versions).Error; err != nil {
		return nil, failed("list versions of message types", err)
	}
	then, known := make([]typeVersion, len(changes)), map[typeVersion]models.MessageType{}
	for i, c := range changes {
		for _, v := range versions {
			if v.TypeKey == c.TypeKey && (then[i].key == "" || !v.CreatedAt.After(c.At)) {
				then[i] = typeVersion{v.TypeKey, v.Version}
			}
		}
		if then[i].key != "" {
			known[then[i]] = models.MessageType{}
		}
	}
	var rows []messageTypeRow
	for v := range known {
		rows = append(rows, messageTypeRow{TypeKey: v.key, Version: v.version})
	}
	types, err := h.s.types.all(ctx, p, rows)
	for _, t := range types {
		known[typeVersion{t.Key, t.Version}] = t
	}
	found := make([]models.MessageType, len(changes))
	for i, v := range then {
		found[i] = known[v]
	}
	return found, err
}
