package catalog

import (
	"cmp"
	"strings"

	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/catalog/markup"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/text"
)

// Input is what one rendering depends on beside the message type. The same input
// gives the same bytes, always.
type Input struct {
	// Variables are the submission's. Missing ones are empty.
	Variables map[string]string
	// Link is the notification's: an absolute http or https address or a path; see
	// Site.Link. Anything else counts as none.
	Link string
	// Severity is the notification's; "" means the type's.
	Severity models.Severity
	// Unsubscribe is the recipient's own link for it; "" for none. Only mail that one
	// press may end shows it; of all other a preview lacks nothing of what is sent.
	Unsubscribe string
	// Locked says that nobody can choose whether the message comes this way.
	Locked bool
	// Reader is whom it goes to.
	Reader Reader
	Site   brand.Site
	// Format is the rendition that is wanted; "" means all. Others are left out, but for
	// what it needs of them.
	Format document.Format
	// several says that it tells of notifications of more than one message type.
	several bool
}

// severity is the notification's.
func (in Input) severity(t models.MessageType) models.Severity {
	return cmp.Or(in.Severity, t.Severity)
}

// wants reports whether the rendition is asked for.
func (in Input) wants(f document.Format) bool { return in.Format == "" || in.Format == f }

// reserved returns the names that templates may use without declaring them: the
// link, the link to unsubscribe, the platform's name, the type's name.
func reserved() []string { return []string{"link", "unsubscribe_link", "brand", "type_name"} }

// Render makes all texts of a notification in the locale, or in the closest one
// that the type has: the same language, else the platform's order. Values are
// inert in every text. Texts that come out too long are cut; so the only errors
// are faults of the templates: a models.Error with one field each.
func Render(t models.MessageType, locale models.Locale, in Input) (models.Rendered, error) {
	t.Version = 0 // compiles anew
	return NewRenderer(in.Site).Render(t, locale, in)
}

// Preview is Render, with the samples of the locale when in.Variables is nil.
func Preview(t models.MessageType, locale models.Locale, in Input) (models.Rendered, error) {
	t.Version = 0
	return NewRenderer(in.Site).Preview(t, locale, in)
}

// Samples returns the sample of every variable in the locale.
func Samples(t models.MessageType, locale models.Locale) map[string]string {
	values := make(map[string]string, len(t.Variables))
	for _, v := range t.Variables {
		values[v.Name] = v.Samples[locale]
	}
	return values
}

// choose picks the locale to render in.
func choose(t models.MessageType, locale models.Locale) (models.Locale, document.Template, error) {
	if template, ok := t.Templates[locale]; ok {
		return locale, template, nil
	}
	candidates := Locales()
	language, _, _ := strings.Cut(locale, "-")
	for _, l := range Locales() {
		if strings.HasPrefix(l, language+"-") {
			candidates = append([]models.Locale{l}, candidates...)
		}
	}
	for _, l := range candidates {
		if template, ok := t.Templates[l]; ok {
			return l, template, nil
		}
	}
	return "", document.Template{}, models.Invalid("#/templates", codeRequired, "The message type has no texts.")
}

// contents are the texts of one notification before anything is around them.
type contents struct {
	locale                            models.Locale
	title, body, subject, short, text string
	html                              string
	blocks                            []document.Block
}

// contents renders the texts in the locale, or in the closest one that the type has.
func (r *Renderer) contents(t models.MessageType, locale models.Locale, in Input) (contents, error) {
	locale, template, err := choose(t, locale)
	if err != nil {
		return contents{}, err
	}
	c, faults := r.compile(t, locale, template)
	if len(faults) > 0 {
		return contents{}, models.InvalidFields(faults)
	}
	in.Site = r.site
	values := valuesOf(t, locale, resolved(t, in))
	out := contents{locale: locale, title: c.title.Line(values, MaxTitle)}
	out.title = cmp.Or(out.title, text.Line(t.Names[locale]))
	if in.wants(document.Short) || in.wants(document.Mail) { // mail shows it before it is opened
		out.short = c.short.Line(values, MaxShort)
	}
	if in.Format == document.Short {
		return out, nil
	}
	out.blocks = document.Read(c.body.Runs(values, MaxBody))
	out.body = text.CutBytes(markup.Tidy(document.Plain(out.blocks)), MaxBody)
	if in.wants(document.Mail) {
		return out, r.mail(&out, c, values)
	}
	return out, nil
}

// mail renders what only e-mail has. What the type has no text of its own for is made of the body.
func (r *Renderer) mail(out *contents, c compiled, values markup.Values) error {
	frame, err := shippedFrame()
	if err != nil {
		return err
	}
	out.subject = cmp.Or(c.subject.Line(values, MaxTitle), out.title)
	out.text, out.html = frame.words[out.locale]["greeting"]+"\n\n"+out.body, ""
	if c.text != nil {
		out.text = c.text.Text(values, MaxBody)
	}
	if c.html != nil {
		out.html = c.html.HTML(values)
	} else {
		out.html = frame.content(out.blocks)
	}
	return nil
}

// resolved is the input with absolute links, and without those that the type does not show.
func resolved(t models.MessageType, in Input) Input {
	in.Link, in.Unsubscribe = in.Site.Link(in.Link), brand.AbsoluteLink(in.Site.URL, in.Unsubscribe)
	if !t.MayOptOut() {
		in.Unsubscribe = ""
	}
	return in
}

// around puts the e-mail's frame around the contents.
func (f *frame) around(t models.MessageType, c contents, in Input) models.Rendered {
	in = resolved(t, in)
	out := models.Rendered{Locale: c.locale, Title: c.title, Body: c.body, Subject: c.subject, Short: c.short, Link: in.Link}
	values := f.values(t, out, in)
	if in.wants(document.Mail) {
		out.Text, out.HTML = f.plain(values, c.text), f.page(values, c.html)
	}
	if in.wants(document.Chat) {
		out.Document = f.document(values, c, in.severity(t))
	}
	return out
}

// valuesOf returns what the names in the type's templates stand for.
func valuesOf(t models.MessageType, locale models.Locale, in Input) markup.Values {
	own := map[string]string{
		"link": in.Link, "unsubscribe_link": in.Unsubscribe, "brand": in.Site.Brand(), "type_name": t.Names[locale],
	}
	return func(name string) string {
		if value, ok := own[name]; ok {
			return value
		}
		return in.Variables[name]
	}
}
