package api_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/rbac"
)

var update = flag.Bool("update", false, "write docs/api.md again")

const tableHead = `# Operations

All operations of the API by room, generated from the tables in ` + "`api`" + ` and from ` + "`rbac/policy.json`" + ` by
` + "`go test ./api -run TestTheTableOfOperationsIsCurrent -update`" + `. Parameters, bodies and answers are in ` + "`/openapi.json`" + `, failures in
[problems](problems.md). The action is the permission, the operation-log entry and the ` + "`operationId`" + `.
`

// TestTheTableOfOperationsIsCurrent keeps docs/api.md what the server does.
func TestTheTableOfOperationsIsCurrent(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	guard, err := rbac.New(rbac.Config{Grants: h.store.Roles(), Now: h.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(tableHead)
	status := succeeds(h.document().operations(t))
	for _, room := range h.server.Rooms() {
		fmt.Fprintf(&b, "\n## %s\n\n| method and path | action | who | status | what it does |\n|---|---|---|---|---|\n", room.Name)
		for _, op := range room.Operations {
			fmt.Fprintf(&b, "| `%s %s` | `%s` | %s | %s | %s |\n", op.Method, op.Path, op.Action, whoMay(op, guard.Policy()), status[op.Action], op.Summary)
		}
	}
	path := filepath.Join("..", "docs", "api.md")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Error("docs/api.md is not what the server does: run this test with -update")
	}
}

// TestTheTableOfOperationsHasThemAll compares it with the document.
func TestTheTableOfOperationsHasThemAll(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	listed := map[string]string{}
	for _, room := range h.server.Rooms() {
		for _, op := range room.Operations {
			listed[op.Action] = op.Method + " " + op.Path
		}
	}
	documented := h.document().operations(t)
	for _, op := range documented {
		if got, want := listed[op.Action], op.Method+" "+op.Path; got != want {
			t.Errorf("%s is listed as %q, want %q", op.Action, got, want)
		}
	}
	if len(listed) != len(documented) {
		t.Errorf("%d operations are listed, want %d", len(listed), len(documented))
	}
}

func whoMay(op operation.Operation, policy rbac.Policy) string {
	if op.Public {
		return "everybody"
	}
	names := []string{}
	for _, role := range policy.Roles(op.Action) {
		names = append(names, string(role))
	}
	return strings.Join(names, ", ")
}

// succeeds are the statuses of success of each operation, as the document says them.
func succeeds(operations []documented) map[string]string {
	all := map[string]string{}
	for _, op := range operations {
		statuses := slices.DeleteFunc(slices.Sorted(maps.Keys(op.Responses)), func(s string) bool { return s[0] != '2' })
		all[op.Action] = strings.Join(statuses, ", ")
	}
	return all
}
