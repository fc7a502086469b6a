package api

import "maps"

// inherit says of schemas of answers that they have the members of their parents, in place
// of naming each again.
func (p *presentation) inherit(parents map[string]string, asked map[string]bool) {
	schemas := object(p.components["schemas"])
	own := node{}
	for name, parent := range parents {
		if !asked[name] && !asked[parent] {
			own[name] = node{"allOf": []any{node{"$ref": schemaPrefix + parent}, without(object(schemas[name]), object(schemas[parent]))}}
		}
	}
	maps.Copy(schemas, own)
}

// without is the schema of an object but for the members that the parent has.
func without(schema, parent node) node {
	properties, required := node{}, []any{}
	inherited := object(parent["properties"])
	for member, property := range object(schema["properties"]) {
		if _, ok := inherited[member]; !ok {
			properties[member] = property
		}
	}
	names, _ := schema["required"].([]any)
	for _, name := range names {
		if member, _ := name.(string); properties[member] != nil {
			required = append(required, name)
		}
	}
	rest := node{"type": "object", "properties": properties}
	if len(required) > 0 {
		rest["required"] = required
	}
	return rest
}
