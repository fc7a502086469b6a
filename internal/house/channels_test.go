package house_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/all"
	"belfry.dev/belfry/models"
)

// update writes generated parts of documents anew; make generate sets it.
var update = flag.Bool("update", false, "write the generated parts of docs/channels.md and docs/states.md anew")

const (
	settingsBegin = "<!-- settings -->\n"
	settingsEnd   = "<!-- end -->"
)

// TestSettingsOfChannelsAreDocumented compares docs/channels.md with what the adapters say
// about themselves.
func TestSettingsOfChannelsAreDocumented(t *testing.T) {
	t.Parallel()
	const name = "docs/channels.md"
	document := read(t, name)
	before, rest, begins := strings.Cut(document, settingsBegin)
	_, after, ends := strings.Cut(rest, settingsEnd)
	if !begins || !ends {
		t.Fatalf("%s has no place for the settings: %q and %q", name, settingsBegin, settingsEnd)
	}
	want := before + settingsBegin + settingsOf(t) + settingsEnd + after
	if *update {
		if err := os.WriteFile(filepath.Join(root, name), []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if document != want {
		t.Errorf("%s is not what the adapters say about their settings: run make generate", name)
	}
}

func settingsOf(t *testing.T) string {
	t.Helper()
	registry, err := all.New(channels.NewClient(channels.GuardConfig{}), "", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, d := range registry.Descriptors() {
		fmt.Fprintf(&b, "\n### %s (`%s`)\n\n%s\n", d.Labels[models.LocaleEN], d.Kind, d.Help[models.LocaleEN])
		settingsTable(&b, "provider", d.Fields)
		if d.WritesToBots() {
			settingsTable(&b, "bot", d.BotFields)
		}
	}
	b.WriteString("\n")
	return b.String()
}

func settingsTable(b *strings.Builder, of string, fields []channels.Field) {
	fmt.Fprintf(b, "\n| setting of the %s | type | default | meaning |\n|---|---|---|---|\n", of)
	for _, f := range fields {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.Name, typeOf(f), defaultOf(f), inCell(f.Help[models.LocaleEN]))
	}
}

func typeOf(f channels.Field) string {
	text := f.Type
	switch {
	case len(f.Enum) > 0:
		text = "`" + strings.Join(f.Enum, "`, `") + "`"
	case f.Type == "int":
		text = fmt.Sprintf("%s %d–%d", f.Type, f.Min, f.Max)
	case f.Max > 0:
		text = fmt.Sprintf("%s, at most %d", f.Type, f.Max)
	}
	if f.Secret {
		text += ", secret"
	}
	return text
}

func defaultOf(f channels.Field) string {
	switch {
	case f.Generate != nil:
		return "made for you"
	case f.Required:
		return "required"
	case f.Default == "":
		return "–"
	}
	return "`" + inCell(f.Default) + "`"
}

func inCell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// TestOnlyChannelsAreAskedForTheirNames keeps the knowledge of a channel in its descriptor:
// elsewhere nothing compares a channel, nor switches on it. The inbox is no adapter's.
func TestOnlyChannelsAreAskedForTheirNames(t *testing.T) {
	t.Parallel()
	none(t, namedChannels(allSources(t), kinds(t)))
}

// kinds are the names of all channels that there are adapters for.
func kinds(t *testing.T) []string {
	t.Helper()
	registry, err := all.New(channels.NewClient(channels.GuardConfig{}), "", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range registry.Descriptors() {
		names = append(names, string(d.Channel))
	}
	return names
}

// players play providers and people: they know what they play.
var players = []string{"bench", "cmd/belfry/demo", "cmd/belfry/drill", "deploy/sandbox", "internal/world", "store/storetest"}

// namedChannels finds comparisons, cases and keys of maps with the names of channels, as text
// and as constants of models.
func namedChannels(all []source, names []string) []string {
	var wrong []string
	for _, s := range written(all) {
		if s.folder == "models" || isBelow(s.folder, "channels") || slices.ContainsFunc(players, func(p string) bool { return isBelow(s.folder, p) }) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			for _, e := range asked(n) {
				if isChannel(e, names) {
					wrong = append(wrong, s.at(e)+": asks for a channel's name: let its descriptor say what is asked for")
				}
			}
			return true
		})
	}
	return wrong
}

func isBelow(folder, top string) bool { return folder == top || strings.HasPrefix(folder, top+"/") }

// asked are the expressions that something is compared with.
func asked(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if n.Op == token.EQL || n.Op == token.NEQ {
			return []ast.Expr{n.X, n.Y}
		}
	case *ast.CaseClause:
		return n.List
	case *ast.KeyValueExpr:
		return []ast.Expr{n.Key}
	case *ast.CallExpr:
		return n.Args
	}
	return nil
}

// isChannel reports whether the expression names a channel that an adapter serves.
func isChannel(e ast.Expr, names []string) bool {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return strings.HasPrefix(e.Sel.Name, "Channel") && isName(e.X, "models") && !slices.Contains([]string{"Channel", "ChannelInbox"}, e.Sel.Name)
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return err == nil && e.Kind == token.STRING && slices.Contains(names, text)
	}
	return false
}

func TestNamesOfChannelsAreFound(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		path, text string
		found      int
	}{
		"a comparison":       {"api/a.go", `package api; var x = models.ChannelSMS == c`, 1},
		"a literal":          {"api/a.go", `package api; var x = c != "slack"`, 1},
		"a case":             {"api/a.go", `package api; func f() { switch c { case models.ChannelEmail, "sms": } }`, 2},
		"a key":              {"api/a.go", `package api; var x = map[models.Channel]int{models.ChannelWebhook: 1}`, 1},
		"an argument":        {"catalog/a.go", `package catalog; var x = t.IsLocked(models.ChannelEmail)`, 1},
		"the inbox":          {"api/a.go", `package api; var x = models.ChannelInbox == c`, 0},
		"another text":       {"api/a.go", `package api; var x = c == "fax"`, 0},
		"inside of channels": {"channels/sms/a.go", `package sms; var x = c == "sms"`, 0},
		"a player":           {"bench/a.go", `package bench; var x = c == "sms"`, 0},
	}
	for name, c := range cases {
		if got := namedChannels(sourceOf(t, c.path, c.text), []string{"sms", "slack"}); len(got) != c.found {
			t.Errorf("%s: found %q, want %d", name, got, c.found)
		}
	}
}
