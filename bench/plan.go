//go:build bench

package main

import (
	"context"
	"fmt"
	"time"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/bench/report"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// planning is P14: how many statements a plan takes, for an account with one
// mailbox and one webhook and for one with many.
func (b *bench) planning(ctx context.Context, s *stage) error {
	small, err := s.plan(ctx, s.full[0])
	if err != nil {
		return err
	}
	many, err := s.wide(ctx)
	if err != nil {
		return err
	}
	large, err := s.plan(ctx, many)
	if err != nil {
		return err
	}
	limit := report.Of([]float64{small})
	b.add(report.Figure{
		ID: "P14", Name: "a plan for 20 bots and 10 mailboxes, beside one for 1 and 1", Database: s.db.kind, Unit: "statements",
		Ours: report.Of([]float64{large}), Limit: &limit, Bound: report.AtMost, Budget: 1,
	})
	return nil
}

// wide makes an account with many recipients.
func (s *stage) wide(ctx context.Context) (models.AccountID, error) {
	var addresses []models.Address
	for i := range 10 {
		email := fmt.Sprintf("ops%d@wide.example", i)
		addresses = append(addresses, models.Address{Channel: models.ChannelEmail, Value: email, ValueKey: email, State: models.AddressVerified})
	}
	in, err := s.account(ctx, "wide", addresses)
	if err != nil {
		return "", err
	}
	return in.Account.ID, s.write(ctx, func(tx *store.Tx) error {
		for i := range 20 {
			bot := models.Bot{Channel: models.ChannelWebhook, Name: fmt.Sprint("hook", i), Enabled: true, Settings: map[string]string{}}
			if err := tx.In(in.Account.ID).CreateBot(ctx, &bot, map[string]string{"url": s.sinks.hookURL, "secret": hookSecret}); err != nil {
				return err
			}
		}
		return nil
	})
}

// plan submits a notification for the account and plans it.
func (s *stage) plan(ctx context.Context, account models.AccountID) (float64, error) {
	a := activities.New(activities.Config{}, activities.Dependencies{
		Store: s.store, Channels: s.channels, Links: noLinks{}, Renderer: catalog.NewRenderer(catalog.Site{}), Now: time.Now,
	})
	for i := 0; ; i++ { // the first plan reads what later ones remember
		id, err := s.caller(1).submit(ctx, typeFull, account, "planned")
		if err != nil {
			return 0, err
		}
		before := s.store.Counts().Statements
		if _, err := a.Plan(ctx, activities.NotificationRef{AccountID: account, NotificationID: id}); err != nil {
			return 0, err
		}
		if i > 0 {
			return float64(s.store.Counts().Statements - before), nil
		}
	}
}

type noLinks struct{}

func (noLinks) Unsubscribe(models.AccountID, string, string) string { return "" }
func (noLinks) Verify(string) string                                { return "" }
