package models_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"belfry.dev/belfry/models"
)

func TestWhoTakesThePlaceOfALostDelivery(t *testing.T) {
	t.Parallel()
	mail := func(id, contact, address string, state models.DeliveryState, reason string) models.Delivery {
		return models.Delivery{
			ID: id, Slot: "email:" + contact, Channel: models.ChannelEmail, ContactID: contact, AddressKey: address,
			Locked: true, State: state, Reason: reason,
		}
	}
	lost := mail("dlv_1", "ann", "ops@x", models.DeliveryCancelled, models.ReasonDisabled)
	account := mail("", "account", "account@x", models.DeliveryPending, "")
	unproven := mail("", "account", "account@x", models.DeliverySuppressed, models.ReasonUnverified)
	bob := mail("", "bob", "ops@x", models.DeliveryPending, "")
	free := lost
	free.Locked = false
	for name, c := range map[string]struct {
		lost   models.Delivery
		others []models.Delivery
		heirs  models.Heirs
		want   []string
	}{
		"the account contact":               {lost, nil, models.Heirs{Floor: []models.Delivery{account}}, []string{"email:account"}},
		"the account contact, with why not": {lost, nil, models.Heirs{Floor: []models.Delivery{unproven}}, []string{"email:account"}},
		"nobody, where it is no floor":      {free, nil, models.Heirs{Floor: []models.Delivery{account}}, nil},
		"whoever shares the address":        {free, []models.Delivery{mail("dlv_2", "bob", "ops@x", models.DeliverySuppressed, models.ReasonDuplicate)}, models.Heirs{Shared: &bob, Floor: []models.Delivery{account}}, []string{"email:bob#2"}},
		"nobody, where the address has it":  {lost, []models.Delivery{mail("dlv_2", "bob", "ops@x", models.DeliveryDelivered, "")}, models.Heirs{Shared: &bob, Floor: []models.Delivery{account}}, nil},
		"nobody, where another has it":      {lost, []models.Delivery{mail("dlv_2", "eve", "eve@x", models.DeliveryPending, "")}, models.Heirs{Floor: []models.Delivery{account}}, nil},
		"the account contact, where another is lost, too": {
			lost, []models.Delivery{mail("dlv_2", "eve", "eve@x", models.DeliveryCancelled, models.ReasonDeleted)}, models.Heirs{Floor: []models.Delivery{account}}, []string{"email:account"},
		},
		"nobody, where the account contact failed": {lost, []models.Delivery{mail("dlv_2", "account", "account@x", models.DeliveryFailed, "")}, models.Heirs{Floor: []models.Delivery{account}}, nil},
		"nobody, where another has it, though the account contact shares the address": {
			lost, []models.Delivery{mail("dlv_2", "eve", "eve@x", models.DeliveryPending, "")}, models.Heirs{Floor: []models.Delivery{mail("", "account", "ops@x", models.DeliveryPending, "")}}, nil,
		},
		"nobody, where it is the account contact's": {account, nil, models.Heirs{Floor: []models.Delivery{account}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var slots []string
			for _, d := range models.TakeOver(append([]models.Delivery{c.lost}, c.others...), c.lost, c.heirs) {
				slots = append(slots, d.Slot)
			}
			assert.Equal(t, c.want, slots)
		})
	}
}

func TestToTheProviderTheSameAddressIsTheSameMessage(t *testing.T) {
	t.Parallel()
	lost := models.Delivery{ID: "dlv_1", Slot: "email:adr_1", Channel: models.ChannelEmail, ContactID: "ann", AddressKey: "ops@x", State: models.DeliveryCancelled}
	heir := models.Delivery{Slot: "email:adr_2", Channel: models.ChannelEmail, ContactID: "bob", AddressKey: "ops@x", State: models.DeliveryPending}
	got := models.TakeOver([]models.Delivery{lost}, lost, models.Heirs{Shared: &heir})
	assert.Equal(t, "dlv_1", got[0].Key())
}
