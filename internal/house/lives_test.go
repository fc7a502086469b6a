package house_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/announcement"
)

// TestLivesAreDrawn compares docs/states.md with the tables of models.
func TestLivesAreDrawn(t *testing.T) {
	t.Parallel()
	const name = "docs/states.md"
	document := read(t, name)
	want := document
	for typeName, text := range map[string]string{
		"NotificationStatus": draw(t, "models", "NotificationStatus", models.NotificationLife()),
		"InvitationState":    draw(t, "models", "InvitationState", models.InvitationLife()),
		"ResourceState":      draw(t, "models", "ResourceState", models.ResourceLife()),
		"AnnouncementState":  draw(t, "models/announcement", "State", announcement.Life()),
		"EnvelopeState":      draw(t, "models", "EnvelopeState", models.EnvelopeLife()),
	} {
		begin, end := "<!-- life: "+typeName+"; generated, run make generate -->\n", "<!-- end of "+typeName+" -->\n"
		before, rest, begins := strings.Cut(want, begin)
		_, after, ends := strings.Cut(rest, end)
		if !begins || !ends {
			t.Fatalf("%s has no place for the life of %s: %q and %q", name, typeName, begin, end)
		}
		want = before + begin + text + end + after
	}
	if *update {
		if err := os.WriteFile(filepath.Join(root, name), []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if document != want {
		t.Errorf("%s is not what the tables of models say: run make generate", name)
	}
}

// draw is the diagram of the life and its table; the folder has the type of its states.
func draw[S ~string](t *testing.T, folder, typeName string, life models.Life[S]) string {
	t.Helper()
	names := map[S]string{}
	for name, value := range constants(t, folder, typeName) {
		names[S(value)] = name
	}
	var states, arrows, table strings.Builder
	var drawn []S
	for _, row := range life {
		for _, state := range []S{row.In, row.To} {
			if state != "" && !slices.Contains(drawn, state) {
				drawn = append(drawn, state)
				fmt.Fprintf(&states, "    %s: %s · %s\n", state, state, names[state])
			}
		}
		from := string(row.In)
		if from == "" {
			from = "[*]"
		}
		fmt.Fprintf(&arrows, "    %s --> %s: %s\n", from, row.To, row.On)
		fmt.Fprintf(&table, "| %s | %s | %s | %s | %s |\n", inTable(row.In), row.On, inTable(row.To), row.Next, row.Note)
	}
	if len(drawn) != len(names) {
		t.Errorf("the life of %s has %d states, the type has %d", typeName, len(drawn), len(names))
	}
	return "\n```mermaid\nstateDiagram-v2\n" + states.String() + arrows.String() + "```\n\n" +
		"| in | event | becomes | acts next | |\n|---|---|---|---|---|\n" + table.String() + "\n"
}

func inTable[S ~string](state S) string {
	if state == "" {
		return "–"
	}
	return "`" + string(state) + "`"
}
