package drill

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"belfry.dev/belfry/cmd/belfry/client"
	"belfry.dev/belfry/cmd/belfry/drill/ledger"
)

// Load submits at a stated rate, to a service that is there or to one that it
// starts itself, and prints throughput, latencies and the ledger.
type Load struct {
	URL      string        `name:"url" placeholder:"URL" help:"A service that is there; when left out, the drill starts one."`
	Key      string        `env:"BELFRY_KEY" placeholder:"KEY" help:"With --url: access key of the product that submits." group:"Client"`
	Account  string        `placeholder:"ACCOUNT" help:"With --url: the account that the notifications are about, its alias or id. It gets them all."`
	Rate     float64       `default:"50" help:"Submissions in a second; 0 means as fast as they are accepted."`
	Clients  int           `default:"32" help:"Submissions at the same time."`
	Duration time.Duration `default:"30s" help:"How long to submit."`
	Wait     time.Duration `default:"2m" help:"Afterwards: how long nothing may move before what is open counts as stuck; with --url, how long everything may take to end."`
	Setting
}

// Run is the drill. ErrBroken says that a promise is broken.
func (c Load) Run(ctx context.Context, o Outside) error {
	if c.Clients < 1 || c.Rate < 0 || c.Duration <= 0 {
		return errors.New("a drill needs at least one client, some time, and no negative rate")
	}
	d := &load{Load: c, log: ledger.NewLog(), printer: &printer{out: o.Out, began: time.Now()}, run: strconv.FormatInt(time.Now().UnixNano(), 36)}
	if c.URL != "" {
		if c.Key == "" || c.Account == "" {
			return errors.New("--url needs --key and --account, too")
		}
		return d.there(ctx, o)
	}
	var err error
	d.site, err = c.open(ctx, o, d.printer, 1)
	if d.site == nil {
		return err
	}
	if err == nil {
		err = d.here(ctx, o)
	}
	if ctx.Err() != nil {
		err = errors.Join(errInterrupted, d.site.interim(o.Out, d.log, "measuring"))
	}
	return errors.Join(err, d.site.end(err == nil || ctx.Err() != nil))
}

// load is one run of the drill.
type load struct {
	Load
	*printer
	// site is nil when the service is somebody else's.
	site *site
	log  *ledger.Log
	// run begins the keys, so that no other run has the same.
	run string
	// submitted is how long submitting took.
	submitted time.Duration
}

// here drives the service that the drill started.
func (d *load) here(ctx context.Context, o Outside) error {
	all := d.site.cast.accounts[:accounts-1]
	p := &producer{bases: d.site.stage.Bases(), key: d.site.cast.product, log: d.log}
	if err := d.submit(ctx, p, func(n int) account { return all[n%len(all)] }); err != nil {
		return err
	}
	if _, err := d.site.quiet(ctx, d.Wait, d.log.Accepted()); err != nil {
		return err
	}
	books, err := d.site.books(ctx, d.log)
	if err != nil {
		return err
	}
	return d.account(o, books, p)
}

// there drives a service that is there; what receivers got is not known.
func (d *load) there(ctx context.Context, o Outside) error {
	p := &producer{bases: []string{d.URL}, key: d.Key, log: d.log}
	if err := d.submit(ctx, p, func(int) account { return account{ID: d.Account} }); err != nil {
		return err
	}
	c := client.New(d.URL, d.Key)
	over := time.Now().Add(d.Wait)
	for {
		reports, err := readReports(ctx, c, d.ids())
		if err != nil {
			return err
		}
		if time.Now().After(over) || ctx.Err() != nil || !slices.ContainsFunc(reports, unfinished) {
			return d.account(o, d.foreign(reports), p)
		}
		pause(ctx, time.Second)
	}
}

func unfinished(r ledger.Report) bool { return r.FinishedAt == nil }

func (d *load) ids() []string {
	var ids []string
	for _, s := range d.log.Submissions() {
		if len(s.IDs) > 0 {
			ids = append(ids, s.IDs[0])
		}
	}
	return ids
}

// foreign are books without receivers and inboxes, about the account as the service
// names it.
func (d *load) foreign(reports []ledger.Report) ledger.Books {
	b := ledger.Books{Submissions: d.log.Submissions(), Reports: reports, Blind: true}
	for i := range b.Submissions {
		if len(reports) > 0 {
			b.Submissions[i].Account = reports[0].AccountID
		}
	}
	return b
}

func (d *load) submit(ctx context.Context, p *producer, about func(int) account) error {
	d.say("submitting %g a second for %s with %d clients", d.Rate, d.Duration, d.Clients)
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	go d.progress(inner)
	began := time.Now()
	const most = 10_000_000
	orders := pace(ctx, d.Rate, most, d.Duration, func(n int, due time.Time) order {
		return order{key: "load-" + d.run + "-" + strconv.Itoa(n), due: due, account: about(n)}
	})
	err := p.run(ctx, d.Clients, orders)
	d.submitted = time.Since(began)
	d.say("accepted %d; waiting for their end", d.log.Accepted())
	return errors.Join(err, ctx.Err())
}

func (d *load) progress(ctx context.Context) {
	for {
		pause(ctx, 5*time.Second)
		if ctx.Err() != nil {
			return
		}
		d.say("accepted %d", d.log.Accepted())
	}
}

// account closes the books and prints what was measured, and the ledger.
func (d *load) account(o Outside, b ledger.Books, p *producer) error {
	sum := ledger.Close(b)
	if err := d.measured(o.Out, b, p.failures.Load()); err != nil {
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

func (d *load) measured(w io.Writer, b ledger.Books, failures int64) error {
	accept, delivered := latencies(b)
	text := fmt.Sprintf("\naccepted: %.1f a second over %.1fs; %d tries failed\n", float64(d.log.Accepted())/d.submitted.Seconds(), d.submitted.Seconds(), failures)
	text += row("due → accepted", accept)
	for _, channel := range []string{"email", "sms", "webhook"} {
		if len(delivered[channel]) > 0 {
			text += row("accepted → "+channel+" received", delivered[channel])
		}
	}
	_, err := fmt.Fprintln(w, text)
	return err
}

// latencies are from when a submission was due to its 202, which counts the time
// that it waited for a free client, and from the 202 to the first copy at a receiver.
func latencies(b ledger.Books) (accept []time.Duration, delivered map[string][]time.Duration) {
	acceptedAt := map[string]time.Time{}
	for _, s := range b.Submissions {
		if len(s.IDs) > 0 {
			accept = append(accept, s.AcceptedAt.Sub(s.SentAt))
			acceptedAt[s.IDs[0]] = s.AcceptedAt
		}
	}
	notification := map[string]string{}
	for _, r := range b.Reports {
		for _, d := range r.Deliveries {
			notification[d.ID] = r.ID
		}
	}
	delivered = map[string][]time.Duration{}
	for _, c := range b.Copies { // in the order they came
		at, known := acceptedAt[notification[c.Key]]
		if known {
			delivered[c.Channel] = append(delivered[c.Channel], max(0, c.At.Sub(at)))
			delete(notification, c.Key)
		}
	}
	return accept, delivered
}

// row is a line with percentiles.
func row(name string, values []time.Duration) string {
	slices.Sort(values)
	return fmt.Sprintf("  %-28s p50 %-9s p95 %-9s p99 %-9s max %s\n", name,
		percentile(values, 50), percentile(values, 95), percentile(values, 99), percentile(values, 100))
}

// percentile is the smallest of the sorted values that at least p of a hundred do
// not exceed, in milliseconds; 0 of none.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	at := (len(sorted)*p + 99) / 100
	return sorted[max(at, 1)-1].Round(time.Millisecond)
}
