package house_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
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
