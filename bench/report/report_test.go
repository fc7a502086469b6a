package report_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/bench/report"
)

func TestASampleIsItsMedianAndSpread(t *testing.T) {
	t.Parallel()
	require.Equal(t, report.Sample{Median: 3, Least: 1, Most: 9, Runs: 3}, report.Of([]float64{9, 1, 3}))
	require.Equal(t, report.Sample{Median: 2.5, Least: 1, Most: 4, Runs: 4}, report.Of([]float64{4, 1, 3, 2}))
}

func TestVerdictsFollowTheBudgets(t *testing.T) {
	t.Parallel()
	limit := report.Of([]float64{100})
	for _, c := range []struct {
		bound  report.Bound
		budget float64
		ours   float64
		met    bool
	}{
		{report.AtLeast, 0.6, 60, true},
		{report.AtLeast, 0.6, 59, false},
		{report.AtMost, 2, 200, true},
		{report.AtMost, 2, 201, false},
		{report.Within, 20, 20, true},
		{report.Within, 20, 21, false},
	} {
		f := report.Figure{Bound: c.bound, Budget: c.budget, Ours: report.Of([]float64{c.ours}), Limit: &limit}
		require.Equal(t, c.met, f.Met(), "%v", f)
	}
	require.False(t, report.Figure{Bound: report.AtLeast, Ours: report.Of([]float64{1})}.Met(), "nothing to compare with")
	require.False(t, report.Figure{Bound: report.AtMost, Ours: report.Of([]float64{1})}.Met(), "nothing to compare with")
}

func TestAFigureWithoutABudgetHasNoVerdict(t *testing.T) {
	t.Parallel()
	limit := report.Of([]float64{4})
	f := report.Figure{ID: "P15", Name: "forecast", Unit: "ms", Ours: report.Of([]float64{6}), Limit: &limit}
	require.True(t, f.Met())
	require.Contains(t, report.Report{Figures: []report.Figure{f}}.Table(), "P15  forecast  ms    6.00  4.00   1.50   –       –        full")
}

func TestTheReportSurvivesItsFile(t *testing.T) {
	t.Parallel()
	limit := report.Of([]float64{400, 380, 420})
	r := report.Report{Figures: []report.Figure{{
		ID: "P1", Name: "inbox only", Database: "sqlite", Unit: "/s", Ours: report.Of([]float64{250, 260, 240}), Limit: &limit,
		Bound: report.AtLeast, Budget: 0.6, Costs: report.Costs{CPUMillis: 7.5, HistoryEvents: 8}, Note: "why", At: "2026-01-01", Commit: "abc",
	}}}
	path := filepath.Join(t.TempDir(), "figures.json")
	require.NoError(t, r.Write(path))
	again, err := report.Read(path)
	require.NoError(t, err)
	require.Equal(t, r, again)
	require.Contains(t, r.Table(), "P1  inbox only, sqlite  /s    250 (240–260)  400 (380–420)  0.62   ≥ 0.6 ×  met      full")
	require.Contains(t, r.Markdown(), "| P1 | inbox only, sqlite | 7.50 | – | – | – | 8.00 |")
	_, err = r.Document("no marks")
	require.Error(t, err)
}

func TestANewerRunReplacesWhatItMeasuredAgain(t *testing.T) {
	t.Parallel()
	older := report.Report{Figures: []report.Figure{{ID: "P8", Name: "page, of 100,000", Short: true}, {ID: "P9", Name: "check"}}}
	newer := report.Report{Figures: []report.Figure{{ID: "P10", Name: "get"}, {ID: "P8", Name: "page, of 1000,000"}}}
	var got []string
	for _, f := range older.Renew(newer).Figures {
		got = append(got, f.ID+" "+f.Name)
	}
	require.Equal(t, []string{"P8 page, of 1000,000", "P9 check", "P10 get"}, got)
}

// TestTheDocumentShowsWhatWasMeasured compares docs/performance.md with the figures
// beside it: whoever measures again writes both.
func TestTheDocumentShowsWhatWasMeasured(t *testing.T) {
	t.Parallel()
	r, err := report.Read("../../docs/performance.json")
	require.NoError(t, err)
	text, err := os.ReadFile("../../docs/performance.md")
	require.NoError(t, err)
	want, err := r.Document(string(text))
	require.NoError(t, err)
	require.Equal(t, want, string(text), "make bench writes it")
	for _, f := range r.Figures {
		require.True(t, f.Met() || strings.Contains(string(text), "**"+f.ID), "%s missed its budget: the document must say where the time goes (a paragraph that begins with its bold id)", f.ID)
	}
}
