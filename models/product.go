package models

import "strings"

// IsTypePattern reports whether the text can stand in Product.Types: a key in
// lower-case words ("account.low_balance"), "category.*", or "*".
func IsTypePattern(text string) bool {
	if text == Every {
		return true
	}
	category, name, found := strings.Cut(text, ".")
	return found && len(text) <= maxTypeKey && isWord(category) && (name == Every || isWord(name))
}

// maxTypeKey is the width of a message type's key.
const maxTypeKey = 64

// isWord reports whether the text is of a–z, 0–9 and "_" and begins with a letter.
func isWord(text string) bool {
	for i, r := range text {
		letter := r >= 'a' && r <= 'z'
		if !letter && (i == 0 || (r != '_' && (r < '0' || r > '9'))) {
			return false
		}
	}
	return text != ""
}
