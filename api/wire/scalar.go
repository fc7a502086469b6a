package wire

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// Scalar is a text, a number or a boolean in JSON. Belfry keeps its text: a number as it was
// written, a boolean as "true" or "false".
type Scalar struct {
	Text string
	// bare values go out without quotes.
	bare bool
}

// TextScalar goes out as a JSON string.
func TextScalar(text string) Scalar { return Scalar{Text: text} }

// NumberScalar goes out as a JSON number where text is a whole number, else as a string.
func NumberScalar(text string) Scalar {
	_, err := strconv.ParseInt(text, 10, 64)
	return Scalar{Text: text, bare: err == nil}
}

// BooleanScalar goes out as a JSON boolean where text is "true" or "false", else as a string.
func BooleanScalar(text string) Scalar {
	return Scalar{Text: text, bare: text == "true" || text == "false"}
}

// MarshalJSON writes the value in the form that it was made for, or read in.
func (s Scalar) MarshalJSON() ([]byte, error) {
	if s.bare {
		return []byte(s.Text), nil
	}
	return json.Marshal(s.Text)
}

// UnmarshalJSON reads a string, a number or a boolean, and refuses everything else.
func (s *Scalar) UnmarshalJSON(data []byte) error {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	switch value := value.(type) {
	case string:
		*s = Scalar{Text: value}
	case float64, bool:
		*s = Scalar{Text: string(data), bare: true}
	default:
		return fmt.Errorf("wire: %T is no string, number or boolean", value)
	}
	return nil
}

// Schema is the type in the OpenAPI document. The format says how its texts are checked.
func (Scalar) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Format: "text",
		OneOf:  []*huma.Schema{{Type: huma.TypeString}, {Type: huma.TypeNumber}, {Type: huma.TypeBoolean}},
	}
}

// Texts are the texts of the values; empty, never nil.
func Texts(values map[string]Scalar) map[string]string {
	texts := make(map[string]string, len(values))
	for name, value := range values {
		texts[name] = value.Text
	}
	return texts
}
