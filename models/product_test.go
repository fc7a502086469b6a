package models_test

import (
	"strings"
	"testing"

	"belfry.dev/belfry/models"
)

func TestIsTypePattern(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"*": true, "account.*": true, "account.low_balance": true, "exception.bot2": true,
		"": false, "account": false, "account.": false, ".x": false, "*.x": false, "*.*": false, "Account.x": false,
		"account.low balance": false, "account.2x": false, "account._x": false, "a.b.c": false, "a.b*": false,
		"a." + strings.Repeat("b", 63): false,
	} {
		if got := models.IsTypePattern(text); got != want {
			t.Errorf("IsTypePattern(%q) = %t, want %t", text, got, want)
		}
	}
}
