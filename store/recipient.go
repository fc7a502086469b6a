package store

import (
	"cmp"
	"context"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// wishes are what accounts and recipients chose, read beside a bot or an address.
type wishes struct {
	AllowWords                             []string `gorm:"serializer:json"`
	DenyWords                              []string `gorm:"serializer:json"`
	QuietFrom, QuietTo, QuietZone          string
	MaxPerHour                             int
	AccountZone, AccountName, AccountAlias string
	TypeChoice, EveryChoice                models.Choice `gorm:"serializer:json"`
}

// withWishes selects the columns of the table with the wishes of the recipient whose id is in
// a column of it, about the message type. Primary keys.
func withWishes(q *gorm.DB, table, recipient, typeKey string, columns string) *gorm.DB {
	wish := " FROM preferences WHERE preferences.account_id = " + table + ".account_id AND preferences.recipient_id = " + table + "." + recipient + ")"
	owner := " FROM accounts WHERE accounts.id = " + table + ".account_id)"
	const choice = "(SELECT choice FROM subscriptions WHERE subscriptions.account_id = "
	return q.Select(table+".*, "+
		"(SELECT allow_words"+wish+" AS allow_words, (SELECT deny_words"+wish+" AS deny_words, "+
		"COALESCE((SELECT quiet_from"+wish+", '') AS quiet_from, COALESCE((SELECT quiet_to"+wish+", '') AS quiet_to, "+
		"COALESCE((SELECT quiet_zone"+wish+", '') AS quiet_zone, COALESCE((SELECT max_per_hour"+wish+", 0) AS max_per_hour, "+
		"(SELECT time_zone"+owner+" AS account_zone, (SELECT name"+owner+" AS account_name, (SELECT alias"+owner+" AS account_alias, "+
		choice+table+".account_id AND subscriptions.type_key = ?) AS type_choice, "+
		choice+table+".account_id AND subscriptions.type_key = ?) AS every_choice"+columns, typeKey, models.Every)
}

func (w wishes) apply(r *models.Recipient) {
	r.Choice, r.MarketingOff, r.Account = w.TypeChoice, w.EveryChoice.MarketingOff, models.Account{Name: w.AccountName, Alias: w.AccountAlias, TimeZone: w.AccountZone}
	r.Preferences = models.Preferences{
		AllowWords: w.AllowWords, DenyWords: w.DenyWords, QuietFrom: w.QuietFrom, QuietTo: w.QuietTo, QuietZone: w.QuietZone,
		MaxPerHour: w.MaxPerHour,
	}
}

// recipient reads whom the delivery goes to, and what decides whether it may, for a
// notification of the message type.
func (h deliveries) recipient(ctx context.Context, d models.Delivery, typeKey string) (models.Recipient, error) {
	if d.BotID != "" {
		return botRecipient(ctx, h.sc, d.BotID, typeKey)
	}
	return addressRecipient(ctx, h.sc, d, typeKey)
}

// botRecipient reads a bot with what it wants. Primary keys.
func botRecipient(ctx context.Context, sc Scope, id, typeKey string) (models.Recipient, error) {
	var r models.Recipient
	var row struct {
		models.Bot
		Wishes wishes `gorm:"embedded"`
	}
	err := withWishes(sc.rows(ctx).Model(&models.Bot{}), "bots", "id", typeKey, "").Where("id = ?", id).Limit(1).Scan(&row).Error
	if err != nil || row.ID == "" {
		return r, failed("read bot", err)
	}
	row.Wishes.apply(&r)
	r.Bot, r.Disabled = &row.Bot, !row.Enabled
	return r, nil
}

// addressRecipient reads the address with its contact and what that wants. Primary keys,
// addresses_contact.
func addressRecipient(ctx context.Context, sc Scope, d models.Delivery, typeKey string) (models.Recipient, error) {
	var r models.Recipient
	var row struct {
		models.Address
		Wishes         wishes `gorm:"embedded"`
		ContactKind    models.ContactKind
		ContactEnabled bool
		ContactZone    string
	}
	const (
		contact = " FROM contacts WHERE contacts.account_id = addresses.account_id AND contacts.id = addresses.contact_id)"
		columns = ", (SELECT kind" + contact + " AS contact_kind, (SELECT enabled" + contact + " AS contact_enabled, " +
			"COALESCE((SELECT time_zone" + contact + ", '') AS contact_zone"
	)
	err := withWishes(sc.rows(ctx).Model(&models.Address{}), "addresses", "contact_id", typeKey, columns).
		Where("id = ?", d.AddressID).Limit(1).Scan(&row).Error
	if err != nil || row.ID == "" {
		return r, failed("read address", err)
	}
	row.Wishes.apply(&r)
	r.Address, r.TimeZone = row.Address, cmp.Or(row.ContactZone, r.Account.TimeZone)
	r.ContactKind, r.Disabled = row.ContactKind, models.Contact{Kind: row.ContactKind, Enabled: row.ContactEnabled}.Off()
	r.Unsubscribed, r.NoMarketing, err = refuses(ctx, sc, d, typeKey)
	return r, err
}

// refuses reports whether the delivery's address opted out of the type, and whether any
// address of its contact did of marketing. Indexes: addresses_contact, optouts primary key.
func refuses(ctx context.Context, sc Scope, d models.Delivery, typeKey string) (unsubscribed, noMarketing bool, err error) {
	var rows []optout
	keys := sc.rows(ctx).Model(&models.Address{}).Select("value_key").Where("contact_id = ?", d.ContactID)
	err = sc.rows(ctx).Where("address_key IN (?)", keys).
		Where("type_key IN ?", []string{typeKey, models.Every, models.Marketing}).Find(&rows).Error
	for _, row := range rows {
		noMarketing = noMarketing || row.TypeKey == models.Marketing
		unsubscribed = unsubscribed || row.TypeKey != models.Marketing && row.AddressKey == d.AddressKey
	}
	return unsubscribed, noMarketing, failed("read opt-outs", err)
}
