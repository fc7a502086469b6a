//go:build bench

// Command bench measures Belfry beside the bare limits of the same machine in the
// same run, and prints the table of docs/performance.md.
//
//	go run -tags bench ./bench -short -only P1,P3
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"belfry.dev/belfry/bench/report"
	"belfry.dev/belfry/cmd/belfry/process"
	"belfry.dev/belfry/deploy/standalone"
)

// namespace is the namespace of the benchmarks' Temporal server.
const namespace = "bench"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := execute(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	short   bool
	verbose bool
	only    string
	times   int
	json    string
	// databases are kinds, "" means all.
	databases string
	document  string
	profile   string
	binary    string
	slim      string
}

func parse(args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.BoolVar(&s.short, "short", false, "a tenth of the work, to see whether something changed at all")
	flags.StringVar(&s.only, "only", "", "budgets to measure: P1,P3; all when left out")
	flags.StringVar(&s.databases, "on", "", "databases to measure on: sqlite,mariadb,mysql; all when left out")
	flags.IntVar(&s.times, "times", 3, "repetitions of each side")
	flags.StringVar(&s.json, "json", "", "file to write the figures to; with -only, those of others stay in it")
	flags.StringVar(&s.document, "document", "", "file to put the table into, between its marks")
	flags.StringVar(&s.profile, "profile", "", "file for a profile of what computes")
	flags.BoolVar(&s.verbose, "v", false, "show what the parts log")
	flags.StringVar(&s.binary, "binary", "bin/belfry", "the program whose start is measured")
	flags.StringVar(&s.slim, "slim", "bin/belfry-slim", "the program for production, whose memory is measured")
	return s, flags.Parse(args)
}

// bench is one run.
type bench struct {
	settings
	dir      string
	log      *slog.Logger
	out      io.Writer
	server   *standalone.Server
	temporal client.Client
	files    *engineFiles
	limit    *bare
	report   report.Report
	// at and commit name the run.
	at, commit string
}

func execute(ctx context.Context, args []string, out io.Writer) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	b := &bench{settings: s, out: out, log: slog.New(slog.DiscardHandler)}
	if s.verbose {
		b.log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	if b.dir, err = os.MkdirTemp("", "belfry-bench-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }() // a folder of ours
	b.report = report.Report{Machine: machine()}
	b.at, b.commit = time.Now().UTC().Format("2006-01-02 15:04 UTC"), commit(ctx)
	p := process.New(b.log)
	err = b.start(ctx, p)
	if err == nil {
		err = profiled(s.profile, func() error { return b.measure(ctx) })
		err = errors.Join(err, b.write()) // what was measured before a failure, too
	}
	return errors.Join(err, p.Stop(context.WithoutCancel(ctx)))
}

// profiled writes a profile of what runs into the file; "" writes none.
func profiled(file string, do func() error) error {
	if file == "" {
		return do()
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(out); err != nil {
		return errors.Join(err, out.Close())
	}
	err = do()
	pprof.StopCPUProfile()
	return errors.Join(err, out.Close())
}

// start starts the Temporal server that everything shares, and the bare worker.
func (b *bench) start(ctx context.Context, p *process.Process) error {
	var err error
	b.server, err = standalone.Start(ctx, standalone.Config{
		Dir: b.dir, Address: "127.0.0.1:0", Namespace: namespace, Retention: 24 * time.Hour, Logger: b.log,
	})
	if err != nil {
		return err
	}
	p.Started(process.StageTemporal, func(context.Context) error { return b.server.Stop() })
	if b.files, err = openEngineFiles(b.dir); err != nil {
		return err
	}
	p.Started(process.StageStore, func(context.Context) error { return b.files.close() })
	if b.temporal, err = p.DialEmbedded(b.server.Address(), namespace); err != nil {
		return err
	}
	b.limit, err = newBare(b.temporal)
	p.Started(process.StageWorker, func(context.Context) error { b.limit.worker.Stop(); return nil })
	return err
}

// measure measures what was asked for, database by database.
func (b *bench) measure(ctx context.Context) error {
	kinds := []string{onSQLite}
	for _, kind := range []string{onMariaDB, onMySQL} {
		if os.Getenv(environment(kind)) != "" {
			kinds = append(kinds, kind)
		}
	}
	for _, kind := range kinds {
		if b.databases != "" && !slices.Contains(strings.Split(b.databases, ","), kind) {
			continue
		}
		for _, each := range []struct {
			id    string
			works bool
			do    func(context.Context, *stage) error
		}{
			{"P3", false, b.accepting},
			{"P3", true, b.acceptingBusy},
			{"P1", true, b.inboxOnly},
			{"P2", true, b.everywhere},
			{"P4", true, b.latency},
			{"P5", true, b.listening},
			{"P13", true, b.neighbours},
			{"P7", false, b.announcing},
			{"P14", false, b.planning},
			{"P14", false, b.matrix},
			{"P11", true, b.inviting},
			{"P11", true, b.reminding},
			{"P15", true, dues{b}.dueAtOnce},
			{"P15", false, dues{b}.forecasting},
			{"P8", false, b.reading},
		} {
			if err := b.step(ctx, each.id, func(ctx context.Context) error { return b.on(ctx, kind, each.works, each.do) }); err != nil {
				return fmt.Errorf("%s: %w", kind, err)
			}
		}
	}
	for _, each := range []struct {
		id string
		do func(context.Context) error
	}{
		{"P9", access{b}.permissions}, {"P10", access{b}.overhead}, {"P12", startup{b}.starting},
	} {
		if err := b.step(ctx, each.id, each.do); err != nil {
			return err
		}
	}
	return nil
}

// on measures on a stage of its own.
func (b *bench) on(ctx context.Context, kind string, works bool, do func(context.Context, *stage) error) error {
	s, err := b.open(ctx, kind)
	if err != nil {
		return err
	}
	if works {
		s.work(ctx)
	}
	if version := s.db.version(ctx); !strings.Contains(b.report.Machine.Databases, version) {
		b.report.Machine.Databases = strings.TrimPrefix(b.report.Machine.Databases+", "+version, ", ")
	}
	return errors.Join(do(ctx, s), s.Stop(context.WithoutCancel(ctx)))
}

// step measures one budget if it was asked for.
func (b *bench) step(ctx context.Context, id string, do func(context.Context) error) error {
	if b.only != "" && !slices.Contains(strings.Split(b.only, ","), id) {
		return nil
	}
	if err := do(ctx); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	return ctx.Err()
}

// add notes a figure and shows it.
func (b *bench) add(f report.Figure) {
	f.At, f.Commit, f.Short = b.at, b.commit, b.short
	b.report.Figures = append(b.report.Figures, f)
	one := report.Report{Figures: []report.Figure{f}}
	_, line, _ := strings.Cut(one.Table(), "\n")
	fmt.Fprint(os.Stderr, line)
}

// many is how much work a full run does, a tenth of it in a short one.
func (b *bench) many(n int) int {
	if b.short {
		return max(1, n/10)
	}
	return n
}

// write prints the table and renews the figures in the files.
func (b *bench) write() error {
	if _, err := fmt.Fprint(b.out, b.report.Table()); err != nil {
		return err
	}
	if earlier, err := report.Read(b.json); err == nil && b.only != "" {
		b.report = earlier.Renew(b.report)
	}
	if b.json != "" {
		if err := b.report.Write(b.json); err != nil {
			return err
		}
	}
	if b.document == "" {
		return nil
	}
	text, err := os.ReadFile(b.document)
	if err != nil {
		return err
	}
	changed, err := b.report.Document(string(text))
	if err != nil {
		return err
	}
	return os.WriteFile(b.document, []byte(changed), 0o644) //nolint:gosec // a document
}

func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

func machine() report.Machine {
	m := report.Machine{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), CPU: "unknown"}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, found := strings.Cut(string(text), "model name\t: "); found {
			m.CPU, _, _ = strings.Cut(rest, "\n")
		}
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		var kib int
		_, _ = fmt.Sscanf(string(text), "MemTotal: %d kB", &kib) // 0 elsewhere
		m.MemoryGiB = (kib + 1<<19) >> 20
	}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.LoadBefore, _, _ = strings.Cut(string(text), " ")
	}
	return m
}
