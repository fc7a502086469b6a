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

// Product is a machine client that submits notifications.
type Product struct {
	ID string `gorm:"primaryKey"`
	// Name is unique: 3–32 of a–z, 0–9 and "-".
	Name        string
	DisplayName string
	// Types are the message types it may submit: keys ("account.low_balance"),
	// "category.*", or "*".
	Types []string `gorm:"serializer:json"`
	// Accounts are the accounts it may address: ids, or "*".
	Accounts []string `gorm:"serializer:json"`
	Enabled  bool
	Version  int64
	Timestamps
}

// MaySubmit reports whether the product may submit the message type for the account.
func (p Product) MaySubmit(key string, account AccountID) bool {
	return p.Enabled && p.MayAddress(account) && p.MayUse(key)
}

// MayAddress reports whether the product may submit for the account.
func (p Product) MayAddress(account AccountID) bool {
	for _, a := range p.Accounts {
		if a == Every || AccountID(a) == account {
			return true
		}
	}
	return false
}

// MayUse reports whether the product may submit the message type.
func (p Product) MayUse(key string) bool {
	category := CategoryOf(key)
	for _, t := range p.Types {
		if t == Every || t == key || t == category+".*" {
			return true
		}
	}
	return false
}

// Every is the pattern that matches every type or account.
const Every = "*"
