package catalog

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"belfry.dev/belfry/catalog/markup"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/text"
)

// compiled is one locale's template, read and checked. text and html are nil where the body
// says it all.
type compiled struct {
	title, body, subject, short markup.Template
	text, html                  *markup.Template
}

// compile reads and checks the template of one locale; faults carry pointers to
// the texts ("#/templates/zh-CN/body").
func compile(t models.MessageType, locale models.Locale, template document.Template) (compiled, []models.Field) {
	k := &compiler{at: "#/templates/" + locale + "/", known: map[string]bool{}}
	for _, name := range reserved() {
		k.known[name] = true
	}
	for _, v := range t.Variables {
		k.known[v.Name] = true
	}
	c := compiled{
		title:   k.line("title", template.Title),
		body:    k.block("body", template.Body),
		subject: k.line("subject", template.Subject),
		short:   k.line("short", template.Short),
	}
	if template.Text != "" {
		c.text = new(k.block("text", template.Text))
	}
	if template.HTML != "" {
		c.html = new(k.html("html", template.HTML))
	}
	return c, k.faults
}

type compiler struct {
	at     string
	known  map[string]bool
	faults []models.Field
}

func (k *compiler) fault(format, code, detail string) {
	k.faults = append(k.faults, models.Field{Pointer: k.at + format, Code: code, Detail: detail})
}

// line compiles a text that is one line when rendered.
func (k *compiler) line(format, source string) markup.Template {
	switch {
	case utf8.RuneCountInString(source) > maxLine:
		k.fault(format, codeTooLong, fmt.Sprintf("The text has at most %d characters.", maxLine))
	case strings.Contains(source, "\n") || strings.ContainsFunc(source, text.Invisible):
		k.fault(format, codeCharacters, "The text is one line without invisible characters.")
	default:
		return k.block(format, source)
	}
	return markup.Template{}
}

func (k *compiler) block(format, source string) markup.Template {
	if !k.fits(format, source) {
		return markup.Template{}
	}
	t, f := markup.Parse(source, k.known)
	if f != nil {
		k.fault(format, f.Code, f.Detail)
	}
	return t
}

func (k *compiler) html(format, source string) markup.Template {
	if !k.fits(format, source) {
		return markup.Template{}
	}
	frame, err := shippedFrame()
	if err != nil {
		k.fault(format, markup.CodeHTML, "The frame of the e-mail cannot be read.")
		return markup.Template{}
	}
	t, f := markup.ParseHTML(source, k.known, frame.look)
	if f != nil {
		k.fault(format, f.Code, f.Detail)
	}
	return t
}

// fits checks what any text must be before it is read as a template.
func (k *compiler) fits(format, source string) bool {
	switch {
	case strings.TrimSpace(source) == "":
		k.fault(format, codeRequired, "The text must not be empty.")
	case len(source) > maxBlock:
		k.fault(format, codeTooLong, fmt.Sprintf("The text has at most %d bytes.", maxBlock))
	case !utf8.ValidString(source) || strings.ContainsFunc(source, refused):
		k.fault(format, codeCharacters, "The text holds no control characters but line feeds and tabs.")
	default:
		return true
	}
	return false
}
