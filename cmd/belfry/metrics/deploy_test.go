package metrics_test

import (
	"encoding/json"
	"net/http"
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

	"belfry.dev/belfry/channels"
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
	m.WatchTemporal(t.Context(), temporal(nil))
	m.Sealed(nil)
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
	for _, heading := range regexp.MustCompile(`(?m)^#### (Belfry[A-Za-z]+)\n\n[^\n]+ \*(?:Page|Ticket)\.\*\n\n- \*\*Do\*\*: [^\n]+\n- \*\*Over\*\* when `).FindAllStringSubmatch(string(page), -1) {
		explained = append(explained, heading[1])
	}
	for _, group := range readAlerts(t).Groups {
		for _, rule := range group.Rules {
			want = append(want, rule.Alert)
			require.Contains(t, []string{"page", "ticket"}, rule.Labels["severity"], rule.Alert)
			require.NotEmpty(t, rule.Annotations["summary"], rule.Alert)
			require.NotEmpty(t, rule.Annotations["description"], rule.Alert)
			require.Equal(t, "docs/operations.md#"+strings.ToLower(rule.Alert), rule.Annotations["runbook_url"], rule.Alert)
		}
	}
	slices.Sort(want)
	slices.Sort(explained)
	require.Equal(t, want, explained)
}

// stories is the part of a file of promtool's tests that the test reads.
type stories struct {
	Tests []struct {
		AlertRuleTest []struct {
			Alertname string           `yaml:"alertname"`
			ExpAlerts []map[string]any `yaml:"exp_alerts"`
		} `yaml:"alert_rule_test"`
	}
}

// TestEveryAlertFiresAndEndsInATest keeps the rules tested: scripts/alerts.sh runs the tests.
func TestEveryAlertFiresAndEndsInATest(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(deploy, "prometheus", "belfry.tests.yml"))
	require.NoError(t, err)
	var s stories
	require.NoError(t, yaml.Unmarshal(text, &s))
	fires, quiet := map[string]bool{}, map[string]int{}
	for _, story := range s.Tests {
		for _, look := range story.AlertRuleTest {
			if len(look.ExpAlerts) > 0 {
				fires[look.Alertname] = true
			} else {
				quiet[look.Alertname]++
			}
		}
	}
	for _, group := range readAlerts(t).Groups {
		for _, rule := range group.Rules {
			require.True(t, fires[rule.Alert], "no test makes %s fire", rule.Alert)
			require.GreaterOrEqual(t, quiet[rule.Alert], 2, "no test shows when %s does not fire, and when it ends", rule.Alert)
		}
	}
}

// TestAlertsLookAtWhatIsThereFromTheStart: a counter that is born at its first event never
// increases, so that a burst within one scrape would raise nothing.
func TestAlertsLookAtWhatIsThereFromTheStart(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1")
	m.Watch(t.Context(), database{})
	m.WatchTemporal(t.Context(), temporal(nil))
	m.Expect([]models.Channel{models.ChannelEmail, models.ChannelSMS}, []string{"account", "security"})
	m.ExpectRoute("GET", "/v1/me")
	m.ExpectRoute("POST", "/v1/users", 201, 429)
	text := exposed(t, m)
	for _, group := range readAlerts(t).Groups {
		for _, rule := range group.Rules {
			for _, asked := range regexp.MustCompile(`(belfry_[a-z_]+)(\{[^}]*\})?`).FindAllStringSubmatch(rule.Expr, -1) {
				require.True(t, offered(text, asked[1], asked[2]), "%s: a new process has no %s%s", rule.Alert, asked[1], asked[2])
			}
		}
	}
	require.Contains(t, text, `belfry_permission_checks_total{result="failed"} 0`+"\n")
	require.Contains(t, text, `belfry_http_requests_total{method="GET",route="/v1/me",status="503"} 0`+"\n")
	require.Contains(t, text, `belfry_attempts_total{channel="sms",outcome="ambiguous",reason="timeout"} 0`+"\n")
	require.Contains(t, text, `belfry_deliveries_total{category="security",channel="email",reason="attempts_exhausted",state="failed"} 0`+"\n")
	require.Contains(t, text, `belfry_seal_runs_total{result="broken"} 0`+"\n")
	for _, status := range []string{"201", "429", "500", "503"} {
		require.Contains(t, text, `belfry_http_requests_total{method="POST",route="/v1/users",status="`+status+`"} 0`+"\n")
	}
	require.Contains(t, text, `belfry_http_request_duration_seconds_count{method="POST",route="/v1/users"} 0`+"\n")
	require.Contains(t, text, `belfry_delivery_latency_seconds_count{channel="inbox"} 0`+"\n")
}

// TestWhatEveryStatusMeansIsThereFromTheStart: webhooks try again what others call wrong.
func TestWhatEveryStatusMeansIsThereFromTheStart(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1")
	m.Expect([]models.Channel{models.ChannelWebhook}, []string{"account"})
	text := exposed(t, m)
	for status := 300; status < 600; status++ {
		for _, announced := range []bool{true, false} {
			e := channels.Response{Status: status, Announced: announced}.Failure()
			outcomes := []channels.Class{e.Class}
			if e.Class == channels.Misconfigured && status >= 400 && status != http.StatusGone || e.Class == channels.Permanent && e.Reason == "refused" {
				outcomes = append(outcomes, channels.Retry)
			}
			for _, outcome := range outcomes {
				require.Contains(t, text, `belfry_attempts_total{channel="webhook",outcome="`+string(outcome)+`",reason="`+e.Reason+`"} 0`+"\n", "status %d", status)
			}
		}
	}
}

// offered reports whether the exposition has a series that the selector selects.
func offered(text, name, selector string) bool {
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, name+" ") && !strings.HasPrefix(line, name+"{") {
			continue
		}
		matches := true
		for _, want := range regexp.MustCompile(`([a-z_]+)(=~|=)"([^"]*)"`).FindAllStringSubmatch(selector, -1) {
			value := want[3]
			if want[2] == "=" {
				value = regexp.QuoteMeta(value)
			}
			matches = matches && regexp.MustCompile(`[{,]`+want[1]+`="(?:`+value+`)"`).MatchString(line)
		}
		if matches {
			return true
		}
	}
	return false
}

// TestReasonsOfTheChannelsAreKnown compares what the adapters say with what is counted as 0
// from the start.
func TestReasonsOfTheChannelsAreKnown(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1")
	m.Expect([]models.Channel{models.ChannelEmail}, nil)
	text := exposed(t, m)
	files, err := filepath.Glob("../../../channels/*/*.go")
	require.NoError(t, err)
	more, err := filepath.Glob("../../../channels/*.go")
	require.NoError(t, err)
	found := 0
	said := regexp.MustCompile(`(?:\b(permanent|misconfigured)\("([a-z_]+)"\))|(?:Class|outcome): *(?:channels\.Error\{Class: )?(?:channels\.)?([A-Z][A-Za-z]+), Reason: "([a-z_]+)"`)
	for _, file := range append(files, more...) {
		if strings.HasSuffix(file, "_test.go") || strings.Contains(file, "channeltest") {
			continue
		}
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, each := range said.FindAllStringSubmatch(string(source), -1) {
			outcome := strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(each[1]+each[3], "${1}_${2}"))
			require.Contains(t, text, `outcome="`+outcome+`",reason="`+each[2]+each[4]+`"} 0`, "%s says what is not counted from the start", file)
			found++
		}
	}
	require.Greater(t, found, 20, "the adapters are not written as this test reads them")
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
