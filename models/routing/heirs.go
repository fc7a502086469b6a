package routing

import (
	"time"

	"belfry.dev/belfry/models"
)

// Heirs decides who may take the place of a delivery to an address that may not be written
// to any more. They count against no bound, as the delivery did that; quiet hours are asked
// before their attempts.
func Heirs(in Input, lost models.Delivery) models.Heirs {
	var shared, floor Planned
	for _, d := range in.decide() {
		if d.BotID == "" && d.Channel == lost.Channel && d.AddressKey == lost.AddressKey && d.ContactID != lost.ContactID && d.delivers() {
			d.until, d.gathering = time.Time{}, models.Gathering{}
			shared.add(d)
		}
	}
	if account := in.AccountContact; lost.Locked && account != nil {
		decisions := in.forChannel(*account, lost.Channel)
		dropDuplicates(decisions)
		for _, d := range decisions {
			d.Locked, d.until, d.gathering = true, time.Time{}, models.Gathering{}
			floor.add(d)
		}
	}
	heirs := models.Heirs{Floor: floor.Deliveries}
	if len(shared.Deliveries) > 0 {
		heirs.Shared = &shared.Deliveries[0]
	}
	return heirs
}
