package metrics_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/metrics"
	"belfry.dev/belfry/models"
)

const deploy = "../../../deploy"

// alerts is the part of a file of rules that the tests read.
type alerts struct {
	Groups []struct {
		Rules []struct {
			Alert, Expr string
			Labels      map[string]string
			Annotations map[string]string
		}
	}
}

func readAlerts(t *testing.T) alerts {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(deploy, "prometheus", "belfry.rules.yml"))
	require.NoError(t, err)
	var a alerts
	require.NoError(t, yaml.Unmarshal(text, &a))
	require.NotEmpty(t, a.Groups)
	return a
}

// dashboard is the part of a dashboard that the tests read.
type dashboard struct {
	Panels []struct {
		ID      int
		Title   string
		Type    string
		Targets []struct{ Expr string }
	}
}

// expressions are all that the deployment asks of Prometheus, by where they are.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, group := range readAlerts(t).Groups {
		for _, rule := range group.Rules {
			found["alert "+rule.Alert] = rule.Expr
		}
	}
	text, err := os.ReadFile(filepath.Join(deploy, "grafana", "belfry.json"))
	require.NoError(t, err)
	var d dashboard
	require.NoError(t, json.Unmarshal(text, &d))
	ids := map[int]bool{}
	for _, p := range d.Panels {
		require.False(t, ids[p.ID], "panel %q has an id that another has, too", p.Title)
		ids[p.ID] = true
		require.True(t, p.Type == "row" || len(p.Targets) > 0, "panel %q shows nothing", p.Title)
		for _, target := range p.Targets {
			found["panel "+p.Title+": "+target.Expr] = target.Expr
		}
	}
	return found
}

// everything is a process that has counted one of each.
func everything(t *testing.T) string {
	t.Helper()
	m := metrics.New("v1")
	m.Watch(t.Context(), database{})
	n := models.Notification{Status: models.StatusPending}
	m.Submitted(n, time.Millisecond)
	m.Deduplicated(n)
	m.Attempted(models.ChannelEmail, "accepted", "", time.Millisecond)
	m.Ended(n, models.Delivery{Channel: models.ChannelEmail, State: models.DeliveryDelivered}, time.Now())
	m.Requested("GET", "/v1/me", 200, time.Millisecond)
	m.Checked(nil)
	return exposed(t, m)
}

// series are the names of what can be asked for, with their labels.
func series(t *testing.T) map[string][]string {
	t.Helper()
	known := map[string][]string{"up": {"job", "instance"}}
	for _, line := range regexp.MustCompile(`(?m)^([a-z_0-9]+)(?:\{(.*)\})? `).FindAllStringSubmatch(everything(t), -1) {
		labels := []string{"job", "instance"}
		for _, label := range regexp.MustCompile(`([a-z_]+)="`).FindAllStringSubmatch(line[2], -1) {
			labels = append(labels, label[1])
		}
		known[line[1]] = labels
	}
	return known
}

var (
	quoted   = regexp.MustCompile(`"[^"]*"`)
	selector = regexp.MustCompile(`([a-z_]+[a-z_0-9]*)(\{[^}]*\})`)
	metric   = regexp.MustCompile(`\b(?:belfry|go|process)_[a-z_0-9]+\b`)
	labelled = regexp.MustCompile(`([a-z_]+)\s*(?:=~|!~|!=|=)`)
	grouped  = regexp.MustCompile(`by \(([^)]*)\)`)
)

func TestDashboardAndAlertsAskForWhatThereIs(t *testing.T) {
	t.Parallel()
	known := series(t)
	require.Contains(t, known, "belfry_http_request_duration_seconds_bucket")
	for where, expr := range expressions(t) {
		expr = quoted.ReplaceAllString(expr, `""`)
		names := metric.FindAllString(expr, -1)
		require.True(t, len(names) > 0 || strings.Contains(expr, "up{"), "%s asks for nothing of ours", where)
		var labels []string
		for _, name := range names {
			require.Contains(t, known, name, "%s asks for a metric that no process has", where)
			labels = append(labels, known[name]...)
		}
		for _, each := range selector.FindAllStringSubmatch(expr, -1) {
			for _, label := range labelled.FindAllStringSubmatch(each[2], -1) {
				require.Contains(t, known[each[1]], label[1], "%s: %s has no such label", where, each[1])
			}
		}
		for _, each := range grouped.FindAllStringSubmatch(expr, -1) {
			for label := range strings.SplitSeq(each[1], ",") {
				require.Contains(t, labels, strings.TrimSpace(label), "%s groups by a label that is not there", where)
			}
		}
	}
}

// TestEveryMetricIsShown keeps the dashboard and the table in the documents whole.
func TestEveryMetricIsShown(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/operations.md")
	require.NoError(t, err)
	var asked strings.Builder
	for _, expr := range expressions(t) {
		asked.WriteString(expr + "\n")
	}
	for _, line := range regexp.MustCompile(`(?m)^# TYPE (belfry_\S+) `).FindAllStringSubmatch(everything(t), -1) {
		require.Contains(t, string(page), "`"+line[1], "docs/operations.md does not say what it means")
		if line[1] != "belfry_db_connections_limit" && line[1] != "belfry_db_connection_waits_total" {
			require.Contains(t, asked.String(), line[1], "nobody looks at it")
		}
	}
}

func TestEveryAlertIsExplained(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/operations.md")
	require.NoError(t, err)
	var explained, want []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(Belfry[A-Za-z]+)` \\|[^|]+\\|[^|]+\\|$").FindAllStringSubmatch(string(page), -1) {
		explained = append(explained, row[1])
	}
	for _, group := range readAlerts(t).Groups {
		for _, rule := range group.Rules {
			want = append(want, rule.Alert)
			require.Contains(t, []string{"page", "ticket"}, rule.Labels["severity"], rule.Alert)
			require.NotEmpty(t, rule.Annotations["summary"], rule.Alert)
		}
	}
	slices.Sort(want)
	slices.Sort(explained)
	require.Equal(t, want, explained)
}

// TestPrometheusAcceptsTheRules asks Prometheus' own tool, where it is installed.
func TestPrometheusAcceptsTheRules(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed (Debian's package prometheus has it)")
	}
	text, err := exec.CommandContext(t.Context(), promtool, "check", "rules", filepath.Join(deploy, "prometheus", "belfry.rules.yml")).CombinedOutput()
	require.NoError(t, err, string(text))
	// A dashboard has no file of rules; its expressions are checked as if it had.
	var rules strings.Builder
	rules.WriteString("groups: [{name: dashboard, rules: [\n")
	for _, expr := range expressions(t) {
		quoted, err := json.Marshal(strings.NewReplacer("$__rate_interval", "5m", "$job", ".*").Replace(expr))
		require.NoError(t, err)
		rules.WriteString("{record: a, expr: " + string(quoted) + "},\n")
	}
	rules.WriteString("]}]\n")
	file := filepath.Join(t.TempDir(), "dashboard.yml")
	require.NoError(t, os.WriteFile(file, []byte(rules.String()), 0o600))
	text, err = exec.CommandContext(t.Context(), promtool, "check", "rules", "--lint=none", file).CombinedOutput()
	require.NoError(t, err, string(text))
}
