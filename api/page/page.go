// Package page is what the pages share that links in messages lead to.
package page

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/url"
	"slices"

	"golang.org/x/text/language"

	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
)

// Media types of the pages that links in messages lead to, and of their forms.
const (
	HTML = "text/html"
	Form = "application/x-www-form-urlencoded"
)

// policy lets a page send its forms, and nothing else. Pages have their style inside.
const policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"

// Policy is what pages of the site may do; the site's logo is the one thing that they load.
func Policy(site brand.Site) string {
	if u, err := url.Parse(site.Logo); err == nil && u.Host != "" {
		return policy + "; img-src " + u.Scheme + "://" + u.Host
	}
	return policy
}

// plainDark is the colour on dark ground where the site has none.
const plainDark = "#69a9f2"

//go:embed layout.html
var layout string

// Parse reads a page: its source defines the templates "title" and "content", which get what
// Render gets as view. It panics when the source is wrong.
func Parse(source string) *template.Template {
	return template.Must(template.Must(template.New("layout").Parse(layout)).Parse(source))
}

// Frame is what stands around the content of a page.
type Frame struct {
	Site   brand.Site
	Locale models.Locale
	// Self is the path of the page, which its switch of languages leads to.
	Self string
}

// frame is what the layout shows.
type frame struct {
	Frame
	View any
}

func (f frame) Chinese() bool       { return f.Locale == models.LocaleZH }
func (f frame) Brand() string       { return f.Site.Brand() }
func (f frame) Logo() string        { return f.Site.Logo }
func (f frame) Color() string       { return f.Site.Shade() }
func (f frame) Footer() string      { return f.Site.Line() }
func (f frame) Support() string     { return f.Site.Support }
func (f frame) SupportLink() string { return f.Site.SupportLink() }
func (f frame) English() string     { return f.Self + Query(models.LocaleEN) }
func (f frame) Mandarin() string    { return f.Self + Query(models.LocaleZH) }

func (f frame) DarkColor() string {
	if f.Site.DarkColor == "" {
		return plainDark
	}
	return f.Site.DarkColor
}

// Render makes the page of the template that Parse made.
func Render(t *template.Template, f Frame, view any) ([]byte, error) {
	var text bytes.Buffer
	if err := t.Execute(&text, frame{Frame: f, View: view}); err != nil {
		return nil, fmt.Errorf("render a page: %w", err)
	}
	return text.Bytes(), nil
}

// Query is the query that keeps a page in the locale.
func Query(locale models.Locale) string { return "?lang=" + locale }

// Locale is the locale that a page's query asks for, else the one of ours that a browser
// likes best.
func Locale(asked, acceptLanguage string) models.Locale {
	locales := []models.Locale{models.LocaleEN, models.LocaleZH}
	if slices.Contains(locales, asked) {
		return asked
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return locales[0]
	}
	_, at, _ := language.NewMatcher([]language.Tag{language.AmericanEnglish, language.SimplifiedChinese}).Match(wanted...)
	return locales[at]
}
