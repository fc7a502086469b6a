package wire

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"
)

// Variable is a variable as it is submitted: a text, or a number or boolean, which stands in
// the text as it was written.
type Variable string

// Schema is for huma.
func (Variable) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString, Format: "text"}, {Type: huma.TypeNumber}, {Type: huma.TypeBoolean},
	}}
}

// UnmarshalJSON keeps a number's digits as they came: 86.50 stays 86.50.
func (v *Variable) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] != '"' {
		*v = Variable(text)
		return nil
	}
	return json.Unmarshal(text, (*string)(v))
}

// PlainVariables are the variables as texts; empty, never nil.
func PlainVariables(values map[string]Variable) map[string]string {
	plain := make(map[string]string, len(values))
	for name, v := range values {
		plain[name] = string(v)
	}
	return plain
}
