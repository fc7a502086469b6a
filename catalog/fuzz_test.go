package catalog_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

// corpus reads a list of samples that the markup's own tests use too.
func corpus(t testing.TB, name string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("markup", "testdata", name))
	require.NoError(t, err)
	var list []string
	require.NoError(t, json.Unmarshal(data, &list))
	return list
}

// FuzzTemplateRender takes any template and any value: what the check lets pass
// renders within its limits, and the value adds nothing to the page but text.
func FuzzTemplateRender(f *testing.F) {
	for _, source := range corpus(f, "hostile_html.json") {
		f.Add(source, "V")
	}
	for _, value := range append(corpus(f, "hostile_values.json"), "\xff\xfe") {
		f.Add(`<p title="{{name}}">{{#if note}}{{note}}{{else}}{{name}}{{/if}}</p><a href="{{name}}">x</a>`, value)
	}
	f.Add("{{#if name}}\n{{name}}\n{{/if}}", strings.Repeat("{{name}}", 600))
	f.Add(strings.Repeat("<p>{{name}}</p>", 199), strings.Repeat("&", 4096))
	f.Fuzz(func(t *testing.T, source, value string) {
		mt := edited(func(template *document.Template) {
			template.Body, template.HTML = source, source
			template.Title, template.Subject, template.Text, template.Short = "{{name}}", "{{name}}", "{{name}}", "{{name}}"
		})
		if len(catalog.Check(mt)) > 0 {
			return
		}
		got, err := catalog.Render(mt, models.LocaleEN, catalog.Input{Variables: map[string]string{"name": value}})
		if err != nil {
			t.Fatalf("a checked template does not render: %v", err)
		}
		checkLimits(t, got)
		plain, err := catalog.Render(mt, models.LocaleEN, catalog.Input{Variables: map[string]string{"name": "x"}})
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(value) != "" && elementsOf(t, got.HTML) != elementsOf(t, plain.HTML) {
			t.Fatalf("the value %q changes the page's elements", value)
		}
	})
}

func checkLimits(t *testing.T, got models.Rendered) {
	t.Helper()
	for format, text := range texts(got) {
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\r\x1b") {
			t.Fatalf("%s holds what no text may hold: %q", format, text)
		}
	}
	if utf8.RuneCountInString(got.Title) > catalog.MaxTitle || utf8.RuneCountInString(got.Subject) > catalog.MaxTitle ||
		utf8.RuneCountInString(got.Short) > catalog.MaxShort || len(got.Body) > catalog.MaxBody ||
		len(got.Text) > catalog.MaxText || len(got.HTML) > catalog.MaxHTML {
		t.Fatal("a text is longer than its limit")
	}
	if strings.ContainsAny(got.Title+got.Subject+got.Short, "\n\t") {
		t.Fatal("a line is not one")
	}
}

// elementsOf lists the page's elements and attribute names but for line breaks,
// as a parser of HTML sees them.
func elementsOf(t *testing.T, page string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatalf("the page cannot be parsed: %v", err)
	}
	if found := notAllowed(doc); found != "" {
		t.Fatalf("the page holds %s", found)
	}
	var b strings.Builder
	describe(&b, doc)
	return b.String()
}

func describe(b *strings.Builder, n *html.Node) {
	if n.Type == html.ElementNode && n.Data != "br" {
		b.WriteString("<" + n.Data)
		for _, a := range n.Attr {
			b.WriteString(" " + a.Key)
		}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		describe(b, child)
	}
}

// notAllowed names the first element, attribute or address in the tree that no
// template can have.
func notAllowed(n *html.Node) string {
	const elements = " html head meta title body div blockquote table thead tbody tfoot tr td th ul ol li p a br hr img h1 h2 h3 h4 span b strong i em u s small sub sup code "
	if n.Type == html.CommentNode {
		return "a comment"
	}
	if n.Type == html.ElementNode {
		if n.Namespace != "" || !strings.Contains(elements, " "+n.Data+" ") {
			return "<" + n.Data + ">"
		}
		for _, a := range n.Attr {
			address := a.Key == "href" || a.Key == "src"
			safe := a.Val == "#" || strings.HasPrefix(a.Val, "https://") || strings.HasPrefix(a.Val, "http://") || strings.HasPrefix(a.Val, "mailto:")
			if strings.HasPrefix(a.Key, "on") || (address && !safe) {
				return n.Data + " " + a.Key + "=" + a.Val
			}
		}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if found := notAllowed(child); found != "" {
			return found
		}
	}
	return ""
}

func BenchmarkRender(b *testing.B) {
	s, err := catalog.Shipped()
	require.NoError(b, err)
	for _, mt := range s.Types {
		if mt.Key != "product.expiry_7" {
			continue
		}
		in := catalog.Input{Variables: catalog.Samples(mt, models.LocaleZH), Link: "/orders/1"}
		for name, render := range map[string]func(models.MessageType, models.Locale, catalog.Input) (models.Rendered, error){
			"compiled each time": catalog.Render, "compiled once": catalog.NewRenderer(site).Render,
		} {
			b.Run(name, func(b *testing.B) {
				mt.Version = 1
				b.ReportAllocs()
				for b.Loop() {
					if _, err := render(mt, models.LocaleZH, in); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
