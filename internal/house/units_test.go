package house_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// systemdAnalyze is the program by which systemd judges units. It comes with systemd, which
// containers lack; the test is skipped there.
func systemdAnalyze(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("skipped, because systemd-analyze is not installed: nobody can judge the units")
	}
	return program
}

// TestUnitsAreWhatSystemdUnderstands lets systemd read the units of deploy/systemd, with a
// program that this machine has.
func TestUnitsAreWhatSystemdUnderstands(t *testing.T) {
	t.Parallel()
	analyze := systemdAnalyze(t)
	units, err := filepath.Glob(filepath.Join(root, "deploy/systemd/*.service"))
	if err != nil || len(units) == 0 {
		t.Fatalf("there are no units: %v", err)
	}
	folder := t.TempDir()
	args := []string{"verify", "--man=no"}
	for _, unit := range units {
		text, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		copied := filepath.Join(folder, filepath.Base(unit))
		if err := os.WriteFile(copied, []byte(strings.ReplaceAll(string(text), "/usr/local/bin/belfry", "/bin/true")), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, copied)
	}
	out, err := exec.CommandContext(t.Context(), analyze, args...).CombinedOutput()
	if err != nil || strings.Contains(string(out), folder) {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// TestUnitsAllowWhatTheGuardNeeds: the machine's own addresses are listed over netlink, and
// the guard of outgoing calls is closed where they cannot be.
func TestUnitsAllowWhatTheGuardNeeds(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"serve", "worker"} {
		families := regexp.MustCompile(`(?m)^RestrictAddressFamilies=(.*)$`).FindStringSubmatch(read(t, "deploy/systemd/belfry-"+unit+".service"))
		if families == nil || !strings.Contains(families[1], "AF_NETLINK") {
			t.Errorf("belfry-%s.service may not list its own addresses: %v", unit, families)
		}
	}
}

// TestUnitsLetOutLittle: what systemd itself thinks of the fences, in tenths; 3.5 was it with
// half of them.
func TestUnitsLetOutLittle(t *testing.T) {
	t.Parallel()
	analyze := systemdAnalyze(t)
	for _, unit := range []string{"serve", "worker"} {
		file := filepath.Join(root, "deploy/systemd/belfry-"+unit+".service")
		out, err := exec.CommandContext(t.Context(), analyze, "security", "--offline=yes", "--threshold=21", "--no-pager", file).CombinedOutput()
		if err != nil {
			t.Errorf("belfry-%s.service is open further than 2.1: %v\n%s", unit, err, out)
		}
	}
}

// TestOperatorsReadOfSettingsThatExist compares the variables in units and in documents for
// operators with the configuration's own document.
func TestOperatorsReadOfSettingsThatExist(t *testing.T) {
	t.Parallel()
	settings := read(t, "docs/configuration.md")
	for _, name := range []string{"docs/operations.md", "deploy/systemd/belfry-serve.service", "deploy/systemd/belfry-worker.service"} {
		for _, variable := range regexp.MustCompile(`BELFRY_[A-Z_]*[A-Z]`).FindAllString(read(t, name), -1) {
			if !strings.Contains(settings, "`"+strings.TrimSuffix(variable, "_FILE")+"`") {
				t.Errorf("%s names %s, which is no setting", name, variable)
			}
		}
	}
}
