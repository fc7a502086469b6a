package contract

import (
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
)

// MaxFields bounds how many values one problem complains about.
const MaxFields = 50

func refuseMembers(body wire.Value) error {
	if body.Kind == wire.Object && len(body.Members) == 0 {
		return nil
	}
	return &models.Error{
		Code: models.CodeMalformed, Detail: "This operation takes no body.",
		Fields: []models.Field{{Pointer: "#", Code: "unknown", Detail: "must be empty"}},
	}
}

// CheckBody refuses a body that the operation does not take: any but an empty object where it
// has none. It walks along the schema: unknown keys are malformed, and
// texts obey the rules of their format. Types, lengths and patterns are huma's.
func (r *Route) CheckBody(body wire.Value) error {
	if r.schema == nil {
		return refuseMembers(body)
	}
	w := walker{registry: r.registry}
	w.walk(r.schema, body, nil)
	if len(w.unknown) > 0 {
		return &models.Error{Code: models.CodeMalformed, Detail: "The body has keys that are not known; see errors.", Fields: w.unknown}
	}
	if len(w.wrong) > 0 {
		return models.InvalidFields(w.wrong)
	}
	return nil
}

type walker struct {
	registry       huma.Registry
	unknown, wrong []models.Field
}

func (w *walker) walk(schema *huma.Schema, value wire.Value, path []string) {
	for schema != nil && schema.Ref != "" {
		schema = w.registry.SchemaFromRef(schema.Ref)
	}
	if schema == nil || len(w.unknown)+len(w.wrong) >= MaxFields {
		return
	}
	switch value.Kind {
	case wire.String:
		w.text(checkOf(schema.Format), value.Text, path)
	case wire.Number:
		w.number(schema, value.Text, path)
	case wire.Array:
		for i, item := range value.Items {
			w.walk(schema.Items, item, append(path, strconv.Itoa(i)))
		}
	case wire.Object:
		for _, member := range value.Members {
			w.member(schema, member, append(path, member.Key))
		}
	}
}

func (w *walker) member(schema *huma.Schema, member wire.Member, path []string) {
	if property := schema.Properties[member.Key]; property != nil {
		w.walk(property, member.Value, path)
		return
	}
	switch others := schema.AdditionalProperties.(type) {
	case *huma.Schema:
		w.text(wire.CheckLine, member.Key, path)
		w.walk(others, member.Value, path)
	case bool:
		if !others && schema.Type == huma.TypeObject {
			w.unknown = append(w.unknown, models.Field{Pointer: wire.Pointer(path...), Code: "unknown", Detail: "is not known here"})
		}
	}
}

// number refuses whole numbers that are written with a point or an exponent: no
// integer of Go reads them.
func (w *walker) number(schema *huma.Schema, literal string, path []string) {
	if schema.Type == huma.TypeInteger && strings.ContainsAny(literal, ".eE") {
		w.wrong = append(w.wrong, models.Field{Pointer: wire.Pointer(path...), Code: "wrong-type", Detail: "expected integer, in digits only"})
	}
}

func (w *walker) text(check func(string) string, text string, path []string) {
	code := check(text)
	if code == "" {
		return
	}
	details := map[string]string{
		wire.CodeInvalidCharacters: "has control, invisible or direction-changing characters",
		wire.CodeUntrimmed:         "begins or ends with white space",
		wire.CodeBlank:             "is only white space",
	}
	w.wrong = append(w.wrong, models.Field{Pointer: wire.Pointer(path...), Code: code, Detail: details[code]})
}

// checkOf is the rule for texts of a schema's format.
func checkOf(format string) func(string) string {
	switch format {
	case "text":
		return wire.CheckText
	case "password", "secret":
		return wire.CheckSecret
	}
	return wire.CheckLine
}
