package process

import "time"

// now is the clock of the machine. Nothing else of a process reads that one: what happens goes
// by the store's. It stands alone so that the tests of faults can build a process whose clock
// is set while it runs (go build -overlay).
func now() time.Time { return time.Now() }
