package catalog_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

// reminder is a part of the message type, with its samples.
func reminder(t *testing.T, key string, change map[string]string) catalog.Part {
	t.Helper()
	shipped, err := catalog.Shipped()
	require.NoError(t, err)
	for _, kind := range shipped.Types {
		if kind.Key != key {
			continue
		}
		values := catalog.Samples(kind, models.LocaleEN)
		delete(values, "others")
		delete(values, "resource_list")
		for name, value := range change {
			values[name] = value
		}
		return catalog.Part{Type: kind, Input: catalog.Input{Variables: values, Link: "/resources"}}
	}
	t.Fatalf("no message type %s", key)
	return catalog.Part{}
}

func TestSeveralNotificationsAreOneMessage(t *testing.T) {
	t.Parallel()
	r := catalog.NewRenderer(brand.Site{Name: "Acme Cloud", URL: "https://acme.example"})
	first := reminder(t, "product.release_1", map[string]string{"resource_name": "cache <b>"})
	second := reminder(t, "product.expiry_7", map[string]string{"resource_name": "db", "days_left": "7"})
	got, err := r.RenderTogether([]catalog.Part{first, second}, models.LocaleEN)
	require.NoError(t, err)
	alone, err := r.Render(first.Type, models.LocaleEN, first.Input)
	require.NoError(t, err)
	other, err := r.Render(second.Type, models.LocaleEN, second.Input)
	require.NoError(t, err)

	assert.Equal(t, alone.Title+" · 1 more below", got.Title)
	assert.Equal(t, alone.Subject+" · 1 more below", got.Subject)
	assert.Equal(t, alone.Body+"\n\n■ "+other.Title+"\n\n"+other.Body, got.Body)
	assert.Equal(t, alone.Short+" "+other.Short, got.Short)
	assert.Equal(t, "https://acme.example/resources", got.Link)
	assert.Contains(t, got.Text, got.Body)
	assert.Equal(t, 1, strings.Count(got.HTML, "<html"), "one frame around all")
	assert.Equal(t, 1, strings.Count(got.HTML, "<h2 "), "a section for the other")
	assert.NotContains(t, got.HTML, "<b>", "titles are inert")
	assert.Less(t, strings.Index(got.HTML, "cache"), strings.Index(got.HTML, ">db<"), "in the order given")

	again, err := r.RenderTogether([]catalog.Part{second}, models.LocaleEN)
	require.NoError(t, err)
	assert.Equal(t, other, again, "one alone is what it always was")

	chinese, err := r.RenderTogether([]catalog.Part{first, second}, models.LocaleZH)
	require.NoError(t, err)
	assert.Contains(t, chinese.Title, "另有 1 条见正文")
}

func TestAMessageOfSeveralHasTheBoundsOfOne(t *testing.T) {
	t.Parallel()
	r := catalog.NewRenderer(brand.Site{URL: "https://acme.example"})
	var parts []catalog.Part
	for range 9 {
		parts = append(parts, reminder(t, "product.expiry_1", map[string]string{
			"resource_name": strings.Repeat("名", 500), "others": "5000", "resource_list": strings.Repeat("资源\n", 1300),
		}))
	}
	got, err := r.RenderTogether(parts, models.LocaleZH)
	require.NoError(t, err)
	assert.LessOrEqual(t, utf8.RuneCountInString(got.Title), catalog.MaxTitle)
	assert.LessOrEqual(t, utf8.RuneCountInString(got.Subject), catalog.MaxTitle)
	assert.LessOrEqual(t, utf8.RuneCountInString(got.Short), catalog.MaxShort)
	assert.LessOrEqual(t, len(got.Body), catalog.MaxBody)
	assert.LessOrEqual(t, len(got.Text), catalog.MaxText)
	assert.LessOrEqual(t, len(got.HTML), catalog.MaxHTML)
	assert.Contains(t, got.Title, "另有 8 条见正文", "the number of the others is not cut off")
	assert.Equal(t, 8, strings.Count(got.Body, "■ "), "what does not fit is named all the same")
	assert.Equal(t, 8, strings.Count(got.HTML, "<h2 "))
	assert.True(t, strings.HasSuffix(strings.TrimSpace(got.HTML), "</html>"), "the page is whole")
	assert.True(t, utf8.ValidString(got.Body))

	long := parts[0] // as long as a text may be, with the titles of the others after it
	template := long.Type.Templates[models.LocaleZH]
	template.Body = strings.Repeat("名", catalog.MaxBody/3)
	long.Type.Templates = map[models.Locale]document.Template{models.LocaleZH: template}
	long.Type.Version = 0
	got, err = r.RenderTogether(append([]catalog.Part{long}, parts...), models.LocaleZH)
	require.NoError(t, err)
	assert.LessOrEqual(t, len(got.Body), catalog.MaxBody)
	assert.Greater(t, len(got.Body), catalog.MaxBody-200)
	assert.Equal(t, 9, strings.Count(got.Body, "■ "))
}
