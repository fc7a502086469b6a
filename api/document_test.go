package api_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
)

// documented is an operation as the OpenAPI document tells of it.
type documented struct {
	Action      string `json:"operationId"`
	Method      string
	Path        string
	Public      bool
	Summary     string                `json:"summary"`
	Description string                `json:"description"`
	Security    []map[string][]string `json:"security"`
	Parameters  []documentedParameter `json:"parameters"`
	RequestBody struct {
		Content map[string]media `json:"content"`
	} `json:"requestBody"`
	Responses map[string]response `json:"responses"`
}

// media is a body of one type.
type media struct {
	Schema  schema          `json:"schema"`
	Example json.RawMessage `json:"example"`
}

// response is an answer, or a reference to one that several operations give.
type response struct {
	Ref         string           `json:"$ref"`
	Description string           `json:"description"`
	Content     map[string]media `json:"content"`
}

// documentedParameter is a parameter, or a reference to one that several operations take.
type documentedParameter struct {
	Ref      string `json:"$ref"`
	Name     string `json:"name"`
	In       string `json:"in"`
	Required bool   `json:"required"`
	Schema   schema `json:"schema"`
}

// schema is the part of JSON Schema that huma writes and the tests need.
type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Items      *schema           `json:"items"`
	Additional json.RawMessage   `json:"additionalProperties"`
	AnyOf      []schema          `json:"anyOf"`
	AllOf      []schema          `json:"allOf"`
	Enum       []any             `json:"enum"`
	Pattern    string            `json:"pattern"`
	Format     string            `json:"format"`
	MinLength  int               `json:"minLength"`
	MaxLength  *int              `json:"maxLength"`
	MinItems   int               `json:"minItems"`
	Minimum    *float64          `json:"minimum"`
	Default    any               `json:"default"`
	Examples   []any             `json:"examples"`
}

// document is the OpenAPI document.
type document struct {
	OpenAPI    string                                `json:"openapi"`
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Components struct {
		Schemas    map[string]schema              `json:"schemas"`
		Parameters map[string]documentedParameter `json:"parameters"`
		Responses  map[string]response            `json:"responses"`
	} `json:"components"`
}

// document reads the document that the server serves.
func (h *harness) document() document {
	h.t.Helper()
	var d document
	h.as(h.anonymous).get("/openapi.json").wants(200).into(&d)
	return d
}

// operations are all operations of the document, by action.
func (d document) operations(t testing.TB) []documented {
	t.Helper()
	list := []documented{}
	for path, methods := range d.Paths {
		for method, raw := range methods {
			op := documented{Method: strings.ToUpper(method), Path: path}
			if err := json.Unmarshal(raw, &op); err != nil {
				t.Fatalf("%s %s: %v", method, path, err)
			}
			op.Public = op.Security != nil && len(op.Security) == 0 // left out, it is the document's
			for i, p := range op.Parameters {
				if p.Ref != "" {
					op.Parameters[i] = d.Components.Parameters[p.Ref[strings.LastIndex(p.Ref, "/")+1:]]
				}
			}
			list = append(list, op)
		}
	}
	slices.SortFunc(list, func(a, b documented) int { return strings.Compare(a.Action, b.Action) })
	if len(list) < 20 {
		t.Fatalf("the document has %d operations: the test walks nothing", len(list))
	}
	return list
}

func (op documented) mutates() bool { return op.Method != http.MethodGet }

// body is the schema of the JSON body; false without one.
func (op documented) body() (schema, bool) {
	media, ok := op.RequestBody.Content["application/json"]
	return media.Schema, ok
}

// fill puts values of the pattern into the path; values maps a parameter's name.
func (op documented) fill(values func(name, pattern string) string) string {
	path := op.Path
	for _, p := range op.Parameters {
		if p.In == "path" {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", values(p.Name, p.Schema.Pattern))
		}
	}
	return path
}

// nowhere fills the path with ids that look right and exist nowhere.
func (op documented) nowhere() string {
	return op.fill(func(_, pattern string) string { return matching(pattern) })
}

// asked is the path of a list with the query that it needs: instants, all of them.
func (op documented) asked() string {
	query := url.Values{}
	for _, p := range op.Parameters {
		if p.In == "query" && p.Required {
			query.Set(p.Name, "2026-01-01T00:00:00Z")
		}
	}
	return op.Path + "?" + query.Encode()
}

// response follows references.
func (d document) response(r response) response {
	if r.Ref != "" {
		return d.Components.Responses[r.Ref[strings.LastIndex(r.Ref, "/")+1:]]
	}
	return r
}

// resolve follows references, and adds the members of parents.
func (d document) resolve(s schema) schema {
	for s.Ref != "" {
		s = d.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
	}
	if len(s.AllOf) == 0 {
		return s
	}
	all := schema{Type: "object", Properties: map[string]schema{}}
	for _, part := range s.AllOf {
		part = d.resolve(part)
		maps.Copy(all.Properties, part.Properties)
		all.Required = append(all.Required, part.Required...)
	}
	return all
}

// noSeq is a number that no operation log reaches.
const noSeq = "999999999999"

// matching returns a text that the pattern matches: of alternatives the last, of
// repetitions the fewest.
func matching(pattern string) string {
	switch pattern {
	case "":
		return "x"
	case "^[1-9][0-9]{0,17}$":
		return noSeq
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "x"
	}
	var b strings.Builder
	writeMatching(&b, parsed)
	return b.String()
}

func writeMatching(b *strings.Builder, re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(re.Rune[len(re.Rune)-2])
	case syntax.OpAlternate:
		writeMatching(b, re.Sub[len(re.Sub)-1])
	case syntax.OpRepeat:
		for range re.Min {
			writeMatching(b, re.Sub[0])
		}
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		for _, sub := range re.Sub {
			writeMatching(b, sub)
		}
	}
}

// example is a value that the schema accepts, as far as a schema can say.
func (d document) example(s schema) any {
	s = d.resolve(s)
	switch {
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Enum) > 0:
		return s.Enum[len(s.Enum)-1]
	}
	switch kindOf(s) {
	case "object":
		object := map[string]any{}
		for _, name := range s.Required {
			object[name] = d.example(s.Properties[name])
		}
		return object
	case "array":
		list := []any{}
		for range s.MinItems {
			list = append(list, d.example(*s.Items))
		}
		return list
	case "integer", "number":
		if s.Minimum != nil {
			return *s.Minimum
		}
		return 1
	case "boolean":
		return true
	}
	return d.exampleText(s)
}

func (d document) exampleText(s schema) string {
	switch {
	case s.Pattern != "":
		return matching(s.Pattern)
	case s.Format == "date-time":
		return "2026-06-01T00:00:00Z"
	}
	return strings.Repeat("x", max(s.MinLength, 1))
}

// kindOf is the schema's type without null.
func kindOf(s schema) string {
	switch t := s.Type.(type) {
	case string:
		return t
	case []any:
		for _, each := range t {
			if each != "null" {
				kind, _ := each.(string)
				return kind
			}
		}
	}
	return ""
}

func TestTheDocumentIsComplete(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	d := h.document()
	if d.OpenAPI != "3.1.0" {
		t.Errorf("openapi = %q", d.OpenAPI)
	}
	seen := map[string]bool{}
	for _, op := range d.operations(t) {
		if seen[op.Action] || !strings.Contains(op.Action, ".") {
			t.Errorf("%s %s has the operation id %q, which is no action or stands twice", op.Method, op.Path, op.Action)
		}
		seen[op.Action] = true
		for _, p := range op.Parameters {
			if p.In == "path" && p.Schema.Pattern == "" {
				t.Errorf("%s: the path parameter %s has no pattern: what cannot exist would be asked for", op.Action, p.Name)
			}
		}
	}
	page := h.as(h.anonymous).get("/docs").wants(200)
	if outside := regexp.MustCompile(`(src|href)="(https?:)?//[^"]*`).Find(page.body); outside != nil {
		t.Errorf("the documentation page needs the internet: %s", outside)
	}
	h.as(h.anonymous).get("/docs/swagger-ui.css").wants(200)
}

func TestEveryBodyHasAnExampleThatIsGood(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	d := h.document()
	for _, op := range d.operations(t) {
		media, takes := op.RequestBody.Content["application/json"]
		if !takes {
			continue
		}
		if len(media.Example) == 0 {
			t.Errorf("%s has no example", op.Action)
			continue
		}
		path := op.nowhere()
		got := h.as(h.caller(op.Action)).send(op.Method, path, []byte(media.Example))
		if got.status == 400 || got.status == 422 && !op.refersTo(got) {
			t.Errorf("the example of %s is refused with %d: %s", op.Action, got.status, got.body)
		}
	}
}

// refersTo reports whether a refusal is about what the example names and is not there, such
// as a contact or a message type.
func (op documented) refersTo(got *answer) bool {
	var problem struct {
		Errors []struct {
			Code string `json:"code"`
		} `json:"errors"`
	}
	got.into(&problem)
	allowed := []string{"not-found", "unknown-value", "unknown-category", "unavailable-channel", "wrong-password", "in-the-future"}
	return len(problem.Errors) > 0 && !slices.ContainsFunc(problem.Errors, func(e struct {
		Code string `json:"code"`
	},
	) bool {
		return !slices.Contains(allowed, e.Code)
	})
}

func TestTheDocumentReadsWell(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	text := h.as(h.anonymous).get("/openapi.json").wants(200).body
	if number := len(h.document().operations(t)); len(text) > 1550*number {
		t.Errorf("the document has %d bytes for each of its %d operations, the limit is 1,550: what repeats belongs into components", len(text)/number, number)
	}
	for _, word := range []string{"patternDescription", `"enum":[""`} {
		if strings.Contains(string(text), word) {
			t.Errorf("the document has %s, which makers of clients do not know", word)
		}
	}
	for _, op := range h.document().operations(t) {
		if op.Description == "" || op.Summary == "" {
			t.Errorf("%s is not described", op.Action)
		}
	}
}

// caller is somebody who may call the operation.
func (h *harness) caller(action string) person {
	for _, p := range h.everybody() {
		if slices.Contains(strings.Fields(access()[action]), p.name) {
			return p
		}
	}
	return h.anonymous
}
