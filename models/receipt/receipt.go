// Package receipt is what providers tell of messages that they took before: what it changes,
// and what it does not any more. It is pure.
package receipt

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"belfry.dev/belfry/models"
)

// ErrForged says that a callback does not come from the provider.
var ErrForged = errors.New("the callback's signature does not fit")

// Callback is what a provider posted.
type Callback struct {
	// URL is the one that the provider was given with the message.
	URL    string
	Header http.Header
	Form   url.Values
}

// Receipt is what a provider tells of one attempt.
type Receipt struct {
	ProviderID string
	// DeliveryID and Attempt name the attempt.
	DeliveryID string
	Attempt    int
	// Ref is the provider's id of the message.
	Ref string
	// State is delivered or failed; "" while the message is still on its way.
	State models.DeliveryState
	// Reason says why it failed, Code is the provider's own; at most 64 bytes.
	Reason, Code string
}

// Reasons of receipts: why what a provider took did not arrive.
const (
	ReasonUnreachable   = "unreachable"      // the phone is off, or out of reach
	ReasonNumberInvalid = "number_invalid"   // there is no such number, or it takes no text
	ReasonBlocked       = "blocked"          // the recipient or the carrier takes none from us
	ReasonFiltered      = "carrier_filtered" // a carrier took it for spam
	ReasonUndelivered   = "undelivered"      // it did not arrive, and nobody says why
)

// Reasons are all of the above.
func Reasons() []string {
	return []string{ReasonUnreachable, ReasonNumberInvalid, ReasonBlocked, ReasonFiltered, ReasonUndelivered}
}

// Late is how long after a failure a message may still turn out to be delivered.
const Late = 72 * time.Hour

// News reports whether the receipt is recorded with the attempt: the first that says how the
// message ended, and after a failure one that says within Late that it was delivered. So
// receipts may come twice, and in any order.
func (r Receipt) News(a models.Attempt, now time.Time) bool {
	switch {
	case r.State == "":
		return false
	case a.Receipt == "":
		return true
	}
	return a.Receipt == models.DeliveryFailed && r.State == models.DeliveryDelivered && now.Before(a.ReceiptAt.Add(Late))
}

// Settle is the delivery after what the attempt's receipt says; false when that changes
// nothing. It must be the newest attempt of the delivery. What was accepted ends with it, and
// what failed, or nobody knew of, may within Late turn out to be delivered; the reverse never
// happens.
func Settle(d models.Delivery, a models.Attempt, now time.Time) (models.Delivery, bool) {
	delivered := a.Receipt == models.DeliveryDelivered
	inTime := d.FinishedAt == nil || now.Before(d.FinishedAt.Add(Late))
	switch {
	case a.Receipt == "" || d.Attempts != a.Number:
		return d, false
	case d.State == models.DeliveryAccepted, d.State == models.DeliveryFailed && delivered && inTime:
		d.State, d.Reason, d.FinishedAt = a.Receipt, a.ReceiptReason, &now
		return d, true
	}
	return d, false
}
