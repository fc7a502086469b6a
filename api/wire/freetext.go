package wire

import (
	"github.com/danielgtaylor/huma/v2"
)

// FreeText is a text of several lines.
type FreeText string

// Schema is for huma.
func (FreeText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "text"}
}

// PlainTexts are the texts as the rooms below know them; empty, never nil.
func PlainTexts(texts map[string]FreeText) map[string]string {
	plain := make(map[string]string, len(texts))
	for key, text := range texts {
		plain[key] = string(text)
	}
	return plain
}
