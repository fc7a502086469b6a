//go:build bench

package main

import (
	"context"
	"os"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"belfry.dev/belfry/bench/report"
)

// run is one repetition of a measurement: its figure and what one piece costs.
type run struct {
	value float64
	costs report.Costs
}

// trial is one repetition, to be called again and again.
type trial func(context.Context) (run, error)

// interleave runs ours and the bare limit in turn, so that both meet the same
// neighbours on the machine, after one unmeasured turn of each.
func interleave(ctx context.Context, times int, ours, limit trial) (report.Figure, error) {
	var a, b []run
	for i := range times + 1 {
		for _, side := range []struct {
			runs *[]run
			try  trial
		}{{&a, ours}, {&b, limit}} {
			if side.try == nil {
				continue
			}
			r, err := side.try(ctx)
			if err != nil {
				return report.Figure{}, err
			}
			if i > 0 {
				*side.runs = append(*side.runs, r)
			}
		}
	}
	f := report.Figure{Ours: report.Of(values(a)), Costs: cost(a)}
	if limit != nil {
		l := report.Of(values(b))
		f.Limit, f.LimitCosts = &l, cost(b)
	}
	return f, nil
}

// turns sizes the turns of something slow: fewer in the first one, which is not
// measured, than in the others.
type turns struct {
	// first and each are how many a turn makes.
	first, each int
	// patience is how long a turn may take at the rate of the first; 0 is as long as it
	// takes. What would take longer makes fewer.
	patience time.Duration
	// made counts them.
	made int
}

// turns are such that all of them make first and most in a full run.
func (b *bench) turns(first, most int) *turns {
	return &turns{first: b.many(first), each: max(1, b.many(most)/b.times)}
}

// next is how many the next turn makes.
func (t *turns) next() int {
	if t.made == 0 {
		return t.first
	}
	return t.each
}

// over ends a turn that made number, at so many a second.
func (t *turns) over(number int, perSecond float64) {
	if t.made == 0 && t.patience > 0 {
		t.each = max(1, min(t.each, int(t.patience.Seconds()*perSecond)))
	}
	t.made += number
}

func values(runs []run) []float64 {
	all := make([]float64, len(runs))
	for i, r := range runs {
		all[i] = r.value
	}
	return all
}

// cost is the median of each kind of cost.
func cost(runs []run) report.Costs {
	median := func(of func(report.Costs) float64) float64 {
		all := make([]float64, len(runs))
		for i, r := range runs {
			all[i] = of(r.costs)
		}
		return report.Of(all).Median
	}
	return report.Costs{
		CPUMillis:     median(func(c report.Costs) float64 { return c.CPUMillis }),
		Transactions:  median(func(c report.Costs) float64 { return c.Transactions }),
		Statements:    median(func(c report.Costs) float64 { return c.Statements }),
		Flushes:       median(func(c report.Costs) float64 { return c.Flushes }),
		HistoryEvents: median(func(c report.Costs) float64 { return c.HistoryEvents }),
	}
}

// percentile returns the p-th part of the times, in milliseconds; times is sorted.
func percentile(times []time.Duration, p float64) float64 {
	slices.Sort(times)
	return millis(times[min(int(p*float64(len(times))), len(times)-1)])
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// cpuTime is what this process has computed so far: clients, API, worker, Temporal.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0 // the figure is missing then
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// cpuTimeOf is what another process has computed so far, in steps of 10 ms.
func cpuTimeOf(pid string) time.Duration {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0 // the figure is missing then
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11]) // the kernel writes numbers
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// highest is by how much the heap grows at most while do runs, in MB, garbage included.
func highest(do func()) float64 {
	before, most := heap(), 0.0
	done, sampled := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(sampled)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			most = max(most, objects())
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	}()
	do()
	close(done)
	<-sampled
	return max(0, most-before)
}

// objects is what the heap holds, garbage included, in MB. Reading it stops nobody.
func objects() float64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return float64(sample[0].Value.Uint64()) / (1 << 20)
}

// resident is the memory of a process, in MB.
func resident(pid int) float64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kib, _ := strconv.Atoi(strings.Fields(rest + " 0")[0]) // the kernel writes numbers
	return float64(kib) / 1024
}
