package drill

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"belfry.dev/belfry/cmd/belfry/drill/ledger"
	"belfry.dev/belfry/cmd/belfry/drill/stage"
)

// Chaos submits while processes are killed and providers misbehave, then heals
// everything, waits for quiet and prints the ledger.
type Chaos struct {
	Messages int           `default:"10000" help:"How many notifications are submitted."`
	Rate     float64       `default:"100" help:"How many of them in a second; 0 means as fast as they are accepted."`
	Clients  int           `default:"16" help:"Submissions at the same time."`
	Seed     uint64        `help:"Decides who is killed when, and the moods of the providers: the same seed gives the same. A random one when left out, which is printed."`
	Heal     time.Duration `default:"90s" help:"Once all is well again: how long nothing may move before it counts as stuck."`
	Setting
}

// Run is the drill. ErrBroken says that a promise is broken.
func (c Chaos) Run(ctx context.Context, o Outside) error {
	if c.Messages < 1 || c.Clients < 1 || c.Rate < 0 {
		return errors.New("a drill needs at least one message and one client, and no negative rate")
	}
	if c.Seed == 0 {
		c.Seed = uint64(rand.Uint32()) + 1 //nolint:gosec // any number will do
	}
	d := &chaos{Chaos: c, doing: "submitting", log: ledger.NewLog(), printer: &printer{out: o.Out, began: time.Now()}}
	d.say("seed %d (--seed %d does the same again)", c.Seed, c.Seed)
	var err error
	d.site, err = c.open(ctx, o, d.printer, c.Seed)
	if d.site == nil {
		return err
	}
	if err == nil {
		err = d.run(ctx, o)
	}
	if ctx.Err() != nil {
		err = errors.Join(errInterrupted, d.site.interim(o.Out, d.log, d.doing))
	}
	return errors.Join(err, d.site.end(err == nil || ctx.Err() != nil))
}

// chaos is one run of the drill.
type chaos struct {
	Chaos
	*printer
	site    *site
	log     *ledger.Log
	witness witness
	kills   map[string]int
	// doing is what it does now, for whoever interrupts it.
	doing string
}

func (d *chaos) run(ctx context.Context, o Outside) error {
	p := &producer{bases: d.site.stage.Bases(), key: d.site.cast.product, log: d.log, patient: true}
	if err := d.storm(ctx, p); err != nil {
		return err
	}
	healed := time.Now()
	d.doing = "healing"
	d.say("healing: nothing is killed any more, the providers work")
	if err := d.site.stage.Ready(ctx, d.Heal); err != nil {
		return err
	}
	d.say("ready again after %.1fs; submitting some again, under the same keys", time.Since(healed).Seconds())
	if err := d.repeat(ctx, p); err != nil {
		return err
	}
	quiet, err := d.site.quiet(ctx, d.Heal, d.log.Accepted())
	if err != nil {
		return err
	}
	d.say("quiet %.1fs after healing: %t", time.Since(healed).Seconds(), quiet)
	return d.account(ctx, o)
}

// storm submits everything while it kills; it returns when all is accepted.
func (d *chaos) storm(ctx context.Context, p *producer) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	var others sync.WaitGroup
	others.Go(func() { d.kill(inner) })
	others.Go(func() { d.witness.watch(inner, p.bases[0], p.key, d.log) })
	others.Go(func() { d.progress(inner) })
	d.site.sinks.Storm(true)
	err := p.run(ctx, d.Clients, pace(ctx, d.Rate, d.Messages, 0, d.order))
	cancel()
	others.Wait()
	d.site.sinks.Storm(false)
	d.say("accepted %d of %d; %d tries failed or were not answered", d.log.Accepted(), d.Messages, p.failures.Load())
	return errors.Join(err, ctx.Err())
}

// order is the nth submission: most are due at once; some are scheduled, some of
// these taken back, and some go to a mailbox that does not exist.
func (d *chaos) order(n int, due time.Time) order {
	const scheduled, taken, nobody, some = 7, 17, 3, 30
	all := d.site.cast.accounts
	o := order{key: "drill-" + strconv.Itoa(n), due: due, account: all[n%(len(all)-1)]}
	switch n % some {
	case scheduled:
		o.schedule = 20 * time.Second // longer than any outage: a repeat must still be in time
	case taken:
		o.schedule, o.cancel = time.Minute, true
	case nobody:
		o.account = all[len(all)-1]
	}
	return o
}

// kill kills one process after another, as the seed says, until the context ends.
func (d *chaos) kill(ctx context.Context) {
	const shortest, longest, down = time.Second, 3 * time.Second, 1500 * time.Millisecond
	dice := rand.New(rand.NewPCG(d.Seed, 2)) //nolint:gosec // repeatable on purpose
	parts := d.site.stage.Parts()
	d.kills = map[string]int{}
	for {
		wait := shortest + time.Duration(dice.Int64N(int64(longest-shortest)))
		victim := parts[dice.IntN(len(parts))]
		stays := time.Duration(dice.Int64N(int64(down)))
		pause(ctx, wait)
		if ctx.Err() != nil {
			return
		}
		if pid := victim.Kill(stays); pid != 0 {
			d.kills[victim.Name]++
			d.say("killed %s (process %d) for %.1fs", victim.Name, pid, stays.Seconds())
		}
	}
}

// progress prints a line every few seconds.
func (d *chaos) progress(ctx context.Context) {
	for {
		pause(ctx, 5*time.Second)
		if ctx.Err() != nil {
			return
		}
		d.say("accepted %d of %d; the sinks have %d messages", d.log.Accepted(), d.Messages, len(d.site.sinks.Copies()))
	}
}

// repeat submits each tenth key again: the answers must name the same notifications.
// What is scheduled carries its time, so that a repeat would be another request.
func (d *chaos) repeat(ctx context.Context, p *producer) error {
	const share = 10
	var again []int
	for n := 0; n < d.Messages; n += share {
		if d.order(n, time.Time{}).schedule == 0 {
			again = append(again, n)
		}
	}
	orders := pace(ctx, 0, len(again), 0, func(i int, due time.Time) order { return d.order(again[i], due) })
	return p.run(ctx, d.Clients, orders)
}

// account closes the books and prints the ledger.
func (d *chaos) account(ctx context.Context, o Outside) error {
	d.doing = "reading the reports"
	d.say("reading all reports and inboxes")
	books, err := d.site.books(ctx, d.log)
	if err != nil {
		return err
	}
	books.Earlier = d.witness.reports()
	text, err := d.site.stage.Run(ctx, "audit", "verify")
	if err != nil {
		return fmt.Errorf("the operation logs do not verify: %w\n%s", err, text)
	}
	sum := ledger.Close(books)
	if _, err := fmt.Fprintf(o.Out, "\nkilled: %s\nended by themselves while something they need was down: %s\nthe sinks: %s\nreports read meanwhile and compared: %d\noperation logs: good\n\n",
		counted(d.kills), counted(deaths(d.site.stage)), counted(d.site.sinks.Misdeeds()), len(books.Earlier)); err != nil {
		return err
	}
	if err := sum.Print(o.Out); err != nil {
		return err
	}
	if !sum.Sound() {
		return ErrBroken
	}
	return nil
}

func deaths(s *stage.Stage) map[string]int {
	out := map[string]int{}
	for _, p := range s.Parts() {
		if n := p.Deaths(); n > 0 {
			out[p.Name] = n
		}
	}
	return out
}

// counted is "a 1, b 2", or "none".
func counted(counts map[string]int) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		words = append(words, name+" "+strconv.Itoa(counts[name]))
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}
