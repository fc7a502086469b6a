package subscriptions

import (
	"context"
	_ "embed"
	"html/template"
	"slices"
	"strings"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/page"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/store"
)

// multipartType is the other form that RFC 8058 lets a mail client send.
const multipartType = "multipart/form-data"

// unsubscribePath is where the links in mails lead; the token follows it.
const unsubscribePath = "/u/"

//go:embed unsubscribe.html
var unsubscribeHTML string

func unsubscribePage() *template.Template { return page.Parse(unsubscribeHTML) }

// describeUnsubscribe adds the page behind the links in mails, and the one-click
// target of RFC 8058. Reading changes nothing: mail scanners follow links.
func describeUnsubscribe() map[string]operation.Operation {
	return map[string]operation.Operation{
		"unsubscribe.show": {
			Summary:     "Show what an unsubscribe link would do",
			Description: "A page for people; opening it changes nothing. Its buttons do.", Public: true, Linked: true, Produces: page.HTML,
		},
		"unsubscribe.confirm": {
			Summary: "Unsubscribe from activity messages", Public: true, Linked: true, Produces: page.HTML, Consumes: []string{page.Form, multipartType},
			Description: "One-click (RFC 8058): no cookie, no sign-in; doing it twice changes nothing. It ends all activity messages for the contact; with scope=type, those of this kind for the address.",
		},
		"unsubscribe.undo": {
			Summary: "Subscribe to activity messages again", Public: true, Linked: true, Produces: page.HTML, Consumes: []string{page.Form},
			Description: "The same link takes back what it did: whoever reads at the address decides, and nobody else does. Doing it twice changes nothing.",
		},
	}
}

type unsubscribeIn struct {
	Token    string `path:"token" pattern:"^[A-Za-z0-9_-]{64,1000}$"`
	Scope    string `query:"scope" enum:",type" doc:"type for messages of this kind only; all activity messages when left out."`
	Lang     string `query:"lang" doc:"The page's language, zh-CN or en-US; the browser's when left out."`
	Language string `header:"Accept-Language"`
}

// unsubscribeView is what the page shows.
type unsubscribeView struct {
	Chinese bool
	// State is "ask", "done" (unsubscribed, now or before), "back" (subscribed again) or
	// "kept" (mail of the kind is not optional).
	State string
	// Alone says that nobody of the account would hear of it outside of the inbox any more.
	Alone bool
	// Every says that it is about all activity messages, which the page offers for
	// Marketing types.
	Every     bool
	Marketing bool
	Address   string
	Type      string
	// Self is the path of the page, Undo that of the button that subscribes again, and
	// Locale keeps them in the language of the page.
	Self, Undo, Locale string
}

// optOutVisit is one look at an unsubscribe link.
type optOutVisit struct {
	link store.OptOutLink
	// name is the message type's in English, for the operation log.
	name string
	view unsubscribeView
}

// openOptOut finds what the link is about, and whether that was done before.
func openOptOut(ctx context.Context, s *operation.Core, in *unsubscribeIn) (optOutVisit, error) {
	link, err := s.Store.Vault().OpenOptOut(in.Token)
	if err != nil {
		return optOutVisit{}, err
	}
	t, err := s.Store.Catalogue().CurrentMessageType(ctx, link.TypeKey)
	if err != nil {
		return optOutVisit{}, err
	}
	before, err := s.Store.In(link.Account).OptOuts().List(ctx, link.AddressKey)
	locale := page.Locale(in.Lang, in.Language)
	v := optOutVisit{link: link, name: t.Names[models.LocaleEN], view: unsubscribeView{
		Chinese: locale == models.LocaleZH, State: "ask", Address: models.Masked(link.AddressKey), Type: t.Names[locale], Marketing: t.Marketing,
		Self: unsubscribePath + in.Token, Undo: unsubscribePath + in.Token + "/undo", Locale: locale,
	}}
	switch {
	case !t.MayOptOut():
		v.view.State = "kept"
	case t.Marketing && slices.Contains(before, models.Marketing):
		v.view.State, v.view.Every = "done", true
	case slices.Contains(before, link.TypeKey):
		v.view.State = "done"
	}
	return v, err
}

// alone reports whether nobody of the account would hear of some type outside of the inbox
// any more once the page's first button was pressed.
func (v *optOutVisit) alone(ctx context.Context, s *operation.Core) (bool, error) {
	now, _, err := whole(ctx, s, s.Store.In(v.link.Account))
	if err != nil {
		return false, err
	}
	then := now.WithOptOut(v.link.AddressKey, v.link.TypeKey)
	return slices.ContainsFunc(routing.Worse(routing.Cover(now), routing.Cover(then)), func(e routing.Effect) bool {
		return e.Code == routing.EffectNobody
	}), nil
}

// scope is what the page's button is about: the kind of the link's mail, or all
// activity messages.
func (v *optOutVisit) scope(in *unsubscribeIn) string {
	v.view.Every = v.view.Marketing && in.Scope == ""
	if v.view.Every {
		return models.Marketing
	}
	return v.link.TypeKey
}

func unsubscribe(s *operation.Core, html *template.Template, confirm bool) func(context.Context, *operation.Call, *unsubscribeIn) (*pageOut, error) {
	return func(ctx context.Context, c *operation.Call, in *unsubscribeIn) (*pageOut, error) {
		v, err := openOptOut(ctx, s, in)
		if err == nil && !confirm && v.view.State == "ask" {
			v.view.Alone, err = v.alone(ctx, s)
		}
		if err != nil {
			return nil, err
		}
		if !confirm {
			return renderPage(s, html, v.view)
		}
		if v.view.State == "kept" {
			return nil, models.Errorf(models.CodeMandatory, "Mail of this kind cannot be ended by a link in it: the account's subscriptions decide.")
		}
		scope := v.scope(in)
		v.view.State = "done"
		out, err := renderPage(s, html, v.view)
		if err != nil {
			return nil, err
		}
		return v.commit(ctx, c, func(tx store.TxScope, object operation.Object) (*operation.Done[pageOut], error) {
			err := tx.OptOuts().Add(ctx, v.link.AddressKey, scope)
			return operation.Did(out, object, nil, map[string]string{"unsubscribed": v.view.Address, "type": scope}), err
		})
	}
}

// resubscribe takes back what the link did.
func resubscribe(s *operation.Core, html *template.Template) func(context.Context, *operation.Call, *unsubscribeIn) (*pageOut, error) {
	return func(ctx context.Context, c *operation.Call, in *unsubscribeIn) (*pageOut, error) {
		v, err := openOptOut(ctx, s, in)
		if err != nil {
			return nil, err
		}
		scope := v.scope(in)
		v.view.State = "back"
		out, err := renderPage(s, html, v.view)
		if err != nil {
			return nil, err
		}
		return v.commit(ctx, c, func(tx store.TxScope, object operation.Object) (*operation.Done[pageOut], error) {
			err := tx.OptOuts().Remove(ctx, v.link.AddressKey, scope)
			return operation.Did(out, object, map[string]string{"unsubscribed": v.view.Address, "type": scope}, nil), err
		})
	}
}

// commit carries out what the page's button says, as nobody in particular.
func (v *optOutVisit) commit(ctx context.Context, c *operation.Call, do func(store.TxScope, operation.Object) (*operation.Done[pageOut], error)) (*pageOut, error) {
	c.ActAs(models.Actor{Kind: models.ActorSystem, Name: "unsubscribe link", Account: v.link.Account})
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[pageOut], error) {
		return do(tx.In(v.link.Account), operation.Of("message_type", v.link.TypeKey, v.name))
	})
}

func renderPage(s *operation.Core, html *template.Template, view unsubscribeView) (*pageOut, error) {
	body, err := page.Render(html, page.Frame{Site: s.Config.Site, Locale: view.Locale, Self: view.Self}, view)
	return &pageOut{ContentType: page.HTML + "; charset=utf-8", Policy: page.Policy(s.Config.Site), Body: body}, err
}

// UnsubscribeURL returns the link for a token of store.Vault.SealOptOut; "" when
// there is no public URL to build it on.
func UnsubscribeURL(publicURL, token string) string {
	if publicURL == "" {
		return ""
	}
	return strings.TrimRight(publicURL, "/") + unsubscribePath + token
}

type pageOut struct {
	ContentType string `header:"Content-Type"`
	Policy      string `header:"Content-Security-Policy"`
	Body        []byte
}
