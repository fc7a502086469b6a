package activities

import (
	"time"

	"belfry.dev/belfry/models"
)

// EntityRef names the row that a workflow looks after.
type EntityRef struct {
	AccountID models.AccountID `json:"account_id"`
	ID        string           `json:"id"`
}

// Step is what a step left to do. A step does what is due by the row, records it in
// the same transaction, and may run again without harm.
type Step struct {
	// Done says that nothing is left to do.
	Done bool `json:"done,omitempty"`
	// NextAt is when the next step is due; zero means now. Wait is how long that is
	// from now.
	NextAt time.Time     `json:"next_at,omitzero"`
	Wait   time.Duration `json:"wait,omitzero"`
	// Renew says that a stage is over: what follows is a new execution's, so that
	// histories stay small and old code can retire.
	Renew bool `json:"renew,omitempty"`
	// Stage names where the entity stands, by ids and times: another one than an
	// execution began with is a new execution's, too. "" for entities that say Renew.
	Stage string `json:"stage,omitempty"`
}

// step is the step that follows at the instant; nil means that there is none.
func (a *Activities) step(next *time.Time) Step {
	if next == nil {
		return Step{Done: true}
	}
	at, wait := a.work.Ahead(*next)
	return Step{NextAt: at, Wait: wait}
}
