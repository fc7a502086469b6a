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
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	var list []T
	require.NoError(t, json.Unmarshal(data, &list))
	require.NotEmpty(t, list)
	return list
}

func look() markup.Look {
	return markup.Look{
		Styles:     map[string]string{"p": "margin:0", "p.muted": "margin:0;color:#666666", "a": "color:#000000", "hr": "border:0"},
		Properties: []string{"margin*", "border*", "font*", "text*", "color", "background-color", "width"},
	}
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
