package house_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"belfry.dev/belfry/api/wire"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// differ names what only one of two sets has.
func differ(t *testing.T, what, document string, got, want []string) {
	t.Helper()
	for _, each := range want {
		if !slices.Contains(got, each) {
			t.Errorf("%s lacks the %s %s", document, what, each)
		}
	}
	for _, each := range got {
		if !slices.Contains(want, each) {
			t.Errorf("%s has the %s %s, which is no more", document, what, each)
		}
	}
}

func TestEveryDependencyIsExplained(t *testing.T) {
	t.Parallel()
	var named []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]+`) \\|").FindAllStringSubmatch(read(t, "docs/dependencies.md"), -1) {
		for _, each := range strings.Split(row[1], ", ") {
			named = append(named, strings.Trim(each, "`"))
		}
	}
	differ(t, "module", "docs/dependencies.md", named, slices.Concat(directModules(t), toolModules(t), packages(t)))
}

// packages are those of Node that the console and the tools name, each once.
func packages(t *testing.T) []string {
	t.Helper()
	named := map[string]bool{}
	for _, folder := range []string{"web", "tools/openapi"} {
		var file struct{ Dependencies, DevDependencies map[string]string }
		if err := json.Unmarshal([]byte(read(t, folder+"/package.json")), &file); err != nil {
			t.Fatal(err)
		}
		for _, each := range []map[string]string{file.Dependencies, file.DevDependencies} {
			for name := range each {
				named[name] = true
			}
		}
	}
	return slices.Collect(maps.Keys(named))
}

// goMod is what go mod edit tells about a go.mod file.
type goMod struct {
	Require []struct {
		Path     string
		Indirect bool
	}
	Tool []struct{ Path string }
}

func modOf(t *testing.T, folder string) goMod {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json")
	cmd.Dir = filepath.Join(root, folder)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod goMod
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	return mod
}

func directModules(t *testing.T) []string {
	t.Helper()
	var direct []string
	for _, r := range modOf(t, ".").Require {
		if !r.Indirect {
			direct = append(direct, r.Path)
		}
	}
	return direct
}

// toolModules are the modules of the tools: the longest required path that each begins with.
func toolModules(t *testing.T) []string {
	t.Helper()
	mod := modOf(t, "tools")
	var modules []string
	for _, tool := range mod.Tool {
		longest := ""
		for _, r := range mod.Require {
			if within(tool.Path, r.Path) && len(r.Path) > len(longest) {
				longest = r.Path
			}
		}
		modules = append(modules, longest)
	}
	return modules
}

func TestEveryProblemIsExplained(t *testing.T) {
	t.Parallel()
	var want []string
	for _, code := range wire.Codes() {
		want = append(want, fmt.Sprintf("%s: %d · %s", code, wire.Status(code), wire.Title(code)))
	}
	var got []string
	for _, part := range regexp.MustCompile(`(?m)^## (\S+)\n\n(.+)\n`).FindAllStringSubmatch(read(t, "docs/problems.md"), -1) {
		got = append(got, part[1]+": "+part[2])
	}
	differ(t, "problem", "docs/problems.md", got, want)
}

func TestEveryCodeHasAStatus(t *testing.T) {
	t.Parallel()
	var known []string
	for _, code := range wire.Codes() {
		known = append(known, string(code))
	}
	differ(t, "code of models", "api/wire", known, slices.Collect(maps.Values(constants(t, "models", "Code"))))
}

// constants returns the string constants of a type in a package, by name. The type "" stands
// for constants without one.
func constants(t *testing.T, folder, typeName string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, s := range allSources(t) {
		if s.folder != folder || s.isTest() {
			continue
		}
		for _, declaration := range s.file.Decls {
			general, ok := declaration.(*ast.GenDecl)
			if !ok || general.Tok != token.CONST {
				continue
			}
			for _, spec := range general.Specs {
				if value, ok := spec.(*ast.ValueSpec); ok && hasType(value, typeName) {
					addStrings(found, value)
				}
			}
		}
	}
	if len(found) == 0 {
		t.Fatalf("%s has no constants of type %s: the test compares nothing", folder, typeName)
	}
	return found
}

func hasType(value *ast.ValueSpec, name string) bool {
	if value.Type == nil {
		return name == ""
	}
	return isName(value.Type, name)
}

func addStrings(found map[string]string, value *ast.ValueSpec) {
	for i, id := range value.Names {
		if i >= len(value.Values) {
			return
		}
		literal, ok := value.Values[i].(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			continue
		}
		if text, err := strconv.Unquote(literal.Value); err == nil {
			found[id.Name] = text
		}
	}
}

// TestStatesAreDrawn wants every state of every state machine in docs/states.md, by the name
// of its constant and by its value, as the diagrams spell them: "pending: DeliveryPending".
func TestStatesAreDrawn(t *testing.T) {
	t.Parallel()
	document := read(t, "docs/states.md")
	for _, machine := range []struct{ folder, typeName string }{
		{"models", "NotificationStatus"},
		{"models", "DeliveryState"},
		{"models", "AddressState"},
		{"models", "Call"},
		{"models/announcement", "State"},
	} {
		for name, value := range constants(t, machine.folder, machine.typeName) {
			if !regexp.MustCompile(`(?m)^\s*` + value + `: .*\b` + name + `\b`).MatchString(document) {
				t.Errorf(`docs/states.md draws no state "%s: %s"`, value, name)
			}
		}
	}
	for name, value := range constants(t, "models", "") {
		if strings.HasPrefix(name, "Outcome") && !strings.Contains(document, value+" · "+name) {
			t.Errorf(`docs/states.md draws no outcome "%s · %s"`, value, name)
		}
	}
}

// TestReasonsAreExplained wants every reason and outcome of models in docs/reasons.md, in a
// row that begins with its value.
func TestReasonsAreExplained(t *testing.T) {
	t.Parallel()
	document := read(t, "docs/reasons.md")
	values := constants(t, "models", "")
	maps.Copy(values, constants(t, "models/announcement", ""))
	for name, value := range values {
		isReason := strings.HasPrefix(name, "Reason") || strings.HasPrefix(name, "Outcome")
		if isReason && !strings.Contains(document, "\n| `"+value+"` |") {
			t.Errorf("docs/reasons.md has no row for %s, %q", name, value)
		}
	}
}

// TestTheMapIsTheHouse compares the table of rooms in docs/architecture.md with the packages.
func TestTheMapIsTheHouse(t *testing.T) {
	t.Parallel()
	var drawn []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(read(t, "docs/architecture.md"), -1) {
		drawn = append(drawn, row[1])
	}
	var built []string
	for _, p := range list(t, "-tags", "slim,bench", "./...") {
		built = append(built, p.room())
	}
	differ(t, "room", "docs/architecture.md", drawn, built)
}

// TestDocumentsNameTestsThatExist keeps the guarantees and the matrix of faults honest: a proof
// that was renamed or deleted is none.
func TestDocumentsNameTestsThatExist(t *testing.T) {
	t.Parallel()
	written := map[string]bool{}
	for _, s := range allSources(t) {
		for _, declaration := range s.file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && s.isTest() {
				written[f.Name.Name] = true
			}
		}
	}
	for _, document := range []string{"docs/guarantees.md", "docs/faults.md"} {
		named := regexp.MustCompile("`((Test|Fuzz)[A-Za-z0-9]+)`").FindAllStringSubmatch(read(t, document), -1)
		if len(named) == 0 {
			t.Errorf("%s names no test", document)
		}
		for _, name := range named {
			if !written[name[1]] {
				t.Errorf("%s names %s as a proof, and there is no such test", document, name[1])
			}
		}
	}
}

// TestEveryFaultHasAProof wants a test in each row of docs/faults.md, and the row's
// fault in the list of TestFaultsBreakNoPromise where that is the test.
func TestEveryFaultHasAProof(t *testing.T) {
	t.Parallel()
	parts := read(t, "e2e/faults_test.go")
	rows := regexp.MustCompile(`(?m)^\| (F[0-9]+) \|.*$`).FindAllStringSubmatch(read(t, "docs/faults.md"), -1)
	if len(rows) == 0 {
		t.Fatal("docs/faults.md has no row")
	}
	for _, row := range rows {
		if !regexp.MustCompile("`(Test|Fuzz)[A-Za-z0-9]+`").MatchString(row[0]) {
			t.Errorf("docs/faults.md names no test for %s", row[1])
		}
		listed := regexp.MustCompile(`\{"[^"]*\b` + row[1] + `\b[^"]*", `).MatchString(parts)
		if named := strings.Contains(row[0], "TestFaultsBreakNoPromise"); named != listed {
			t.Errorf("docs/faults.md names TestFaultsBreakNoPromise for %s: %t; its list has %s: %t", row[1], named, row[1], listed)
		}
	}
}

// documents are the Markdown files that a reader may find.
func documents(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"*.md", "docs/*.md", "*/*/README.md"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			found = append(found, filepath.ToSlash(strings.TrimPrefix(file, root+string(filepath.Separator))))
		}
	}
	if len(found) == 0 {
		t.Fatal("no document was found: the test checks nothing")
	}
	return found
}

func TestLinksOfDocumentsLeadSomewhere(t *testing.T) {
	t.Parallel()
	for _, document := range documents(t) {
		for _, link := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(read(t, document), -1) {
			if target := link[1]; !strings.Contains(target, "://") {
				leadsSomewhere(t, document, path.Join(path.Dir(document), target), target)
			}
		}
	}
}

// TestCommentsNameDocumentsThatExist follows "docs/channels.md#outcomes" in Go comments.
func TestCommentsNameDocumentsThatExist(t *testing.T) {
	t.Parallel()
	for _, s := range allSources(t) {
		for _, group := range s.file.Comments {
			for _, name := range regexp.MustCompile(`docs/[a-z-]+(\.md)?(#[a-z0-9-]+)?`).FindAllString(group.Text(), -1) {
				leadsSomewhere(t, s.at(group), name, name)
			}
		}
	}
}

// leadsSomewhere checks that the file exists and has a heading for the anchor.
func leadsSomewhere(t *testing.T, from, target, shown string) {
	t.Helper()
	file, anchor, _ := strings.Cut(target, "#")
	if file == path.Dir(from) { // a link inside of the document: "#anchor"
		file = from
	}
	info, err := os.Stat(filepath.Join(root, filepath.FromSlash(file)))
	switch {
	case err != nil:
		t.Errorf("%s points to %s, which does not exist", from, shown)
	case anchor != "" && !info.IsDir() && !slices.Contains(anchors(read(t, file)), anchor):
		t.Errorf("%s points to %s: %s has no such heading", from, shown, file)
	}
}

// anchors are the headings of a document, as browsers of code link to them.
func anchors(document string) []string {
	var found []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(document, -1) {
		plain := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		found = append(found, strings.ReplaceAll(plain, " ", "-"))
	}
	return found
}

// TestNothingPointsOutOfTheRepository looks for what a reader of the product cannot have.
func TestNothingPointsOutOfTheRepository(t *testing.T) {
	t.Parallel()
	out := regexp.MustCompile(`(^|[\s("'` + "`" + `])(/work/|/root/|/home/[a-z]+/)|\bshared/[a-z]+\.md|\b(guarantees|performance|product|style|architecture|channels)(\.md)?,? §?[0-9]+(\.[0-9]+)*\b`)
	for _, s := range allSources(t) {
		for _, group := range s.file.Comments {
			if found := out.FindString(group.Text()); found != "" && s.folder != "internal/house" {
				t.Errorf("%s mentions %q: the reader of this repository has no such thing; name a page of docs", s.at(group), strings.TrimSpace(found))
			}
		}
	}
	for _, document := range documents(t) {
		if found := out.FindString(read(t, document)); found != "" {
			t.Errorf("%s mentions %q: the reader of this repository has no such thing", document, strings.TrimSpace(found))
		}
	}
}
