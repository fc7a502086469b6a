package house_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// synonym is a word that the house does not use for what it has a word for.
type synonym struct {
	words []string
	say   string
	// elsewhere are the rooms (folders at the root) where the word is another's: of a standard
	// or a library.
	elsewhere []string
	// still has, by room, how many names may use it until they are renamed.
	still map[string]int
}

var synonyms = []synonym{
	{
		words: []string{"subject"}, say: "entity (of a workflow)",
		elsewhere: []string{"api", "catalog", "channels", "deploy", "rbac"},
		still:     map[string]int{"models": 3},
	},
	{words: []string{"turn"}, say: "attempt", elsewhere: []string{"bench", "cmd"}},
	{words: []string{"standing"}, say: "progress (of a notification), credential (of a caller)"},
	{words: []string{"hearing"}, say: "forecast of recipients"},
	{words: []string{"bell"}, say: "signal", elsewhere: []string{"api", "cmd", "models", "store"}}, // there it is the one with the number, in pages
	{words: []string{"heard"}, say: "signals received"},
	{words: []string{"lesson"}, say: "destination effect"},
	{words: []string{"tell", "told", "teller", "telling"}, say: "send, notify, report, as it is"},
	{words: []string{"throttle", "budget", "quota", "pace"}, say: "limit, with its kind", elsewhere: []string{"bench", "cmd"}, still: map[string]int{
		"activities": 1, "models": 18, "store": 13,
	}},
	{words: []string{"tenant"}, say: "account", still: map[string]int{"channels": 1, "store": 3}},
	{words: []string{"robot"}, say: "bot"},
	{words: []string{"topic"}, say: "message type"},
	{words: []string{"receiver"}, say: "recipient"},
}

// unsaid are sentences that say less than they could; those on the right say it.
var unsaid = map[string]string{
	"Nobody knows yet":                "The time is in the future.",
	"Nobody grants a role to oneself": "You cannot grant a role to yourself.",
	"Nobody changes the own roles":    "You cannot change your own roles.",
}

func TestNamesUseTheWordsOfTheGlossary(t *testing.T) {
	t.Parallel()
	for _, s := range synonyms {
		none(t, s.exceeded(s.used(allSources(t))))
	}
}

func (s synonym) exceeded(used map[string][]string) []string {
	var wrong []string
	for _, room := range slices.Sorted(maps.Keys(used)) {
		if names := used[room]; len(names) > s.still[room] {
			wrong = append(wrong, fmt.Sprintf("%s: instead of %q say %s (%d may stay): %s", room, strings.Join(s.words, ", "), s.say, s.still[room], strings.Join(names, ", ")))
		}
	}
	for room := range s.still {
		if len(used[room]) == 0 {
			wrong = append(wrong, fmt.Sprintf("%s says %q no more: delete its entry in internal/house/glossary_test.go", room, strings.Join(s.words, ", ")))
		}
	}
	return wrong
}

// used are the declared names with one of the words, by room; tests may say what they like.
func (s synonym) used(all []source) map[string][]string {
	used := map[string][]string{}
	for _, file := range written(all) {
		room, _, _ := strings.Cut(file.folder, "/")
		if slices.Contains(s.elsewhere, room) {
			continue
		}
		for _, name := range declared(file.file) {
			if slices.ContainsFunc(wordsOf(name), s.is) {
				used[room] = append(used[room], name)
			}
		}
	}
	return used
}

func (s synonym) is(word string) bool {
	return slices.Contains(s.words, word) || slices.Contains(s.words, strings.TrimSuffix(word, "s")) || slices.Contains(s.words, strings.TrimSuffix(word, "d"))
}

var wordForm = regexp.MustCompile(`[A-Z]+[a-z0-9]*|[a-z0-9]+`)

// wordsOf splits a name: "OpenSubjects" is "open", "subjects".
func wordsOf(name string) []string {
	words := wordForm.FindAllString(name, -1)
	for i := range words {
		words[i] = strings.ToLower(words[i])
	}
	return words
}

// declared are the names that the file declares: types, functions, values, fields,
// parameters and variables.
func declared(file *ast.File) []string {
	var names []string
	add := func(ids ...*ast.Ident) {
		for _, id := range ids {
			names = append(names, id.Name)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			add(n.Name)
		case *ast.TypeSpec:
			add(n.Name)
		case *ast.ValueSpec:
			add(n.Names...)
		case *ast.Field:
			add(n.Names...)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				add(variables(n.Lhs)...)
			}
		}
		return true
	})
	return names
}

func variables(left []ast.Expr) []*ast.Ident {
	var ids []*ast.Ident
	for _, e := range left {
		if id, ok := e.(*ast.Ident); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func TestSentencesSayWhatIsMeant(t *testing.T) {
	t.Parallel()
	none(t, vagueSentences(allSources(t)))
}

func vagueSentences(all []source) []string {
	var wrong []string
	for _, s := range all {
		if s.folder == "internal/house" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			for sentence, better := range unsaid {
				if strings.Contains(literal.Value, sentence) {
					wrong = append(wrong, fmt.Sprintf("%s: instead of %q say %q", s.at(literal), sentence, better))
				}
			}
			return true
		})
	}
	return wrong
}

func TestSynonymsAreFound(t *testing.T) {
	t.Parallel()
	s := synonym{words: []string{"tell", "told"}, elsewhere: []string{"b"}}
	cases := map[string]struct {
		path, text string
		found      int
	}{
		"a function":            {"a/a.go", "package a\nfunc tellAll() {}\n", 1},
		"a parameter":           {"a/a.go", "package a\nfunc f(told bool) {}\n", 1},
		"a variable":            {"a/a.go", "package a\nfunc f() { aTells := 1; _ = aTells }\n", 1},
		"a word that has it":    {"a/a.go", "package a\nvar teller, untold = 1, 2\n", 0},
		"another's word":        {"b/b.go", "package b\nfunc tell() {}\n", 0},
		"another's name, used":  {"a/a.go", "package a\nfunc f() { x.Tell() }\n", 0},
		"a test":                {"a/a_test.go", "package a\nfunc tell() {}\n", 0},
		"a field of a struct":   {"a/a.go", "package a\ntype t struct{ Told int }\n", 1},
		"a method of interface": {"a/a.go", "package a\ntype t interface{ Tell() }\n", 1},
	}
	for name, c := range cases {
		if got := s.exceeded(s.used(sourceOf(t, c.path, c.text))); len(got) != c.found {
			t.Errorf("%s: found %q, want %d", name, got, c.found)
		}
	}
	text := "package a\nvar x = \"Nobody knows yet.\"\n"
	if got := vagueSentences(sourceOf(t, "a/a.go", text)); len(got) != 1 {
		t.Errorf("vagueSentences() = %q, want one", got)
	}
}
