//go:build e2e

package e2e_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reader is somebody who copies the blocks of a page into bash: the first error ends it, a
// stream is ended after two seconds, and each answer's status is written down.
const reader = `set -euo pipefail
curl() {
  local limit=()
  for each in "$@"; do if [ "$each" = -N ]; then limit=(--max-time 2); fi; done
  command curl -w '%{stderr}STATUS %{http_code}\n' "${limit[@]}" "$@" || [ $? = 28 ]
}
. .data/demo.env
`

// block is one block of shell in a page.
type block struct {
	page string
	text string
}

var (
	fence    = regexp.MustCompile("(?ms)^( *)```sh\n(.*?)^ *```$")
	refusals = regexp.MustCompile(`#[^\n]*\b([45]\d\d)\b`)
	statuses = regexp.MustCompile(`STATUS (\d{3})`)
	named    = regexp.MustCompile(`(?m)^([A-Z][A-Z_]*)=`)
	defined  = regexp.MustCompile(`(?m)^([a-z][a-z_]*)\(\) \{`)
)

// pages are the documents of the repository, by name.
func pages(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../docs/*.md")
	require.NoError(t, err)
	all := map[string]string{}
	files = slices.DeleteFunc(files, func(name string) bool { return filepath.Base(name) == "api.md" }) // generated from the operations
	for _, file := range append(files, "../README.md", "../CONTRIBUTING.md") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all[filepath.Base(file)] = string(text)
	}
	return all
}

func blocks(page, text string) []block {
	var all []block
	for _, each := range fence.FindAllStringSubmatch(text, -1) {
		all = append(all, block{page: page, text: each[2]})
	}
	return all
}

// place is a folder as the repository's is after make run: with bin and .data.
func (m *machine) place(t *testing.T) string {
	t.Helper()
	bin, err := filepath.Abs("../bin")
	require.NoError(t, err)
	folder := t.TempDir()
	require.NoError(t, os.Symlink(bin, filepath.Join(folder, "bin")))
	require.NoError(t, os.Symlink(m.data, filepath.Join(folder, ".data")))
	return folder
}

// copyIn runs the blocks in one shell, after what it begins with, and returns what it
// printed. What is refused must be what the page says is.
func copyIn(t *testing.T, folder, begin string, all []block, end string) string {
	t.Helper()
	var script strings.Builder
	script.WriteString(reader + begin)
	for _, b := range all {
		script.WriteString("echo BLOCK >&2\n" + b.text + "\n")
	}
	script.WriteString(end)
	c := exec.CommandContext(t.Context(), "bash", "-c", script.String())
	c.Dir = folder
	var told strings.Builder
	c.Stderr = &told
	out, err := c.Output()
	parts := strings.Split(told.String(), "BLOCK\n")[1:]
	for i, part := range parts {
		var refused, said []string
		for _, status := range statuses.FindAllStringSubmatch(part, -1) {
			if status[1] >= "400" || status[1] == "000" {
				refused = append(refused, status[1])
			}
		}
		for _, each := range refusals.FindAllStringSubmatch(all[i].text, -1) {
			said = append(said, each[1])
		}
		assert.Equal(t, said, refused, "%s: what is refused in\n%s\n%s\n%s", all[i].page, all[i].text, part, out)
	}
	require.NoError(t, err, "%s: the shell ended in block %d of %d:\n%s\n%s", all[0].page, len(parts), len(all), told.String(), out)
	return string(out)
}

// TestEveryShellBlockOfTheDocumentsRuns copies the pages into a shell as they stand: first
// steps, and each other page after it. What cannot run is no sh, but console or text.
func TestEveryShellBlockOfTheDocumentsRuns(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.start(t, "--people")
	folder, all := m.place(t), pages(t)
	first := blocks("first-steps.md", all["first-steps.md"])
	require.Greater(t, len(first), 5)
	var names, functions []string
	for _, b := range first {
		for _, each := range named.FindAllStringSubmatch(b.text, -1) {
			names = append(names, each[1])
		}
		for _, each := range defined.FindAllStringSubmatch(b.text, -1) {
			functions = append(functions, each[1])
		}
	}
	require.NotEmpty(t, names)
	require.NotEmpty(t, functions)
	shell := filepath.Join(folder, "shell")
	copyIn(t, folder, "", first, "{ declare -p "+strings.Join(names, " ")+"; declare -f "+strings.Join(functions, " ")+"; } > "+shell+"\n")
	run := 0
	for _, page := range slices.Sorted(maps.Keys(all)) { // always in the same order
		if some := blocks(page, all[page]); page != "first-steps.md" && len(some) > 0 {
			copyIn(t, folder, ". "+shell+"\n", some, "")
			run += len(some)
		}
	}
	require.Greater(t, run, 20)
}

// asked is a request as pages write it: in prose, or for the shell.
var (
	inProse = regexp.MustCompile("\\b(GET|POST|PUT|PATCH|DELETE) `?(/[^\\s`\"'?]*)")
	inShell = regexp.MustCompile(`\$(?:BELFRY)(/[^\s"'?]*)`)
)

// requests are all that the pages tell of, as "METHOD /path".
func requests(all map[string]string) map[string]bool {
	found := map[string]bool{}
	for _, text := range all {
		for _, each := range inProse.FindAllStringSubmatch(text, -1) {
			found[each[1]+" "+strings.TrimRight(each[2], ".,;:)")] = true
		}
		for _, b := range blocks("", text) {
			for line := range strings.SplitSeq(strings.ReplaceAll(b.text, "\\\n", " "), "\n") {
				path := inShell.FindStringSubmatch(line)
				if path == nil {
					continue
				}
				method := http.MethodGet
				if strings.Contains(line, " -d ") {
					method = http.MethodPost
				}
				if said := regexp.MustCompile(`-X ([A-Z]+)`).FindStringSubmatch(line); said != nil {
					method = said[1]
				}
				found[method+" "+path[1]] = true
			}
		}
	}
	return found
}

// told reports whether a page has a request of the operation.
func told(found map[string]bool, method, path string) bool {
	like := regexp.MustCompile("^" + method + " " + regexp.MustCompile(`\\\{[^}]*\\\}`).ReplaceAllString(regexp.QuoteMeta(path), `[^/]+`) + "$")
	for each := range found {
		if like.MatchString(each) {
			return true
		}
	}
	return false
}

// TestEveryOperationStandsInAPage compares the API's description of itself with what is
// written for people.
func TestEveryOperationStandsInAPage(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.start(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.base()+"/openapi.json", nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	var described struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(text, &described))
	require.Greater(t, len(described.Paths), 50)
	found := requests(pages(t))
	for path, methods := range described.Paths {
		for method := range methods {
			if method == "parameters" || method == "summary" || method == "description" || method == "servers" {
				continue
			}
			assert.True(t, told(found, strings.ToUpper(method), path), "no page tells of %s %s", strings.ToUpper(method), path)
		}
	}
}
