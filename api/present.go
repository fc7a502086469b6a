package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	_ "embed"

	"belfry.dev/belfry/api/contract"
)

// examples are one body for each operation that takes one, by action.
//
//go:embed examples.json
var examples []byte

// node is an object of the document.
type node = map[string]any

// object is a value of the document that is one; what is none counts as one without
// members.
func object(value any) node {
	if n, ok := value.(node); ok {
		return n
	}
	return node{}
}

// presentation turns what huma writes into what programs that make clients read well: what
// repeats is said once, words that JSON Schema does not know are put into sentences, and
// each body has an example.
type presentation struct {
	document, components node
	examples             map[string]json.RawMessage
	shared               sharedParameters
}

// present returns the document as it is served; url is where the interface is, nullable and
// parents as the server's methods say.
func present(document []byte, url string, nullable map[string][]string, parents map[string]string) ([]byte, error) {
	p := &presentation{}
	if err := json.Unmarshal(document, &p.document); err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	if err := json.Unmarshal(examples, &p.examples); err != nil {
		return nil, fmt.Errorf("read the examples of bodies: %w", err)
	}
	p.components = object(p.document["components"])
	p.shared = p.findShared()
	p.introduce(cmp.Or(url, "/"))
	p.allowNull(nullable)
	p.loosenAnswers(parents)
	for op := range p.operations() {
		p.operation(op)
	}
	walk(p.document, explainPattern)
	walk(p.document, tidyEnum)
	return json.Marshal(p.document)
}

// introduce says where the interface is, under which licence, and who may call when an
// operation says nothing else.
func (p *presentation) introduce(url string) {
	p.document["servers"] = []any{node{"url": url}}
	object(p.document["info"])["license"] = node{"name": "Apache-2.0", "identifier": "Apache-2.0"}
	p.document["security"] = []any{node{"bearer": []any{}}, node{"session": []any{}}}
	p.components["responses"] = node{"Problem": node{
		"description": "The request failed. Every operation may answer " + statuses(contract.GeneralFailures(true, true)) + " where they apply; others stand with the operation.",
		"headers":     node{"Retry-After": node{"description": "Seconds to wait before the next try, with 429 and 503.", "schema": node{"type": "integer", "minimum": 0}}},
		"content":     node{"application/problem+json": node{"schema": node{"$ref": schemaPrefix + "Failure"}}},
	}}
	p.components["parameters"] = p.shared.components()
}

func statuses(list []int) string {
	words := make([]string, len(list))
	for i, status := range list {
		words[i] = strconv.Itoa(status)
	}
	return strings.Join(words, ", ")
}

// operations are all of the document, whatever their path.
func (p *presentation) operations() func(yield func(node) bool) {
	return func(yield func(node) bool) {
		paths := object(p.document["paths"])
		for _, path := range slices.Sorted(maps.Keys(paths)) {
			for _, method := range slices.Sorted(maps.Keys(object(paths[path]))) {
				if !yield(object(object(paths[path])[method])) {
					return
				}
			}
		}
	}
}

func (p *presentation) operation(op node) {
	if security, ok := op["security"].([]any); ok && len(security) > 0 {
		delete(op, "security")
	}
	responses := object(op["responses"])
	if p.takes(op, "If-Match") {
		responses[strconv.Itoa(http.StatusPreconditionFailed)] = node{}
	}
	p.failures(responses)
	p.parameters(op)
	example, known := p.examples[fmt.Sprint(op["operationId"])]
	body, takes := op["requestBody"].(node)
	if !known || !takes {
		return
	}
	if media, ok := object(body["content"])["application/json"].(node); ok {
		media["example"] = example
	}
}

// takes reports whether the operation has the parameter.
func (p *presentation) takes(op node, name string) bool {
	list, _ := op["parameters"].([]any)
	return slices.ContainsFunc(list, func(each any) bool { return object(each)["name"] == name })
}

// failures puts one reference in place of what all failures share.
func (p *presentation) failures(responses node) {
	for status := range responses {
		switch number, _ := strconv.Atoi(status); {
		case number < http.StatusBadRequest:
		case slices.Contains(contract.GeneralFailures(true, true), number), number == http.StatusInternalServerError:
			delete(responses, status)
		default:
			responses[status] = node{"$ref": "#/components/responses/Problem"}
		}
	}
	responses["default"] = node{"$ref": "#/components/responses/Problem"}
}

// loosenAnswers lets answers have members that a client does not know: those of later
// releases, and take their members from their parents. Bodies of requests stay closed.
func (p *presentation) loosenAnswers(parents map[string]string) {
	schemas := object(p.components["schemas"])
	asked := map[string]bool{}
	for op := range p.operations() {
		if body, ok := op["requestBody"].(node); ok {
			reach(schemas, body, asked)
		}
	}
	for name, schema := range schemas {
		if schema := object(schema); !asked[name] && schema["additionalProperties"] == false {
			delete(schema, "additionalProperties")
		}
	}
	p.inherit(parents, asked)
}

// reach adds the names of all schemas that value refers to.
func reach(schemas node, value any, found map[string]bool) {
	walk(value, func(n node) {
		ref, ok := n["$ref"].(string)
		if !ok {
			return
		}
		name := ref[strings.LastIndex(ref, "/")+1:]
		if found[name] {
			return
		}
		found[name] = true
		reach(schemas, schemas[name], found)
	})
}

// walk calls visit for every object in value.
func walk(value any, visit func(node)) {
	switch value := value.(type) {
	case node:
		visit(value)
		for _, member := range value {
			walk(member, visit)
		}
	case []any:
		for _, item := range value {
			walk(item, visit)
		}
	}
}

// explainPattern says in the description what huma says in a word of its own.
func explainPattern(schema node) {
	words, ok := schema["patternDescription"].(string)
	if !ok {
		return
	}
	delete(schema, "patternDescription")
	description, _ := schema["description"].(string)
	schema["description"] = strings.TrimSpace(description + " Must be " + words + ".")
}

// tidyEnum lets null stand among the values where the type lets it, and leaves the empty
// text out: what has no value is left out, or null.
func tidyEnum(schema node) {
	values, ok := schema["enum"].([]any)
	if !ok {
		return
	}
	values = slices.DeleteFunc(values, func(v any) bool { return v == "" })
	if types, _ := schema["type"].([]any); slices.Contains(types, any("null")) && !slices.Contains(values, nil) {
		values = append(values, nil)
	}
	schema["enum"] = values
}

// allowNull says of the members that they may be null.
func (p *presentation) allowNull(members map[string][]string) {
	schemas := object(p.components["schemas"])
	for name, list := range members {
		properties := object(object(schemas[name])["properties"])
		for _, member := range list {
			property := object(properties[member])
			if reference, ok := property["$ref"]; ok {
				delete(property, "$ref")
				property["anyOf"] = []any{node{"$ref": reference}, node{"type": "null"}}
			}
		}
	}
}
