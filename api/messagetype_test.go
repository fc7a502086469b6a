package api_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const typesPath = "/v1/message-types"

// withCatalogue stores what a release ships.
func withCatalogue(t *testing.T) (*harness, catalog.Shipment) {
	t.Helper()
	h := newHarness(t)
	shipped, err := catalog.Shipped()
	require.NoError(t, err)
	require.NoError(t, h.store.Catalogue().SeedCatalogue(t.Context(), shipped.Categories, shipped.Types))
	return h, shipped
}

// definition is a new message type as an operator sends it.
func definition(change func(map[string]any)) map[string]any {
	texts := map[string]any{
		"title": "{{name}}", "body": "{{name}}\n{{#if note}}\n{{note}}\n{{/if}}", "subject": "{{name}}", "text": "{{name}}",
		"html": "<p>{{name}}</p>", "short": "{{name}}",
	}
	d := map[string]any{
		"key": "service.incident_review", "names": map[string]any{"zh-CN": "复盘", "en-US": "Review"},
		"descriptions": map[string]any{"zh-CN": "故障复盘", "en-US": "After an incident"}, "audience": []string{"sre"},
		"severity": "info", "deadline_seconds": 3600, "default": []string{"inbox", "email"},
		"variables": []any{
			map[string]any{"name": "note", "samples": map[string]any{"zh-CN": "两\n行", "en-US": "two\nlines"}},
			map[string]any{"name": "name", "required": true, "samples": map[string]any{"zh-CN": "甲", "en-US": "A"}},
		},
		"templates": map[string]any{"zh-CN": texts, "en-US": texts},
	}
	if change != nil {
		change(d)
	}
	return d
}

// textsOf is what clients see of a rendering.
type textsOf struct {
	Language, Title, Body, Subject, Text, HTML, Short, Link string
}

func TestTheCatalogueIsListed(t *testing.T) {
	t.Parallel()
	h, shipped := withCatalogue(t)
	for _, p := range []person{h.reader, h.admin} {
		assert.Equal(t, []string{"account", "product", "security", "exception", "activity", "service", "other"},
			h.as(p).get("/v1/categories").wants(200).items("key"))
		var keys []string
		for cursor := ""; ; {
			page := h.as(p).get(typesPath + "?limit=10&cursor=" + cursor).wants(200)
			keys = append(keys, page.items("key")...)
			assert.Empty(t, page.field("items", 0, "templates"), "a list has no texts")
			if cursor = page.field("next_cursor"); cursor == "" {
				break
			}
		}
		assert.Len(t, keys, len(shipped.Types))
		assert.True(t, slices.IsSorted(keys))
	}
	assert.Equal(t, []string{"service.bill", "service.contract", "service.invoice"},
		h.as(h.root).get(typesPath+"?category=service&enabled=true").wants(200).items("key"))
	assert.Empty(t, h.as(h.root).get(typesPath+"?enabled=false").wants(200).items("key"))
	h.as(h.root).get(typesPath + "?enabled=perhaps").problem(models.CodeInvalid)

	one := h.as(h.root).get(typesPath + "/account.low_balance").wants(200)
	assert.Equal(t, `"1"`, one.header.Get("ETag"))
	assert.Equal(t, "余额偏低提醒", one.field("names", "zh-CN"))
	assert.Equal(t, "[inbox email sms]", one.field("locked"))
	assert.Equal(t, "shipped", one.field("origin"))
	assert.Contains(t, one.field("templates", "en-US", "title"), "{{balance}}")
	for _, path := range []string{"/account.nothing", "/ACCOUNT.LOW_BALANCE", "/account.low_balance?version=2", "/account.low_balance%20", "/x/versions"} {
		h.as(h.root).get(typesPath + path).problem(models.CodeNotFound)
	}
}

func TestOperatorsAddMessageTypes(t *testing.T) {
	t.Parallel()
	h, _ := withCatalogue(t)
	created := h.as(h.admin).key("k1").post(typesPath, definition(nil)).wants(201)
	assert.Equal(t, typesPath+"/service.incident_review", created.header.Get("Location"))
	assert.Equal(t, "operator", created.field("origin"))
	assert.Equal(t, "true", created.field("enabled"))
	assert.Equal(t, "name", created.field("variables", 0, "name"), "variables are sorted")
	again := h.as(h.admin).key("k1").post(typesPath, definition(nil)).wants(201)
	assert.JSONEq(t, string(created.body), string(again.body))
	got := h.as(h.reader).get(created.header.Get("Location")).wants(200)
	assert.JSONEq(t, string(created.body), string(got.body))
	h.as(h.admin).post(typesPath, definition(nil)).problem(models.CodeConflict)

	row, err := h.store.In(models.Platform).OperationLog().ByID(t.Context(), h.logged(models.Platform)[1].Seq)
	require.NoError(t, err)
	assert.Equal(t, "message_type.create", row.Action)
	assert.Equal(t, "service.incident_review", row.ObjectID)
	assert.Equal(t, models.ResultSucceeded, row.Result)
	assert.Contains(t, string(row.After), `"key":"service.incident_review"`)
	assert.Equal(t, models.ResultRefused, h.logged(models.Platform)[0].Result)
}

func TestMessageTypesAreValidated(t *testing.T) {
	t.Parallel()
	h, _ := withCatalogue(t)
	text := func(locale, format, value string) func(map[string]any) {
		return func(d map[string]any) {
			texts := maps.Clone(d["templates"].(map[string]any)[locale].(map[string]any))
			texts[format] = value
			d["templates"] = map[string]any{"zh-CN": d["templates"].(map[string]any)["zh-CN"], "en-US": d["templates"].(map[string]any)["en-US"], locale: texts}
		}
	}
	for name, c := range map[string]struct {
		change        func(map[string]any)
		pointer, code string
	}{
		"call":             {text("zh-CN", "body", `{{env "PATH"}}`), "#/templates/zh-CN/body", "invalid-template"},
		"loop":             {text("en-US", "text", `{{range .}}{{end}}`), "#/templates/en-US/text", "invalid-template"},
		"unknown variable": {text("en-US", "subject", `{{nobody}}`), "#/templates/en-US/subject", "unknown-variable"},
		"script":           {text("en-US", "html", `<p onclick="x">{{name}}</p>`), "#/templates/en-US/html", "invalid-html"},
		"javascript link":  {text("en-US", "html", `<a href="javascript:alert(1)">x</a>`), "#/templates/en-US/html", "unsafe-url"},
		"a megabyte":       {text("en-US", "html", strings.Repeat("x", 1<<20)), "#/templates/en-US/html", "too-long"},
		"two lines":        {text("en-US", "title", "a\nb"), "#/templates/en-US/title", "invalid-characters"},
		"NUL":              {text("en-US", "body", "a\x00"), "#/templates/en-US/body", "invalid-characters"},
		"strange language": {func(d map[string]any) { d["names"].(map[string]any)["../../x"] = "x" }, "#/names/..~1..~1x", "unknown"},
		"missing language": {func(d map[string]any) { d["templates"] = map[string]any{} }, "#/templates/zh-CN", "required"},
		"key":              {func(d map[string]any) { d["key"] = "Service.Review" }, "#/key", "invalid-value"},
		"no category":      {func(d map[string]any) { d["key"] = "nothing.review" }, "#/key", "unknown-category"},
		"bots are no cell": {func(d map[string]any) { d["default"] = []string{"inbox", "webhook"} }, "#/default/1", "invalid-value"},
		"reserved name": {func(d map[string]any) {
			d["variables"] = []any{map[string]any{"name": "link", "samples": map[string]any{"zh-CN": "x", "en-US": "x"}}}
		}, "#/variables/0/name", "invalid-value"},
	} {
		t.Run(name, func(t *testing.T) {
			a := h.as(h.admin).post(typesPath, definition(c.change)).wants(422)
			a.problem(models.CodeInvalid).complains(c.pointer, c.code)
		})
	}
	h.as(h.admin).post(typesPath, definition(func(d map[string]any) { d["trusted"] = true })).problem(models.CodeMalformed)
	h.as(h.admin).post(typesPath, definition(text("en-US", "html", strings.Repeat("x", 3<<20)))).problem(models.CodeTooLarge)
	h.as(h.root).post(typesPath, definition(nil)).problem(models.CodeForbidden)
}

func TestEditsMakeVersions(t *testing.T) {
	t.Parallel()
	h, _ := withCatalogue(t)
	const path = typesPath + "/account.refund"
	first := h.as(h.admin).get(path).wants(200)
	change := map[string]any{"templates": map[string]any{"en-US": map[string]any{"title": "Money back: {{amount}}"}}}
	second := h.as(h.admin).ifMatch(first).patch(path, change).wants(200)
	assert.Equal(t, `"2"`, second.header.Get("ETag"))
	assert.Equal(t, "operator", second.field("origin"))
	assert.Equal(t, "Money back: {{amount}}", second.field("templates", "en-US", "title"))
	assert.Equal(t, first.field("templates", "en-US", "body"), second.field("templates", "en-US", "body"), "what is left out stays")
	assert.Equal(t, first.field("templates", "zh-CN"), second.field("templates", "zh-CN"))
	h.as(h.admin).ifMatch(first).patch(path, change).problem(models.CodeStale)
	h.as(h.admin).patch(path, change).wants(200)

	h.as(h.admin).patch(path, `{"enabled": false, "severity": "critical"}`).wants(200)
	h.as(h.admin).patch(path, `{"variables": []}`).problem(models.CodeInvalid).complains("#/templates/zh-CN/title", "unknown-variable")
	h.as(h.admin).patch(path, `{"locked": ["sms"]}`).problem(models.CodeInvalid).complains("#/locked/0", "invalid-value")
	h.as(h.admin).patch(path, `{"key": "account.other"}`).problem(models.CodeMalformed)
	h.as(h.admin).patch(typesPath+"/account.nothing", change).problem(models.CodeNotFound)
	h.as(h.full).patch(path, change).problem(models.CodeForbidden)

	versions := h.as(h.root).get(path + "/versions").wants(200)
	assert.Equal(t, []string{"3", "2", "1"}, versions.items("version"), "the same change twice makes one version")
	assert.Equal(t, []string{h.admin.id, h.admin.id, ""}, versions.items("created_by"))
	old := h.as(h.root).get(path + "?version=1").wants(200)
	assert.Equal(t, first.field("templates"), old.field("templates"))
	assert.Equal(t, "false", h.as(h.root).get(path).wants(200).field("enabled"))
}

func TestPreviewIsWhatIsSent(t *testing.T) {
	t.Parallel()
	h, _ := withCatalogue(t)
	const path = typesPath + "/product.expiry_7"
	values := map[string]string{
		"resource_name": `<b>db</b> {{env "PATH"}}`, "product_name": "DB", "expires_on": "2026-04-27", "days_left": "7",
	}
	preview := decoded[textsOf](h.as(h.full).post(path+"/preview", map[string]any{
		"language": "en-US", "variables": values, "link": "/orders/1?a=b&c=d", "severity": "critical",
	}).wants(200))
	stored, err := h.store.Catalogue().CurrentMessageType(t.Context(), "product.expiry_7")
	require.NoError(t, err)
	sent, err := catalog.Render(stored, models.LocaleEN, catalog.Input{
		Variables: values, Link: "/orders/1?a=b&c=d", Severity: models.SeverityCritical, Site: brand.Site{URL: "https://belfry.example.com"},
		Locked: stored.IsLocked(models.ChannelEmail),
	})
	require.NoError(t, err)
	assert.Equal(t, textsOf{sent.Locale, sent.Title, sent.Body, sent.Subject, sent.Text, sent.HTML, sent.Short, sent.Link}, preview)
	assert.Equal(t, "https://belfry.example.com/orders/1?a=b&c=d", preview.Link)
	assert.Contains(t, preview.HTML, "&lt;b&gt;db&lt;/b&gt;")
	assert.NotContains(t, preview.Body, "Released", "what is not given is left out, as when it is sent")

	samples := decoded[textsOf](h.as(h.full).post(path+"/preview", `{}`).wants(200))
	assert.Equal(t, "zh-CN", samples.Language)
	assert.Contains(t, samples.Body, "2026-04-27")
	assert.Contains(t, samples.Body, "2026-05-04", "without variables the samples stand in")
}

func TestPreviewsOfDraftsChangeNothing(t *testing.T) {
	t.Parallel()
	h, _ := withCatalogue(t)
	const path = typesPath + "/account.refund"
	draft := func(title string) map[string]any {
		return map[string]any{"language": "en-US", "draft": map[string]any{
			"templates": map[string]any{"en-US": map[string]any{"title": title}},
		}}
	}
	got := decoded[textsOf](h.as(h.admin).post(path+"/preview", draft("Draft {{amount}}")).wants(200))
	assert.Equal(t, "Draft CNY 320.00", got.Title)
	h.as(h.admin).post(path+"/preview", draft("{{.}}")).problem(models.CodeInvalid).complains("#/draft/templates/en-US/title", "invalid-template")
	h.as(h.admin).post(path+"/preview", draft("{{note}}")).problem(models.CodeInvalid).complains("#/draft/templates/en-US/title", "unknown-variable")
	assert.Equal(t, `"1"`, h.as(h.admin).get(path).wants(200).header.Get("ETag"))
	kept := decoded[textsOf](h.as(h.admin).post(path+"/preview", `{"language": "en-US"}`).wants(200))
	assert.Equal(t, "Refund: CNY 320.00 returned", kept.Title)

	for body, want := range map[string][2]string{
		`{"variables": {"amount": "1"}}`:                                               {"#/variables/order_id", "required"},
		`{"variables": {"amount": "1", "order_id": "2", "refunded_at": "3", "x": ""}}`: {"#/variables/x", "unknown"},
		`{"link": "javascript:alert(1)"}`:                                              {"#/link", "invalid-value"},
		`{"link": "//evil.example.com"}`:                                               {"#/link", "invalid-value"},
	} {
		h.as(h.root).post(path+"/preview", body).problem(models.CodeInvalid).complains(want[0], want[1])
	}
	h.as(h.root).post(path+"/preview", `{"language": "../../x"}`).problem(models.CodeInvalid)
	h.as(h.root).post(path+"/preview", `{"version": 9}`).problem(models.CodeNotFound)
	h.as(h.reader).post(path+"/preview", `{}`).problem(models.CodeForbidden)
}

// A value that nobody may be harmed by is kept as it is; one that no text may hold
// is refused.
func TestHostileValuesInPreviews(t *testing.T) {
	t.Parallel()
	h, _ := withCatalogue(t)
	h.as(h.admin).post(typesPath, definition(nil)).wants(201)
	for _, value := range []string{`<script>alert(1)</script>`, `{{name}}`, `${x} %s {0}`, "=1+1", "a\nb\tc", `"><img src=x onerror=alert(1)>`} {
		body, err := json.Marshal(map[string]any{"language": "en-US", "variables": map[string]string{"name": "n", "note": value}})
		require.NoError(t, err)
		got := decoded[textsOf](h.as(h.root).post(typesPath+"/service.incident_review/preview", body).wants(200))
		assert.Equal(t, "n\n"+value, got.Body)
	}
	for _, value := range []string{"a\x00", "a\r\nb", "a\x1b[31m", "a\u0085"} {
		body := map[string]any{"variables": map[string]string{"name": value}}
		h.as(h.root).post(typesPath+"/service.incident_review/preview", body).wants(422).complains("#/variables/name", "invalid-characters")
	}
}

// TestTheBodyIsEnough: what an operator does not write is made of the body, in a preview as
// when it is sent, and follows it.
func TestTheBodyIsEnough(t *testing.T) {
	t.Parallel()
	h, _ := withCatalogue(t)
	texts := map[string]any{"title": "{{name}}", "body": "A review.\nName: {{name}}\n! Read it.", "subject": "{{name}}", "short": "{{name}}"}
	created := h.as(h.admin).post(typesPath, definition(func(d map[string]any) {
		d["templates"] = map[string]any{"zh-CN": texts, "en-US": texts}
	})).wants(201)
	assert.Empty(t, created.field("templates", "en-US", "text"))
	path := created.header.Get("Location")
	var got textsOf
	h.as(h.admin).post(path+"/preview", map[string]any{"language": "en-US", "variables": map[string]any{"name": "<b>\nx: y"}}).wants(200).into(&got)
	assert.Equal(t, "A review.\nName: <b>\nx: y\nRead it.", got.Body)
	assert.Contains(t, got.Text, "Hello,\n\nA review.\nName: <b>\nx: y\nRead it.")
	assert.Contains(t, got.HTML, ">Name</th><td")
	assert.Contains(t, got.HTML, ">&lt;b&gt;<br>\nx: y</td>", "a value is neither markup nor a fact")
	own := map[string]any{"templates": map[string]any{"en-US": map[string]any{"html": "<p>{{name}}</p>"}}}
	h.as(h.admin).ifMatch(created).patch(path, own).wants(200)
	h.as(h.admin).post(path+"/preview", map[string]any{"language": "en-US"}).wants(200).into(&got)
	assert.NotContains(t, got.HTML, "</th>")
	back := map[string]any{"templates": map[string]any{"en-US": map[string]any{"html": "", "body": "Anew.\nName: {{name}}\n{{note}}"}}}
	h.as(h.admin).ifMatch(h.as(h.admin).get(path).wants(200)).patch(path, back).wants(200)
	h.as(h.admin).post(path+"/preview", map[string]any{"language": "en-US"}).wants(200).into(&got)
	assert.Contains(t, got.HTML, ">Anew.</p>")
	assert.Contains(t, got.HTML, "</th>")
}
