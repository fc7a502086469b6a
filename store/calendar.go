package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
)

// CalendarFeeds returns a page, newest first. Index: calendar_feeds_newest.
func (sc Scope) CalendarFeeds(ctx context.Context, page Page) ([]models.CalendarFeed, string, error) {
	return newest(sc.rows(ctx), page, func(f models.CalendarFeed) (time.Time, string) { return f.CreatedAt, f.ID })
}

// CreateCalendarFeed inserts the feed, and fills in its id, account and version. Code
// limit-reached: the account has as many as may be.
func (tx TxScope) CreateCalendarFeed(ctx context.Context, f *models.CalendarFeed) error {
	if _, err := tx.lockAccount(ctx); err != nil {
		return err
	}
	var n int64
	if err := tx.rows(ctx).Model(&models.CalendarFeed{}).Count(&n).Error; err != nil {
		return failed("count calendar feeds", err)
	}
	if n >= models.MaxCalendarFeeds {
		return models.Errorf(models.CodeLimit, "The account has %d calendar feeds already, which is the limit; delete one first.", models.MaxCalendarFeeds)
	}
	f.ID, f.AccountID, f.Version = NewID(models.KindCalendarFeed), tx.account, 1
	return failed("create calendar feed", tx.insert(ctx, f))
}

// RotateCalendarFeed gives the feed another secret, which is the user's from then on; the old
// one ends. Code not-found.
func (tx TxScope) RotateCalendarFeed(ctx context.Context, id, user string, hash []byte) (before, after models.CalendarFeed, err error) {
	return change(tx.rows(ctx), id, 0, func(f *models.CalendarFeed) *int64 { return &f.Version }, func(f *models.CalendarFeed) error {
		f.TokenHash, f.CreatedBy = hash, user
		return nil
	})
}

// DeleteCalendarFeed ends the feed and returns what it was. Code not-found.
func (tx TxScope) DeleteCalendarFeed(ctx context.Context, id string) (models.CalendarFeed, error) {
	f, err := byID[models.CalendarFeed](ctx, tx.Scope, id)
	if err != nil {
		return f, err
	}
	return f, failed("delete calendar feed", tx.rows(ctx).Where("id = ?", id).Delete(&models.CalendarFeed{}).Error)
}

// CalendarFeed returns the feed that has the secret with the hash; not-found when there is
// none, and when its account is disabled. Indexes: calendar_feeds_token, primary key.
func (p Platform) CalendarFeed(ctx context.Context, hash []byte) (models.CalendarFeed, error) {
	var f models.CalendarFeed
	err := p.rows(ctx, "a secret address says whose it is").Where("token_hash = ?", hash).Take(&f).Error
	if err != nil {
		return f, failed("find calendar feed", err)
	}
	account, err := p.Account(ctx, f.AccountID)
	if err == nil && !account.Enabled {
		err = models.NotFound()
	}
	return f, err
}
