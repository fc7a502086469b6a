package contract

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
)

// FromHuma turns what huma says of a request into an error of ours. Values of the
// caller are never repeated.
func FromHuma(status int, message string, errs []error) error {
	var fields []models.Field
	for _, err := range errs {
		detailer, ok := err.(huma.ErrorDetailer)
		if !ok {
			continue
		}
		detail := detailer.ErrorDetail()
		if strings.HasPrefix(detail.Location, "path.") {
			return models.NotFound()
		}
		fields = append(fields, fieldOf(detail))
	}
	switch {
	case status == http.StatusUnprocessableEntity || (status == http.StatusBadRequest && len(fields) > 0):
		return models.InvalidFields(fields)
	case status == http.StatusBadRequest && message == "request body is required":
		return BodyRequired()
	case status == http.StatusRequestEntityTooLarge:
		return TooLarge()
	case status == http.StatusNotAcceptable:
		return notAcceptable()
	case status == http.StatusUnsupportedMediaType:
		return UnsupportedMedia()
	}
	return models.Errorf(models.CodeInternal, "%s", message)
}

// fieldOf names a value of the request and what is wrong with it.
func fieldOf(detail *huma.ErrorDetail) models.Field {
	pointer := pointerOf(detail.Location)
	for _, rule := range messages() {
		if !strings.HasPrefix(detail.Message, rule.prefix) {
			continue
		}
		if rule.code == codeRequired && strings.HasPrefix(pointer, "#") {
			name := strings.TrimSuffix(strings.TrimPrefix(detail.Message, rule.prefix), " to be present")
			pointer = strings.TrimSuffix(pointer, "/") + "/" + name
			return models.Field{Pointer: pointer, Code: rule.code, Detail: "must be given"}
		}
		return models.Field{Pointer: pointer, Code: rule.code, Detail: rule.detail(detail.Message)}
	}
	return models.Field{Pointer: pointer, Code: "invalid", Detail: "is not acceptable"}
}

const codeRequired = "required"

// message maps the beginning of a message of huma to a code. The message itself is
// shown where it holds nothing but the schema's own words and nothing clearer is
// known.
type message struct {
	prefix, code string
	// clearer is shown instead; "" shows huma's own words.
	clearer string
}

func (m message) detail(text string) string {
	if m.clearer != "" {
		return m.clearer
	}
	return text
}

// What is said of texts that are not of their form.
const (
	formExpected = "is not of the expected form"
	timeExpected = "must be a date and time with its zone (RFC 3339), such as 2027-04-27T15:30:00+08:00"
)

// messages are looked through in this order: what begins alike, the longer first.
func messages() []message {
	return []message{
		{"expected required property ", codeRequired, ""},
		{"required ", codeRequired, ""},
		{"unknown query parameter", "unknown", ""},
		{validation.MsgUnexpectedProperty, "unknown", ""},
		{validation.MsgExpectedBoolean, "wrong-type", ""},
		{"expected number >", "too-small", ""},
		{"expected number <", "too-large", ""},
		{"expected number to be a multiple", "invalid", ""},
		{validation.MsgExpectedNumber, "wrong-type", ""},
		{validation.MsgExpectedInteger, "wrong-type", ""},
		{"invalid integer", "wrong-type", ""},
		{"invalid boolean", "wrong-type", ""},
		{"invalid float", "wrong-type", ""},
		{"expected length >=", "too-short", ""},
		{"expected length <=", "too-long", ""},
		{"expected array length >=", "too-few", ""},
		{"expected array length <=", "too-many", ""},
		{validation.MsgExpectedArrayItemsUnique, "duplicate", ""},
		{"expected array", "wrong-type", ""},
		{"expected object with at least", "too-few", ""},
		{"expected object with at most", "too-many", ""},
		{validation.MsgExpectedObject, "wrong-type", ""},
		{"expected value to be one of", "unknown-value", ""},
		{"expected string to match pattern", "invalid-format", ""},
		{validation.MsgExpectedRFC3339DateTime, "invalid-format", timeExpected},
		{"expected string to be", "invalid-format", formExpected},
		{"invalid date/time", "invalid-format", timeExpected},
		{"expected string", "wrong-type", ""},
	}
}

// pointerOf turns huma's "body.items[3].name" into "#/items/3/name", and
// "query.limit" into "query/limit".
func pointerOf(location string) string {
	place, rest, _ := strings.Cut(location, ".")
	steps := strings.FieldsFunc(rest, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
	if strings.HasPrefix(place, "body[") {
		steps = strings.FieldsFunc(strings.TrimPrefix(location, "body"), func(r rune) bool { return r == '.' || r == '[' || r == ']' })
		place = "body"
	}
	if place == "body" {
		return wire.Pointer(steps...)
	}
	return place + "/" + strings.Join(steps, ".")
}

// BodyRequired is the problem of a request without the body that it needs.
func BodyRequired() error {
	return &models.Error{
		Code: models.CodeMalformed, Detail: "The request needs a body.",
		Fields: []models.Field{{Pointer: "#", Code: codeRequired, Detail: "must be given"}},
	}
}

// TooLarge is the problem of a body that is.
func TooLarge() error { return models.Errorf(models.CodeTooLarge, "The body is too large.") }

func notAcceptable() error {
	return models.Errorf(models.CodeNotAcceptable, "The answer would be of a type that Accept excludes.")
}

// UnsupportedMedia is the problem of a body that is no JSON.
func UnsupportedMedia() error {
	return models.Errorf(models.CodeUnsupportedMedia, "The body must be application/json in UTF-8 without a content encoding.")
}
