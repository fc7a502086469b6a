package house_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Limits of the house, in lines.
const (
	fileLimit     = 500
	functionLimit = 50
)

func TestFilesStayShort(t *testing.T) {
	t.Parallel()
	none(t, longFiles(allSources(t)))
}

func longFiles(all []source) []string {
	var long []string
	for _, s := range all {
		if s.lines > fileLimit && !s.isGenerated() {
			long = append(long, fmt.Sprintf("%s has %d lines, the limit is %d: split it by feature", s.path, s.lines, fileLimit))
		}
	}
	return long
}

func TestFunctionsStayShort(t *testing.T) {
	t.Parallel()
	none(t, longFunctions(allSources(t)))
}

// longFunctions leaves out tests, whose cases are tables, and counts no line of a table: a
// list or map written down in a function, such as the routes of one noun.
func longFunctions(all []source) []string {
	var long []string
	for _, s := range all {
		if s.isTest() || s.isGenerated() {
			continue
		}
		for _, declaration := range s.file.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := s.span(f) - s.tableLines(f); n > functionLimit {
				long = append(long, fmt.Sprintf("%s: %s has %d lines, the limit is %d: name its steps", s.at(f), f.Name.Name, n, functionLimit))
			}
		}
	}
	return long
}

func (s source) span(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

func (s source) tableLines(f *ast.FuncDecl) int {
	lines := 0
	ast.Inspect(f, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		switch literal.Type.(type) {
		case *ast.ArrayType, *ast.MapType:
			lines += s.span(literal) - 1
			return false
		}
		return true
	})
	return lines
}

func TestPackagesAreNamedAfterWhatTheyHold(t *testing.T) {
	t.Parallel()
	none(t, vagueNames(allSources(t)))
}

func vagueNames(all []source) []string {
	vague := []string{"util", "utils", "common", "misc", "types", "base", "shared", "helper", "helpers", "lib"}
	var wrong []string
	for _, s := range all {
		name := strings.TrimSuffix(s.file.Name.Name, "_test")
		stem := strings.TrimSuffix(strings.TrimSuffix(path.Base(s.path), ".go"), "_test")
		switch {
		case slices.Contains(vague, name):
			wrong = append(wrong, fmt.Sprintf("%s: package %s says nothing about what it holds", s.path, name))
		case slices.Contains([]string{"util", "utils", "common", "misc", "helper", "helpers"}, stem):
			wrong = append(wrong, fmt.Sprintf("%s: the file's name says nothing about what it holds", s.path))
		}
	}
	return wrong
}

func TestNothingHappensBeforeMain(t *testing.T) {
	t.Parallel()
	none(t, initFunctions(allSources(t)))
}

func initFunctions(all []source) []string {
	var wrong []string
	for _, s := range all {
		for _, declaration := range s.file.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if ok && f.Name.Name == "init" && f.Recv == nil && !s.isGenerated() {
				wrong = append(wrong, s.at(f)+": no init(): composition happens in cmd, where it can be read")
			}
		}
	}
	return wrong
}

func isName(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

func itoa(n int) string { return strconv.Itoa(n) }

func TestNoPackageVariableChanges(t *testing.T) {
	t.Parallel()
	none(t, changingVariables(allSources(t)))
}

// changingVariables finds package variables that a function assigns to, or takes the address
// of, and those that exist to be changed: without a value, channels, locks. It goes by
// names, so a variable changed through a copy of its pointer is not seen. Test variables
// (flags) are left out.
func changingVariables(all []source) []string {
	variables := packageVariables(all)
	var wrong []string
	for _, s := range all {
		if s.isTest() || s.isGenerated() {
			continue
		}
		for id := range s.unvalued() {
			wrong = append(wrong, fmt.Sprintf("%s: package variable %s has no value, so something sets it: make it a field", s.at(id), id.Name))
		}
		for _, id := range s.changed() {
			if variables[s.folder][id.Name] && s.isPackageLevel(id) {
				wrong = append(wrong, fmt.Sprintf("%s: package variable %s is changed: make it a field", s.at(id), id.Name))
			}
		}
	}
	slices.Sort(wrong)
	return wrong
}

// packageVariables are the names of package variables by folder.
func packageVariables(all []source) map[string]map[string]bool {
	names := map[string]map[string]bool{}
	for _, s := range all {
		if names[s.folder] == nil {
			names[s.folder] = map[string]bool{}
		}
		for _, spec := range s.variables() {
			for _, id := range spec.Names {
				names[s.folder][id.Name] = true
			}
		}
	}
	return names
}

func (s source) variables() []*ast.ValueSpec {
	var specs []*ast.ValueSpec
	for _, declaration := range s.file.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok || general.Tok != token.VAR || embeds(general) {
			continue
		}
		for _, spec := range general.Specs {
			if value, ok := spec.(*ast.ValueSpec); ok && !embeds(value) {
				specs = append(specs, value)
			}
		}
	}
	return specs
}

// embeds reports whether the declaration is filled by the compiler.
func embeds(n ast.Node) bool {
	var doc *ast.CommentGroup
	switch n := n.(type) {
	case *ast.GenDecl:
		doc = n.Doc
	case *ast.ValueSpec:
		doc = n.Doc
	}
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed") })
}

// unvalued are the package variables without a value.
func (s source) unvalued() map[*ast.Ident]bool {
	found := map[*ast.Ident]bool{}
	for _, spec := range s.variables() {
		for _, id := range spec.Names {
			if len(spec.Values) == 0 && id.Name != "_" {
				found[id] = true
			}
		}
	}
	return found
}

// changed are the names that functions assign to, count up, or take the address of.
func (s source) changed() []*ast.Ident {
	var found []*ast.Ident
	add := func(e ast.Expr) {
		if id := target(e); id != nil {
			found = append(found, id)
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, left := range n.Lhs {
					add(left)
				}
			}
		case *ast.IncDecStmt:
			add(n.X)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				add(n.X)
			}
		}
		return true
	})
	return found
}

// target is the variable behind x, x.field, x[i] and *x.
func target(e ast.Expr) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return target(e.X)
	case *ast.IndexExpr:
		return target(e.X)
	case *ast.StarExpr:
		return target(e.X)
	case *ast.ParenExpr:
		return target(e.X)
	}
	return nil
}

// isPackageLevel reports whether the name means something outside of the function: it is
// not declared in the file, or declared at its top.
func (s source) isPackageLevel(id *ast.Ident) bool {
	return slices.Contains(s.file.Unresolved, id) || (id.Obj != nil && s.file.Scope.Lookup(id.Name) == id.Obj)
}

func TestRulesFindWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("\tprintln()\n", functionLimit)
	cases := map[string]struct {
		rule       func([]source) []string
		path, text string
		found      int
	}{
		"a long file":                {longFiles, "a.go", "package a\n" + strings.Repeat("//\n", fileLimit), 1},
		"a file at the limit":        {longFiles, "a.go", "package a\n" + strings.Repeat("//\n", fileLimit-1), 0},
		"a long function":            {longFunctions, "a.go", "package a\nfunc f() {\n" + long + "}\n", 1},
		"a long test":                {longFunctions, "a_test.go", "package a\nfunc f() {\n" + long + "}\n", 0},
		"a long table":               {longFunctions, "a.go", "package a\nfunc f() []int {\n\treturn []int{\n" + strings.Repeat("\t\t1,\n", 90) + "\t}\n}\n", 0},
		"a package that says little": {vagueNames, "util/a.go", "package util\n", 1},
		"a file that says little":    {vagueNames, "a/helpers.go", "package a\n", 1},
		"init":                       {initFunctions, "a.go", "package a\nfunc init() {}\n", 1},
		"a method called init":       {initFunctions, "a.go", "package a\ntype T struct{}\nfunc (T) init() {}\n", 0},
		"sleep in a test":            {calls, "a_test.go", "package a\nimport \"time\"\nfunc f() { time.Sleep(1) }\n", 1},
		"a context out of nowhere":   {calls, "a.go", "package a\nimport \"context\"\nvar x = context.Background()\n", 1},
		"one with its reason":        {calls, "a.go", "package a\nimport \"context\"\nvar x = context.Background() // why\n", 0},
		"a context made in cmd":      {calls, "cmd/belfry/a.go", "package a\nimport \"context\"\nvar x = context.Background()\n", 0},
		"a setting read elsewhere":   {calls, "a.go", "package a\nimport \"os\"\nvar x = os.Getenv(\"X\")\n", 1},
		"a variable set elsewhere":   {changingVariables, "a.go", "package a\nvar x = 1\nfunc f() { x = 2 }\n", 1},
		"a variable counted up":      {changingVariables, "a.go", "package a\nvar x = 1\nfunc f() { x++ }\n", 1},
		"an entry of a map set":      {changingVariables, "a.go", "package a\nvar x = map[int]int{}\nfunc f() { x[1] = 2 }\n", 1},
		"a variable without a value": {changingVariables, "a.go", "package a\nimport \"sync\"\nvar mu sync.Mutex\n", 1},
		"a local of the same name":   {changingVariables, "a.go", "package a\nvar x = 1\nfunc f() int { x := 2; x = 3; return x }\n", 0},
		"a variable only read":       {changingVariables, "a.go", "package a\nvar x = []int{1}\nfunc f() int { return x[0] }\n", 0},
		"an embedded file":           {changingVariables, "a.go", "package a\nimport _ \"embed\"\n//go:embed a.txt\nvar text string\n", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.rule(sourceOf(t, c.path, c.text)); len(got) != c.found {
				t.Errorf("found %q, want %d", got, c.found)
			}
		})
	}
}
