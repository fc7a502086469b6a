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

// edited is a type as an operator may write it: each format is the given text.
func edited(change func(*document.Template)) models.MessageType {
	template := document.Template{
		Title: "{{name}}", Body: "{{name}}", Subject: "{{name}}", Text: "{{name}}", HTML: "<p>{{name}}</p>", Short: "{{name}}",
	}
	if change != nil {
		change(&template)
	}
	samples := map[models.Locale]string{models.LocaleZH: "甲", models.LocaleEN: "A"}
	return models.MessageType{
		Key: "other.edited", Category: "other", Names: samples, Descriptions: samples, Audience: []string{"sre"},
		Severity: models.SeverityInfo, DeadlineSeconds: 3600, Default: []models.Channel{models.ChannelInbox}, Enabled: true,
		Variables: []models.Variable{
			{Name: "name", Required: true, Samples: samples}, {Name: "note", Samples: samples}, {Name: "url", Samples: samples},
		},
		Templates: map[models.Locale]document.Template{models.LocaleZH: template, models.LocaleEN: template},
	}
}

func render(t *testing.T, mt models.MessageType, values map[string]string) models.Rendered {
	t.Helper()
	require.Empty(t, catalog.Check(mt))
	got, err := catalog.Render(mt, models.LocaleEN, catalog.Input{Variables: values, Site: site})
	require.NoError(t, err)
	return got
}

func TestPreviewIsWhatIsSent(t *testing.T) {
	t.Parallel()
	for _, each := range shipped(t).Types {
		for _, locale := range catalog.Locales() {
			in := catalog.Input{Site: site, Link: "https://x.example.com/a?b=c&d=e", Severity: models.SeverityCritical}
			preview, err := catalog.Preview(each, locale, in)
			require.NoError(t, err)
			in.Variables = catalog.Samples(each, locale)
			sent, err := catalog.Render(each, locale, in)
			require.NoError(t, err)
			assert.Equal(t, preview, sent)
		}
	}
}

func TestARendererRemembersOnlyStoredVersions(t *testing.T) {
	t.Parallel()
	r := catalog.NewRenderer(site)
	title := func(version int64, source string) string {
		mt := edited(func(template *document.Template) { template.Title = source })
		mt.Version = version
		got, err := r.Render(mt, models.LocaleEN, catalog.Input{})
		require.NoError(t, err)
		return got.Title
	}
	assert.Equal(t, "one", title(0, "one"))
	assert.Equal(t, "draft", title(0, "draft"))
	assert.Equal(t, "first", title(1, "first"))
	assert.Equal(t, "first", title(1, "a stored version never changes"))
	for version := range int64(2000) {
		title(version+2, "other")
	}
	assert.Equal(t, "second", title(5000, "second"))
	bad := edited(func(template *document.Template) { template.Title = "{{.}}" })
	bad.Version = 6000
	_, err := r.Render(bad, models.LocaleEN, catalog.Input{})
	assert.Equal(t, models.CodeInvalid, models.CodeOf(err))
}

func TestLanguageFallsBackToTheClosest(t *testing.T) {
	t.Parallel()
	mt := typeNamed(t, "account.low_balance")
	for locale, want := range map[string]string{
		"zh-CN": "zh-CN", "en-US": "en-US", "en-GB": "en-US", "en": "en-US", "zh-TW": "zh-CN", "fr-FR": "zh-CN", "": "zh-CN",
	} {
		got, err := catalog.Preview(mt, locale, catalog.Input{})
		require.NoError(t, err)
		assert.Equal(t, want, got.Locale, locale)
	}
	delete(mt.Templates, models.LocaleZH)
	got, err := catalog.Preview(mt, "fr-FR", catalog.Input{})
	require.NoError(t, err)
	assert.Equal(t, "en-US", got.Locale)
	mt.Templates = nil
	_, err = catalog.Preview(mt, "fr-FR", catalog.Input{})
	assert.Equal(t, models.CodeInvalid, models.CodeOf(err))
}

func TestEditedTemplatesHaveOnlyPlaceholders(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		`{{.}}`: "invalid-template", `{{env "PATH"}}`: "invalid-template", `{{range .}}x{{end}}`: "invalid-template",
		`{{name | html}}`: "invalid-template", strings.Repeat("{{name}}", 201): "invalid-template", `{{other}}`: "unknown-variable",
		"nul \x00": "invalid-characters", "\xff": "invalid-characters", " \n ": "required", strings.Repeat("x", 33<<10): "too-long",
	}
	for source, want := range cases {
		mt := edited(func(template *document.Template) { template.Body = source })
		fields := catalog.Check(mt)
		require.Len(t, fields, 2, "%.60q", source)
		assert.Equal(t, "#/templates/zh-CN/body", fields[0].Pointer)
		assert.Equal(t, want, fields[0].Code, "%.60q: %s", source, fields[0].Detail)
		_, err := catalog.Render(mt, models.LocaleEN, catalog.Input{})
		assert.Equal(t, models.CodeInvalid, models.CodeOf(err), "%.60q", source)
	}
}

func TestLinesRefuseBreaks(t *testing.T) {
	t.Parallel()
	for format, change := range map[string]func(*document.Template){
		"title":   func(template *document.Template) { template.Title = "a\nb" },
		"subject": func(template *document.Template) { template.Subject = "a\nBcc: x@example.com" },
		"short":   func(template *document.Template) { template.Short = "a\u202eb" },
	} {
		fields := catalog.Check(edited(change))
		require.Len(t, fields, 2, format)
		assert.Equal(t, "#/templates/en-US/"+format, fields[1].Pointer)
		assert.Equal(t, "invalid-characters", fields[1].Code)
	}
}

func TestValuesAreInertInLines(t *testing.T) {
	t.Parallel()
	got := render(t, edited(nil), map[string]string{"name": "a\r\nBcc: x@example.com\u2028b\x00\x1b[31m\u202ec\u200b\ufeff\U000E0041d 👨‍👩‍👧"})
	for _, line := range []string{got.Title, got.Subject, got.Short} {
		assert.Equal(t, "a Bcc: x@example.com b[31mcd 👨‍👩‍👧", line)
	}
}

func TestValuesAreNeverTemplates(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`{{name}}`, `{{env "PATH"}}`, `{{#if name}}`, `{{content}}`, `{{link}}`, `${x}`} {
		got := render(t, edited(nil), map[string]string{"name": value})
		assert.Equal(t, value, got.Body)
		assert.Equal(t, value, got.Title)
	}
}

func TestLongValuesAreCutRatherThanLost(t *testing.T) {
	t.Parallel()
	repeated := strings.Repeat("<p>{{name}}</p>", 150)
	mt := edited(func(template *document.Template) {
		template.HTML, template.Body = repeated, strings.Repeat("{{name}} ", 150)
	})
	got := render(t, mt, map[string]string{"name": strings.Repeat("\"", catalog.MaxValue)})
	assert.LessOrEqual(t, len(got.HTML), catalog.MaxHTML)
	assert.LessOrEqual(t, len(got.Body), catalog.MaxBody)
	assert.LessOrEqual(t, utf8.RuneCountInString(got.Title), catalog.MaxTitle)
	assert.LessOrEqual(t, utf8.RuneCountInString(got.Short), catalog.MaxShort)
	assert.True(t, strings.HasSuffix(got.Title, "…"))
	assert.Contains(t, got.HTML, "</html>", "the frame is whole")
	assert.Equal(t, 151, strings.Count(got.HTML, "&#34;…</p>")+strings.Count(got.HTML, "</h1>"), "every paragraph is whole")
}

func TestStylesCountAgainstTheSize(t *testing.T) {
	t.Parallel()
	mt := edited(func(template *document.Template) { template.HTML = strings.Repeat("<p>a</p>", 4000) })
	fields := catalog.Check(mt)
	require.NotEmpty(t, fields)
	assert.Equal(t, "too-long", fields[0].Code)
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"": "", "https://a.example.com/x?y=1#z": "https://a.example.com/x?y=1#z", "http://a.example.com": "http://a.example.com",
		"/orders/1?x=y": "https://console.example.com/orders/1?x=y", "//evil.example.com": "", "/\\evil.example.com": "",
		"javascript:alert(1)": "", "data:text/html,x": "", "vbscript:x": "", "http:\\\\evil": "", "https://user:pw@a.example.com": "",
		"java\tscript:x": "", "ftp://a.example.com": "", "https://": "", "https:evil": "", "orders/1": "", "https://a.example.com/\u202ex": "",
		"https://a.example.com/" + strings.Repeat("x", 2048): "", "/" + strings.Repeat("x", 2048): "", " https://a.example.com": "",
	} {
		assert.Equal(t, want, brand.AbsoluteLink(site.URL, link), "%.50q", link)
		assert.Equal(t, link == "" || want != "", len(catalog.CheckLink(link)) == 0, "%.50q", link)
	}
	assert.Empty(t, brand.AbsoluteLink("", "/orders/1"))
}

// TestProductsLinksLeadToTheirSite: what a product calls "/orders/1" is a page of the
// cloud's own console, and not of Belfry.
func TestProductsLinksLeadToTheirSite(t *testing.T) {
	t.Parallel()
	both := brand.Site{URL: "https://belfry.example.com", LinkBase: "https://cloud.example.com"}
	assert.Equal(t, "https://cloud.example.com/orders/1", both.Link("/orders/1"))
	assert.Equal(t, "https://cloud.example.com/consoles", both.Link("/consoles"))
	assert.Equal(t, "https://belfry.example.com/console/resources", both.Link("/console/resources"))
	assert.Equal(t, "https://other.example.com/x", both.Link("https://other.example.com/x"))
	assert.Empty(t, both.Link("//evil.example.com"))
	assert.Equal(t, "https://belfry.example.com/orders/1", brand.Site{URL: "https://belfry.example.com"}.Link("/orders/1"))
}

func TestTheFrameShowsSeverityLinkAndUnsubscribe(t *testing.T) {
	t.Parallel()
	mt := typeNamed(t, "activity.promotion")
	in := catalog.Input{Site: site, Link: "/a?b=1&c=2", Unsubscribe: "/u/token", Severity: models.SeverityCritical}
	got, err := catalog.Preview(mt, models.LocaleEN, in)
	require.NoError(t, err)
	assert.Contains(t, got.HTML, `href="https://console.example.com/a?b=1&amp;c=2"`)
	assert.Contains(t, got.HTML, `href="https://console.example.com/u/token"`)
	assert.Contains(t, got.HTML, "#b91c1c")
	assert.Contains(t, got.Text, "Unsubscribe from these messages: https://console.example.com/u/token\n")
	assert.Contains(t, got.Text, "View details: https://console.example.com/a?b=1&c=2\n")
	in.Link, in.Unsubscribe, in.Severity, in.Site = "javascript:x", "", "", brand.Site{}
	got, err = catalog.Preview(mt, models.LocaleEN, in)
	require.NoError(t, err)
	assert.NotContains(t, got.HTML, "href=")
	assert.NotContains(t, got.Text, "View details")
	assert.Contains(t, got.Text, "\nBelfry\n")
}

func TestOnlyMarketingMailShowsALinkToUnsubscribe(t *testing.T) {
	t.Parallel()
	for _, each := range shipped(t).Types {
		got, err := catalog.Preview(each, models.LocaleEN, catalog.Input{Site: site, Unsubscribe: "/u/token", Locked: each.IsLocked(models.ChannelEmail)})
		require.NoError(t, err)
		assert.Equal(t, each.Marketing, strings.Contains(got.HTML, "/u/token"), each.Key)
		assert.Equal(t, each.Marketing, strings.Contains(got.Text, "/u/token"), each.Key)
		assert.Equal(t, each.IsLocked(models.ChannelEmail), strings.Contains(got.Text, "cannot be turned off"), each.Key)
	}
}

func TestSubmittedVariablesAreChecked(t *testing.T) {
	t.Parallel()
	mt := edited(nil)
	assert.Empty(t, catalog.CheckVariables(mt, map[string]string{"name": "a\tb\nc", "note": ""}))
	assert.Empty(t, catalog.CheckVariables(mt, map[string]string{"name": strings.Repeat("宽", catalog.MaxValue)}))
	for name, c := range map[string]struct {
		values map[string]string
		want   []string
	}{
		"none":            {nil, []string{"#/variables/name required"}},
		"blank":           {map[string]string{"name": " "}, []string{"#/variables/name required"}},
		"extra":           {map[string]string{"name": "a", "Name": "b", "a/b~": "c"}, []string{"#/variables/Name unknown", "#/variables/a~1b~0 unknown"}},
		"reserved":        {map[string]string{"name": "a", "link": "x"}, []string{"#/variables/link unknown"}},
		"too long":        {map[string]string{"name": strings.Repeat("x", catalog.MaxValue+1)}, []string{"#/variables/name too-long"}},
		"NUL":             {map[string]string{"name": "a\x00"}, []string{"#/variables/name invalid-characters"}},
		"carriage return": {map[string]string{"name": "a\r\nb"}, []string{"#/variables/name invalid-characters"}},
		"C1":              {map[string]string{"name": "a\u0085b"}, []string{"#/variables/name invalid-characters"}},
		"line separator":  {map[string]string{"name": "a\u2028b"}, []string{"#/variables/name invalid-characters"}},
		"invalid UTF-8":   {map[string]string{"name": "\xc0\xaf"}, []string{"#/variables/name invalid-characters"}},
	} {
		var got []string
		for _, f := range catalog.CheckVariables(mt, c.values) {
			got = append(got, f.Pointer+" "+f.Code)
		}
		assert.Equal(t, c.want, got, name)
	}
	many := map[string]string{}
	for i := range catalog.MaxVariables + 1 {
		many[strings.Repeat("x", i+1)] = "a"
	}
	assert.Equal(t, "too-many", catalog.CheckVariables(mt, many)[0].Code)
}

func TestDefinitionsAreChecked(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*models.MessageType){
		"#/key invalid-value":                     func(m *models.MessageType) { m.Key = "other.Edited" },
		"#/names/en-US required":                  func(m *models.MessageType) { m.Names = map[string]string{"zh-CN": "甲"} },
		"#/names/fr-FR unknown":                   func(m *models.MessageType) { m.Names = map[string]string{"zh-CN": "甲", "en-US": "A", "fr-FR": "A"} },
		"#/names/..~1..~1x unknown":               func(m *models.MessageType) { m.Names = map[string]string{"zh-CN": "甲", "en-US": "A", "../../x": "A"} },
		"#/descriptions/zh-CN invalid-characters": func(m *models.MessageType) { m.Descriptions = map[string]string{"zh-CN": "a\nb", "en-US": "A"} },
		"#/audience required":                     func(m *models.MessageType) { m.Audience = nil },
		"#/audience/1 duplicate":                  func(m *models.MessageType) { m.Audience = []string{"sre", "sre"} },
		"#/audience/0 invalid-value":              func(m *models.MessageType) { m.Audience = []string{"everybody"} },
		"#/severity invalid-value":                func(m *models.MessageType) { m.Severity = "" },
		"#/dedup_window_seconds invalid-value":    func(m *models.MessageType) { m.DedupWindowSeconds = 86_401 },
		"#/deadline_seconds invalid-value":        func(m *models.MessageType) { m.DeadlineSeconds = 59 },
		"#/default required":                      func(m *models.MessageType) { m.Default = []models.Channel{"email"} },
		"#/locked/0 invalid-value":                func(m *models.MessageType) { m.Locked = []models.Channel{"email"} },
		"#/marketing invalid-value":               func(m *models.MessageType) { m.Marketing, m.Locked = true, []models.Channel{"inbox"} },
		"#/optional invalid-value":                func(m *models.MessageType) { m.Optional, m.Severity = true, models.SeverityCritical },
		"#/strict invalid-value":                  func(m *models.MessageType) { m.Strict = true },
		"#/variables/0/name invalid-value":        func(m *models.MessageType) { m.Variables[0].Name = "link" },
		"#/variables/1/name duplicate":            func(m *models.MessageType) { m.Variables[1].Name = "name" },
		"#/variables/2/samples/zh-CN required":    func(m *models.MessageType) { m.Variables[2].Samples = map[string]string{"en-US": "A"} },
		"#/templates/en-US required":              func(m *models.MessageType) { delete(m.Templates, "en-US") },
		"#/templates/..~1x unknown":               func(m *models.MessageType) { m.Templates["../x"] = m.Templates["en-US"] },
	} {
		mt := edited(nil)
		change(&mt)
		fields := catalog.Check(mt)
		require.Len(t, fields, 1, want)
		assert.Equal(t, want, fields[0].Pointer+" "+fields[0].Code)
	}
}
