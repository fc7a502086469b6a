package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
)

// CalendarFeeds reads the addresses under which calendars read the account's reminders.
type CalendarFeeds struct{ sc Scope }

// CalendarFeeds returns the addresses under which calendars read the account's reminders.
func (sc Scope) CalendarFeeds() CalendarFeeds { return CalendarFeeds{sc: sc} }

// TxCalendarFeeds reads and changes the addresses under which calendars read the account's reminders, in a transaction.
type TxCalendarFeeds struct {
	CalendarFeeds
	tx TxScope
}

// CalendarFeeds returns the addresses under which calendars read the account's reminders, inside the transaction.
func (tx TxScope) CalendarFeeds() TxCalendarFeeds {
	return TxCalendarFeeds{CalendarFeeds: tx.Scope.CalendarFeeds(), tx: tx}
}

// List returns a page, newest first. Index: calendar_feeds_newest.
func (h CalendarFeeds) List(ctx context.Context, page Page) ([]models.CalendarFeed, string, error) {
	return newest(h.sc.rows(ctx), page, func(f models.CalendarFeed) (time.Time, string) { return f.CreatedAt, f.ID })
}

// Create inserts the feed, and fills in its id, account and version. Code
// limit-reached: the account has as many as may be.
func (h TxCalendarFeeds) Create(ctx context.Context, f *models.CalendarFeed) error {
	if _, err := h.tx.Account().lock(ctx); err != nil {
		return err
	}
	var n int64
	if err := h.tx.rows(ctx).Model(&models.CalendarFeed{}).Count(&n).Error; err != nil {
		return failed("count calendar feeds", err)
	}
	if n >= models.MaxCalendarFeeds {
		return models.Errorf(models.CodeLimit, "The account has %d calendar feeds already, which is the limit; delete one first.", models.MaxCalendarFeeds)
	}
	f.ID, f.AccountID, f.Version = NewID(models.KindCalendarFeed), h.tx.account, 1
	return failed("create calendar feed", h.tx.insert(ctx, f))
}

// Rotate gives the feed another secret, which is the user's from then on; the old
// one ends. Code not-found.
func (h TxCalendarFeeds) Rotate(ctx context.Context, id, user string, hash []byte) (before, after models.CalendarFeed, err error) {
	return change(h.tx.rows(ctx), id, 0, func(f *models.CalendarFeed) *int64 { return &f.Version }, func(f *models.CalendarFeed) error {
		f.TokenHash, f.CreatedBy = hash, user
		return nil
	})
}

// Delete ends the feed and returns what it was. Code not-found.
func (h TxCalendarFeeds) Delete(ctx context.Context, id string) (models.CalendarFeed, error) {
	f, err := byID[models.CalendarFeed](ctx, h.tx.Scope, id)
	if err != nil {
		return f, err
	}
	return f, failed("delete calendar feed", h.tx.rows(ctx).Where("id = ?", id).Delete(&models.CalendarFeed{}).Error)
}

// CalendarFeed returns the feed that has the secret with the hash; not-found when there is
// none, and when its account is disabled. Indexes: calendar_feeds_token, primary key.
func (h Credentials) CalendarFeed(ctx context.Context, hash []byte) (models.CalendarFeed, error) {
	var f models.CalendarFeed
	err := h.p.rows(ctx, "a secret address says whose it is").Where("token_hash = ?", hash).Take(&f).Error
	if err != nil {
		return f, failed("find calendar feed", err)
	}
	account, err := h.p.Accounts().ByID(ctx, f.AccountID)
	if err == nil && !account.Enabled {
		err = models.NotFound()
	}
	return f, err
}
