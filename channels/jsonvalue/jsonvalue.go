// Package jsonvalue finds and replaces texts in decoded JSON, for adapters whose templates and
// answers are settings.
package jsonvalue

import (
	"encoding/json"
	"strconv"
	"strings"
)

// At returns the text, number or truth value at a path like "data.0.code"; false when there is
// nothing of that kind. Numbers are json.Number.
func At(root any, path string) (string, bool) {
	for step := range strings.SplitSeq(path, ".") {
		switch node := root.(type) {
		case map[string]any:
			root = node[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n < 0 || n >= len(node) {
				return "", false
			}
			root = node[n]
		default:
			return "", false
		}
	}
	switch value := root.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	case bool:
		return strconv.FormatBool(value), true
	}
	return "", false
}

// Walk returns the value with every text replaced; names stay.
func Walk(value any, replace func(string) string) any {
	switch v := value.(type) {
	case string:
		return replace(v)
	case []any:
		out := make([]any, len(v))
		for i, each := range v {
			out[i] = Walk(each, replace)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, each := range v {
			out[name] = Walk(each, replace)
		}
		return out
	}
	return value
}
