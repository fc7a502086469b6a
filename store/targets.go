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
func (s *Store) NotificationTargets(ctx context.Context, account models.AccountID, typeKey string) (models.Targets, error) {
	return s.In(account).targets(ctx, typeKey)
}

func (sc Scope) targets(ctx context.Context, typeKey string) (models.Targets, error) {
	var t models.Targets
	account, err := sc.Account(ctx)
	if err != nil {
		return t, err
	}
	t.Language, t.TimeZone = account.Language, account.TimeZone
	choices, err := sc.choices(ctx, typeKey, models.Every)
	if err != nil {
		return t, err
	}
	t.Choice, t.MarketingOff = choices[typeKey], choices[models.Every].MarketingOff
	if err := sc.readContacts(ctx, &t); err != nil {
		return t, err
	}
	if err := sc.rows(ctx).Omit("settings", "secrets").Order("created_at, id").Find(&t.Bots).Error; err != nil {
		return t, failed("read bots", err)
	}
	if t.Configured, err = sc.configured(ctx); err != nil {
		return t, err
	}
	if err := sc.readPreferences(ctx, &t); err != nil {
		return t, err
	}
	return t, sc.readOptOuts(ctx, typeKey, &t)
}

// configured are the channels with an enabled provider, sorted. Index: providers_channel.
func (sc Scope) configured(ctx context.Context) ([]models.Channel, error) {
	var channels []models.Channel
	p := Platform{db: sc.db, vault: sc.vault, now: sc.now}
	err := p.rows(ctx, "providers belong to no account").Model(&models.Provider{}).
		Where("enabled = ?", true).Distinct("channel").Order("channel").Pluck("channel", &channels).Error
	return channels, failed("read configured channels", err)
}

// readContacts reads the account contact and the targets, with all their addresses, in two
// queries.
func (sc Scope) readContacts(ctx context.Context, t *models.Targets) error {
	var rows []models.Contact
	q := sc.rows(ctx)
	switch t.Choice.Kind {
	case models.TargetContacts:
		q = q.Where("account_contact = ? OR id IN ?", 1, t.Choice.Targets)
	case models.TargetGroups:
		members := sc.rows(ctx).Model(&models.ContactGroupMember{}).Select("contact_id").Where("group_id IN ?", t.Choice.Targets)
		q = q.Where("account_contact = ? OR id IN (?)", 1, members)
	case models.TargetAccount:
		q = q.Where("account_contact = ?", 1)
	}
	if err := q.Order("created_at, id").Find(&rows).Error; err != nil {
		return failed("read contacts", err)
	}
	if err := attach(sc.rows(ctx), rows); err != nil {
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
func (sc Scope) readPreferences(ctx context.Context, t *models.Targets) error {
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
	t.Preferences, err = sc.PreferencesOf(ctx, ids...)
	return err
}

// readOptOuts reads which of all the addresses opted out. Index: primary key.
func (sc Scope) readOptOuts(ctx context.Context, typeKey string, t *models.Targets) error {
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
	t.Unsubscribed, t.NoMarketing, err = sc.optedOut(ctx, keys, typeKey)
	return err
}

// QuotasUsed returns the counts of the account's quotas that are not over, by key; those
// of zero are missing. Index: throttles primary key.
func (s *Store) QuotasUsed(ctx context.Context, account models.AccountID, keys []string) (map[string]int, error) {
	return s.In(account).QuotasUsed(ctx, keys)
}

// QuotasUsed is Store.QuotasUsed for the scope's account.
func (sc Scope) QuotasUsed(ctx context.Context, keys []string) (map[string]int, error) {
	return sc.used(ctx, sc.db.WithContext(ctx), keys)
}

func (sc Scope) used(ctx context.Context, q *gorm.DB, keys []string) (map[string]int, error) {
	used := map[string]int{}
	if len(keys) == 0 {
		return used, nil
	}
	named := map[string]string{}
	buckets := make([]string, 0, len(keys))
	for _, key := range keys {
		bucket := sc.quotaBucket(key)
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

func (sc Scope) quotaBucket(key string) string {
	return sc.vault.bucket("quota " + string(sc.account) + " " + key)
}
