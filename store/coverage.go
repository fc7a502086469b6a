package store

import (
	"context"

	"belfry.dev/belfry/models"
)

// Assembly is all of an account that decides who hears what, but for the catalogue.
type Assembly struct {
	Matrix models.Matrix
	// Contacts are all, oldest first, with their addresses.
	Contacts []models.Contact
	// Groups holds the members' ids by the group's id.
	Groups map[string][]string
	// Bots are all, oldest first, without their settings; States are what is known about
	// them as destinations, by destination.
	Bots       []models.Bot
	States     map[string]models.DestinationState
	Configured []models.Channel
	// OptOuts are as of Scope.AllOptOuts.
	OptOuts map[string][]string
}

// Assembly reads it in nine queries, whatever the number of contacts, groups and bots.
// Indexes: contacts_newest, addresses_contact, primary keys, bots_newest, providers_channel.
func (h Routing) Assembly(ctx context.Context) (Assembly, error) {
	a := Assembly{Groups: map[string][]string{}}
	var err error
	if a.Matrix, err = h.sc.Subscriptions().Matrix(ctx); err != nil {
		return a, err
	}
	if err := h.sc.rows(ctx).Order("created_at, id").Find(&a.Contacts).Error; err != nil {
		return a, failed("read contacts", err)
	}
	if err := attach(h.sc.rows(ctx), a.Contacts); err != nil {
		return a, err
	}
	var members []models.ContactGroupMember
	if err := h.sc.rows(ctx).Order("group_id, contact_id").Find(&members).Error; err != nil {
		return a, failed("read members", err)
	}
	for _, m := range members {
		a.Groups[m.GroupID] = append(a.Groups[m.GroupID], m.ContactID)
	}
	if err := h.sc.rows(ctx).Omit("settings", "secrets").Order("created_at, id").Find(&a.Bots).Error; err != nil {
		return a, failed("read bots", err)
	}
	names := make([]string, 0, len(a.Bots))
	for _, b := range a.Bots {
		names = append(names, models.BotDestination(b.ID))
	}
	if a.States, err = h.sc.Destinations().States(ctx, names...); err != nil {
		return a, err
	}
	if a.OptOuts, err = h.sc.OptOuts().AllOptOuts(ctx); err != nil {
		return a, err
	}
	a.Configured, err = h.configured(ctx)
	return a, err
}
