package catalog_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
)

// alerts are parts of a type whose titles are numbered.
func alerts(t *testing.T, key string, count int) []catalog.Part {
	t.Helper()
	shipped, err := catalog.Shipped()
	require.NoError(t, err)
	var out []catalog.Part
	for _, kind := range shipped.Types {
		for i := range count {
			if kind.Key == key {
				v := catalog.Samples(kind, models.LocaleEN)
				for name := range v {
					v[name] = fmt.Sprintf("%s-%03d <b>", name, i)
				}
				out = append(out, catalog.Part{Type: kind, Input: catalog.Input{Variables: v}})
			}
		}
	}
	require.Len(t, out, count)
	return out
}

func TestADigestListsAllBySections(t *testing.T) {
	t.Parallel()
	r := catalog.NewRenderer(brand.Site{Name: "Cloud", URL: "https://cloud.example"})
	parts := append(alerts(t, "exception.monitor_alert", 50), alerts(t, "exception.instance_failure", 2)...)
	got, err := r.RenderDigest(parts, models.LocaleEN, catalog.Digest{Link: "/inbox"})
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(got.Title, "52 messages: "), got.Title)
	assert.Equal(t, "https://cloud.example/inbox", got.Link)
	assert.Equal(t, 52, strings.Count(got.Body, "\n• "))
	assert.Equal(t, 2, strings.Count(got.Body, "■ "))
	assert.Less(t, strings.Index(got.Body, "(50)"), strings.Index(got.Body, "(2)"), "in the order given")
	assert.NotContains(t, got.Body, "more in the message center")
	assert.Equal(t, 52, strings.Count(got.HTML, "• "))
	assert.NotContains(t, got.HTML, "-001 <b>", "values are inert")
	assert.Contains(t, got.Text, "https://cloud.example/inbox")
	assert.Contains(t, got.Short, "more in the message center.")
	assert.LessOrEqual(t, len([]rune(got.Short)), catalog.MaxShort)
}

// TestADigestIsCutAtTheChannelsLimit with the number of those left out; what is listed and
// what is not add up.
func TestADigestIsCutAtTheChannelsLimit(t *testing.T) {
	t.Parallel()
	r := catalog.NewRenderer(brand.Site{})
	parts := append(alerts(t, "exception.monitor_alert", 60), alerts(t, "exception.instance_failure", 40)...)
	for _, room := range []int{300, 2_000, 4_000, 9_000, 40_000} {
		got, err := r.RenderDigest(parts, models.LocaleEN, catalog.Digest{BodyBytes: room, ShortRunes: 70})
		require.NoError(t, err)
		assert.LessOrEqual(t, len(got.Body), room/2)
		listed, more := strings.Count(got.Body, "• "), 0
		if i := strings.LastIndex(got.Body, "and "); i >= 0 {
			_, err := fmt.Sscanf(got.Body[i:], "and %d more", &more)
			require.NoError(t, err)
		}
		assert.Equal(t, 100, listed+more, got.Body)
		assert.LessOrEqual(t, len([]rune(got.Short)), 70)
		assert.Contains(t, got.Short, "100 messages: ")
	}
}

func TestADigestOfOneIsTheMessageItself(t *testing.T) {
	t.Parallel()
	r := catalog.NewRenderer(brand.Site{})
	one := alerts(t, "exception.monitor_alert", 1)
	got, err := r.RenderDigest(one, models.LocaleZH, catalog.Digest{Link: "/inbox"})
	require.NoError(t, err)
	alone, err := r.Render(one[0].Type, models.LocaleZH, one[0].Input)
	require.NoError(t, err)
	assert.Equal(t, alone, got)
}

// TestAPartThatCannotBeRenderedIsListedByItsType: nobody waits for it.
func TestAPartThatCannotBeRenderedIsListedByItsType(t *testing.T) {
	t.Parallel()
	r := catalog.NewRenderer(brand.Site{})
	parts := alerts(t, "exception.monitor_alert", 2)
	parts[1].Type.Templates = nil
	got, err := r.RenderDigest(parts, models.LocaleEN, catalog.Digest{})
	require.NoError(t, err)
	assert.Contains(t, got.Body, "• "+parts[1].Type.Names[models.LocaleEN])
}
