package sandbox

import (
	"context"
	"sync"
	"time"
)

// Fault is how a sink misbehaves from now on.
type Fault struct {
	// Times is how many calls it applies to; −1 means until it is replaced.
	Times int `json:"times"`
	// Every applies it to each nth call only; 0 and 1 mean to every one.
	Every int `json:"every"`
	// Status is what the sink answers, an SMTP or an HTTP status; 0 is the usual answer.
	Status int `json:"status"`
	// RetryAfterSeconds goes along with an HTTP status; 0 sends none.
	RetryAfterSeconds int `json:"retry_after_seconds"`
	// DelayMS is how long the sink thinks before it answers, in milliseconds.
	DelayMS int `json:"delay_ms"`
	// Drop breaks the connection instead of answering.
	Drop bool `json:"drop"`
	// Keep writes the message down although the answer is a failure.
	Keep bool `json:"keep"`
}

// delay is how long the sink thinks.
func (f Fault) delay() time.Duration { return time.Duration(f.DelayMS) * time.Millisecond }

// fails reports whether the sender is not told that it succeeded.
func (f Fault) fails() bool { return f.Drop || f.Status != 0 }

// faults holds the fault of each medium.
type faults struct {
	mu       sync.Mutex
	of       map[string]Fault
	calls    map[string]int
	released chan struct{}
	once     sync.Once
}

func newFaults() *faults {
	return &faults{of: map[string]Fault{}, calls: map[string]int{}, released: make(chan struct{})}
}

func (f *faults) set(medium string, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.of[medium] = fault
	f.calls[medium] = 0
}

func (f *faults) get(medium string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.of[medium]
}

// next returns how the medium's next call misbehaves, having waited for the
// fault's delay; zero when it does not misbehave.
func (f *faults) next(ctx context.Context, medium string) Fault {
	fault := f.take(medium)
	if fault.DelayMS > 0 {
		timer := time.NewTimer(fault.delay())
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		case <-f.released:
		}
	}
	return fault
}

func (f *faults) take(medium string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	fault := f.of[medium]
	if fault.Times == 0 {
		return Fault{}
	}
	f.calls[medium]++
	if fault.Every > 1 && f.calls[medium]%fault.Every != 0 {
		return Fault{}
	}
	if fault.Times > 0 {
		fault.Times--
		f.of[medium] = fault
	}
	return fault
}

// release ends all delays.
func (f *faults) release() { f.once.Do(func() { close(f.released) }) }
