//go:build bench

package main

import (
	"context"
	"fmt"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// crew is how much of everything an account has that chose who hears what.
type crew struct{ contacts, groups, bots, types int }

// largest is what an account may have unless operators allow more, of a matrix of the
// usual size; smallest has one of each.
func largest() crew  { return crew{contacts: 20, groups: 12, bots: 20, types: 60} }
func smallest() crew { return crew{contacts: 1, groups: 1, bots: 1, types: 1} }

func (c crew) String() string {
	return fmt.Sprintf("%d contacts, %d groups, %d bots, %d types", c.contacts, c.groups, c.bots, c.types)
}

// choosing makes an account with the crew: every contact has a mailbox and is in all
// groups, which are the targets of the types; every bot hears of them.
func (s cast) choosing(ctx context.Context, alias string, c crew) (store.NewAccount, error) {
	in, err := s.account(ctx, alias, nil)
	if err != nil {
		return in, err
	}
	return in, s.write(ctx, func(tx *store.Tx) error {
		scope := tx.In(in.Account.ID)
		contacts, err := addContacts(ctx, scope, c.contacts)
		if err != nil {
			return err
		}
		groups, err := addGroups(ctx, scope, c.groups, contacts)
		if err != nil {
			return err
		}
		for i := range c.bots {
			bot := models.Bot{Channel: models.ChannelWebhook, Name: fmt.Sprint("hook", i), Enabled: true, Settings: map[string]string{}}
			if err := scope.Bots().Create(ctx, &bot, map[string]string{"url": s.sinks.hookURL, "secret": hookSecret}); err != nil {
				return err
			}
		}
		by := store.MatrixChange{By: models.Actor{Kind: models.ActorUser, ID: in.Root.ID, Account: in.Account.ID}, Action: "subscription.update_many"}
		_, _, err = scope.Subscriptions().Update(ctx, by, func(m *models.Matrix) error {
			for i := range c.types {
				m.Choices[furtherType(i)] = models.Choice{Kind: models.TargetGroups, Targets: groups}
			}
			return nil
		})
		return err
	})
}

func addContacts(ctx context.Context, scope store.TxScope, number int) ([]string, error) {
	ids := make([]string, 0, number)
	for i := range number {
		email := fmt.Sprintf("ops%d@crew.example", i)
		c := models.Contact{Kind: models.ContactPerson, Name: fmt.Sprint("person", i), Enabled: true, Addresses: []models.Address{
			{Channel: models.ChannelEmail, Value: email, ValueKey: email, State: models.AddressVerified},
		}}
		if err := scope.Contacts().Create(ctx, &c); err != nil {
			return nil, err
		}
		ids = append(ids, c.ID)
	}
	return ids, nil
}

func addGroups(ctx context.Context, scope store.TxScope, number int, members []string) ([]string, error) {
	ids := make([]string, 0, number)
	for i := range number {
		g := models.ContactGroup{Name: fmt.Sprint("group", i)}
		if err := scope.ContactGroups().Create(ctx, &g); err != nil {
			return nil, err
		}
		if _, err := scope.ContactGroups().ChangeMembers(ctx, g.ID, 0, store.Membership{Add: members}); err != nil {
			return nil, err
		}
		ids = append(ids, g.ID)
	}
	return ids, nil
}

// furtherType is the key of the i-th type beside the shipped ones.
func furtherType(i int) string { return fmt.Sprintf("activity.bench_%d", i) }

// seedFurther stores types like typeFull until so many can be subscribed to.
func (s cast) seedFurther(ctx context.Context, number int) error {
	shipped, err := catalog.Shipped()
	if err != nil {
		return err
	}
	have := 1 // typeInbox
	var like models.MessageType
	for _, t := range shipped.Types {
		if t.Subscribable() {
			have++
		}
		if t.Key == typeFull {
			like = t
		}
	}
	var further []models.MessageType
	for i := range number - have {
		like.Key = furtherType(i)
		further = append(further, like)
	}
	return s.store.Catalogue().SeedCatalogue(ctx, nil, further)
}
