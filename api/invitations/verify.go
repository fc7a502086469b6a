package invitations

import (
	"context"
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/page"
	"belfry.dev/belfry/api/recipients"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// verifyPath is where the links of invitations lead; the token follows it.
const verifyPath = "/verify/"

//go:embed verify.html
var verifyHTML string

func verifyPageHTML() *template.Template { return page.Parse(verifyHTML) }

// describeVerify adds the page behind the links of invitations. Reading changes
// nothing: mail scanners follow links, and press no buttons.
func describeVerify() map[string]operation.Operation {
	return map[string]operation.Operation{
		"verify.show": {
			Fails: []int{http.StatusGone}, Summary: "Show what the link of an invitation would confirm", Public: true, Linked: true, Produces: page.HTML,
			Description: "Changes nothing. A link that confirms nothing any more is 410, with a page that offers a new one.",
		},
		"verify.confirm": {
			Fails: []int{http.StatusGone}, Summary: "Confirm an address by the link of its invitation", Public: true, Linked: true, Produces: page.HTML, Consumes: []string{page.Form},
			Description: "No cookie, no sign-in; doing it twice changes nothing. The form's field code, where it is not empty, confirms by the code that was sent last, which a link that was replaced can do, too.",
		},
		"verify.resend": {
			Fails: []int{http.StatusGone}, Summary: "Have a new link sent in place of one that confirms nothing any more", Public: true, Linked: true, Produces: page.HTML, Consumes: []string{page.Form},
			Description: "It goes to the same address, under the limits of every resend.",
		},
	}
}

type verifyIn struct {
	Token    string `path:"token" pattern:"^[A-Za-z0-9_-]{43}$"`
	Lang     string `query:"lang" doc:"The page's language, zh-CN or en-US; the browser's when left out."`
	Language string `header:"Accept-Language"`
}

type verifyOut struct {
	Status      int
	ContentType string `header:"Content-Type"`
	Policy      string `header:"Content-Security-Policy"`
	RetryAfter  string `header:"Retry-After"`
	Body        []byte
}

// verifyView is what the page shows.
type verifyView struct {
	Chinese bool
	// State is "ask", "done", "over" (a new link may be had), "sent", "wait" or
	// "gone" (nothing can be had).
	State   string
	Address string
	// Account is the account that asks.
	Account string
	// Wrong says why the code that was typed does not count: "wrong", "old" or "locked".
	Wrong string
	// Codes says that a code can be typed.
	Codes bool
	// Minutes is how long to wait.
	Minutes int
	// Self is the path of the page, Resend that of the button that has a new link sent, and
	// Locale keeps them in the language of the page.
	Self, Resend, Locale string
}

type verifyPage struct {
	*operation.Core
	html *template.Template
}

// visit is one look at a link.
type visit struct {
	proof models.Proof
	view  verifyView
}

// open finds what the token is of. Who shows a link acts for the account that it is
// of, as nobody in particular.
func (p *verifyPage) open(ctx context.Context, c *operation.Call, in *verifyIn) (visit, error) {
	proof, err := p.Store.Proofs().LinkedInvitation(ctx, in.Token)
	if err != nil {
		return visit{}, err
	}
	c.ActAs(models.Actor{Kind: models.ActorSystem, Name: "verification link", Account: proof.Invitation.AccountID})
	account, err := p.Store.In(proof.Invitation.AccountID).Account().Read(ctx)
	if err != nil {
		return visit{}, err
	}
	locale := proof.Language
	if in.Lang != "" || in.Language != "" {
		locale = page.Locale(in.Lang, in.Language)
	}
	v := visit{proof: proof}
	v.view = verifyView{
		Chinese: locale == models.LocaleZH, State: p.stateOf(proof), Address: models.Masked(proof.Invitation.AddressKey),
		Account: catalog.Reader{Account: account.Name, Alias: account.Alias}.Title(),
		Self:    verifyPath + in.Token, Resend: verifyPath + in.Token + "/resend", Locale: locale,
	}
	v.view.Codes = v.view.State == "ask" || v.view.State == "over" && proof.Invitation.State == models.InvitationPending
	return v, nil
}

// stateOf is what the link can do now.
func (p *verifyPage) stateOf(proof models.Proof) string {
	i, a := proof.Invitation, proof.Address
	switch {
	case a.ID == "" || a.State == models.AddressWaived:
		return "gone"
	case a.State == models.AddressVerified:
		return "done"
	case !proof.Replaced && i.State == models.InvitationPending && !i.Over(p.Store.Now()):
		return "ask"
	}
	return "over"
}

func (p *verifyPage) show(ctx context.Context, c *operation.Call, in *verifyIn) (*verifyOut, error) {
	v, err := p.open(ctx, c, in)
	if err != nil {
		return nil, err
	}
	return p.render(v.view)
}

func (p *verifyPage) confirm(ctx context.Context, c *operation.Call, in *verifyIn) (*verifyOut, error) {
	v, err := p.open(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if out, err := operation.Replayed[verifyOut](ctx, c); out != nil || err != nil {
		return out, err
	}
	form, _ := c.Form()
	i, code := v.proof.Invitation, form.Get("code")
	if code != "" && v.view.Codes {
		if i, err = p.guessed(ctx, v, code); err != nil {
			return p.refuse(v.view, err)
		}
	} else if v.view.State != "ask" {
		return p.render(v.view)
	}
	out, err := operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[verifyOut], error) {
		return confirmInvitation(ctx, tx, i, func() (*verifyOut, error) {
			confirmed := v.view
			confirmed.State = "done"
			return p.render(confirmed)
		})
	})
	if models.CodeOf(err) != models.CodeExpired {
		return out, err
	}
	if v, err = p.open(ctx, c, in); err != nil { // somebody was faster
		return nil, err
	}
	return p.render(v.view)
}

// guessed is the invitation whose code it is; the errors are those of guess.
func (p *verifyPage) guessed(ctx context.Context, v visit, code string) (models.Invitation, error) {
	digits, err := codeBody{Code: code}.digits()
	if err != nil {
		return models.Invitation{}, err
	}
	i := v.proof.Invitation
	return guess(ctx, p.Core, i.AccountID, InvitationIn{ID: i.ContactID, Address: i.AddressID}, digits)
}

// refuse shows the page again with why the code does not count; other errors stay.
func (p *verifyPage) refuse(view verifyView, err error) (*verifyOut, error) {
	reasons := map[models.Code]string{
		models.CodeInvalid: "wrong", models.CodeExpired: "old", models.CodeLocked: "locked", models.CodeRateLimited: "locked",
	}
	if view.Wrong = reasons[models.CodeOf(err)]; view.Wrong == "" {
		return nil, err
	}
	out, failed := p.render(view)
	if failed != nil {
		return nil, failed
	}
	switch view.Wrong {
	case "wrong":
		out.Status = http.StatusUnprocessableEntity
	case "old":
		out.Status = http.StatusGone
	default:
		failure, _ := errors.AsType[*models.Error](err)
		out.Status, out.RetryAfter = http.StatusTooManyRequests, seconds(failure.RetryAfter)
	}
	return out, nil
}

// seconds is a wait as headers have it, at least one.
func seconds(wait time.Duration) string {
	return strconv.FormatInt(max(int64((wait+time.Second-1)/time.Second), 1), 10)
}

// confirmInvitation makes the invitation's address verified, and says so in the
// operation log.
func confirmInvitation[Out any](ctx context.Context, tx *store.Tx, proof models.Invitation, answer func() (*Out, error)) (*operation.Done[Out], error) {
	before, after, err := tx.In(proof.AccountID).Invitations().Confirm(ctx, proof)
	if err != nil {
		return nil, err
	}
	out, err := answer()
	if err != nil {
		return nil, err
	}
	return operation.Did(out, operation.Of("contact", after.ID, after.Name), recipients.ViewContact(before), recipients.ViewContact(after)), nil
}

func (p *verifyPage) resend(ctx context.Context, c *operation.Call, in *verifyIn) (*verifyOut, error) {
	v, err := p.open(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if out, err := operation.Replayed[verifyOut](ctx, c); out != nil || err != nil {
		return out, err
	}
	if v.view.State != "over" {
		return p.render(v.view)
	}
	i := v.proof.Invitation
	out, err := operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[verifyOut], error) {
		before, after, err := tx.Inviting().Resend(ctx, i.AccountID, i.ContactID, i.AddressID, p.Config.Invitations)
		if err != nil {
			return nil, err
		}
		sent := v.view
		sent.State = "sent"
		out, err := p.render(sent)
		if err != nil {
			return nil, err
		}
		return operation.Did(out, operation.Of("contact", i.ContactID, ""),
			recipients.ViewInvitation(before, models.AddressPending, p.Config.Invitations),
			recipients.ViewInvitation(after, models.AddressPending, p.Config.Invitations)), nil
	})
	if failure, ok := limitOf(err); ok {
		v.view.State, v.view.Minutes = "wait", int((failure.RetryAfter+time.Minute-1)/time.Minute)
		out, err := p.render(v.view)
		if err == nil {
			out.RetryAfter = seconds(failure.RetryAfter)
		}
		return out, err
	}
	return out, err
}

func (p *verifyPage) render(view verifyView) (*verifyOut, error) {
	site := p.Config.Site
	body, err := page.Render(p.html, page.Frame{Site: site, Locale: view.Locale, Self: view.Self}, view)
	if err != nil {
		return nil, err
	}
	status := map[string]int{"over": http.StatusGone, "gone": http.StatusGone, "wait": http.StatusTooManyRequests}[view.State]
	if status == 0 {
		status = http.StatusOK
	}
	return &verifyOut{Status: status, ContentType: page.HTML + "; charset=utf-8", Policy: page.Policy(site), Body: body}, nil
}

// VerifyURL returns the link for the token of an invitation; "" when there is no
// public URL to build it on.
func VerifyURL(publicURL, token string) string {
	if publicURL == "" {
		return ""
	}
	return strings.TrimRight(publicURL, "/") + verifyPath + token
}
