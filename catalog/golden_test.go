package catalog_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
)

// TestWhatPeopleGetChangesOnlyOnPurpose compares everything that the shipped message types
// render to with testdata/rendered.json, which has a short hash of each text: by type,
// language and the values given. Whoever means to change a text runs it with -update and
// reads in the diff what else has changed.
func TestWhatPeopleGetChangesOnlyOnPurpose(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "rendered.json")
	got := map[string]map[string]string{}
	for _, each := range shipped(t).Types {
		for _, locale := range catalog.Locales() {
			for name, in := range inputs(each, locale) {
				text, err := catalog.Render(each, locale, in)
				require.NoError(t, err)
				got[each.Key+" "+locale+" "+name] = hashes(texts(text))
			}
		}
	}
	if *update {
		data, err := json.MarshalIndent(got, "", " ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, append(data, '\n'), 0o600))
	}
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var want map[string]map[string]string
	require.NoError(t, json.Unmarshal(data, &want))
	assert.Equal(t, want, got)
}

// inputs are all values with a link, and the required ones alone, as markup.
func inputs(mt models.MessageType, locale models.Locale) map[string]catalog.Input {
	bare := map[string]string{}
	for _, v := range mt.Variables {
		if v.Required {
			bare[v.Name] = "<b>a & b</b>\n**" + v.Name + "**: \u05d0"
		}
	}
	return map[string]catalog.Input{
		"all":  {Variables: catalog.Samples(mt, locale), Link: "/orders/1", Unsubscribe: "/u/token", Locked: mt.IsLocked(models.ChannelEmail), Site: site},
		"bare": {Variables: bare, Locked: mt.IsLocked(models.ChannelEmail), Site: brand.Site{}},
	}
}

func hashes(texts map[string]string) map[string]string {
	out := map[string]string{}
	for format, text := range texts {
		sum := sha256.Sum256([]byte(text))
		out[format] = hex.EncodeToString(sum[:4])
	}
	return out
}
