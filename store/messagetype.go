package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/list"
	"gorm.io/gorm"
)

const whyTypes = "the catalogue belongs to no account"

// messageTypeRow is the head of a message type: what changes.
type messageTypeRow struct {
	TypeKey  string `gorm:"primaryKey"`
	Category string
	Version  int64
	Enabled  bool
	Origin   models.TypeOrigin
	// ShippedHash is of the shipped definition that was taken over last; "" when
	// none was.
	ShippedHash string
	models.Timestamps
}

// TableName is for gorm.
func (messageTypeRow) TableName() string { return "message_types" }

// messageTypeVersionRow is one version: it never changes.
type messageTypeVersionRow struct {
	TypeKey    string `gorm:"primaryKey"`
	Version    int64  `gorm:"primaryKey;autoIncrement:false"`
	Definition string
	CreatedAt  time.Time
	CreatedBy  string
}

// TableName is for gorm.
func (messageTypeVersionRow) TableName() string { return "message_type_versions" }

// MessageTypeFilter selects message types; zero values select all.
type MessageTypeFilter struct {
	Category string
	// Enabled selects by the switch; nil means both.
	Enabled *bool
	// Product selects what the product may submit; nil means all.
	Product *models.Product
}

// usable narrows the rows to what the product may submit. Index: primary key.
func usable(q *gorm.DB, p models.Product) *gorm.DB {
	keys, categories := p.Types, []string{}
	for _, each := range p.Types {
		if category, all := strings.CutSuffix(each, ".*"); all {
			categories = append(categories, category)
		}
	}
	if !slices.Contains(p.Types, models.Every) {
		q = q.Where("type_key IN ? OR category IN ?", keys, categories)
	}
	return q.Where("type_key NOT IN ?", models.OwnTypes())
}

// MessageTypes reads the catalogue of message types.
type MessageTypes struct{ p Platform }

// MessageTypes returns the catalogue of message types.
func (p Platform) MessageTypes() MessageTypes { return MessageTypes{p: p} }

// TxMessageTypes reads and changes the catalogue of message types, in a transaction.
type TxMessageTypes struct {
	MessageTypes
	tx TxPlatform
}

// MessageTypes returns the catalogue of message types, inside the transaction.
func (tx TxPlatform) MessageTypes() TxMessageTypes {
	return TxMessageTypes{MessageTypes: tx.Platform.MessageTypes(), tx: tx}
}

// Categories returns all categories in the order they are shown. Index: none; a
// handful of rows.
func (h MessageTypes) Categories(ctx context.Context) ([]models.Category, error) {
	list := []models.Category{}
	err := h.p.rows(ctx, whyTypes).Order("position, `key`").Find(&list).Error
	return list, failed("list categories", err)
}

// Catalogue is the message types, as they are and as they were.
type Catalogue struct{ s *Store }

// Catalogue returns the message types, as they are and as they were.
func (s *Store) Catalogue() Catalogue { return Catalogue{s: s} }

// MessageTypes returns a page of the message types as they stand now, sorted by
// key. What their maps and slices hold is shared: read only. Indexes: primary key,
// message_types_category.
func (h Catalogue) MessageTypes(ctx context.Context, filter MessageTypeFilter, page Page) ([]models.MessageTypeHead, string, error) {
	p := h.s.Platform()
	q := p.rows(ctx, whyTypes)
	if filter.Category != "" {
		q = q.Where("category = ?", filter.Category)
	}
	if filter.Enabled != nil {
		q = q.Where("enabled = ?", *filter.Enabled)
	}
	if filter.Product != nil {
		q = usable(q, *filter.Product)
	}
	if page.After != "" {
		q = q.Where("type_key > ?", page.After)
	}
	var rows []messageTypeRow
	if err := q.Order("type_key").Limit(page.Size() + 1).Find(&rows).Error; err != nil {
		return nil, "", failed("list message types", err)
	}
	rows, next := list.Cut(rows, page, func(row messageTypeRow) string { return row.TypeKey })
	definitions, err := h.s.types.all(ctx, p, rows)
	if err != nil {
		return nil, "", err
	}
	heads := make([]models.MessageTypeHead, 0, len(rows))
	for i, row := range rows {
		heads = append(heads, row.head(definitions[i]))
	}
	return heads, next, nil
}

// MessageType returns a message type as it stands now; see MessageTypes. Index:
// primary key.
func (h Catalogue) MessageType(ctx context.Context, key string) (models.MessageTypeHead, error) {
	row, err := h.s.Platform().MessageTypes().row(ctx, key)
	if err != nil {
		return models.MessageTypeHead{}, err
	}
	t, err := h.MessageTypeVersion(ctx, key, row.Version)
	return row.head(t), err
}

// CurrentMessageType is MessageType without the history; see MessageTypes.
func (h Catalogue) CurrentMessageType(ctx context.Context, key string) (models.MessageType, error) {
	head, err := h.MessageType(ctx, key)
	return head.MessageType, err
}

// MessageTypeVersion returns one version, whatever came later; see MessageTypes.
// Index: primary key, and none at all when the version was read before.
func (h Catalogue) MessageTypeVersion(ctx context.Context, key string, version int64) (models.MessageType, error) {
	if t, ok := h.s.types.get(key, version); ok {
		return t, nil
	}
	t, err := h.s.Platform().MessageTypes().version(ctx, key, version)
	if err == nil {
		h.s.types.put(t)
	}
	return t, err
}

// Revisions returns a page of the history, newest first; not-found
// when there is no such type. Index: primary key.
func (h MessageTypes) Revisions(ctx context.Context, key string, page Page) ([]models.MessageTypeRevision, string, error) {
	if _, err := h.row(ctx, key); err != nil {
		return nil, "", err
	}
	q := h.p.rows(ctx, whyTypes).Model(&messageTypeVersionRow{}).Select("version", "created_at", "created_by").Where("type_key = ?", key)
	if page.After != "" {
		after, err := strconv.ParseInt(page.After, 10, 64)
		if err != nil {
			return nil, "", list.BadKey()
		}
		q = q.Where("version < ?", after)
	}
	rows := []models.MessageTypeRevision{}
	if err := q.Order("version DESC").Limit(page.Size() + 1).Find(&rows).Error; err != nil {
		return nil, "", failed("list message type versions", err)
	}
	rows, next := list.Cut(rows, page, func(r models.MessageTypeRevision) string { return strconv.FormatInt(r.Version, 10) })
	return rows, next, nil
}

// Create adds an operator's message type as version 1. Codes:
// validation-failed when there is no such category, conflict when the key is taken.
func (h TxMessageTypes) Create(ctx context.Context, t models.MessageType, by string) (models.MessageTypeHead, error) {
	var n int64
	err := h.tx.rows(ctx, whyTypes).Model(&models.Category{}).Where(&models.Category{Key: t.Category}).Count(&n).Error
	if err != nil {
		return models.MessageTypeHead{}, failed("look up category", err)
	}
	if n == 0 {
		return models.MessageTypeHead{}, models.Invalid("#/key", "unknown-category", "There is no such category.")
	}
	t.Version, t.Trusted = 1, false
	row := messageTypeRow{
		TypeKey: t.Key, Category: t.Category, Version: t.Version, Enabled: t.Enabled, Origin: models.TypeOperator,
	}
	if err := h.tx.insert(ctx, &row); err != nil {
		return models.MessageTypeHead{}, failed("create message type", err)
	}
	return row.head(t), h.insertVersion(ctx, t, by)
}

// Update lets fn change the newest version and stores the result as the
// next one; key and category stay. It returns the type before and after; a change
// that changes nothing makes no version. Codes: not-found; stale-version when
// ifVersion is neither zero nor the type's; conflict when it would switch off what
// Belfry ships as locked; whatever fn returns.
func (h TxMessageTypes) Update(ctx context.Context, key string, ifVersion int64, by string, fn func(*models.MessageType) error) (before, after models.MessageTypeHead, err error) {
	row, err := lockedTypeRow(ctx, h.tx, key)
	if err != nil {
		return before, after, err
	}
	if ifVersion != 0 && ifVersion != row.Version {
		return before, after, models.Errorf(models.CodeStale, "It was changed meanwhile; its version is %d now.", row.Version)
	}
	old, err := h.version(ctx, key, row.Version)
	if err != nil {
		return before, after, err
	}
	before = row.head(old)
	t, err := h.version(ctx, key, row.Version) // a copy that shares nothing with before
	if err != nil {
		return before, after, err
	}
	if err := fn(&t); err != nil {
		return before, after, err
	}
	t.Key, t.Category, t.Version, t.Trusted = old.Key, old.Category, old.Version, old.Trusted
	if same, err := sameDefinition(t, old); same || err != nil {
		return before, before, err
	}
	if err := h.checkFloor(ctx, t); err != nil {
		return before, after, err
	}
	t.Version, t.Trusted = old.Version+1, false
	row.Version, row.Enabled, row.Origin = t.Version, t.Enabled, models.TypeOperator
	if err := h.saveTypeRow(ctx, &row); err != nil {
		return before, after, err
	}
	return before, row.head(t), h.insertVersion(ctx, t, by)
}

// checkFloor refuses a version without the locked cells of the newest one that
// Belfry shipped, whatever operators made of the type since. Index: primary key.
func (h TxMessageTypes) checkFloor(ctx context.Context, t models.MessageType) error {
	var shipped messageTypeVersionRow
	q := h.tx.rows(ctx, whyTypes).Where("type_key = ?", t.Key).Where("created_by = ?", "").Order("version DESC")
	err := q.Take(&shipped).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil
	}
	if err != nil {
		return failed("read shipped message type", err)
	}
	floor, err := shipped.definition()
	if err != nil {
		return err
	}
	if !t.Keeps(floor) {
		return models.Errorf(models.CodeConflict, "What Belfry ships as locked stays locked, strict and enabled.")
	}
	return nil
}

func (row messageTypeRow) head(t models.MessageType) models.MessageTypeHead {
	return models.MessageTypeHead{MessageType: t, Origin: row.Origin, Timestamps: row.Timestamps}
}

// maxTypeKey is the longest key of a message type, in bytes.
const maxTypeKey = 64

// row reads a head. MySQL ignores trailing spaces where SQLite does
// not, so what cannot be a key is never asked for.
func (h MessageTypes) row(ctx context.Context, key string) (messageTypeRow, error) {
	return typeRow(h.p.rows(ctx, whyTypes), key)
}

func lockedTypeRow(ctx context.Context, tx TxPlatform, key string) (messageTypeRow, error) {
	return typeRow(forUpdate(tx.rows(ctx, whyTypes)), key)
}

func typeRow(q *gorm.DB, key string) (messageTypeRow, error) {
	var row messageTypeRow
	if key == "" || len(key) > maxTypeKey || strings.TrimRight(key, " ") != key {
		return row, models.NotFound()
	}
	err := q.Where("type_key = ?", key).Take(&row).Error
	return row, failed("read message type", err)
}

func (h MessageTypes) version(ctx context.Context, key string, version int64) (models.MessageType, error) {
	var row messageTypeVersionRow
	err := h.p.rows(ctx, whyTypes).Where("type_key = ? AND version = ?", key, version).Take(&row).Error
	if err != nil {
		return models.MessageType{}, failed("read message type version", err)
	}
	return row.definition()
}

func (row messageTypeVersionRow) definition() (models.MessageType, error) {
	var t models.MessageType
	if err := json.Unmarshal([]byte(row.Definition), &t); err != nil {
		return t, failed("read definition of "+row.TypeKey, err)
	}
	t.Version = row.Version
	return t, nil
}

func (h TxMessageTypes) insertVersion(ctx context.Context, t models.MessageType, by string) error {
	definition, err := json.Marshal(t)
	if err != nil {
		return failed("encode definition of "+t.Key, err)
	}
	row := messageTypeVersionRow{TypeKey: t.Key, Version: t.Version, Definition: string(definition), CreatedBy: by}
	return failed("create message type version", h.tx.insert(ctx, &row))
}

// saveTypeRow writes a locked head.
func (h TxMessageTypes) saveTypeRow(ctx context.Context, row *messageTypeRow) error {
	row.UpdatedAt = h.tx.now()
	err := h.tx.rows(ctx, whyTypes).Model(row).Select("version", "enabled", "origin", "shipped_hash", "updated_at").Updates(row).Error
	return failed("update message type", err)
}
