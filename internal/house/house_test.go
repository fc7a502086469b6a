// Package house_test holds the rules of the house that a machine can check: which room may
// import which, how long files and functions are, what stays out of the code, and that the
// documents say what the code says.
package house_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// module is the path that all our packages begin with.
const module = "belfry.dev/belfry"

// root is the repository's folder, seen from this package's.
const root = "../.."

// goPackage is what go list tells about a package; the field names are its own.
type goPackage struct {
	ImportPath string
	Name       string
	Standard   bool
	Imports    []string
	Deps       []string
	ForTest    string
}

// room is the package's path below the module: "store/engine"; "" for the root folder.
func (p goPackage) room() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

// list returns the packages that go list names with the arguments.
func list(t *testing.T, args ...string) []goPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-e", "-json=ImportPath,Name,Standard,Imports,Deps,ForTest"}, args...)...)
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// source is one Go file of the repository.
type source struct {
	// path is below the root, with slashes; folder is its directory.
	path, folder string
	lines        int
	fset         *token.FileSet
	file         *ast.File
}

func (s source) isTest() bool      { return strings.HasSuffix(s.path, "_test.go") }
func (s source) isGenerated() bool { return ast.IsGenerated(s.file) }

// at is the place of a node: "store/bot.go:12".
func (s source) at(n ast.Node) string {
	return s.path + ":" + itoa(s.fset.Position(n.Pos()).Line)
}

// sources returns all Go files of the repository, parsed once.
var sources = sync.OnceValues(func() ([]source, error) {
	var all []source
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipped(path, entry.Name())
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		s, err := parse(filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator))), text)
		all = append(all, s)
		return err
	})
	return all, err
})

// skipped leaves out folders that hold no code of ours.
func skipped(path, name string) error {
	hidden := strings.HasPrefix(name, ".") && path != root
	if hidden || name == "node_modules" || name == "testdata" || name == "bin" {
		return filepath.SkipDir
	}
	return nil
}

func parse(path string, text []byte) (source, error) {
	s := source{path: path, folder: filepath.ToSlash(filepath.Dir(path)), fset: token.NewFileSet()}
	s.lines = bytes.Count(text, []byte("\n"))
	var err error
	s.file, err = parser.ParseFile(s.fset, path, text, parser.ParseComments)
	return s, err
}

func allSources(t *testing.T) []source {
	t.Helper()
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no Go file was found: the rules check nothing")
	}
	return all
}

// sourceOf parses the text of a made-up file, to show that a rule finds what it is for.
func sourceOf(t *testing.T, path, text string) []source {
	t.Helper()
	s, err := parse(path, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return []source{s}
}

// none fails with a line for each violation.
func none(t *testing.T, violations []string) {
	t.Helper()
	for _, v := range violations {
		t.Error(v)
	}
}
