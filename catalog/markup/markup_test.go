package markup_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/catalog/markup"
)

func TestConditionsLeaveNoEmptyLines(t *testing.T) {
	t.Parallel()
	const source = "first\n{{#if note}}\nnote: {{ note }}\n{{else}}\nno note\n  {{/if}}  \nlast {{#if url}}with{{else}}without{{/if}} link"
	assert.Equal(t, "first\nnote: N\nlast without link", text(t, source, map[string]string{"note": "N"}))
	assert.Equal(t, "first\nno note\nlast with link", text(t, source, map[string]string{"url": "u"}))
	assert.Equal(t, "first\nno note\nlast without link", text(t, source, map[string]string{"note": " \n"}))
	assert.Equal(t, "a", text(t, "{{#if name}}\n{{#if note}}\nb\n{{else}}\na\n{{/if}}\n{{/if}}", map[string]string{"name": "x"}))
}

func TestThereAreOnlyPlaceholders(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		`{{.}}`, `{{env "PATH"}}`, `{{.Name}}`, `{{range .}}x{{end}}`, `{{name | html}}`, `{{template "x"}}`, `{{define "x"}}{{end}}`,
		`{{call name}}`, `{{name name}}`, `{{#each name}}{{/each}}`, `{{{name}}}`, `{{&name}}`, `{{> partial}}`, `{{! note}}`, `{{NAME}}`,
		"{{na\nme}}", `{{name`, `{{}}`, `{{/if}}`, `{{else}}`, `{{#if name}}`, `{{#if name}}{{else}}`, `{{#if}}x{{/if}}`, `{{#if else}}x{{/if}}`,
		`{{#if name}}a{{else}}b{{else}}c{{/if}}`, strings.Repeat("{{#if name}}", 5) + strings.Repeat("{{/if}}", 5),
		strings.Repeat("{{name}}", 201), strings.Repeat("{{", 100_000), "{{" + strings.Repeat("x", 41) + "}}",
	} {
		_, f := markup.Parse(source, known())
		if assert.NotNil(t, f, "%.60q", source) {
			assert.Equal(t, markup.CodeSyntax, f.Code, "%.60q: %s", source, f.Detail)
			assert.Less(t, len(f.Detail), 300, "a detail quotes little of the template")
		}
	}
}

func TestFaultsNameTheLine(t *testing.T) {
	t.Parallel()
	_, f := markup.Parse("one\ntwo {{name}}\nthree {{env}} {{.}}", known())
	require.NotNil(t, f)
	assert.Contains(t, f.Detail, "Line 3: {{.}}")
}

func TestNamesMustBeKnown(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		`{{other}}`, `{{#if other}}x{{/if}}`, `{{#if name}}{{other}}{{/if}}`, `{{#if name}}{{else}}{{other}}{{/if}}`,
	} {
		_, f := markup.Parse(source, known())
		if assert.NotNil(t, f, source) {
			assert.Equal(t, markup.CodeUnknown, f.Code)
			assert.Contains(t, f.Detail, "{{other}}")
		}
	}
}

// What other engines would evaluate is text here.
func TestForeignTemplateLanguagesAreText(t *testing.T) {
	t.Parallel()
	const foreign = `${x} #{x} <%= x %> %s %n {0} $(id) {%x%} }} { {name} }`
	assert.Equal(t, foreign, text(t, foreign, nil))
}

func TestValuesAreNeverTemplates(t *testing.T) {
	t.Parallel()
	for _, value := range corpus[string](t, "hostile_values.json") {
		if strings.Contains(value, "{{") {
			assert.Equal(t, "["+value+"]", text(t, "[{{name}}]", map[string]string{"name": value}))
		}
	}
}

func TestLinesHaveNoBreaksAndNothingInvisible(t *testing.T) {
	t.Parallel()
	template, f := markup.Parse("{{name}}", known())
	require.Nil(t, f)
	const value = " a\r\nBcc: x@example.com\u2028b\x00\x1b[31m\u202ec\u200b\ufeff\U000E0041d\xff 👨‍👩‍👧 "
	assert.Equal(t, "a Bcc: x@example.com b[31mcd 👨‍👩‍👧", template.Line(values(map[string]string{"name": value}), 200))
}

func TestTextKeepsLinesAndLosesControls(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "a\n\tb\nc\nd\neé", text(t, "{{name}}", map[string]string{"name": "a\r\n\tb\rc\u2028d\ne\x00\x07\u0085\u007fé\xff"}))
	assert.Equal(t, "a\n\nb", text(t, "\n\na\n\n\n{{note}}\n\nb\n\n", nil))
}

func TestDirectionOverridesStayInsideTheValue(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"plain é 中文 👍":     "[plain é 中文 👍]",
		"\u202eevil":       "[\u2068\u202eevil\u2069]",
		"a\u2069\u202eb":   "[\u2068a\u202eb\u2069]",
		"\u2066open":       "[\u2068\u2066open\u2069\u2069]",
		"one\n\u202etwo":   "[\u2068one\u2069\n\u2068\u202etwo\u2069]",
		"שלום":             "[\u2068שלום\u2069]",
		"x\u2067y\u2069\n": "[\u2068x\u2067y\u2069\u2069\n]",
	} {
		assert.Equal(t, want, text(t, "[{{name}}]", map[string]string{"name": value}), "%q", value)
	}
}

func TestLongValuesAreCutRatherThanLost(t *testing.T) {
	t.Parallel()
	long := map[string]string{"name": strings.Repeat("宽", markup.MaxValue+1)}
	template, f := markup.Parse(strings.Repeat("a {{name}} ", 150)+"end", known())
	require.Nil(t, f)
	got := template.Text(values(long), 30_000)
	assert.LessOrEqual(t, len(got), 30_000)
	assert.True(t, strings.HasSuffix(got, "… end"), "what follows the values is still there")
	assert.True(t, utf8.ValidString(got))
	line := template.Line(values(long), 200)
	assert.Equal(t, 200, utf8.RuneCountInString(line))
	literal, f := markup.Parse(strings.Repeat("宽", 1000), known())
	require.Nil(t, f)
	assert.Equal(t, strings.Repeat("宽", 32)+"…", literal.Text(values(nil), 100))
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://a.example.com/x?y=1#z": true, "http://a.example.com:8080": true, "HTTPS://a.example.com": true, "https://例子.example.com/中文": true,
		"": false, "//a.example.com": false, "/x": false, "javascript:alert(1)": false, "java\tscript:x": false, "data:text/html,x": false,
		"https:evil": false, "https://": false, "https://:80": false, "http:\\\\evil": false, "https://u:p@a.example.com": false, "https://u@a.example.com": false,
		"https://a.example.com/\u202ex": false, "https://a.example.com/\u200b": false, " https://a.example.com": false, "https://a.example.com/ x": false,
		"https://a.example.com/\"": false, "https://a.example.com/<": false, "ftp://a.example.com": false, "https://a.example.com/%zz": false,
		"https://a.example.com/" + strings.Repeat("x", markup.MaxLink): false,
	} {
		assert.Equal(t, want, markup.WebAddress(address), "%.60q", address)
	}
}
