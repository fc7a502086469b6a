package drill

import (
	"errors"
	"fmt"
	"io"
	"time"

	"belfry.dev/belfry/cmd/belfry/drill/ledger"
)

// errInterrupted ends a drill that was interrupted: what it printed is no verdict.
var errInterrupted = errors.New("interrupted: the verdict is incomplete")

// progress is how far the accepted notifications were, by the API's lists.
type progress struct {
	at time.Time
	// open are all that have not ended, submitted those among them that the drill
	// submitted.
	open, submitted int
}

// interim prints what is known while the drill does something that was interrupted.
// The processes may have ended: it asks nobody.
func (s *site) interim(out io.Writer, log *ledger.Log, doing string) error {
	if s.cast == nil { // nothing was submitted
		return nil
	}
	glance := ledger.Glance(ledger.Books{Submissions: log.Submissions(), Copies: s.sinks.Copies()})
	far := "how many have ended was not counted yet"
	if !s.last.at.IsZero() {
		far = fmt.Sprintf("ended %d, still open %d, %.1fs ago", max(0, glance.Accepted-s.last.submitted), s.last.open, time.Since(s.last.at).Seconds())
	}
	_, err := fmt.Fprintf(out, "\ninterrupted while %s. This is no verdict: the reports were not read, and copies beyond the first may have their reason.\n\n%s\n", doing, far)
	return errors.Join(err, glance.PrintGlance(out))
}
