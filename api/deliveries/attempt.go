package deliveries

import (
	"time"

	"belfry.dev/belfry/models"
)

// AttemptView is one call to a provider, as people see it.
type AttemptView struct {
	Number          int          `json:"number"`
	Provider        string       `json:"provider"`
	StartedAt       time.Time    `json:"started_at"`
	FinishedAt      *time.Time   `json:"finished_at"`
	Outcome         string       `json:"outcome" doc:"Empty while the call is under way."`
	Reason          string       `json:"reason"`
	ProviderCode    string       `json:"provider_code"`
	ProviderMessage string       `json:"provider_message"`
	ProviderRef     string       `json:"provider_ref" doc:"The provider's id of the message."`
	Parts           int          `json:"parts" doc:"What a text message was sent as, by our count; zero for other media, and where it was not taken."`
	Receipt         *receiptView `json:"receipt" doc:"What the provider said later of the message; null for nothing so far."`
}

type receiptView struct {
	State  models.DeliveryState `json:"state" enum:"delivered,failed"`
	Reason string               `json:"reason"`
	Code   string               `json:"code" doc:"The provider's own."`
	At     time.Time            `json:"at"`
}

// ViewAttempts are the attempts in their order; empty, never nil.
func ViewAttempts(attempts []models.Attempt) []AttemptView {
	views := make([]AttemptView, len(attempts))
	for i, a := range attempts {
		views[i] = AttemptView{
			Number: a.Number, Provider: a.Provider, StartedAt: a.StartedAt, FinishedAt: a.FinishedAt, Outcome: a.Outcome,
			Reason: a.Reason, ProviderCode: a.ProviderCode, ProviderMessage: a.ProviderMessage, ProviderRef: a.ProviderRef, Parts: a.Parts,
		}
		if a.Receipt != "" && a.ReceiptAt != nil {
			views[i].Receipt = &receiptView{State: a.Receipt, Reason: a.ReceiptReason, Code: a.ReceiptCode, At: *a.ReceiptAt}
		}
	}
	return views
}
