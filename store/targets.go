package store

import (
	"context"
	"slices"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// NotificationTargets returns whom a notification of the type could reach and what decides
// about it, but for the counts of quotas: in eight queries, whatever the number of
// contacts, groups and bots. Indexes: primary keys, contacts_account,
// contact_group_members primary key, addresses_contact, bots_newest, providers_channel.
func (h Deliveries) NotificationTargets(ctx context.Context, account models.AccountID, typeKey string) (models.Targets, error) {
	return h.s.In(account).Routing().targets(ctx, typeKey)
}

// Routing reads all that routing decides by.
type Routing struct{ sc Scope }

// Routing returns all that routing decides by.
func (sc Scope) Routing() Routing { return Routing{sc: sc} }

// TxRouting reads and changes all that routing decides by, in a transaction.
type TxRouting struct {
	Routing
	tx TxScope
}

// Routing returns all that routing decides by, inside the transaction.
func (tx TxScope) Routing() TxRouting { return TxRouting{Routing: tx.Scope.Routing(), tx: tx} }

func (h Routing) targets(ctx context.Context, typeKey string) (models.Targets, error) {
	var t models.Targets
	account, err := h.sc.Account().Read(ctx)
	if err != nil {
		return t, err
	}
	t.Language, t.TimeZone = account.Language, account.TimeZone
	choices, err := h.sc.Subscriptions().choices(ctx, typeKey, models.Every)
	if err != nil {
		return t, err
	}
	t.Choice, t.MarketingOff = choices[typeKey], choices[models.Every].MarketingOff
	if err := h.readContacts(ctx, &t); err != nil {
		return t, err
	}
	if err := h.sc.rows(ctx).Omit("settings", "secrets").Order("created_at, id").Find(&t.Bots).Error; err != nil {
		return t, failed("read bots", err)
	}
	if t.Configured, err = h.configured(ctx); err != nil {
		return t, err
	}
	if err := h.readPreferences(ctx, &t); err != nil {
		return t, err
	}
	return t, h.readOptOuts(ctx, typeKey, &t)
}

// configured are the channels with an enabled provider, sorted. Index: providers_channel.
func (h Routing) configured(ctx context.Context) ([]models.Channel, error) {
	var channels []models.Channel
	p := Platform{db: h.sc.db, vault: h.sc.vault, now: h.sc.now}
	err := p.rows(ctx, "providers belong to no account").Model(&models.Provider{}).
		Where("enabled = ?", true).Distinct("channel").Order("channel").Pluck("channel", &channels).Error
	return channels, failed("read configured channels", err)
}

// readContacts reads the account contact and the targets, with all their addresses, in two
// queries.
func (h Routing) readContacts(ctx context.Context, t *models.Targets) error {
	var rows []models.Contact
	q := h.sc.rows(ctx)
	switch t.Choice.Kind {
	case models.TargetContacts:
		q = q.Where("account_contact = ? OR id IN ?", 1, t.Choice.Targets)
	case models.TargetGroups:
		members := h.sc.rows(ctx).Model(&models.ContactGroupMember{}).Select("contact_id").Where("group_id IN ?", t.Choice.Targets)
		q = q.Where("account_contact = ? OR id IN (?)", 1, members)
	case models.TargetAccount:
		q = q.Where("account_contact = ?", 1)
	}
	if err := q.Order("created_at, id").Find(&rows).Error; err != nil {
		return failed("read contacts", err)
	}
	if err := attach(h.sc.rows(ctx), rows); err != nil {
		return err
	}
	for i, c := range rows {
		account := c.Kind == models.ContactAccount
		if account {
			t.AccountContact = &rows[i]
		}
		if !account || t.Choice.Kind == models.TargetContacts && slices.Contains(t.Choice.Targets, c.ID) {
			t.Contacts = append(t.Contacts, c)
		}
	}
	return nil
}

// readPreferences reads what the contacts and bots want for themselves. Index: primary key.
func (h Routing) readPreferences(ctx context.Context, t *models.Targets) error {
	var ids []string
	for _, c := range t.Contacts {
		ids = append(ids, c.ID)
	}
	if t.AccountContact != nil {
		ids = append(ids, t.AccountContact.ID)
	}
	for _, b := range t.Bots {
		ids = append(ids, b.ID)
	}
	var err error
	if t.Preferences, err = h.sc.Preferences().Of(ctx, ids...); err != nil {
		return err
	}
	return h.gathering(ctx, t)
}

// readOptOuts reads which of all the addresses opted out. Index: primary key.
func (h Routing) readOptOuts(ctx context.Context, typeKey string, t *models.Targets) error {
	var keys []string
	contacts := t.Contacts
	if t.AccountContact != nil {
		contacts = append(slices.Clone(contacts), *t.AccountContact)
	}
	for _, c := range contacts {
		for _, a := range c.Addresses {
			keys = append(keys, a.ValueKey)
		}
	}
	var err error
	t.Unsubscribed, t.NoMarketing, err = h.sc.OptOuts().optedOut(ctx, keys, typeKey)
	return err
}

// QuotasUsed returns the counts of the account's quotas that are not over, by key; those
// of zero are missing. Index: throttles primary key.
func (h Deliveries) QuotasUsed(ctx context.Context, account models.AccountID, keys []string) (map[string]int, error) {
	return h.s.In(account).Routing().QuotasUsed(ctx, keys)
}

// QuotasUsed is Store.QuotasUsed for the scope's account.
func (h Routing) QuotasUsed(ctx context.Context, keys []string) (map[string]int, error) {
	return h.used(ctx, h.sc.db.WithContext(ctx), keys)
}

func (h Routing) used(ctx context.Context, q *gorm.DB, keys []string) (map[string]int, error) {
	used := map[string]int{}
	if len(keys) == 0 {
		return used, nil
	}
	named := map[string]string{}
	buckets := make([]string, 0, len(keys))
	for _, key := range keys {
		bucket := h.quotaBucket(key)
		named[bucket] = key
		buckets = append(buckets, bucket)
	}
	var rows []throttle
	if err := q.WithContext(ctx).Where("bucket_key IN ?", buckets).Order("bucket_key").Find(&rows).Error; err != nil {
		return nil, failed("read quotas", err)
	}
	for _, row := range rows {
		used[named[row.BucketKey]] = int(row.Count)
	}
	return used, nil
}

func (h Routing) quotaBucket(key string) string {
	return h.sc.vault.bucket("quota " + string(h.sc.account) + " " + key)
}
