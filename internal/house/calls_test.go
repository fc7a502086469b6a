package house_test

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// badCall is a function of the standard library that only some places may use.
type badCall struct {
	pkg, name string
	// free says where it is allowed.
	free func(source) bool
	// explained places are allowed too: a comment on the same line says why.
	explained bool
	why       string
}

var badCalls = []badCall{
	{"time", "Sleep", func(s source) bool { return !s.isTest() }, false, "slow where it works and flaky where it does not: wait for what must happen"},
	{"context", "Background", outside, true, "it ends never: take the caller's context"},
	{"context", "TODO", nowhere, false, "take the caller's context"},
	{"os", "Getenv", outside, false, "settings are read in cmd, where all of them are documented"},
	{"os", "LookupEnv", outside, false, "settings are read in cmd, where all of them are documented"},
	{"os", "Exit", outside, false, "return an error: only main ends the process"},
}

func nowhere(source) bool { return false }

// outside is true for what is not part of the product below cmd: commands and tests.
func outside(s source) bool {
	return s.isTest() || strings.HasPrefix(s.path, "cmd/") || strings.HasSuffix(s.folder, "test") || s.file.Name.Name == "main"
}

func TestSomeCallsHaveTheirPlace(t *testing.T) {
	t.Parallel()
	none(t, calls(allSources(t)))
}

func calls(all []source) []string {
	var wrong []string
	for _, s := range all {
		ast.Inspect(s.file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			i := slices.IndexFunc(badCalls, func(b badCall) bool {
				return selector.Sel.Name == b.name && isName(selector.X, b.pkg)
			})
			if i >= 0 && !badCalls[i].free(s) && (!badCalls[i].explained || !s.hasCommentAt(selector)) {
				b := badCalls[i]
				wrong = append(wrong, fmt.Sprintf("%s: no %s.%s here: %s", s.at(selector), b.pkg, b.name, b.why))
			}
			return true
		})
	}
	return wrong
}

// hasCommentAt reports whether a comment begins on the node's line.
func (s source) hasCommentAt(n ast.Node) bool {
	line := s.fset.Position(n.Pos()).Line
	return slices.ContainsFunc(s.file.Comments, func(c *ast.CommentGroup) bool { return s.fset.Position(c.Pos()).Line == line })
}
