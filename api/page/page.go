// Package page is what the pages share that links in messages lead to.
package page

import (
	"golang.org/x/text/language"

	"belfry.dev/belfry/models"
)

// Media types of the pages that links in messages lead to, and of their forms.
const (
	HTML = "text/html"
	Form = "application/x-www-form-urlencoded"
)

// Policy lets a page send its forms, and nothing else. Pages have their style
// inside.
const Policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"

// Locale is the locale of ours that a browser likes best.
func Locale(acceptLanguage string) models.Locale {
	locales := []models.Locale{models.LocaleEN, models.LocaleZH}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return locales[0]
	}
	_, at, _ := language.NewMatcher([]language.Tag{language.AmericanEnglish, language.SimplifiedChinese}).Match(wanted...)
	return locales[at]
}
