package markup_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"belfry.dev/belfry/catalog/markup"
)

func TestHostileHTMLIsRefused(t *testing.T) {
	t.Parallel()
	hostile := append(corpus[string](t, "hostile_html.json"),
		strings.Repeat("<div>", 60)+strings.Repeat("</div>", 60), strings.Repeat("<p>a</p>", 10_000))
	for _, source := range hostile {
		_, f := markup.ParseHTML(source, known(), look(t))
		if assert.NotNil(t, f, "%.80q", source) {
			assert.NotContains(t, f.Detail, "\ue000", "%.80q", source)
			assert.Less(t, len(f.Detail), 300, "%.80q", source)
		}
	}
}

type ordinary struct{ HTML, Becomes string }

func TestOrdinaryHTMLIsWrittenInOneSpelling(t *testing.T) {
	t.Parallel()
	given := values(map[string]string{"name": "<V>", "note": `n &"`, "url": "https://v.example.com/?a=1&b=2"})
	for _, each := range corpus[ordinary](t, "ordinary_html.json") {
		template, f := markup.ParseHTML(each.HTML, known(), look(t))
		if assert.Nil(t, f, each.HTML) {
			assert.Equal(t, each.Becomes, template.HTML(given), each.HTML)
		}
	}
}

const everyPlace = `<p>{{#if name}}{{name}}{{/if}}</p><table><tr><td title="{{name}}"><a href="{{name}}">{{name}}</a></td></tr></table>` +
	`<a href="https://a.example.com/{{name}}?q={{name}}">x</a><img src="https://a.example.com/x.png" alt="{{name}}">`

func TestHostileValuesChangeNoStructure(t *testing.T) {
	t.Parallel()
	template, f := markup.ParseHTML(everyPlace, known(), look(t))
	require.Nil(t, f)
	page := func(value string) string { return template.HTML(values(map[string]string{"name": value})) }
	want := elementsOf(t, page("plain"))
	hostile := append(corpus[string](t, "hostile_values.json"), corpus[string](t, "hostile_html.json")...)
	for _, value := range append(hostile, "\xff\xfe<b>") {
		assert.Equal(t, want, elementsOf(t, page(value)), "%.60q adds or removes elements", value)
	}
}

func TestTheLooksOwnStylesAreChecked(t *testing.T) {
	t.Parallel()
	assert.NoError(t, look(t).Check())
	bad := look(t)
	bad.Styles["p"] = "position:fixed"
	assert.ErrorContains(t, bad.Check(), "p: ")
}

// FuzzSanitizeHTML takes any template and any value: what passes has only allowed
// elements, attributes and addresses for an independent parser, the value adds
// nothing but text, and what was written passes again and stays as it is.
func FuzzSanitizeHTML(f *testing.F) {
	for _, source := range corpus[string](f, "hostile_html.json") {
		f.Add(source, "V")
		f.Add(everyPlace, source)
	}
	for _, each := range corpus[ordinary](f, "ordinary_html.json") {
		f.Add(each.HTML, "V")
	}
	for _, value := range corpus[string](f, "hostile_values.json") {
		f.Add(everyPlace, value)
	}
	style := look(f)
	f.Fuzz(func(t *testing.T, source, value string) {
		template, fault := markup.ParseHTML(source, known(), style)
		if fault != nil {
			return
		}
		page := template.HTML(everywhere(value))
		if len(page) > markup.MaxHTML {
			t.Fatalf("%d bytes", len(page))
		}
		plain := template.HTML(everywhere("https://x.example.com/"))
		if strings.TrimSpace(value) != "" && elementsOf(t, page) != elementsOf(t, plain) {
			t.Fatalf("the value %q changes the elements", value)
		}
		again, fault := markup.ParseHTML(plain, known(), style)
		if fault != nil {
			t.Fatalf("what was written does not pass again: %s", fault.Detail)
		}
		if elementsOf(t, again.HTML(values(nil))) != elementsOf(t, plain) {
			t.Fatal("reading it again changes it")
		}
	})
}

// everywhere gives every variable the same value.
func everywhere(value string) markup.Values { return func(string) string { return value } }

// elementsOf lists the elements and attribute names of a fragment but for line
// breaks, as an independent parser sees them.
func elementsOf(t *testing.T, fragment string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader("<!DOCTYPE html><html><body><div>" + fragment + "</div></body></html>"))
	require.NoError(t, err)
	require.Empty(t, notAllowed(doc), "%q", fragment)
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

const elements = " html head body div blockquote table thead tbody tfoot tr td th ul ol li p a br hr img h1 h2 h3 h4 span b strong i em u s small sub sup code "

// notAllowed names the first thing in the tree that no template can have.
func notAllowed(n *html.Node) string {
	if n.Type == html.CommentNode {
		return "a comment"
	}
	if n.Type == html.ElementNode && (n.Namespace != "" || !strings.Contains(elements, " "+n.Data+" ")) {
		return "<" + n.Data + ">"
	}
	for _, a := range n.Attr {
		address := a.Key == "href" || a.Key == "src"
		safe := a.Val == "#" || strings.HasPrefix(a.Val, "https://") || strings.HasPrefix(a.Val, "http://") || strings.HasPrefix(a.Val, "mailto:")
		if strings.HasPrefix(a.Key, "on") || a.Key == "class" || address && !safe {
			return n.Data + " " + a.Key + "=" + a.Val
		}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if found := notAllowed(child); found != "" {
			return found
		}
	}
	return ""
}
