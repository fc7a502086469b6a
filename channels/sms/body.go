package sms

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/jsonvalue"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/text"
)

const defaultBody = `{"to":"{to}","text":"{text}","id":"{key}"}`

// placeholder is a name that a template's texts may hold. Other braces stay.
var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

// placeholders are what can be filled in. The last two are the settings'.
var placeholders = []string{"{to}", "{to_digits}", "{text}", "{text_json}", "{key}", "{username}", "{password}"}

// fit is the text as it goes out: within the characters of the settings, and the parts of
// the message type.
func fit(p channels.Settings, m channels.Message) text.SMS {
	return text.FitSMS(p.Get("sign"), text.Cut(m.Rendered.Short, p.Int("max_chars", defaultChars)), cmp.Or(m.Parts, models.DefaultSMSParts))
}

// fill returns the content type and the body. Values go into texts of a parsed
// document only, so that no value can change its structure.
func fill(p channels.Settings, m channels.Message, short string) (string, []byte, error) {
	quoted, err := encode(short)
	if err != nil {
		return "", nil, err
	}
	replace := strings.NewReplacer(
		"{to}", m.To, "{to_digits}", strings.TrimPrefix(m.To, "+"), "{text}", short, "{text_json}", string(quoted[1:len(quoted)-1]),
		"{key}", m.Key, "{username}", p.Get("username"), "{password}", p.Get("password"))
	var template map[string]any
	if err := json.Unmarshal([]byte(or(p.Get("body"), defaultBody)), &template); err != nil {
		return "", nil, fmt.Errorf("decode the template: %w", err)
	}
	filled, _ := jsonvalue.Walk(template, replace.Replace).(map[string]any)
	if p.Get("format") == "form" {
		return "application/x-www-form-urlencoded", []byte(form(filled).Encode()), nil
	}
	body, err := encode(filled)
	return "application/json", body, err
}

// form turns texts and lists of texts into form values.
func form(filled map[string]any) url.Values {
	out := url.Values{}
	for name, value := range filled {
		items, isList := value.([]any)
		if !isList {
			items = []any{value}
		}
		for _, each := range items {
			out.Add(name, fmt.Sprint(each))
		}
	}
	return out
}

// encode is JSON without escapes for HTML, which some providers refuse.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// checkBody refuses unknown placeholders and templates without number or text.
func checkBody(value string) (string, string) {
	found := placeholder.FindAllString(value, -1)
	for _, each := range found {
		if !slices.Contains(placeholders, each) {
			return "unknown-placeholder", "There is no placeholder " + each + "."
		}
	}
	if !slices.Contains(found, "{to}") && !slices.Contains(found, "{to_digits}") {
		return "incomplete", "It must hold {to} or {to_digits}."
	}
	if !slices.Contains(found, "{text}") && !slices.Contains(found, "{text_json}") {
		return "incomplete", "It must hold {text} or {text_json}."
	}
	return "", ""
}
