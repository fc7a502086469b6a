package pacing_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"belfry.dev/belfry/models/pacing"
)

// at is the beginning of virtual time.
var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// event is one delivery.
type event struct {
	id          int
	at          time.Time
	critical    bool
	full, short int // bytes of its line
	arrivals    []time.Time
	answered    time.Time
}

// envelope is one message: what is in it does not change once it was closed.
type envelope struct {
	events []*event
	calls  int
}

func (e envelope) critical() bool {
	return slices.ContainsFunc(e.events, func(e *event) bool { return e.critical })
}

// platform counts the arrivals, and blocks who sends more than it takes.
type platform struct {
	windows  []pacing.Window
	arrivals []time.Time
	blocked  time.Time
	refused  int
	most     int // in any window of the first kind
}

// arrive is one request; arrivals come in the order of time.
func (p *platform) arrive(now time.Time) bool {
	if now.Before(p.blocked) {
		p.refused++
		return false
	}
	for i, w := range p.windows {
		n := 1
		for _, a := range p.arrivals {
			if now.Sub(a) < w.Length {
				n++
			}
		}
		if i == 0 {
			p.most = max(p.most, n)
		}
		if n > w.Most {
			p.blocked = now.Add(10 * time.Minute)
			p.refused++
			return false
		}
	}
	p.arrivals = append(p.arrivals, now)
	return true
}

// scene is a bot and what waits for it.
type scene struct {
	pace pacing.Rate
	size int // bytes of a message
	// latency and start are how long a call lasts, and how long after its slot it begins.
	latency, start func(*rand.Rand) time.Duration
	// kills is the share of calls whose worker dies before the answer; onlyOnce kills one.
	kills    float64
	onlyOnce bool
}

// outcome is what became of it.
type outcome struct {
	platform
	messages, writes, twice, lost int
	all, critical                 []time.Duration
}

// call is a request under way.
type call struct {
	e                       *envelope
	taken, arrival, settled time.Time
	dies                    bool
}

// run plays the scene to its end.
func (s scene) run(r *rand.Rand, events []*event) outcome {
	o := outcome{platform: platform{windows: s.pace.Windows}}
	slices.SortFunc(events, func(a, b *event) int { return a.at.Compare(b.at) })
	var l pacing.Limit
	var waiting []*event
	var frozen []*envelope // closed, and to be sent again
	var calls []*call
	now, ask := at, at
	for len(events) > 0 || len(waiting) > 0 || len(frozen) > 0 || len(calls) > 0 {
		for len(events) > 0 && !events[0].at.After(now) {
			if len(waiting) == 0 || events[0].critical {
				ask = now
			}
			waiting, events = append(waiting, events[0]), events[1:]
		}
		calls = slices.DeleteFunc(calls, func(c *call) bool { return s.settle(r, &o, &l, c, now, &frozen) })
		if len(waiting)+len(frozen) > 0 && !ask.After(now) {
			urgent := len(frozen) > 0 && frozen[0].critical() || envelope{events: waiting}.critical()
			next, until := s.pace.Take(l, now, urgent)
			if ask = until; until.IsZero() {
				l, ask = next, now
				o.writes++
				var e *envelope
				if len(frozen) > 0 {
					e, frozen = frozen[0], frozen[1:]
				} else {
					e, waiting = s.close(waiting)
				}
				calls = append(calls, s.call(r, e, now))
				o.messages++
			}
		}
		now = soonest(now, ask, events, waiting, frozen, calls)
	}
	return o
}

func soonest(now, ask time.Time, events, waiting []*event, frozen []*envelope, calls []*call) time.Time {
	next := time.Time{}
	consider := func(t time.Time) {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	if len(events) > 0 {
		consider(events[0].at)
	}
	if len(waiting)+len(frozen) > 0 {
		consider(ask)
	}
	for _, c := range calls {
		consider(c.arrival)
		consider(c.settled)
	}
	if next.IsZero() {
		return now.Add(time.Millisecond)
	}
	return next
}

// call begins the request.
func (s *scene) call(r *rand.Rand, e *envelope, now time.Time) *call {
	e.calls++
	begun := now.Add(s.start(r))
	took := s.latency(r)
	c := &call{e: e, taken: now, arrival: begun.Add(time.Duration(r.Int64N(int64(took) + 1))), settled: begun.Add(took)}
	if e.calls == 1 && r.Float64() < s.kills {
		c.dies, c.settled = true, now.Add(pacing.Lost)
		if s.onlyOnce {
			s.kills = 0
		}
		if r.IntN(2) == 0 {
			c.arrival = time.Time{} // it died before the request left
		}
	}
	return c
}

// settle lets the request arrive and be answered; true ends it.
func (s *scene) settle(_ *rand.Rand, o *outcome, l *pacing.Limit, c *call, now time.Time, frozen *[]*envelope) bool {
	if !c.arrival.IsZero() && !c.arrival.After(now) {
		if o.arrive(c.arrival) {
			for _, e := range c.e.events {
				e.arrivals = append(e.arrivals, c.arrival)
			}
		}
		c.arrival = time.Time{}
	}
	if c.settled.After(now) {
		return false
	}
	if c.dies {
		*frozen = append(*frozen, c.e)
		return true
	}
	*l = l.Answered(c.taken, now)
	o.writes++
	for _, e := range c.e.events {
		e.answered = now
		o.count(e)
	}
	return true
}

func (o *outcome) count(e *event) {
	switch len(e.arrivals) {
	case 0:
		o.lost++
		return
	case 1:
	default:
		o.twice++
	}
	took := e.arrivals[0].Sub(e.at)
	if o.all = append(o.all, took); e.critical {
		o.critical = append(o.critical, took)
	}
}

// close takes what fits into one message: critical ones first, then the oldest, in the fullest
// of the densities in which all fits.
func (s scene) close(waiting []*event) (*envelope, []*event) {
	slices.SortFunc(waiting, func(a, b *event) int {
		if a.critical != b.critical {
			if a.critical {
				return -1
			}
			return 1
		}
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id))
	})
	full := 0
	for _, e := range waiting {
		full += e.full
	}
	if full <= s.size && len(waiting) <= 200 {
		return &envelope{events: waiting}, nil
	}
	size, n := 0, 0
	for n < min(len(waiting), 200) && (n == 0 || size+waiting[n].short <= s.size) {
		size += waiting[n].short
		n++
	}
	return &envelope{events: slices.Clone(waiting[:n])}, slices.Clone(waiting[n:])
}
