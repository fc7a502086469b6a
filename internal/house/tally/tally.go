// Command tally sums up what "make test" did. It reads, from one folder, the file
// "stages" (a line per step: name, seconds, exit code) and, for steps that ran tests,
// "<name>.json" (the events of go test -json), or "<name>.skipped" (why they could not),
// prints a table and, as the last line,
//
//	N passed, N failed, N skipped
//
// and ends with 1 when anything failed, or when a step that should have run tests ran none.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	dir := flag.String("dir", ".cache/results", "folder with the results")
	tested := flag.String("tests", "", "steps that must have run tests, separated by commas")
	flag.Parse()
	stages, err := load(*dir, strings.Split(*tested, ","))
	if err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(1)
	}
	if total := report(os.Stdout, stages); total.failed > 0 || total.passed == 0 {
		os.Exit(1)
	}
}

// stage is one step with what its tests did. A step that ended badly without a failed
// test counts as one failure, so that no failure hides behind green tests.
type stage struct {
	name    string
	seconds int
	code    int
	note    string
	counts
}

type counts struct{ passed, failed, skipped int }

// load reads the steps in the order they ran. A step named in tested that did not run,
// or passed no test, is a failure.
func load(dir string, tested []string) ([]stage, error) {
	file, err := os.Open(filepath.Join(dir, "stages"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // read only: nothing can be lost
	stages, err := readStages(file)
	if err != nil {
		return nil, err
	}
	for i := range stages {
		if err := stages[i].read(filepath.Join(dir, stages[i].name)); err != nil {
			return nil, err
		}
	}
	return judge(stages, tested), nil
}

func readStages(r io.Reader) ([]stage, error) {
	var stages []stage
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		var s stage
		if _, err := fmt.Sscan(lines.Text(), &s.name, &s.seconds, &s.code); err != nil {
			return nil, fmt.Errorf("line %q of stages: %w", lines.Text(), err)
		}
		stages = append(stages, s)
	}
	return stages, lines.Err()
}

// read adds what the tests of the step did, or why they could not run.
func (s *stage) read(path string) (err error) {
	reason, err := os.ReadFile(path + ".skipped")
	if err == nil && s.code == 0 {
		s.note, s.skipped = strings.TrimSpace(string(reason)), 1
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.counts, err = countFile(path + ".json")
	return err
}

func countFile(path string) (counts, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return counts{}, nil
	}
	if err != nil {
		return counts{}, err
	}
	defer func() { _ = file.Close() }() // read only: nothing can be lost
	return count(file)
}

// count adds up tests and subtests. A package that failed without a failed test (it did
// not compile, it panicked, it ran out of time) is one failure.
func count(r io.Reader) (counts, error) {
	var sum counts
	failedIn := map[string]bool{}
	events := json.NewDecoder(r)
	for {
		var e struct{ Action, Package, Test string }
		if err := events.Decode(&e); errors.Is(err, io.EOF) {
			return sum, nil
		} else if err != nil {
			return sum, fmt.Errorf("read test events: %w", err)
		}
		switch {
		case e.Test == "" && e.Action == "fail" && !failedIn[e.Package]:
			sum.failed++
		case e.Test == "":
		case e.Action == "pass":
			sum.passed++
		case e.Action == "skip":
			sum.skipped++
		case e.Action == "fail":
			failedIn[e.Package] = true
			sum.failed++
		}
	}
}

// judge adds the failures that no test stands for.
func judge(stages []stage, tested []string) []stage {
	ran := map[string]bool{}
	must := map[string]bool{}
	for _, name := range tested {
		must[name] = name != ""
	}
	for i := range stages {
		s := &stages[i]
		ran[s.name] = true
		switch {
		case s.code != 0 && s.failed == 0:
			s.failed, s.note = 1, fmt.Sprintf("ended with exit code %d", s.code)
		case must[s.name] && s.passed+s.failed == 0 && s.note == "":
			s.failed, s.note = 1, "ran no test"
		}
	}
	for _, name := range tested {
		if name != "" && !ran[name] {
			stages = append(stages, stage{name: name, counts: counts{failed: 1}, note: "did not run"})
		}
	}
	return stages
}

// report prints the table and the closing line.
func report(w io.Writer, stages []stage) counts {
	var total counts
	seconds := 0
	line := func(name string, seconds int, c counts, note string) {
		row := fmt.Sprintf("%-14s %8d %8d %8d %8d  %s", name, seconds, c.passed, c.failed, c.skipped, note)
		_, _ = fmt.Fprintln(w, strings.TrimRight(row, " ")) // standard output: nowhere to say that it is gone
	}
	_, _ = fmt.Fprintf(w, "\n%-14s %8s %8s %8s %8s\n", "step", "seconds", "passed", "failed", "skipped")
	for _, s := range stages {
		line(s.name, s.seconds, s.counts, s.note)
		seconds += s.seconds
		total.passed += s.passed
		total.failed += s.failed
		total.skipped += s.skipped
	}
	line("all", seconds, total, "")
	_, _ = fmt.Fprintf(w, "\n%d passed, %d failed, %d skipped\n", total.passed, total.failed, total.skipped)
	return total
}
