package pacing

import (
	"cmp"
	"slices"
	"time"

	"belfry.dev/belfry/models"
)

// Ticket is a slot that was taken.
type Ticket struct {
	Credential string
	TakenAt    time.Time
}

// MostQueued bounds the deliveries of one message of a queue.
const MostQueued = 200

// Queue reports whether the envelope is of what waits for its bot's pace, whatever it is about.
func Queue(e models.Envelope) bool { return e.Category == "" }

// QueueName names the envelope that what goes to the delivery's bot waits in.
func QueueName(d models.Delivery) string {
	return string(d.Channel) + "/" + d.BotID + "/" + d.Language + "/pace"
}

// Queues reports whether the delivery may leave in one message with others: it was never
// tried, is no repetition, and leads nothing.
func Queues(d models.Dispatch, kind models.MessageType) bool {
	own := d.Delivery
	return d.Envelope == nil && own.Attempts == 0 && own.EnvelopeID == "" && own.ReplayOf == "" && len(d.With) == 0 &&
		!kind.AtMostOnce && !d.Notification.Source.Manner().OneAddress
}

// Order is how a message tells of what is in the envelope.
func Order(e models.Envelope) func(a, b models.Notification) int {
	if !Queue(e) {
		return models.ByUrgency
	}
	return func(a, b models.Notification) int {
		return cmp.Or(plain(a)-plain(b), a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	}
}

func plain(n models.Notification) int {
	if n.Severity == models.SeverityCritical {
		return 0
	}
	return 1
}

// Uncertain counts the attempts of which nobody knows whether they reached the group.
func Uncertain(attempts []models.Attempt) int {
	n := 0
	for _, a := range attempts {
		if slices.Contains([]string{models.OutcomeAmbiguous, models.OutcomeUnknown}, a.Outcome) {
			n++
		}
	}
	return n
}
