package api

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"golang.org/x/text/language"
)

const (
	htmlType = "text/html"
	formType = "application/x-www-form-urlencoded"
	// multipartType is the other form that RFC 8058 lets a mail client send.
	multipartType = "multipart/form-data"
)

// unsubscribePath is where the links in mails lead; the token follows it.
const unsubscribePath = "/u/"

// pagePolicy lets a page send its forms, and nothing else. Pages have their style
// inside.
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"

//go:embed unsubscribe.html
var unsubscribeHTML string

// registerUnsubscribe adds the page behind the links in mails, and the one-click
// target of RFC 8058. Reading changes nothing: mail scanners follow links.
func registerUnsubscribe(s *server) {
	page := template.Must(template.New("unsubscribe").Parse(unsubscribeHTML))
	register(s, operation{
		Action: "unsubscribe.show", Method: http.MethodGet, Path: unsubscribePath + "{token}",
		Summary: "Show what an unsubscribe link would do", Public: true, Produces: htmlType,
	}, s.unsubscribe(page, false))
	register(s, operation{
		Action: "unsubscribe.confirm", Method: http.MethodPost, Path: unsubscribePath + "{token}",
		Summary: "Unsubscribe from activity messages", Public: true, Produces: htmlType, Consumes: []string{formType, multipartType},
		Description: "One-click (RFC 8058): no cookie, no sign-in; doing it twice changes nothing. It ends all activity messages for the contact; with scope=type, those of this kind for the address.", Status: http.StatusOK,
	}, s.unsubscribe(page, true))
}

type unsubscribeIn struct {
	Token    string `path:"token" pattern:"^[A-Za-z0-9_-]{64,1000}$"`
	Scope    string `query:"scope" enum:",type" doc:"type for messages of this kind only; all activity messages when left out."`
	Language string `header:"Accept-Language" maxLength:"500"`
}

type pageOut struct {
	ContentType string `header:"Content-Type"`
	Policy      string `header:"Content-Security-Policy"`
	Body        []byte
}

// unsubscribeView is what the page shows.
type unsubscribeView struct {
	Chinese bool
	Done    bool
	// Every says that it is about all activity messages, which the page offers for
	// Marketing types.
	Every     bool
	Marketing bool
	Address   string
	Type      string
}

func (s *server) unsubscribe(page *template.Template, confirm bool) func(context.Context, *Call, *unsubscribeIn) (*pageOut, error) {
	return func(ctx context.Context, c *Call, in *unsubscribeIn) (*pageOut, error) {
		link, err := s.store.Vault().OpenOptOut(in.Token)
		if err != nil {
			return nil, err
		}
		t, err := s.store.CurrentMessageType(ctx, link.TypeKey)
		if err != nil {
			return nil, err
		}
		locale := pageLocale(in.Language)
		view := unsubscribeView{
			Chinese: locale == models.LocaleZH, Done: confirm,
			Address: models.Masked(link.AddressKey), Type: t.Names[locale], Marketing: t.Marketing,
		}
		if confirm {
			scope := link.TypeKey
			if t.Marketing && in.Scope == "" {
				scope, view.Every = models.Marketing, true
			}
			c.ActAs(models.Actor{Kind: models.ActorSystem, Name: "unsubscribe link", Account: link.Account})
			return commit(ctx, c, s.store, func(tx *store.Tx) (*pageOut, error) {
				c.Object("message_type", link.TypeKey, t.Names[models.LocaleEN])
				c.Change(nil, map[string]string{"unsubscribed": view.Address, "type": scope})
				if err := tx.In(link.Account).OptOut(ctx, link.AddressKey, scope); err != nil {
					return nil, err
				}
				return renderPage(page, view)
			})
		}
		return renderPage(page, view)
	}
}

func renderPage(page *template.Template, view unsubscribeView) (*pageOut, error) {
	var body bytes.Buffer
	if err := page.Execute(&body, view); err != nil {
		return nil, fmt.Errorf("render the unsubscribe page: %w", err)
	}
	return &pageOut{ContentType: htmlType + "; charset=utf-8", Policy: pagePolicy, Body: body.Bytes()}, nil
}

// pageLocale is the locale of ours that a browser likes best.
func pageLocale(acceptLanguage string) models.Locale {
	locales := []models.Locale{models.LocaleEN, models.LocaleZH}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return locales[0]
	}
	_, at, _ := language.NewMatcher([]language.Tag{language.AmericanEnglish, language.SimplifiedChinese}).Match(wanted...)
	return locales[at]
}

// UnsubscribeURL returns the link for a token of store.Vault.SealOptOut; "" when
// there is no public URL to build it on.
func UnsubscribeURL(publicURL, token string) string {
	if publicURL == "" {
		return ""
	}
	return strings.TrimRight(publicURL, "/") + unsubscribePath + token
}
