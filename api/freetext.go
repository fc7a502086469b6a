package api

import (
	"github.com/danielgtaylor/huma/v2"
)

// freeText is a text of several lines.
type freeText string

// Schema is for huma.
func (freeText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "text"}
}

func plainTexts(texts map[string]freeText) map[string]string {
	plain := make(map[string]string, len(texts))
	for key, text := range texts {
		plain[key] = string(text)
	}
	return plain
}
