package api_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// answersAs fails the test when an answer is not what the document says of it: a member that
// it does not name, a required one that is missing, a value of another type.
func (h *harness) answersAs(op documentedPath, status int, header http.Header, body []byte) {
	h.t.Helper()
	media, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	if !strings.HasSuffix(media, "json") {
		return
	}
	content, known := op.answers[strconv.Itoa(status)]
	if !known {
		content = op.answers["default"]
	}
	wanted, known := content[media]
	if !known {
		h.t.Errorf("%s answers %d with %s, and the document has no such answer", op.action, status, media)
		return
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		h.t.Errorf("%s answers %d with what is no JSON: %v", op.action, status, err)
		return
	}
	for _, wrong := range h.contract().differs("", wanted.Schema, value) {
		h.t.Errorf("%s answers %d, and %s", op.action, status, wrong)
	}
}

// differs names what in the value is not as the schema says.
func (c *contract) differs(place string, s schema, value any) []string {
	s = c.document.resolve(s)
	if len(s.AnyOf) > 0 { // an object, or null
		if value == nil {
			return nil
		}
		s = c.document.resolve(s.AnyOf[0])
	}
	if value == nil && !slices.Contains(typesOf(s), "null") && s.Type != nil {
		return []string{place + " is null, and the document does not say so"}
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, value) {
		return []string{fmt.Sprintf("%s is %v, and the document knows %v", place, value, s.Enum)}
	}
	if kind := kindOf(s); kind != "" && value != nil && !isOf(kind, value) {
		return []string{fmt.Sprintf("%s is %v, and the document says %s", place, value, kind)}
	}
	switch value := value.(type) {
	case map[string]any:
		return c.objectDiffers(place, s, value)
	case []any:
		if s.Items == nil {
			return nil
		}
		wrong := []string{}
		for i, item := range value {
			wrong = append(wrong, c.differs(place+"/"+strconv.Itoa(i), *s.Items, item)...)
		}
		return wrong
	case string:
		if _, err := time.Parse(time.RFC3339, value); err != nil && s.Format == "date-time" {
			return []string{place + " is no time: " + value}
		}
	}
	return nil
}

func (c *contract) objectDiffers(place string, s schema, object map[string]any) []string {
	wrong := []string{}
	for _, name := range s.Required {
		if _, ok := object[name]; !ok {
			wrong = append(wrong, place+"/"+name+" is missing, and the document requires it")
		}
	}
	var others schema
	free := json.Unmarshal(s.Additional, &others) == nil || s.Properties == nil
	for name, member := range object {
		switch known, ok := s.Properties[name]; {
		case ok:
			wrong = append(wrong, c.differs(place+"/"+name, known, member)...)
		case free:
			wrong = append(wrong, c.differs(place+"/"+name, others, member)...)
		default:
			wrong = append(wrong, place+"/"+name+" is not in the document")
		}
	}
	return wrong
}

// typesOf are the types that the schema allows.
func typesOf(s schema) []any {
	if list, ok := s.Type.([]any); ok {
		return list
	}
	return []any{s.Type}
}

// isOf reports whether the value, which is not null, has the type.
func isOf(kind string, value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return kind == "object"
	case []any:
		return kind == "array"
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case float64:
		return kind == "number" || kind == "integer" && value == math.Trunc(value)
	}
	return false
}

func TestAnswersThatDifferFromTheDocumentAreFound(t *testing.T) {
	t.Parallel()
	c := newHarness(t).contract()
	page := schema{Type: "object", Required: []string{"id"}, Properties: map[string]schema{
		"id": {Type: "string"}, "at": {Type: []any{"string", "null"}, Format: "date-time"}, "count": {Type: "integer"},
		"state": {Type: "string", Enum: []any{"on", "off"}}, "by": {AnyOf: []schema{{Type: "object"}, {Type: "null"}}},
		"list":  {Type: "array", Items: &schema{Type: "boolean"}},
		"names": {Type: "object", Additional: json.RawMessage(`{"type":"string"}`)},
	}}
	for body, wrong := range map[string]bool{
		`{"id":"x","at":null,"count":1,"state":"on","by":null,"list":[true],"names":{"a":"b"}}`: false,
		`{}`:                         true,
		`{"id":null}`:                true,
		`{"id":"x","unknown":1}`:     true,
		`{"id":"x","at":"today"}`:    true,
		`{"id":"x","count":1.5}`:     true,
		`{"id":"x","state":"odd"}`:   true,
		`{"id":"x","by":1}`:          true,
		`{"id":"x","list":null}`:     true,
		`{"id":"x","list":[1]}`:      true,
		`{"id":"x","names":{"a":1}}`: true,
	} {
		var value any
		if err := json.Unmarshal([]byte(body), &value); err != nil {
			t.Fatal(err)
		}
		if got := c.differs("", page, value); len(got) > 0 != wrong {
			t.Errorf("%s: %v", body, got)
		}
	}
}
