package markup_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/catalog/markup"
)

// corpus reads a list of samples from testdata.
func corpus[T any](t testing.TB, name string) []T {
	t.Helper()
	var list []T
	read(t, name, &list)
	require.NotEmpty(t, list)
	return list
}

func read(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}

// look is the one that the samples are written for.
func look(t testing.TB) markup.Look {
	t.Helper()
	var l markup.Look
	read(t, "look.json", &l)
	return l
}

func known() map[string]bool {
	return map[string]bool{"name": true, "note": true, "url": true, "missing": true}
}

func values(given map[string]string) markup.Values {
	return func(name string) string { return given[name] }
}

// text parses and renders plain text.
func text(t *testing.T, source string, given map[string]string) string {
	t.Helper()
	template, f := markup.Parse(source, known())
	require.Nil(t, f, "%q", source)
	return template.Text(values(given), 1000)
}
