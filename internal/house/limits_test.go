package house_test

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Limits of one package, of one type and of one function's nesting. Tests do not count.
const (
	packageLimit  = 1500 // lines
	exportedLimit = 40   // names of a package; methods are not counted
	methodLimit   = 25   // methods of one type
	closureLimit  = 2    // a closure, and one inside of it
)

// limit is one figure of the house.
type limit struct {
	what string
	// most is what everybody keeps to; -1 stands for no limit.
	most func(name string) int
	// measure returns the figure of each package, type or function.
	measure func([]source) map[string]int
	// still has those that are above the limit, with the most that they may have until they
	// are split. An entry that is not needed any more is an error: delete it.
	still map[string]int
}

var limits = map[string]limit{
	"lines of a package": {
		what: "lines without tests: split it by feature", measure: packageLines,
		most: func(name string) int {
			if name == "store" { // its nouns share transactions, both ways
				return 6000
			}
			return packageLimit
		},
		still: map[string]int{
			"bench": 3750, "models": 3407, "store": 10930,
		},
	},
	"exported names": {
		what: "exported names: what stands alone is a package of its own", measure: exportedNames,
		most: func(name string) int {
			if name == "models" { // the nouns of all rooms
				return -1
			}
			return exportedLimit
		},
		still: map[string]int{"store": 125},
	},
	"methods of a type": {
		what: "methods: split it by noun", measure: methodsOfTypes,
		most: func(string) int { return methodLimit },
	},
	"closures inside closures": {
		what: "levels of closures: name the inner one", measure: closures,
		most: func(string) int { return closureLimit },
	},
}

func TestPackagesTypesAndClosuresStaySmall(t *testing.T) {
	t.Parallel()
	for name, l := range limits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			figures := l.measure(allSources(t))
			if len(figures) == 0 {
				t.Fatal("nothing was measured")
			}
			none(t, l.exceeded(figures))
		})
	}
}

// exceeded names what is above the limit, or above what it may still have, and entries of
// still that are not needed.
func (l limit) exceeded(figures map[string]int) []string {
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(figures)) {
		most := l.most(name)
		still, excepted := l.still[name]
		if n := figures[name]; most >= 0 && n > max(most, still) {
			wrong = append(wrong, fmt.Sprintf("%s has %d %s (the limit is %d)", name, n, l.what, max(most, still)))
		} else if excepted && n <= most {
			wrong = append(wrong, fmt.Sprintf("%s keeps to the limit of %d: delete its entry in internal/house/limits_test.go", name, most))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.still)) {
		if _, exists := figures[name]; !exists {
			wrong = append(wrong, name+" is gone: delete its entry in internal/house/limits_test.go")
		}
	}
	return wrong
}

// written are the files that count: neither tests nor generated.
func written(all []source) []source {
	return slices.DeleteFunc(slices.Clone(all), func(s source) bool { return s.isTest() || s.isGenerated() })
}

func packageLines(all []source) map[string]int {
	lines := map[string]int{}
	for _, s := range written(all) {
		lines[s.folder] += s.lines
	}
	return lines
}

func exportedNames(all []source) map[string]int {
	names := map[string]int{}
	for _, s := range written(all) {
		for _, declaration := range s.file.Decls {
			names[s.folder] += exported(declaration)
		}
	}
	return names
}

// exported counts the names that the declaration exports from its package.
func exported(declaration ast.Decl) int {
	count := 0
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.IsExported() {
			count++
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() {
					count++
				}
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					if id.IsExported() {
						count++
					}
				}
			}
		}
	}
	return count
}

// methodsOfTypes counts by "folder.Type".
func methodsOfTypes(all []source) map[string]int {
	methods := map[string]int{}
	for _, s := range written(all) {
		for _, declaration := range s.file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv != nil {
				methods[s.folder+"."+receiver(f.Recv.List[0].Type)]++
			}
		}
	}
	return methods
}

// receiver is the name of the type without pointer and type parameters.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// closures returns the deepest level of closures of each file.
func closures(all []source) map[string]int {
	deepest := map[string]int{}
	for _, s := range written(all) {
		deepest[s.path] = closuresIn(s.file)
	}
	return deepest
}

func closuresIn(n ast.Node) int {
	deepest := 0
	ast.Inspect(n, func(inner ast.Node) bool {
		literal, ok := inner.(*ast.FuncLit)
		if ok {
			deepest = max(deepest, 1+closuresIn(literal.Body))
		}
		return !ok
	})
	return deepest
}

func TestLimitsFindWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	methods := strings.Repeat("func (*T[A]) m() {}\n", methodLimit)
	names := strings.Repeat("var A, B = 1, 2\n", exportedLimit/2)
	cases := map[string]struct {
		limit, path, text string
		found             int
	}{
		"a large package":       {"lines of a package", "a/a.go", "package a\n" + strings.Repeat("//\n", packageLimit), 1},
		"one at the limit":      {"lines of a package", "a/a.go", "package a\n" + strings.Repeat("//\n", packageLimit-1), 0},
		"a large test":          {"lines of a package", "a/a_test.go", "package a\n" + strings.Repeat("//\n", packageLimit), 0},
		"many names":            {"exported names", "a/a.go", "package a\nfunc C() {}\n" + names, 1},
		"names at the limit":    {"exported names", "a/a.go", "package a\nfunc c() {}\nfunc (T) C() {}\n" + names, 0},
		"many nouns":            {"exported names", "models/a.go", "package models\ntype C int\n" + names, 0},
		"many methods":          {"methods of a type", "a/a.go", "package a\nfunc (T[A]) n() {}\n" + methods, 1},
		"methods at the limit":  {"methods of a type", "a/a.go", "package a\nfunc (U) n() {}\n" + methods, 0},
		"closures three levels": {"closures inside closures", "a/a.go", "package a\nfunc f() { func() { func() { func() {}() }() }() }\n", 1},
		"closures side by side": {"closures inside closures", "a/a.go", "package a\nfunc f() { func() { func() {}(); func() {}() }(); func() {}() }\n", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := limits[c.limit]
			l.still = nil
			if got := l.exceeded(l.measure(sourceOf(t, c.path, c.text))); len(got) != c.found {
				t.Errorf("found %q, want %d", got, c.found)
			}
		})
	}
}

// TestExceptionsEndWithTheirCause shows that an exception neither grows nor outlives what it
// is for.
func TestExceptionsEndWithTheirCause(t *testing.T) {
	t.Parallel()
	l := limit{what: "lines", most: func(string) int { return 10 }, still: map[string]int{"a": 20}}
	cases := map[string]struct {
		figures map[string]int
		found   int
	}{
		"as large as it may be":  {map[string]int{"a": 20}, 0},
		"larger":                 {map[string]int{"a": 21}, 1},
		"not needed any more":    {map[string]int{"a": 10}, 1},
		"gone":                   {map[string]int{"b": 10}, 1},
		"another without excuse": {map[string]int{"a": 20, "b": 11}, 1},
	}
	for name, c := range cases {
		if got := l.exceeded(c.figures); len(got) != c.found {
			t.Errorf("%s: found %q, want %d", name, got, c.found)
		}
	}
}
