package models

// SumUp returns the status of a planned notification from all of its
// deliveries, and the reason that goes with failed, cancelled and expired. It is
// pending as long as any delivery is. What stands in inboxes and what routing
// suppressed was not tried and does not count; a delivery that was sent again
// counts by its newest copy. The deliveries are in the order they were made.
func SumUp(deliveries []Delivery) (NotificationStatus, string) {
	t := tally(deliveries)
	switch {
	case t.pending > 0:
		return StatusPending, ""
	case t.delivered > 0 && t.failed+t.cancelled+t.expired > 0:
		return StatusPartial, t.reason
	case t.failed > 0:
		return StatusFailed, t.reason
	case t.delivered > 0:
		return StatusDelivered, ""
	case t.cancelled > 0:
		return StatusCancelled, t.reason
	case t.expired > 0:
		return StatusExpired, ReasonExpired
	}
	return StatusDelivered, ""
}

type counts struct {
	pending, delivered, failed, cancelled, expired int
	// reason is the first failure's, in the order of the deliveries.
	reason string
}

func tally(deliveries []Delivery) counts {
	newest := map[string]int{}
	for i, d := range deliveries {
		newest[d.Key()] = i
	}
	var t counts
	for i, d := range deliveries {
		if d.Channel == ChannelInbox || newest[d.Key()] != i {
			continue
		}
		t.add(d)
	}
	return t
}

func (t *counts) add(d Delivery) {
	switch {
	case d.State == DeliveryPending:
		t.pending++
	case d.State == DeliveryDelivered, d.State == DeliveryAccepted:
		t.delivered++
	case d.State == DeliveryCancelled:
		t.cancelled++
	case d.State == DeliverySuppressed && d.Reason == ReasonExpired:
		t.expired++
	case d.State == DeliveryFailed:
		t.failed++
	default:
		return
	}
	if d.State != DeliveryPending && d.State != DeliveryDelivered && d.State != DeliveryAccepted && t.reason == "" {
		t.reason = d.Reason
	}
}
