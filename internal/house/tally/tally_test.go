package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// events are of a package with one test of each outcome, one that does not compile and one
// that panicked outside of tests.
const events = `{"Action":"start","Package":"a"}
{"Action":"run","Package":"a","Test":"TestGood"}
{"Action":"pass","Package":"a","Test":"TestGood/case"}
{"Action":"pass","Package":"a","Test":"TestGood"}
{"Action":"skip","Package":"a","Test":"TestSkipped"}
{"Action":"fail","Package":"a","Test":"TestBad"}
{"Action":"fail","Package":"a"}
{"Action":"build-fail","ImportPath":"b"}
{"Action":"fail","Package":"b","FailedBuild":"b"}
{"Action":"fail","Package":"c"}
`

func TestEveryFailureIsCountedOnce(t *testing.T) {
	t.Parallel()
	got, err := count(strings.NewReader(events))
	want := counts{passed: 2, failed: 3, skipped: 1}
	if err != nil || got != want {
		t.Errorf("count() = %+v, %v, want %+v: TestBad, the build of b and the panic of c", got, err, want)
	}
}

func TestReportEndsWithTheSummary(t *testing.T) {
	t.Parallel()
	const good = `{"Action":"pass","Package":"a","Test":"TestGood"}`
	cases := map[string]struct {
		stages, events, want string
	}{
		"all green":              {"lint 3 0\ncheck 7 0\n", good, "1 passed, 0 failed, 0 skipped"},
		"a step without tests":   {"lint 3 2\ncheck 7 0\n", good, "1 passed, 1 failed, 0 skipped"},
		"no test ran":            {"lint 3 0\ncheck 7 0\n", "", "0 passed, 1 failed, 0 skipped"},
		"the tests were not run": {"lint 3 0\n", "", "0 passed, 1 failed, 0 skipped"},
		"failed tests":           {"check 7 1\n", events, "2 passed, 3 failed, 1 skipped"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, filepath.Join(dir, "stages"), c.stages)
			write(t, filepath.Join(dir, "check.json"), c.events)
			stages, err := load(dir, []string{"check"})
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			report(&out, stages)
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			if got := lines[len(lines)-1]; got != c.want {
				t.Errorf("last line = %q, want %q, of:\n%s", got, c.want, out.String())
			}
		})
	}
}

func TestAStepThatCannotRunIsSkippedWithItsReason(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "stages"), "check 7 0\nmysql 1 0\n")
	write(t, filepath.Join(dir, "check.json"), `{"Action":"pass","Package":"a","Test":"TestGood"}`)
	write(t, filepath.Join(dir, "mysql.skipped"), "skipped, because there is no mirror\n")
	stages, err := load(dir, []string{"check", "mysql"})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	report(&out, stages)
	for _, want := range []string{"skipped, because there is no mirror", "1 passed, 0 failed, 1 skipped"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
